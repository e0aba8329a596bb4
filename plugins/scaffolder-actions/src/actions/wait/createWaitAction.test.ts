import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createFakeClusters,
  FakeWasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node/testing';
import { parse } from 'yaml';
import { actionContexts } from '../../__testUtils__/actionContext';
import { createWaitAction } from './createWaitAction';

const REF = { namespace: 'default', name: 'hello' };
const MODULE: WasmModule = {
  apiVersion: 'wasm.serving.knative.dev/v1alpha1',
  kind: 'WasmModule',
  metadata: REF,
  spec: { image: 'registry.example.com/hello:1' },
};
const INPUT = { ...REF, generation: 1, timeoutSeconds: 60 };

describe('wasi:module:wait', () => {
  const context = actionContexts();
  let cluster: FakeWasmModuleClient;
  const action = () =>
    createWaitAction({ clusters: createFakeClusters([cluster]) });
  beforeEach(() => {
    cluster = new FakeWasmModuleClient('local', [MODULE]);
  });

  it('outputs the address once the module is Ready', async () => {
    cluster.setReady(REF, 'http://hello.example.com');
    const { ctx, outputs } = await context({ input: INPUT });
    await action().handler(ctx);
    expect(outputs).toEqual({ url: 'http://hello.example.com' });
  });

  it('does not take Ready of an earlier generation for an answer', async () => {
    cluster.setReady(REF, 'http://hello.example.com');
    await cluster.patch(REF, { spec: { args: ['new'] } });
    const { ctx, outputs } = await context({
      input: { ...INPUT, generation: 2, timeoutSeconds: 1 },
    });
    await expect(action().handler(ctx)).rejects.toMatchObject({
      code: 'MODULE_NOT_READY_IN_TIME',
    });
    expect(outputs).toEqual({});
  });

  it('fails with the condition, the remedy and the last log lines', async () => {
    cluster.setLogs(REF, [
      'starting',
      'Error: Incompatible layer media type: x',
    ]);
    cluster.setStatus(REF, {
      observedGeneration: 1,
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'RevisionFailed',
          message:
            'Revision "hello-00001" failed with message: Container failed with: Incompatible layer media type: x.',
        },
      ],
    });
    const { ctx } = await context({ input: INPUT });
    await expect(action().handler(ctx)).rejects.toMatchObject({
      message: expect.stringMatching(
        /RevisionFailed[^]*Incompatible layer media type/,
      ),
      remedy: expect.stringMatching(/\S/),
    });
  });

  it('stops when the task is cancelled', async () => {
    const controller = new AbortController();
    const { ctx } = await context({ input: INPUT, signal: controller.signal });
    const waiting = action().handler(ctx);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({
      code: 'MODULE_WAIT_ABORTED',
    });
  });

  it.each([...(createWaitAction({} as never).examples ?? [])])(
    'example runs: $description',
    async ({ example }) => {
      cluster.setReady(REF, 'http://hello.example.com');
      const { input } = parse(example).steps[0];
      const { ctx, outputs } = await context({
        input: {
          ...INPUT,
          timeoutSeconds: input.timeoutSeconds ?? INPUT.timeoutSeconds,
        },
      });
      await action().handler(ctx);
      expect(outputs.url).toBe('http://hello.example.com');
    },
  );
});
