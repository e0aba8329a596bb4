import {
  digestOf,
  entityOf,
  funcYaml,
  REPOSITORY,
  SyncUnderTest,
} from './__testUtils__/SyncUnderTest';

const ref = { cluster: 'eu-1', namespace: 'shop', name: 'pay' };
const image = `ghcr.io/acme/pay@${digestOf('one')}`;

describe('deploys from the catalog', () => {
  let test: SyncUnderTest;

  beforeEach(() => {
    test = new SyncUnderTest();
  });

  afterEach(() => test.stop());

  it('deploys what func.yaml says, by digest, for the entity', async () => {
    await test.start();
    await test.run();

    const { metadata, spec } = await test.cluster.get(ref);
    expect(spec).toEqual({
      image,
      resources: expect.anything(),
    });
    expect(metadata).toMatchObject({
      annotations: { 'backstage.io/entity-ref': 'component:default/pay' },
      labels: { 'backstage.io/kubernetes-id': 'pay' },
    });
    expect(test.history).toEqual([
      {
        entity: 'component:default/pay',
        ref,
        action: 'create',
        origin: 'catalog',
        actor: `${REPOSITORY}/func.yaml`,
        module: expect.objectContaining({ spec }),
        before: undefined,
        ended: 'applied',
      },
    ]);
    expect(test.log).toContain(
      'info: Deploy from the catalog of component:default/pay to default: in-step. func.yaml was applied: the module is new.',
    );
  });

  it('is progressing until the module is ready, as the watch sees it', async () => {
    await test.start();
    expect(await test.target()).toMatchObject({
      state: 'unknown',
      message: 'Not looked at yet.',
    });

    await test.run();
    expect(await test.target()).toMatchObject({ state: 'progressing' });

    test.cluster.setReady(ref, 'http://pay.example/');
    await seen(test, ({ status }) => status?.address !== undefined);
    expect(await test.target()).toEqual({
      environment: 'default',
      ref,
      mode: 'apply',
      state: 'in-step',
      message: 'func.yaml was applied: the module is new.',
      source: {
        url: `${REPOSITORY}/func.yaml`,
        revision: digestOf(funcYaml()).slice(7, 19),
      },
      drift: [],
      lastRunAt: '2026-11-21T12:00:00.000Z',
    });
  });

  it('asks the cluster nothing and writes nothing as long as nothing changes', async () => {
    await test.start();
    await test.run();
    const calls = [
      jest.spyOn(test.cluster, 'get'),
      jest.spyOn(test.cluster, 'patch'),
      jest.spyOn(test.cluster, 'replace'),
      jest.spyOn(test.cluster, 'create'),
      test.apply,
    ];
    calls.forEach(call => call.mockClear());

    await test.runAfter(60);
    await test.runAfter(60);

    expect(calls.map(call => call.mock.calls)).toEqual([[], [], [], [], []]);
    expect(test.reads).toEqual([`${REPOSITORY}/func.yaml`]);
    expect(test.history).toHaveLength(1);
    expect((await test.target()).lastRunAt).toBe('2026-11-21T12:02:00.000Z');
  });

  it('deploys a change of func.yaml, and tells what changed', async () => {
    await test.start();
    await test.run();
    test.files.set(
      `${REPOSITORY}/func.yaml`,
      funcYaml('run: { envs: [{ name: COLOUR, value: red }] }'),
    );

    await test.runAfter(60);

    expect((await test.cluster.get(ref)).spec.env).toEqual([
      { name: 'COLOUR', value: 'red' },
    ]);
    expect(test.writes).toEqual(['shop/pay', 'shop/pay']);
    expect(test.log.at(-1)).toBe(
      'info: Deploy from the catalog of component:default/pay to default: in-step. func.yaml was applied: spec.env[COLOUR].value changed.',
    );
  });

  it('deploys a tag that names another image by now', async () => {
    await test.start();
    await test.run();
    test.images.set('ghcr.io/acme/pay:latest', digestOf('two'));

    await test.runAfter(60);

    expect((await test.cluster.get(ref)).spec.image).toBe(
      `ghcr.io/acme/pay@${digestOf('two')}`,
    );
  });

  it('asks the registry once for an image that is named by its digest', async () => {
    test.files.set(
      `${REPOSITORY}/func.yaml`,
      funcYaml(`image: ${image}`).replace('registry: ghcr.io/acme\n', ''),
    );
    await test.start();
    await test.run();
    await test.runAfter(60);

    expect(test.described).toEqual([image]);
    expect((await test.cluster.get(ref)).spec.image).toBe(image);
  });

  it('looks into each image once, also after a restart', async () => {
    await test.start();
    await test.run();
    await test.runAfter(60);
    expect(test.pulled).toEqual([image]);

    const again = await new SyncUnderTest().start(test.knex);
    await again.run();
    expect(again.pulled).toEqual([]);
    await again.cache!.stop();
  });

  it('makes again what was deleted in the cluster, as nobody else owns it', async () => {
    await test.start();
    await test.run();
    await test.cluster.delete(ref);
    await unseen(test);

    expect(await test.target()).toMatchObject({ state: 'drifted' });
    await test.runAfter(60);

    expect(await test.cluster.get(ref)).toMatchObject({ spec: { image } });
  });

  it('does not write what the quota of the namespace has no room for, until it has', async () => {
    const quota = (memory: string) => [
      { name: 'small', hard: { 'limits.memory': memory }, used: {} },
    ];
    test.cluster.namespaceQuotas = quota('64Mi');
    await test.start();
    await test.run();

    expect(test.writes).toEqual([]);
    await expect(test.target()).resolves.toMatchObject({
      state: 'failed',
      code: 'NAMESPACE_QUOTA_EXCEEDED',
      message: expect.stringContaining('the quota small of namespace shop'),
    });

    test.cluster.namespaceQuotas = quota('4Gi');
    await test.runAfter(60);
    expect(test.writes).toEqual(['shop/pay']);
  });

  it('does nothing at all unless it is enabled', async () => {
    test.sync = { allow: [{ targets: ['*'] }] };
    await test.start();

    expect(await test.scheduler.getScheduledTasks()).toEqual([]);
    expect(await test.view()).toMatchObject({
      enabled: false,
      findings: [{ code: 'SYNC_DISABLED', severity: 'error' }],
    });
  });

  it('leaves entities alone that do not ask for it', async () => {
    test.entities = [
      entityOf('pay', { 'wasm.serving.knative.dev/auto-deploy': 'false' }),
    ];
    await test.start();
    await test.run();

    expect(test.reads).toEqual([]);
    expect(await test.view()).toEqual({
      enabled: false,
      findings: [],
      targets: [],
    });
  });
});

/** The watch has told the cache. */
async function seen(
  test: SyncUnderTest,
  is: (module: { status?: { address?: object } }) => boolean,
): Promise<void> {
  for (;;) {
    const cached = test.cache!.get(ref);
    if (cached && is(cached.module)) {
      return;
    }
    await new Promise(setImmediate);
  }
}

async function unseen(test: SyncUnderTest): Promise<void> {
  while (test.cache!.get(ref)) {
    await new Promise(setImmediate);
  }
}
