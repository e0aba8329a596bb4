import {
  deriveHealth,
  WasiError,
  type Condition,
  type KnativeRevision,
  type KnativeService,
  type ModuleEvent,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { FakeWasmModuleClient } from '../testing';
import { waitForModule } from './waitForModule';

const ref = { namespace: 'shop', name: 'pay' };

const pay: WasmModule = {
  apiVersion: 'wasm.serving.knative.dev/v1alpha1',
  kind: 'WasmModule',
  metadata: ref,
  spec: { image: 'localhost:5000/pay@sha256:aa' },
};

const noneReady: Condition = {
  type: 'Ready',
  status: 'False',
  reason: 'RevisionMissing',
  message: 'Configuration "pay" does not have any ready Revision.',
};
const starting: Condition = {
  type: 'Ready',
  status: 'False',
  reason: 'ServiceUnavailable',
  message: 'Service "pay" wasn\'t found.',
};

const service = (
  ready: Condition,
  more: Partial<KnativeService> = {},
): KnativeService => ({
  generation: 1,
  observedGeneration: 1,
  latestCreatedRevision: 'pay-00001',
  conditions: [ready],
  ...more,
});
const revision = (ready: Condition): KnativeRevision => ({
  name: 'pay-00001',
  generation: 1,
  conditions: [ready],
});
const crashing: ModuleEvent = {
  type: 'Warning',
  reason: 'BackOff',
  message: 'Back-off restarting failed container user-container in pod pay',
  count: 3,
  about: { kind: 'Pod', name: 'pay-00001-deployment-7d9f-abcde' },
};

describe('what Knative and the pods tell while a module is waited for', () => {
  let client: FakeWasmModuleClient;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'performance'] });
    client = new FakeWasmModuleClient('prod', [pay]);
  });

  afterEach(() => jest.useRealTimers());

  const wait = () =>
    waitForModule({
      client,
      ref,
      generation: 1,
      timeoutMs: 60_000,
      backOff: {
        wait: () => new Promise<void>(resolve => setImmediate(resolve)),
      },
    });
  const setConditions = (...conditions: Condition[]) =>
    client.setStatus(ref, { observedGeneration: 1, conditions });
  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
  const turns = async () => {
    for (let turn = 0; turn < 20; turn += 1) {
      await new Promise(resolve => setImmediate(resolve));
    }
  };

  it('is in the error, in the words of the page', async () => {
    const failed = revision({
      type: 'Ready',
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: 'ReplicaSet "pay-00001-deployment" has timed out progressing.',
    });
    client.setService(ref, service(noneReady));
    client.setRevisions(ref, [failed]);
    setConditions(noneReady);

    const error: WasiError = await wait().catch(e => e);

    const page = deriveHealth(await client.get(ref), {
      service: service(noneReady),
      revisions: [failed],
    });
    expect(error).toMatchObject({ code: page.code, remedy: page.remedy });
    expect(error.message).toContain(page.message);
    expect(page.message).toContain('has timed out progressing');
  });

  it('is told by the log where nothing else tells it', async () => {
    client.setLogs(ref, [
      'Error: attempted to parse a wasm module with a component parser',
    ]);
    client.setService(ref, service(noneReady));
    setConditions(noneReady);

    await expect(wait()).rejects.toMatchObject({ code: 'MODULE_IS_CORE' });
  });

  it('ends the wait minutes before Knative gives up, where pods crash', async () => {
    client.setService(
      ref,
      service({ type: 'Ready', status: 'Unknown', reason: 'Deploying' }),
    );
    client.setRevisions(ref, [
      revision({ type: 'Ready', status: 'Unknown', reason: 'Deploying' }),
    ]);
    setConditions(starting);
    const waited = wait().catch(e => e);
    await turns();
    client.setEvents(ref, [crashing]);
    await pass(5_000);

    await expect(waited).resolves.toMatchObject({ code: 'MODULE_CRASHED' });
  });

  it('does not take Ready that is repeated from the version before for success', async () => {
    const told: string[] = [];
    const ready: Condition = { type: 'Ready', status: 'True' };
    client.setService(ref, service(ready, { generation: 2 }));
    const waited = waitForModule({
      client,
      ref,
      generation: 1,
      timeoutMs: 60_000,
      onCondition: (_, { state }) => told.push(state),
    });
    client.setReady(ref, 'http://pay.example.com');
    await turns();
    await pass(3_000);
    expect(told.at(-1)).toBe('progressing');

    client.setService(
      ref,
      service(ready, { generation: 2, observedGeneration: 2 }),
    );
    await pass(1_000);
    await expect(waited).resolves.toMatchObject({
      status: { address: { url: 'http://pay.example.com' } },
    });
    expect(told.at(-1)).toBe('ready');
  });

  it('fails where the Service has failed, and the module still repeats Ready', async () => {
    client.setService(
      ref,
      service({
        type: 'Ready',
        status: 'False',
        reason: 'RevisionFailed',
        message: 'Container failed with: OOMKilled',
      }),
    );
    client.setReady(ref, 'http://pay.example.com');

    await expect(wait()).rejects.toMatchObject({
      code: 'MODULE_OUT_OF_MEMORY',
    });
  });

  it.each(['services', 'revisions', 'events'] as const)(
    'is done without where %s may not be read',
    async resource => {
      client.refuse(
        resource,
        new WasiError('CLUSTER_FORBIDDEN', { message: 'no' }),
      );
      client.setReady(ref, 'http://pay.example.com');
      await expect(wait()).resolves.toMatchObject({
        status: { address: { url: 'http://pay.example.com' } },
      });

      setConditions(noneReady);
      await expect(wait()).rejects.toMatchObject({
        code: 'MODULE_REVISION_FAILED',
      });
    },
  );

  it('costs a module that is ready at once one request', async () => {
    const list = jest.spyOn(client, 'listCompanions');
    client.setReady(ref, 'http://pay.example.com');
    await wait();

    expect(list.mock.calls.map(([resource]) => resource)).toEqual(['services']);
  });
});
