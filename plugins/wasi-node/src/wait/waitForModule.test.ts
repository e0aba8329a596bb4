import {
  WasiError,
  type Condition,
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

const starting: Condition = {
  type: 'Ready',
  status: 'False',
  reason: 'ServiceUnavailable',
  message: 'Service "pay" wasn\'t found.',
};

const failed: Condition = {
  type: 'Ready',
  status: 'False',
  reason: 'RevisionFailed',
  message:
    'Revision "pay-00001" failed with message: Container failed with: boom.',
};

describe('waiting for a module', () => {
  let client: FakeWasmModuleClient;
  const atOnce = {
    wait: () => new Promise<void>(resolve => setImmediate(resolve)),
  };
  const long = 60_000;

  beforeEach(() => {
    client = new FakeWasmModuleClient('prod', [pay]);
  });

  function wait(options: Partial<Parameters<typeof waitForModule>[0]> = {}) {
    return waitForModule({
      client,
      ref,
      generation: 1,
      timeoutMs: long,
      backOff: atOnce,
      ...options,
    });
  }

  it('ends with the module when it is ready, and tells each condition once', async () => {
    const told: (string | undefined)[] = [];
    const waited = wait({
      onCondition: (condition, health) =>
        told.push(`${condition?.status} ${condition?.reason} ${health.state}`),
    });

    client.setStatus(ref, { observedGeneration: 1, conditions: [starting] });
    client.setStatus(ref, { observedGeneration: 1, conditions: [starting] });
    client.setReady(ref, 'http://pay.example.com');

    await expect(waited).resolves.toMatchObject({
      status: { address: { url: 'http://pay.example.com' } },
    });
    expect(told).toEqual([
      'undefined undefined unknown',
      'False ServiceUnavailable progressing',
      'True undefined ready',
    ]);
  });

  it('does not take Ready of an earlier generation for success', async () => {
    client.setReady(ref, 'http://pay.example.com');
    await client.patch(ref, { spec: { image: 'localhost:5000/pay:2' } });

    await expect(wait({ generation: 2, timeoutMs: 30 })).rejects.toMatchObject({
      code: 'MODULE_NOT_READY_IN_TIME',
      message: expect.stringContaining(
        'The controller has set no condition for this generation.',
      ),
    });
  });

  it('does not take the failure of an earlier generation for this one', async () => {
    client.setStatus(ref, { observedGeneration: 1, conditions: [failed] });
    await client.patch(ref, { spec: { image: 'localhost:5000/pay:2' } });
    const waited = wait({ generation: 2 });

    client.setReady(ref, 'http://pay.example.com');

    await expect(waited).resolves.toMatchObject({
      metadata: { generation: 2 },
    });
  });

  it('fails at the deadline with the last condition, a remedy and the last log lines', async () => {
    client.setStatus(ref, { observedGeneration: 1, conditions: [starting] });
    client.setLogs(ref, ['pulling', 'compiling']);

    const error = await wait({ timeoutMs: 30 }).catch(e => e);

    expect(error).toMatchObject({
      code: 'MODULE_NOT_READY_IN_TIME',
      name: 'ServiceUnavailableError',
      remedy: expect.stringMatching(/\w/),
    });
    expect(error.message).toContain(
      'Last condition: Ready=False, ServiceUnavailable: Service "pay" wasn\'t found.',
    );
    expect(error.message).toMatch(/Last log lines:\npulling\ncompiling$/);
  });

  it('fails with the diagnosis as soon as the module has failed for good', async () => {
    client.setLogs(ref, ['boom']);
    const waited = wait();

    client.setStatus(ref, { observedGeneration: 1, conditions: [failed] });

    await expect(waited).rejects.toMatchObject({
      code: expect.stringMatching(/^MODULE_(?!NOT_READY)/),
      message: expect.stringMatching(
        /failed\. Last condition: Ready=False, RevisionFailed: [^]*\nboom$/,
      ),
    });
  });

  it('fails when the module is deleted meanwhile, or is not there', async () => {
    const waited = wait();
    await new Promise(resolve => setImmediate(resolve));
    await client.delete(ref);

    await expect(waited).rejects.toMatchObject({ code: 'MODULE_DELETED' });
    await expect(wait()).rejects.toMatchObject({ code: 'MODULE_DELETED' });
  });

  it('ends when it is cancelled, before and while it waits', async () => {
    const abort = new AbortController();
    const waited = wait({ signal: abort.signal });
    abort.abort();

    await expect(waited).rejects.toMatchObject({ code: 'MODULE_WAIT_ABORTED' });
    await expect(wait({ signal: abort.signal })).rejects.toMatchObject({
      code: 'MODULE_WAIT_ABORTED',
    });
  });

  it('survives a watch that is cut and a cluster that is away for a while', async () => {
    const waited = wait();
    await new Promise(resolve => setImmediate(resolve));
    client.down = new WasiError('CLUSTER_UNREACHABLE', { message: 'away' });
    client.cutWatches();
    await new Promise(resolve => setImmediate(resolve));
    client.down = undefined;

    client.setReady(ref, 'http://pay.example.com');

    await expect(waited).resolves.toMatchObject({
      status: { observedGeneration: 1 },
    });
  });

  it('does not wait for a cluster that refuses', async () => {
    client.down = new WasiError('CLUSTER_FORBIDDEN', { message: 'no list' });

    await expect(wait()).rejects.toMatchObject({
      code: 'CLUSTER_FORBIDDEN',
      message: 'no list',
    });
  });

  it('takes the first Ready for success, however often it changes', async () => {
    const notReady = { observedGeneration: 1, conditions: [starting] };
    client.setStatus(ref, notReady);
    const told: (string | undefined)[] = [];
    const waited = wait({
      onCondition: condition => told.push(condition?.status),
    });
    await new Promise(resolve => setImmediate(resolve));

    client.setReady(ref, 'http://pay.example.com');
    client.setStatus(ref, notReady);

    await expect(waited).resolves.toMatchObject({
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    });
    expect(told).toEqual(['False', 'True']);
  });

  it('does not take a module of the same name that was created since for the one it waits for', async () => {
    const waited = wait();
    await new Promise(resolve => setImmediate(resolve));
    client.cutWatches();
    await client.delete(ref);
    await client.create(pay);
    client.setReady(ref, 'http://another.example.com');
    client.expire();

    await expect(waited).rejects.toMatchObject({
      code: 'MODULE_DELETED',
      message:
        'WasmModule shop/pay on cluster "prod" was deleted and created anew while waiting for it.',
      remedy: 'Deploy it again.',
    });
  });

  it('does not wait for a generation that a new module of the name will not have soon', async () => {
    client.setReady(ref, 'http://another.example.com');

    await expect(wait({ generation: 5 })).rejects.toMatchObject({
      code: 'MODULE_DELETED',
      message: expect.stringContaining('was deleted and created anew'),
    });
  });

  it('does not take a module that is being deleted for one that is ready', async () => {
    await client.patch(ref, {
      metadata: { deletionTimestamp: '2026-01-02T00:00:00Z' },
    });
    client.setReady(ref, 'http://pay.example.com');

    await expect(wait()).rejects.toMatchObject({
      code: 'MODULE_DELETED',
      message: expect.stringContaining('is being deleted while waiting for it'),
    });
  });

  it('tells at the deadline that the cluster is gone, with what was last seen', async () => {
    client.setStatus(ref, { observedGeneration: 1, conditions: [starting] });
    const waited = wait({ timeoutMs: 200 }).catch(e => e);
    await new Promise(resolve => setImmediate(resolve));
    client.down = new WasiError('CLUSTER_UNREACHABLE', {
      message: 'Cluster "prod" cannot be reached: it is on holiday.',
      remedy: 'Wait for its return.',
    });
    client.cutWatches();

    const error = await waited;

    expect(error).toMatchObject({
      code: 'MODULE_NOT_READY_IN_TIME',
      remedy: 'Wait for its return.',
    });
    expect(error.message).toMatch(
      /Last condition: Ready=False, ServiceUnavailable: .* Cluster "prod" cannot be reached: it is on holiday\.$/,
    );
  });

  it('ends when it is cancelled while the cluster is gone, and asks it no more', async () => {
    client.down = new WasiError('CLUSTER_BUSY', { message: 'busy' });
    const list = jest.spyOn(client, 'list');
    const abort = new AbortController();
    const waited = wait({ signal: abort.signal });
    await new Promise(resolve => setImmediate(resolve));

    abort.abort();

    await expect(waited).rejects.toMatchObject({ code: 'MODULE_WAIT_ABORTED' });
    await new Promise(resolve => setImmediate(resolve));
    const asked = list.mock.calls.length;
    await new Promise(resolve => setImmediate(resolve));
    expect(list).toHaveBeenCalledTimes(asked);
  });
});
