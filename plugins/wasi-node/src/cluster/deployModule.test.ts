import {
  WasiError,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { FakeWasmModuleClient } from '../testing';
import { deployModule } from './deployModule';

const pay: WasmModule = {
  apiVersion: 'wasm.serving.knative.dev/v1alpha1',
  kind: 'WasmModule',
  metadata: { name: 'pay', namespace: 'shop' },
  spec: { image: 'localhost:5000/pay@sha256:aa' },
};

const entityRef = 'component:default/pay';
const ref = { cluster: 'prod', namespace: 'shop', name: 'pay' };

describe('deploying a module', () => {
  let client: FakeWasmModuleClient;

  beforeEach(() => {
    client = new FakeWasmModuleClient('prod');
  });

  it('creates it for its entity, and changes nothing when repeated', async () => {
    const options = { client, module: pay, entityRef, kubernetesId: 'pay' };

    await expect(deployModule(options)).resolves.toMatchObject({
      ref,
      generation: 1,
      changed: true,
    });
    await expect(deployModule(options)).resolves.toMatchObject({
      ref,
      generation: 1,
      changed: false,
    });
    await expect(client.get(ref)).resolves.toMatchObject({
      metadata: {
        annotations: { 'backstage.io/entity-ref': entityRef },
        labels: { 'backstage.io/kubernetes-id': 'pay' },
      },
      spec: pay.spec,
    });
  });

  it('tells the generation to wait for when the image has changed', async () => {
    await deployModule({ client, module: pay, entityRef });

    await expect(
      deployModule({
        client,
        module: { ...pay, spec: { image: 'localhost:5000/pay@sha256:bb' } },
        entityRef,
      }),
    ).resolves.toMatchObject({ generation: 2, changed: true });
  });

  it('stores nothing on a dry run', async () => {
    await deployModule({ client, module: pay, entityRef, dryRun: true });

    await expect(client.get(ref)).rejects.toMatchObject({
      code: 'MODULE_NOT_FOUND',
    });
  });

  it('refuses a module of another entity, also with force', async () => {
    await deployModule({ client, module: pay, entityRef });
    const before = await client.get(ref);

    await expect(
      deployModule({
        client,
        module: { ...pay, spec: { image: 'evil' } },
        entityRef: 'component:default/evil',
        force: true,
      }),
    ).rejects.toMatchObject({ code: 'MODULE_OWNED_BY_OTHER' });
    await expect(client.get(ref)).resolves.toEqual(before);
  });

  it('does not believe a label that the new module brings itself', async () => {
    await client.create({
      ...pay,
      metadata: {
        ...pay.metadata,
        labels: { 'backstage.io/kubernetes-id': 'pay' },
      },
    });

    await expect(
      deployModule({
        client,
        module: {
          ...pay,
          metadata: {
            ...pay.metadata,
            labels: { 'backstage.io/kubernetes-id': 'pay' },
          },
        },
        entityRef: 'component:default/evil',
      }),
    ).rejects.toMatchObject({ code: 'MODULE_OWNED_BY_OTHER' });
  });

  it('refuses a module that has only the label of the entity', async () => {
    await client.create({
      ...pay,
      metadata: {
        ...pay.metadata,
        labels: { 'backstage.io/kubernetes-id': 'pay' },
      },
    });

    await expect(
      deployModule({ client, module: pay, entityRef, kubernetesId: 'pay' }),
    ).rejects.toMatchObject({ code: 'MODULE_OWNED_BY_OTHER' });
  });

  it('refuses a module that another entity has created since it looked, also with force', async () => {
    const get = client.get.bind(client);
    jest.spyOn(client, 'get').mockImplementationOnce(async ref_ => {
      const answer = get(ref_);
      await deployModule({
        client,
        module: pay,
        entityRef: 'component:default/bank',
      });
      return answer;
    });

    await expect(
      deployModule({ client, module: pay, entityRef, force: true }),
    ).rejects.toMatchObject({
      code: 'MODULE_OWNED_BY_OTHER',
      message:
        'WasmModule shop/pay belongs to component:default/bank, not to component:default/pay.',
    });
    await expect(client.get(ref)).resolves.toMatchObject({
      metadata: {
        annotations: { 'backstage.io/entity-ref': 'component:default/bank' },
      },
    });
  });

  describe('of which another tool owns a field', () => {
    const conflictWith = (...managers: string[]) =>
      new WasiError('FIELD_MANAGER_CONFLICT', {
        message: 'owned by others',
        cause: {
          conflicts: managers.map(manager => ({
            field: '.spec.image',
            manager,
          })),
        },
      });
    const newer = { ...pay, spec: { image: 'localhost:5000/pay@sha256:bb' } };

    beforeEach(async () => {
      await deployModule({ client, module: pay, entityRef });
    });

    it('leaves it alone unless forced, and names both owners and both values', async () => {
      client.conflictOnApply = conflictWith('backstage-wasi', 'argocd');

      await expect(
        deployModule({ client, module: newer, entityRef }),
      ).rejects.toMatchObject({
        code: 'FIELD_MANAGER_CONFLICT',
        message: expect.stringContaining(
          '`.spec.image` is "localhost:5000/pay@sha256:aa", set by argocd; component:default/pay sets "localhost:5000/pay@sha256:bb".',
        ),
      });
      await expect(
        deployModule({ client, module: newer, entityRef, force: true }),
      ).resolves.toMatchObject({ changed: true });
    });

    it("takes over what the portal's page or an earlier entity wrote", async () => {
      client.conflictOnApply = conflictWith(
        'backstage-wasi',
        'backstage-wasi:component:default/old-name',
      );

      await expect(
        deployModule({ client, module: newer, entityRef }),
      ).resolves.toMatchObject({ changed: true });
    });

    it('forces nothing on a module that took its place meanwhile', async () => {
      client.conflictOnApply = conflictWith('argocd');
      const apply = client.apply.bind(client);
      jest.spyOn(client, 'apply').mockImplementation(async (...args) => {
        if (args[1]?.force) {
          await client.delete(ref);
          await client.create(pay);
        }
        return apply(...args);
      });

      await expect(
        deployModule({ client, module: newer, entityRef, force: true }),
      ).rejects.toMatchObject({ code: 'MODULE_CONFLICT' });
      await expect(client.get(ref)).resolves.toMatchObject({ spec: pay.spec });
    });
  });
});
