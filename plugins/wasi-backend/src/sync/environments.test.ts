import {
  createFakeClusters,
  FakeWasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node/testing';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  digestOf,
  entityOf,
  funcYaml,
  REPOSITORY,
  SyncUnderTest,
} from './__testUtils__/SyncUnderTest';

const PREFIX = 'wasm.serving.knative.dev';
const FUNC_YAML = `${REPOSITORY}/func.yaml`;

describe('several environments of an entity', () => {
  let test: SyncUnderTest;
  let us: FakeWasmModuleClient;

  beforeEach(() => {
    test = new SyncUnderTest();
    us = new FakeWasmModuleClient('us-1');
    test.clusters = createFakeClusters([test.cluster, us]);
    test.sync = { enabled: true, allow: [{ targets: ['*/shop*'] }] };
    test.entities = [
      entityOf('pay', {
        [`${PREFIX}/environments`]:
          'staging=eu-1/shop-staging, prod=eu-1/shop, us=us-1/shop',
        [`${PREFIX}/image-tag`]: 'prod=v1, us=v1',
      }),
    ];
    test.images.set('ghcr.io/acme/pay:v1', digestOf('v1'));
  });

  afterEach(() => test.stop());

  const states = async () =>
    (await test.view()).targets.map(({ environment, mode, state }) => [
      environment,
      mode,
      state,
    ]);

  it('are deployed side by side, each to its place with its tag, from one read', async () => {
    await test.start();
    await test.run();

    const image = async (cluster: FakeWasmModuleClient, namespace: string) =>
      (await cluster.get({ namespace, name: 'pay' })).spec.image;
    expect(await image(test.cluster, 'shop-staging')).toContain(
      digestOf('one'),
    );
    expect(await image(test.cluster, 'shop')).toContain(digestOf('v1'));
    expect(await image(us, 'shop')).toContain(digestOf('v1'));
    expect(test.reads).toEqual([FUNC_YAML]);
  });

  it('have modes of their own, and the operator has the last word', async () => {
    test.entities[0].metadata.annotations![`${PREFIX}/deploy-mode`] =
      'staging=apply, prod=apply, us=observe';
    test.sync = {
      enabled: true,
      allow: [{ targets: ['*/shop*'] }],
      environments: { prod: { mode: 'observe' } },
    };
    await test.start();
    await test.run();

    expect(await states()).toEqual([
      ['staging', 'apply', 'progressing'],
      ['prod', 'observe', 'drifted'],
      ['us', 'observe', 'drifted'],
    ]);
    expect(test.writes).toEqual(['shop-staging/pay']);
  });

  it('fail by themselves', async () => {
    us.down = new WasiError('CLUSTER_UNREACHABLE', {
      message: 'Nobody there.',
    });
    test.images.delete('ghcr.io/acme/pay:latest');
    await test.start();
    await test.run();

    expect(await states()).toEqual([
      ['staging', 'apply', 'failed'],
      ['prod', 'apply', 'progressing'],
      ['us', 'apply', 'failed'],
    ]);
  });

  it('need a cluster by name where there are several', async () => {
    test.entities[0].metadata.annotations![`${PREFIX}/environments`] =
      'prod=shop, mars=mars/shop';
    test.entities[0].metadata.annotations![`${PREFIX}/image-tag`] = 'v1';
    await test.start();
    await test.run();

    expect(
      (await test.view()).targets.map(({ code, state }) => [state, code]),
    ).toEqual([
      ['failed', 'CLUSTER_UNKNOWN'],
      ['failed', 'CLUSTER_UNKNOWN'],
    ]);
    expect(test.writes).toEqual([]);
  });

  it('are none while an annotation cannot be read', async () => {
    test.entities[0].metadata.annotations![`${PREFIX}/deploy-mode`] = 'yolo';
    await test.start();
    await test.run();

    expect(test.writes).toEqual([]);
    expect(await test.view()).toMatchObject({
      findings: [{ code: 'SYNC_ANNOTATION_INVALID' }],
      targets: [{ state: 'failed', code: 'SYNC_ANNOTATION_INVALID' }, {}, {}],
    });
  });

  it('that are not asked for any more are orphaned by themselves', async () => {
    await test.start();
    await test.run();
    test.entities[0].metadata.annotations![`${PREFIX}/environments`] =
      'prod=eu-1/shop';
    test.entities[0].metadata.annotations![`${PREFIX}/image-tag`] = 'v1';
    for (let runs = 0; runs < 3; runs += 1) {
      await test.runAfter(60);
    }

    expect(await states()).toEqual([
      ['prod', 'apply', 'progressing'],
      ['staging', 'apply', 'unknown'],
      ['us', 'apply', 'unknown'],
    ]);
    expect((await us.list()).items).toHaveLength(1);
  });

  it('are deployed elsewhere when their place changes, which leaves the old module', async () => {
    await test.start();
    await test.run();
    test.entities[0].metadata.annotations![`${PREFIX}/environments`] =
      'staging=eu-1/shop-staging, prod=eu-1/shop-new, us=us-1/shop';
    await test.runAfter(60);

    expect(test.writes).toContain('shop-new/pay');
    expect(
      (await test.cluster.get({ namespace: 'shop', name: 'pay' })).metadata
        .name,
    ).toBe('pay');
    expect(test.log).toContainEqual(
      expect.stringMatching(/eu-1\/shop\/pay.* was left/),
    );
  });

  it('tell what a change of the source would do where they only look', async () => {
    test.entities[0].metadata.annotations![`${PREFIX}/deploy-mode`] = 'apply';
    await test.start();
    await test.run();
    test.entities[0].metadata.annotations![`${PREFIX}/deploy-mode`] = 'observe';
    test.files.set(FUNC_YAML, funcYaml('run: { args: [new] }'));
    await test.runAfter(60);

    const { targets } = await test.view();
    expect(targets.map(({ drift }) => drift.map(({ path }) => path))).toEqual([
      ['spec.args'],
      ['spec.args'],
      ['spec.args'],
    ]);
  });

  describe('with an overlay', () => {
    const OVERLAY = `${REPOSITORY}/func.prod.yaml`;

    beforeEach(() => {
      test.entities[0].metadata.annotations![`${PREFIX}/func-overlay`] =
        'prod=./func.prod.yaml';
      test.files.set(
        FUNC_YAML,
        funcYaml('run: { envs: [{ name: LEVEL, value: debug }] }'),
      );
      test.files.set(OVERLAY, 'run: { envs: [{ name: LEVEL, value: warn }] }');
    });

    const level = async (namespace: string) =>
      (await test.cluster.get({ namespace, name: 'pay' })).spec.env;
    const prod = async () =>
      (await test.view()).targets.find(
        ({ environment }) => environment === 'prod',
      )!;

    it('run what it says where it is for, and func.yaml elsewhere', async () => {
      await test.start();
      await test.run();

      expect(await level('shop')).toEqual([{ name: 'LEVEL', value: 'warn' }]);
      expect(await level('shop-staging')).toEqual([
        { name: 'LEVEL', value: 'debug' },
      ]);
      expect((await prod()).source).toEqual({
        url: FUNC_YAML,
        revision: expect.any(String),
        overlay: OVERLAY,
      });
      expect((await test.target()).source).not.toHaveProperty('overlay');
    });

    it('follow a change of it, and are left alone by it elsewhere', async () => {
      await test.start();
      await test.run();
      test.files.set(OVERLAY, 'run: { envs: [{ name: LEVEL, value: error }] }');
      await test.runAfter(60);

      expect(await level('shop')).toEqual([{ name: 'LEVEL', value: 'error' }]);
      expect(test.writes).toEqual(['shop-staging/pay', 'shop/pay', 'shop/pay']);
    });

    it('show what it changes before it is applied', async () => {
      test.sync = {
        enabled: true,
        allow: [{ targets: ['*/shop*'] }],
        environments: { prod: { mode: 'observe' } },
      };
      await test.start();
      await test.run();

      expect((await prod()).drift).toContainEqual({
        path: 'spec.env[LEVEL].value',
        kind: 'added',
        after: 'warn',
      });
    });

    it('fail by themselves where it is missing, and go on when it is there', async () => {
      test.files.delete(OVERLAY);
      await test.start();
      await test.run();
      expect(await states()).toEqual([
        ['staging', 'apply', 'progressing'],
        ['prod', 'apply', 'failed'],
        ['us', 'apply', 'progressing'],
      ]);
      expect(await prod()).toMatchObject({
        code: 'FUNC_YAML_MISSING',
        message: expect.stringContaining(OVERLAY),
      });

      test.files.set(OVERLAY, 'run: { args: [x] }');
      await test.runAfter(60);
      expect(test.writes).toContain('shop/pay');
    });

    it.each([
      {
        what: 'another name',
        overlay: 'name: bank',
        code: 'FUNC_YAML_INVALID',
      },
      {
        what: 'another namespace',
        overlay: 'deploy: { namespace: bank }',
        code: 'FUNC_YAML_INVALID',
      },
      {
        what: 'a cluster',
        overlay: 'cluster: us-1',
        code: 'FUNC_YAML_INVALID',
      },
      {
        what: 'an image that is not allowed',
        overlay: 'image: evil.example/pay:latest',
        code: 'SYNC_NOT_ALLOWED',
      },
      {
        what: 'a huge file',
        overlay: `#${'x'.repeat(300_000)}`,
        code: 'FUNC_YAML_TOO_LARGE',
      },
    ])(
      'are not led astray by one that names $what',
      async ({ overlay, code }) => {
        test.sync = {
          enabled: true,
          allow: [{ targets: ['*/shop*'], registries: ['ghcr.io/acme/*'] }],
        };
        test.files.set(OVERLAY, overlay);
        await test.start();
        await test.run();

        expect((await prod()).code).toBe(code);
        expect(test.writes).not.toContain('shop/pay');
      },
    );

    it('are for the entity of the catalog, whatever it says', async () => {
      test.files.set(
        OVERLAY,
        "deploy: { annotations: { 'backstage.io/entity-ref': 'component:default/bank' } }",
      );
      await test.start();
      await test.run();

      const { metadata } = await test.cluster.get({
        namespace: 'shop',
        name: 'pay',
      });
      expect(metadata.annotations?.['backstage.io/entity-ref']).toBe(
        'component:default/pay',
      );
    });

    it.each([
      '../../../evil/pay/blob/main/func.prod.yaml',
      '../release/func.prod.yaml',
    ])('read none outside of the repository and branch: %s', async path => {
      test.entities[0].metadata.annotations![
        `${PREFIX}/func-overlay`
      ] = `prod=${path}`;
      await test.start();
      await test.run();

      expect((await prod()).code).toBe('SYNC_SOURCE_REFUSED');
      expect(test.reads).toEqual([FUNC_YAML]);
    });

    it('read none from a place that the rule does not name', async () => {
      test.sync = {
        enabled: true,
        allow: [
          {
            targets: ['*/shop*'],
            sources: ['https://github.com/acme/pay/blob/main/func.yaml'],
          },
        ],
      };
      await test.start();
      await test.run();

      expect((await prod()).code).toBe('SYNC_NOT_ALLOWED');
      expect((await test.target()).code).toBeUndefined();
    });
  });
});
