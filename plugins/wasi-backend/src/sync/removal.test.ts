import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { entityOf, SyncUnderTest } from './__testUtils__/SyncUnderTest';

const ref = { cluster: 'eu-1', namespace: 'shop', name: 'pay' };
const PREFIX = 'wasm.serving.knative.dev';

describe('an entity that is gone from the catalog', () => {
  let test: SyncUnderTest;

  beforeEach(() => {
    test = new SyncUnderTest();
  });

  afterEach(() => test.stop());

  async function deployed(sync: object = {}): Promise<void> {
    test.sync = { enabled: true, allow: [{ targets: ['*'] }], ...sync };
    await test.start();
    await test.run();
    expect(test.writes).toEqual(['shop/pay']);
  }

  async function runs(count: number): Promise<void> {
    for (let run = 0; run < count; run += 1) {
      await test.runAfter(60);
    }
  }

  const exists = async () => {
    try {
      await test.cluster.get(ref);
      return true;
    } catch {
      return false;
    }
  };

  it('leaves its module by default, and the log says so once', async () => {
    await deployed();
    test.entities = [];
    await runs(5);

    expect(await exists()).toBe(true);
    expect(test.log.filter(line => line.includes('orphaned'))).toEqual([
      'info: WasmModule shop/pay on cluster "eu-1" is orphaned: component:default/pay does not ask for default any more, and the module was left as it is.',
    ]);
  });

  it('is deployed again when it comes back', async () => {
    await deployed();
    const { entities } = test;
    test.entities = [];
    await runs(4);
    test.entities = entities;
    await test.cluster.patch(ref, { spec: { args: ['x'] } });
    while (!test.cache!.get(ref)?.module.spec.args) {
      await new Promise(setImmediate);
    }
    await runs(1);

    expect((await test.cluster.get(ref)).spec.args).toBeUndefined();
  });

  it('tells of an environment that is left when only the annotation is gone', async () => {
    await deployed();
    test.entities = [entityOf('pay', { [`${PREFIX}/auto-deploy`]: 'false' })];
    await runs(3);

    expect(await test.view()).toMatchObject({
      enabled: false,
      targets: [
        {
          ref,
          state: 'unknown',
          message:
            'The entity does not ask for this environment any more; what runs was left as it is.',
        },
      ],
    });
  });

  it('takes its module along where the operator wants it, after three reads without it', async () => {
    await deployed({ onRemoval: 'delete' });
    test.entities = [];

    await runs(2);
    expect(await exists()).toBe(true);
    await runs(1);

    expect(await exists()).toBe(false);
    expect(test.history.at(-1)).toMatchObject({
      action: 'delete',
      origin: 'catalog',
      ended: 'applied',
    });
    expect(await test.knex!('sync_state').select()).toEqual([]);
  });

  it('keeps its module when it was away for a moment only', async () => {
    await deployed({ onRemoval: 'delete' });
    const { entities } = test;
    for (let times = 0; times < 3; times += 1) {
      test.entities = [];
      await runs(2);
      test.entities = entities;
      await runs(1);
    }

    expect(await exists()).toBe(true);
  });

  it('keeps an environment while its annotation cannot be read', async () => {
    test.entities = [entityOf('pay', { [`${PREFIX}/environments`]: 'a=shop' })];
    await deployed({ onRemoval: 'delete' });
    test.entities = [entityOf('pay', { [`${PREFIX}/environments`]: 'a:shop' })];
    await runs(5);

    expect(await exists()).toBe(true);
    expect(test.log.filter(line => line.includes('orphaned'))).toEqual([]);
  });

  it('keeps its module where the catalog has it by its name, whatever the list says', async () => {
    await deployed({ onRemoval: 'delete' });
    // As while the catalog stitches its entities anew.
    test.listed = [];
    await runs(5);

    expect(await exists()).toBe(true);
  });

  it.each([
    {
      what: 'another owner by now',
      change: { 'backstage.io/entity-ref': 'component:default/bank' },
    },
  ])('takes no module that has $what', async ({ change }) => {
    await deployed({ onRemoval: 'delete' });
    await test.cluster.patch(ref, { metadata: { annotations: change } });
    test.entities = [];
    await runs(4);

    expect(await exists()).toBe(true);
  });

  it('takes no module that it has never deployed', async () => {
    test.entities = [entityOf('pay', { [`${PREFIX}/deploy-mode`]: 'observe' })];
    test.sync = {
      enabled: true,
      onRemoval: 'delete',
      allow: [{ targets: ['*'] }],
    };
    await test.cluster.create({
      apiVersion: 'wasm.serving.knative.dev/v1alpha1',
      kind: 'WasmModule',
      metadata: {
        name: 'pay',
        namespace: 'shop',
        annotations: { 'backstage.io/entity-ref': 'component:default/pay' },
      },
      spec: { image: 'ours' },
    });
    await test.start();
    await test.run();
    test.entities = [];
    await runs(4);

    expect(await exists()).toBe(true);
  });

  it('keeps its module while its deploys are suspended', async () => {
    await deployed({ onRemoval: 'delete' });
    await test.started!.control.suspend(test.entity(), { by: 'jane' });
    test.entities = [];
    await runs(4);

    expect(await exists()).toBe(true);
  });

  it('is one of few that a run deletes', async () => {
    test.entities = ['a', 'b', 'c', 'd'].map(name => {
      const location = `https://github.com/acme/${name}/blob/main`;
      test.files.set(
        `${location}/func.yaml`,
        test.files
          .get('https://github.com/acme/pay/blob/main/func.yaml')!
          .replace(
            'name: pay',
            `name: ${name}\nimage: ghcr.io/acme/pay:latest`,
          ),
      );
      return entityOf(name);
    });
    test.sync = {
      enabled: true,
      onRemoval: 'delete',
      removalReads: 1,
      maxDeletesPerRun: 3,
      allow: [{ targets: ['*'] }],
    };
    await test.start();
    await test.run();
    expect((await test.cluster.list()).items).toHaveLength(4);
    test.entities = [];

    await runs(1);
    expect((await test.cluster.list()).items).toHaveLength(1);
    await runs(1);
    expect((await test.cluster.list()).items).toHaveLength(0);
  });

  it('is tried again where the cluster refuses the deletion', async () => {
    await deployed({ onRemoval: 'delete', removalReads: 1 });
    test.entities = [];
    const deletion = jest.spyOn(test.cluster, 'delete');
    deletion.mockRejectedValueOnce(
      new WasiError('CLUSTER_FORBIDDEN', { message: 'You may not.' }),
    );
    await runs(1);
    expect(await exists()).toBe(true);
    expect(test.log.at(-1)).toBe(
      'warn: WasmModule shop/pay on cluster "eu-1" could not be deleted: You may not.',
    );

    await runs(1);
    expect(await exists()).toBe(false);
  });
});
