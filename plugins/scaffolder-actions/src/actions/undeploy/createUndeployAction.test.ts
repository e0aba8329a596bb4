import { mockServices } from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createFakeClusters,
  FakeWasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node/testing';
import { parse } from 'yaml';
import { actionContexts } from '../../__testUtils__/actionContext';
import { FakeDeployReports } from '../../__testUtils__/FakeDeployReports';
import { createUndeployAction } from './createUndeployAction';

const REF = { namespace: 'default', name: 'hello' };
const INPUT = { ...REF, entityRef: 'component:default/hello' };

describe('wasi:module:undeploy', () => {
  const context = actionContexts();
  const permissions = mockServices.permissions.mock();
  let cluster: FakeWasmModuleClient;
  let reports: FakeDeployReports;
  const action = () =>
    createUndeployAction({
      readCaller: async () => undefined,
      reports,
      clusters: createFakeClusters([cluster]),
      permissions,
    });
  beforeEach(() => {
    reports = new FakeDeployReports();
    permissions.authorize.mockReset();
    permissions.authorize.mockResolvedValue([
      { result: AuthorizeResult.ALLOW },
    ]);
    cluster = new FakeWasmModuleClient('local', [
      {
        apiVersion: 'wasm.serving.knative.dev/v1alpha1',
        kind: 'WasmModule',
        metadata: {
          ...REF,
          annotations: { 'backstage.io/entity-ref': 'component:default/hello' },
        },
        spec: { image: 'registry.example.com/hello:1' },
      },
    ]);
  });

  it('deletes the module of the entity', async () => {
    const { ctx, outputs } = await context({ input: INPUT });
    await action().handler(ctx);
    expect(outputs).toEqual({ deleted: true });
    await expect(cluster.get(REF)).rejects.toMatchObject({
      code: 'MODULE_NOT_FOUND',
    });
  });

  it('tells the history before and after it', async () => {
    const { ctx } = await context({ input: INPUT });
    await action().handler(ctx);
    expect(reports.told).toEqual(['begin-delete', 'deleted']);
    expect(reports.begunDeletes[0]).toMatchObject({
      cluster: 'local',
      ...REF,
      entityRef: 'component:default/hello',
      key: expect.stringMatching(/^mock-task-id,/),
    });
  });

  it('tells the history why the cluster refused it', async () => {
    cluster.delete = async () => {
      throw new WasiError('CLUSTER_FORBIDDEN', { message: 'No.' });
    };
    const { ctx } = await context({ input: INPUT });
    await expect(action().handler(ctx)).rejects.toMatchObject({
      code: 'CLUSTER_FORBIDDEN',
    });
    expect(reports.told).toEqual(['begin-delete', 'failed CLUSTER_FORBIDDEN']);
  });

  it('deletes it in the name of the user', async () => {
    const callers: unknown[] = [];
    const clusters = createFakeClusters([cluster]);
    const jane = { user: 'user:default/jane', groups: ['group:default/shop'] };
    const { ctx } = await context({ input: INPUT });

    await createUndeployAction({
      readCaller: async () => jane,
      reports,
      clusters: {
        ...clusters,
        client: (name, caller) => {
          callers.push(caller);
          return clusters.client(name, caller);
        },
      },
      permissions,
    }).handler(ctx);

    expect(callers).toEqual([jane]);
  });

  it('is content with a module that is gone already', async () => {
    await cluster.delete(REF);
    const { ctx, outputs } = await context({ input: INPUT });
    await action().handler(ctx);
    expect(outputs).toEqual({ deleted: false });
    expect(reports.told).toEqual([]);
  });

  it("leaves another entity's module alone", async () => {
    const { ctx } = await context({
      input: { ...INPUT, entityRef: 'component:default/other' },
    });
    await expect(action().handler(ctx)).rejects.toMatchObject({
      code: 'MODULE_OWNED_BY_OTHER',
    });
    expect(reports.told).toEqual([]);
    await expect(cluster.get(REF)).resolves.toBeDefined();
  });

  it('refuses a user without the permission', async () => {
    permissions.authorize.mockResolvedValue([{ result: AuthorizeResult.DENY }]);
    const { ctx } = await context({ input: INPUT });
    await expect(action().handler(ctx)).rejects.toMatchObject({
      name: 'NotAllowedError',
      message: expect.stringContaining('wasi.module.delete'),
    });
    await expect(cluster.get(REF)).resolves.toBeDefined();
  });

  it('deletes nothing in a dry run', async () => {
    const { ctx } = await context({ input: INPUT, isDryRun: true });
    await action().handler(ctx);
    await expect(cluster.get(REF)).resolves.toBeDefined();
  });

  it.each([...(createUndeployAction({} as never).examples ?? [])])(
    'example runs: $description',
    async ({ example }) => {
      const { ctx, outputs } = await context({
        input: { ...REF, ...parse(example).steps[0].input },
      });
      await action().handler(ctx);
      expect(outputs).toEqual({ deleted: true });
    },
  );
});
