import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  digestOf,
  entityOf,
  funcYaml,
  REPOSITORY,
  SyncUnderTest,
} from './__testUtils__/SyncUnderTest';

const PREFIX = 'wasm.serving.knative.dev';
const LOCATION = 'backstage.io/managed-by-location';
const ref = { cluster: 'eu-1', namespace: 'shop', name: 'pay' };

describe('deploys from the catalog under attack', () => {
  let test: SyncUnderTest;

  beforeEach(() => {
    test = new SyncUnderTest();
  });

  afterEach(() => test.stop());

  async function refused() {
    await test.start();
    await test.run();
    const target = await test.target();
    expect(target.state).toBe('failed');
    expect(test.writes).toEqual([]);
    return target;
  }

  it.each([
    {
      what: 'another repository',
      path: '../../../../other/blob/main/func.yaml',
    },
    { what: 'another branch', path: '../../draft/blob/func.yaml' },
    { what: 'the root of the host', path: '../../../../../../func.yaml' },
    { what: 'another host', path: '//evil.example/func.yaml' },
    { what: 'another scheme', path: 'file:///etc/passwd' },
    { what: 'an encoded way out', path: '%2e%2e/%2e%2e/%2e%2e/func.yaml' },
    { what: 'an encoded slash', path: '..%2f..%2ffunc.yaml' },
    { what: 'a query', path: './func.yaml?ref=draft' },
    { what: 'a backslash', path: '..\\..\\..\\func.yaml' },
  ])('reads nothing from $what', async ({ path }) => {
    const readable = jest.spyOn(test.files, 'get');
    test.entities = [entityOf('pay', { [`${PREFIX}/func-yaml`]: path })];

    const { code } = await refused();

    expect(['SYNC_SOURCE_REFUSED', 'SYNC_ANNOTATION_INVALID']).toContain(code);
    expect(readable).not.toHaveBeenCalled();
  });

  it.each([
    'file:/srv/catalog-info.yaml',
    'url:file:///srv/catalog-info.yaml',
    'bootstrap:boot',
    'url:https://dev.azure.com/org/p/_git/r?path=/catalog-info.yaml',
  ])('reads nothing beside an entity of %s', async location => {
    test.entities = [entityOf('pay', { [LOCATION]: location })];

    expect(await refused()).toMatchObject({ code: 'SYNC_SOURCE_REFUSED' });
    expect(test.reads).toEqual([]);
  });

  it.each([
    { what: 'another namespace', allow: { targets: ['eu-1/bank'] } },
    { what: 'another cluster', allow: { targets: ['us-1/shop'] } },
    {
      what: 'another owner',
      allow: { targets: ['*'], owners: ['group:default/bank'] },
    },
    {
      what: 'another entity',
      allow: { targets: ['*'], entities: ['component:default/bank'] },
    },
    {
      what: 'another source',
      allow: { targets: ['*'], sources: ['https://github.com/bank/*'] },
    },
    {
      what: 'another registry',
      allow: { targets: ['*'], registries: ['ghcr.io/bank/*'] },
    },
    { what: 'a name that only begins alike', allow: { targets: ['eu-1/sho'] } },
  ])('deploys nothing where $what is allowed', async ({ allow }) => {
    test.sync = { enabled: true, allow: [allow] };

    expect(await refused()).toMatchObject({ code: 'SYNC_NOT_ALLOWED' });
    expect(test.described).toEqual([]);
  });

  it('deploys where one rule allows all of it, not several together', async () => {
    const whole = {
      sources: ['https://github.com/acme/*'],
      entities: ['component:default/*'],
      owners: ['group:default/shop'],
      targets: ['eu-1/shop'],
      registries: ['ghcr.io/acme/*'],
    };
    test.sync = {
      enabled: true,
      allow: [
        { ...whole, targets: ['eu-1/bank'] },
        { ...whole, sources: ['https://github.com/bank/*'] },
      ],
    };
    await refused();
    await test.stop();

    test = new SyncUnderTest();
    test.sync = { enabled: true, allow: [whole] };
    await test.start();
    await test.run();
    expect(test.writes).toEqual(['shop/pay']);
  });

  it('allows nothing where nothing is named', async () => {
    test.sync = { enabled: true };

    expect(await refused()).toMatchObject({ code: 'SYNC_NOT_ALLOWED' });
    expect(test.log[0]).toContain('wasi.sync.allow names nothing');
  });

  it('lets func.yaml choose no namespace that is not allowed', async () => {
    const { [`backstage.io/kubernetes-namespace`]: _, ...annotations } =
      entityOf('pay').metadata.annotations!;
    test.entities = [
      {
        ...entityOf('pay'),
        metadata: { ...entityOf('pay').metadata, annotations },
      },
    ];
    test.files.set(
      `${REPOSITORY}/func.yaml`,
      funcYaml('deploy: { namespace: kube-system }'),
    );

    expect(await refused()).toMatchObject({
      code: 'SYNC_NOT_ALLOWED',
      message: expect.stringContaining('eu-1/kube-system'),
    });
  });

  it('takes no module of another entity, nor one of nobody', async () => {
    for (const owner of ['component:default/bank', undefined]) {
      await test.cluster.create({
        apiVersion: 'wasm.serving.knative.dev/v1alpha1',
        kind: 'WasmModule',
        metadata: {
          name: 'pay',
          namespace: 'shop',
          annotations: owner ? { 'backstage.io/entity-ref': owner } : {},
        },
        spec: { image: 'theirs' },
      });

      expect(await refused()).toMatchObject({ code: 'MODULE_OWNED_BY_OTHER' });
      expect((await test.cluster.get(ref)).spec.image).toBe('theirs');
      await test.stop();
      test = new SyncUnderTest();
    }
  });

  it('is the entity of the catalog, whatever func.yaml says', async () => {
    test.files.set(
      `${REPOSITORY}/func.yaml`,
      funcYaml(`deploy:
  annotations: { backstage.io/entity-ref: 'component:default/bank' }
  labels: [{ key: backstage.io/kubernetes-id, value: bank }]`),
    );
    await test.start();
    await test.run();

    expect((await test.cluster.get(ref)).metadata).toMatchObject({
      annotations: { 'backstage.io/entity-ref': 'component:default/pay' },
      labels: { 'backstage.io/kubernetes-id': 'pay' },
    });
  });

  it("fills in nothing of the backend's own environment", async () => {
    process.env.SYNC_TEST_SECRET = 'hunter2';
    test.files.set(
      `${REPOSITORY}/func.yaml`,
      funcYaml(
        "run: { envs: [{ name: A, value: '{{ env:SYNC_TEST_SECRET }}' }] }",
      ),
    );

    const target = await refused();

    expect(target.code).toBe('ENV_LOCAL_UNRESOLVED');
    expect(JSON.stringify(target)).not.toContain('hunter2');
    delete process.env.SYNC_TEST_SECRET;
  });

  it.each([
    {
      what: 'a huge file',
      text: `#${'x'.repeat(300_000)}`,
      code: 'FUNC_YAML_TOO_LARGE',
    },
    { what: 'no YAML', text: '{', code: 'FUNC_YAML_SYNTAX' },
    {
      what: 'an alias bomb',
      text: `a: &a [x,x,x,x,x,x,x,x,x]
b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]
c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]
d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]
e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]
f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]
name: *f`,
      code: expect.stringMatching(/^(FUNC_YAML|NAME)_/),
    },
    {
      what: 'a container function',
      text: 'name: pay\nruntime: go\nregistry: ghcr.io/acme\n',
      code: 'NOT_A_WASI_FUNCTION',
    },
  ])('is not moved by $what', async ({ text, code }) => {
    test.files.set(`${REPOSITORY}/func.yaml`, text);

    expect((await refused()).code).toEqual(code);
  });

  it('deploys no image that the policy of signatures refuses', async () => {
    test.unsigned.add(`ghcr.io/acme/pay@${digestOf('one')}`);

    expect(await refused()).toMatchObject({ code: 'IMAGE_NOT_SIGNED' });
    expect(test.history).toEqual([]);
  });

  it('deploys no image that the runner could not run', async () => {
    test.inspection = { ...test.inspection, kind: 'module' };

    expect(await refused()).toMatchObject({ code: 'MODULE_IS_CORE' });
  });

  it('deploys no image that only the portal may read', async () => {
    test.images.set(
      'ghcr.io/acme/pay:latest',
      new WasiError('REGISTRY_UNAUTHENTICATED', { message: 'Who are you?' }),
    );

    expect(await refused()).toMatchObject({ code: 'IMAGE_NOT_ANONYMOUS' });
  });

  it('shows no value that looks secret', async () => {
    test.files.set(
      `${REPOSITORY}/func.yaml`,
      funcYaml('run: { envs: [{ name: API_KEY, value: hunter2 }] }'),
    );
    test.entities = [entityOf('pay', { [`${PREFIX}/deploy-mode`]: 'observe' })];
    await test.start();
    await test.run();

    const target = await test.target();
    expect(target).toMatchObject({ state: 'drifted', mode: 'observe' });
    expect(target.drift.map(({ path }) => path)).toContain(
      'spec.env[API_KEY].value',
    );
    expect(JSON.stringify([target, test.log])).not.toContain('hunter2');
    expect(
      JSON.stringify(await test.knex!('sync_state').select()),
    ).not.toContain('hunter2');
  });
});
