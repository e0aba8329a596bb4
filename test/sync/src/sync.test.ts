import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { mockServices } from '@backstage/backend-test-utils';
import { parse } from 'yaml';
import { Site } from './Site';

jest.setTimeout(60_000);

describe('deploys from the catalog, with a git host, a registry and a Kubernetes API', () => {
  let site: Site;
  let digest: string;
  const scheduler = () => mockServices.scheduler();
  let runs: ReturnType<typeof scheduler>;

  beforeEach(async () => {
    site = await Site.open();
    digest = await site.pushImage('pay');
    await site.pushFunction('pay');
    runs = scheduler();
  });

  afterEach(() => site.close());

  const start = (sync: object = {}) =>
    site.start(sync, [
      createServiceFactory({
        service: coreServices.scheduler,
        deps: {},
        factory: () => runs,
      }),
    ]);
  const run = () => runs.triggerTask('wasi-sync');
  const target = async () => (await site.wasi('get', 'pay', 'sync')).targets[0];

  /** Somebody asks for a run, which answers before it has ended. */
  const again = async () => {
    const asked = new Date().toISOString();
    await site.wasi('post', 'pay', 'sync/run');
    while ((await target()).lastRunAt < asked) {
      await new Promise(setImmediate);
    }
  };

  it('deploys what is pushed, keeps it in step, and writes it to the history', async () => {
    site.addEntity('pay');
    await start();
    await run();

    const created = await site.module('pay');
    expect(created).toMatchObject({
      metadata: {
        annotations: { 'backstage.io/entity-ref': 'component:default/pay' },
      },
      spec: { image: `${site.registry.host}/shop/pay@${digest}` },
    });

    await run();
    expect((await site.module('pay'))!.metadata.resourceVersion).toBe(
      created!.metadata.resourceVersion,
    );

    await site.pushFunction('pay', 'run: { args: [--fast] }\n');
    const next = await site.pushImage('pay', 'two');
    await run();
    expect((await site.module('pay'))!.spec).toMatchObject({
      args: ['--fast'],
      image: `${site.registry.host}/shop/pay@${next}`,
    });

    const { items } = await site.wasi('get', 'pay', 'deployments');
    expect(items).toMatchObject([
      { action: 'update', origin: 'catalog' },
      {
        action: 'create',
        origin: 'catalog',
        actor: `${site.git.baseUrl}/shop/pay/src/branch/main/pay/func.yaml`,
        entity: 'component:default/pay',
      },
    ]);
  });

  it('leaves a field to Argo CD, and says so', async () => {
    site.addEntity('pay');
    await start();
    await run();
    await site.applyAs('argocd-controller', 'pay', {
      spec: { image: 'localhost:1/other@sha256:aa' },
    });
    const theirs = await site.module('pay');

    await again();

    expect((await site.module('pay'))!.metadata.resourceVersion).toBe(
      theirs!.metadata.resourceVersion,
    );
    expect(await target()).toMatchObject({
      state: 'drifted',
      code: 'FIELD_MANAGER_CONFLICT',
      managedBy: 'argocd-controller',
      drift: [
        {
          path: 'spec.image',
          before: 'localhost:1/other@sha256:aa',
          after: `${site.registry.host}/shop/pay@${digest}`,
          owner: 'argocd-controller',
        },
      ],
    });
  });

  it('leaves a field to whoever has changed it with kubectl', async () => {
    site.addEntity('pay');
    await start();
    await run();
    await site.applyAs('kubectl-edit', 'pay', { spec: { args: ['by hand'] } });
    await site.applyAs('kubectl-edit', 'pay', {
      spec: { image: 'localhost:1/other@sha256:aa', args: ['by hand'] },
    });

    await again();

    expect(await target()).toMatchObject({
      state: 'drifted',
      managedBy: 'kubectl-edit',
    });
    expect((await site.module('pay'))!.spec.args).toEqual(['by hand']);
  });

  it('only looks in the mode observe', async () => {
    site.addEntity('pay', {
      'wasm.serving.knative.dev/deploy-mode': 'observe',
    });
    await start();
    await run();

    expect(await site.module('pay')).toBeUndefined();
    expect(await target()).toMatchObject({
      state: 'drifted',
      mode: 'observe',
      message: 'Nothing runs; this environment is only observed.',
    });
  });

  describe('in the mode pull-request', () => {
    const pulls = async (state = 'open') =>
      (await site.api('GET', `/repos/shop/pay/pulls?state=${state}`)) as {
        number: number;
        html_url: string;
        head: { ref: string };
      }[];

    beforeEach(async () => {
      site.addEntity('pay', {
        'wasm.serving.knative.dev/deploy-mode': 'pull-request',
      });
      await start();
      await run();
    });

    it('proposes the manifest once, follows func.yaml, and writes nothing to the cluster', async () => {
      const [pull, ...others] = await pulls();
      expect(others).toEqual([]);
      expect(await target()).toMatchObject({
        state: 'drifted',
        pullRequest: { url: pull.html_url },
      });
      const manifest = async () =>
        parse((await site.file('deploy/pay.yaml', pull.head.ref))!.text);
      expect(await manifest()).toMatchObject({
        kind: 'WasmModule',
        metadata: { name: 'pay', namespace: 'shop' },
        spec: { image: `${site.registry.host}/shop/pay@${digest}` },
      });

      await again();
      await site.pushFunction('pay', 'run: { args: [--fast] }\n');
      await run();

      expect(await pulls()).toMatchObject([{ number: pull.number }]);
      expect((await manifest()).spec.args).toEqual(['--fast']);
      expect(await site.module('pay')).toBeUndefined();
    });

    it('is in step once it is merged and deployed by another tool', async () => {
      const [pull] = await pulls();
      await site.api('POST', `/repos/shop/pay/pulls/${pull.number}/merge`, {
        Do: 'merge',
      });
      await again();
      expect(await target()).toMatchObject({
        state: 'drifted',
        message:
          'deploy/pay.yaml is what func.yaml says, and what runs differs.',
      });

      const manifest = parse((await site.file('deploy/pay.yaml'))!.text);
      await site.applyAs('kustomize-controller', 'pay', manifest);
      await again();

      expect(await target()).toMatchObject({
        state: 'in-step',
        managedBy: 'kustomize-controller',
      });
      expect(await pulls()).toEqual([]);
    });

    it('closes a proposal that is not needed any more', async () => {
      const [pull] = await pulls();
      const manifest = (await site.file('deploy/pay.yaml', pull.head.ref))!;
      await site.push('deploy/pay.yaml', manifest.text);

      await again();

      expect(await pulls()).toEqual([]);
      expect(await pulls('all')).toHaveLength(1);
      expect((await target()).pullRequest).toBeUndefined();
    });

    it('takes a no for an answer until func.yaml changes', async () => {
      const [pull] = await pulls();
      await site.api('PATCH', `/repos/shop/pay/pulls/${pull.number}`, {
        state: 'closed',
      });
      await site.pushFunction('pay', '# a comment\n');
      await run();
      expect(await pulls()).toEqual([]);

      await site.pushFunction('pay', 'run: { args: [--fast] }\n');
      await run();
      expect(await pulls()).toHaveLength(1);
    });

    it('proposes nothing while it is suspended', async () => {
      await site.wasi('post', 'pay', 'sync/suspend');
      const [pull] = await pulls();
      const before = await site.file('deploy/pay.yaml', pull.head.ref);
      await site.pushFunction('pay', 'run: { args: [--fast] }\n');
      await again();

      expect(await site.file('deploy/pay.yaml', pull.head.ref)).toEqual(before);
    });
  });
});
