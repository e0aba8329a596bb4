import { ConfigReader } from '@backstage/config';
import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createClusters,
  deployPlanned,
  planDeploy,
  readWasiConfig,
  type Deploy,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { assets, startKubeApiserverTarget } from './kubeApiserverTarget';
import { kubernetesConfig } from './kubernetesConfig';
import { MERGE, Scene } from './Scene';
import { describeTargets } from './targets';

jest.setTimeout(60_000);

const image = (letter: string) =>
  `localhost:5000/pay@sha256:${letter.repeat(64)}`;

function useScene(start: Parameters<Scene['open']>[0]) {
  const scene = new Scene();
  beforeAll(() => scene.open(start));
  afterAll(() => scene.close());
  beforeEach(() => scene.enter());

  const deploy = (spec: WasmModule['spec']): Deploy => {
    const config = new ConfigReader({
      kubernetes: kubernetesConfig(scene.target),
    });
    return {
      client: createClusters(config, readWasiConfig(config)).client(),
      entityRef: 'component:default/pay',
      module: {
        apiVersion: 'wasm.serving.knative.dev/v1alpha1',
        kind: 'WasmModule',
        metadata: { name: 'pay', namespace: scene.namespace },
        spec,
      },
    };
  };
  return { scene, deploy };
}

describeTargets('The plan of a deploy', start => {
  const { scene, deploy } = useScene(start);
  const stored = async () =>
    (await scene.send('GET', `${scene.modules}/pay`)).body;
  const asKubectl = (body: object) =>
    scene.send('PATCH', `${scene.modules}/pay?fieldManager=kubectl-edit`, {
      body,
      contentType: MERGE,
    });

  it('tells of a module that is new, and makes none', async () => {
    const plan = await planDeploy(deploy({ image: image('a') }));
    expect(plan).toMatchObject({
      before: undefined,
      after: { spec: { image: image('a') } },
      conflicts: [],
    });
    expect(plan.changes).toContainEqual({
      path: 'spec.image',
      kind: 'added',
      after: image('a'),
    });
    expect((await stored()).code).toBe(404);
  });

  it('tells what changes, with secrets masked, and that is what is stored then', async () => {
    const first = deploy({
      image: image('a'),
      env: [{ name: 'API_TOKEN', value: 'one' }],
    });
    await deployPlanned(await planDeploy(first), first);
    const next = deploy({
      image: image('b'),
      env: [{ name: 'API_TOKEN', value: 'two' }],
    });

    const plan = await planDeploy(next);
    expect(plan.changes).toEqual([
      {
        path: 'spec.env[API_TOKEN].value',
        kind: 'changed',
        before: '••••••••',
        after: '••••••••',
      },
      {
        path: 'spec.image',
        kind: 'changed',
        before: image('a'),
        after: image('b'),
      },
    ]);
    expect((await stored()).spec.image).toBe(image('a'));

    await expect(deployPlanned(plan, next)).resolves.toMatchObject({
      generation: 2,
      changed: true,
    });
    expect((await stored()).spec).toEqual(plan.after.spec);
    await expect(planDeploy(next)).resolves.toMatchObject({ changes: [] });
  });

  it('names both owners and both values of each field that it would take', async () => {
    const first = deploy({ image: image('a'), args: ['one'] });
    await deployPlanned(await planDeploy(first), first);
    await asKubectl({
      metadata: { annotations: { 'acme.example/team': 'b' } },
      spec: { args: ['two'] },
    });
    const next = deploy({ image: image('b'), args: ['three'] });
    next.module.metadata.annotations = { 'acme.example/team': 'a' };

    const plan = await planDeploy(next);
    const by = {
      owner: 'kubectl-edit',
      newOwner: 'backstage-wasi:component:default/pay',
      kind: 'changed',
    };
    expect(plan.conflicts).toEqual([
      {
        ...by,
        path: 'metadata.annotations["acme.example/team"]',
        before: 'b',
        after: 'a',
      },
      { ...by, path: 'spec.args', before: '- two', after: '- three' },
    ]);
    await expect(deployPlanned(plan, next)).rejects.toMatchObject({
      code: 'FIELD_MANAGER_CONFLICT',
    });
    expect((await stored()).spec).toEqual({ image: image('a'), args: ['two'] });

    await deployPlanned(plan, { ...next, force: true });
    expect((await stored()).spec).toEqual(plan.after.spec);
  });

  it('is not what is done where somebody changed the module since', async () => {
    const first = deploy({ image: image('a') });
    await deployPlanned(await planDeploy(first), first);
    const next = deploy({ image: image('b') });
    const plan = await planDeploy(next);
    await asKubectl({ spec: { image: image('c') } });

    await expect(
      deployPlanned(plan, { ...next, force: true }),
    ).rejects.toMatchObject({
      code: 'MODULE_CONFLICT',
      message: expect.stringContaining('was changed since this was planned'),
    });
    expect((await stored()).spec.image).toBe(image('c'));
  });

  it('is what is done also where a controller reports in between', async () => {
    const first = deploy({ image: image('a') });
    await deployPlanned(await planDeploy(first), first);
    const next = deploy({ image: image('b') });
    const plan = await planDeploy(next);
    await scene.send('PATCH', `${scene.modules}/pay/status`, {
      body: { status: { observedGeneration: 1 } },
      contentType: MERGE,
    });

    await deployPlanned(plan, next);
    expect((await stored()).spec.image).toBe(image('b'));
  });

  it('is not told of a module of another entity', async () => {
    await scene.create('pay');
    await expect(
      planDeploy(deploy({ image: image('a') })),
    ).rejects.toMatchObject({ code: 'MODULE_OWNED_BY_OTHER' });
  });
});

(assets ? describe : describe.skip)(
  'Quotas of a real kube-apiserver (tool: KUBEBUILDER_ASSETS)',
  () => {
    const { scene, deploy } = useScene(startKubeApiserverTarget);
    const COUNT = 'count/wasmmodules.wasm.serving.knative.dev';

    /** As the quota controller writes them, which does not run here. */
    async function addQuota(
      name: string,
      hard: Record<string, string>,
      spec: object = {},
    ) {
      const path = `/api/v1/namespaces/${scene.namespace}/resourcequotas`;
      await scene.send('POST', path, {
        body: { metadata: { name }, spec: { hard, ...spec } },
      });
      const used = Object.fromEntries(
        Object.keys(hard).map(resource => [resource, '0']),
      );
      const { code } = await scene.send('PATCH', `${path}/${name}/status`, {
        body: { status: { hard, used } },
        contentType: MERGE,
      });
      expect(code).toBe(200);
    }

    it('are read, but for those that hold for some pods only', async () => {
      await addQuota('small', { 'limits.memory': '1Gi', pods: '3' });
      await addQuota('few', { pods: '1' }, { scopes: ['BestEffort'] });
      const { client } = deploy({ image: image('a') });

      await expect(client.quotas(scene.namespace)).resolves.toEqual([
        {
          name: 'small',
          hard: { 'limits.memory': '1Gi', pods: '3' },
          used: { 'limits.memory': '0', pods: '0' },
        },
      ]);
    });

    it('refuse a dry run, which says so', async () => {
      await addQuota('none', { [COUNT]: '0' });
      await expect(
        planDeploy(deploy({ image: image('a') })),
      ).rejects.toMatchObject({
        code: 'NAMESPACE_QUOTA_EXCEEDED',
        message: expect.stringContaining('exceeded quota: none'),
        remedy: 'Free resources in the namespace, or have its quota raised.',
      });
    });
  },
);
