import request from 'supertest';
import type { Deployment } from '@wasi-functions/backstage-plugin-wasi-common';
import { MERGE, Scene } from './Scene';
import { ENTITY, startPortal } from './startPortal';
import { describeTargets } from './targets';

jest.setTimeout(60_000);

const image = (letter: string) =>
  `localhost:5000/pay@sha256:${letter.repeat(64)}`;

describeTargets('Rollback', start => {
  const scene = new Scene();
  let backend: Awaited<ReturnType<typeof startPortal>>;
  let module: string;

  beforeAll(() => scene.open(start));
  afterAll(() => scene.close());

  beforeEach(async () => {
    await scene.enter();
    module = `${ENTITY}/modules/one/${scene.namespace}/pay`;
    backend = await startPortal(scene.target);
    await request(backend.server)
      .post(`${ENTITY}/modules`)
      .send({
        module: {
          apiVersion: 'wasm.serving.knative.dev/v1alpha1',
          kind: 'WasmModule',
          metadata: {
            name: 'pay',
            namespace: scene.namespace,
            labels: { team: 'shop' },
          },
          spec: { image: image('a'), args: ['one'] },
        },
      })
      .expect(201);
  });

  afterEach(() => backend.stop());

  const stored = async () =>
    (await scene.send('GET', `${scene.modules}/pay`)).body;

  async function firstDeployment(): Promise<Deployment> {
    const { body } = await request(backend.server).get(
      `${ENTITY}/deployments?namespace=${scene.namespace}`,
    );
    return body.items.at(-1);
  }

  async function rollback(query: object) {
    const { id } = await firstDeployment();
    return request(backend.server)
      .post(`${ENTITY}/deployments/${id}/rollback`)
      .query(query);
  }

  it('removes also what the page has put, and keeps labels', async () => {
    const { spec: before } = await stored();
    const patched = await request(backend.server)
      .patch(module)
      .send({
        spec: {
          image: image('b'),
          env: [{ name: 'A', value: '1' }],
          network: { tcp: { connect: ['example.com:443'] } },
        },
      });
    expect(patched.status).toBe(200);

    const plan = await rollback({ dryRun: true });
    expect(plan.body.conflicts).toEqual([]);
    const answer = await rollback({});

    expect(answer.status).toBe(200);
    const after = await stored();
    expect(after.spec).toEqual(before);
    expect(after.metadata.labels).toMatchObject({ team: 'shop' });
    expect(plan.body.module.spec).toEqual(after.spec);
  });

  it('names who owns a field with both values, and takes it when told', async () => {
    const { spec: before } = await stored();
    await scene.send(
      'PATCH',
      `${scene.modules}/pay?fieldManager=kubectl-edit`,
      {
        body: { spec: { args: ['two'] } },
        contentType: MERGE,
      },
    );

    const plan = await rollback({ dryRun: true });
    const refused = await rollback({});
    expect((await stored()).spec.args).toEqual(['two']);
    const forced = await rollback({ force: true });

    expect(plan.body.conflicts).toEqual([
      {
        path: 'spec.args',
        kind: 'changed',
        before: '- two',
        after: '- one',
        owner: 'kubectl-edit',
        newOwner: 'backstage-wasi',
      },
    ]);
    expect(refused.body.error).toMatchObject({
      code: 'FIELD_MANAGER_CONFLICT',
      message: expect.stringContaining('kubectl-edit'),
    });
    expect(forced.status).toBe(200);
    expect((await stored()).spec).toEqual(before);
  });

  it('brings back what was deleted, and redeploys it', async () => {
    const { spec: before } = await stored();
    await request(backend.server).delete(module);

    expect((await rollback({})).status).toBe(200);
    const restored = await stored();
    expect(restored.spec).toEqual(before);
    expect(restored.metadata.labels).toMatchObject({ team: 'shop' });

    const redeployed = await request(backend.server).post(`${module}/redeploy`);
    expect(redeployed.status).toBe(200);
    const { metadata, spec } = await stored();
    expect(metadata.generation).toBe(2);
    expect(spec.env).toEqual([
      { name: 'WASI_REDEPLOYED_AT', value: expect.any(String) },
    ]);
  });
});
