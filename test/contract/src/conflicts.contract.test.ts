import request from 'supertest';
import { MERGE, Scene, wasmModule } from './Scene';
import { ENTITY, startPortal } from './startPortal';
import { describeTargets } from './targets';

jest.setTimeout(60_000);

const image = (letter: string) =>
  `localhost:5000/pay@sha256:${letter.repeat(64)}`;

describeTargets('Writes over fields of others', start => {
  const scene = new Scene();
  let portal: Awaited<ReturnType<typeof startPortal>>;
  let path: string;

  beforeAll(async () => {
    await scene.open(start);
    portal = await startPortal(scene.target);
  });
  afterAll(async () => {
    await portal?.stop();
    await scene.close();
  });

  const changeAs = (manager: string, body: object) =>
    scene.send('PATCH', `${scene.modules}/pay?fieldManager=${manager}`, {
      body,
      contentType: MERGE,
    });

  /** Argo CD has applied image and variables; kubectl has changed an argument. */
  beforeEach(async () => {
    await scene.enter();
    path = `${ENTITY}/modules/one/${scene.namespace}/pay`;
    const { apiVersion, kind } = wasmModule('pay');
    await scene.applyAs('argocd-controller', {
      apiVersion,
      kind,
      metadata: {
        name: 'pay',
        annotations: { 'backstage.io/entity-ref': 'component:default/pay' },
      },
      spec: { image: image('a'), env: [{ name: 'COLOUR', value: 'blue' }] },
    });
    await changeAs('kubectl-edit', { spec: { args: ['one'] } });
  });

  const stored = async () =>
    (await scene.send('GET', `${scene.modules}/pay`)).body;

  const patch = (spec: object, query: object = {}) =>
    request(portal.server).patch(path).query(query).send({ spec });

  const replace = async (spec: object, query: object = {}) => {
    const { apiVersion, kind, metadata, ...module } = await stored();
    const { name, resourceVersion } = metadata;
    return request(portal.server)
      .put(path)
      .query(query)
      .send({
        apiVersion,
        kind,
        metadata: {
          name,
          resourceVersion,
          annotations: metadata.annotations,
        },
        spec: { ...module.spec, ...spec },
      });
  };

  it.each([
    { verb: 'patch', write: patch },
    { verb: 'replace', write: replace },
  ])(
    'are refused to a $verb with both owners and both values, and made when told',
    async ({ write }) => {
      const before = await stored();
      const wanted = { image: image('b'), args: ['two'] };

      const plan = await write(wanted, { dryRun: true });
      const refused = await write(wanted);
      expect((await stored()).metadata).toEqual(before.metadata);
      const forced = await write(wanted, { force: true });

      const conflicts = [
        {
          path: 'spec.args',
          kind: 'changed',
          before: '- one',
          after: '- two',
          owner: 'kubectl-edit',
          newOwner: 'backstage-wasi',
        },
        {
          path: 'spec.image',
          kind: 'changed',
          before: image('a'),
          after: image('b'),
          owner: 'argocd-controller',
          newOwner: 'backstage-wasi',
        },
      ];
      expect(plan.body.conflicts).toEqual(conflicts);
      expect(refused.status).toBe(409);
      expect(refused.body.error).toMatchObject({
        code: 'FIELD_MANAGER_CONFLICT',
        conflicts,
      });
      expect(forced.status).toBe(200);
      const { spec } = await stored();
      expect(spec).toEqual({ ...before.spec, ...wanted });
      expect(plan.body.module.spec).toEqual(spec);
    },
  );

  it('are made at once where nobody else owns them', async () => {
    const resources = { limits: { memory: '64Mi' } };

    expect((await patch({ resources })).status).toBe(200);
    const mine = await patch({ resources: { limits: { memory: '128Mi' } } });

    expect(mine.status).toBe(200);
    expect((await stored()).spec.resources.limits.memory).toBe('128Mi');
  });

  it('are refused to a redeploy of variables that another tool has applied', async () => {
    const redeploy = (query: object) =>
      request(portal.server).post(`${path}/redeploy`).query(query);

    const refused = await redeploy({});
    const forced = await redeploy({ force: true });

    expect(refused.status).toBe(409);
    expect(refused.body.error.conflicts).toMatchObject([
      {
        path: 'spec.env[WASI_REDEPLOYED_AT].value',
        kind: 'added',
        owner: 'argocd-controller',
      },
    ]);
    expect(forced.status).toBe(200);
  });

  it('are what was planned, or nothing: a status may change in between, a field may not', async () => {
    const { basis } = (await patch({ args: ['two'] }, { dryRun: true })).body;
    await scene.send('PATCH', `${scene.modules}/pay/status`, {
      body: { status: { observedGeneration: 1 } },
      contentType: MERGE,
    });
    const made = await patch({ args: ['two'] }, { basis, force: true });
    const late = await patch({ args: ['three'] }, { basis, force: true });

    expect(made.status).toBe(200);
    expect(late.status).toBe(409);
    expect(late.body.error.code).toBe('MODULE_CONFLICT');
    expect((await stored()).spec.args).toEqual(['two']);
  });

  it('names who else owns fields before a deletion, which is of what was looked at', async () => {
    const plan = await request(portal.server)
      .delete(path)
      .query({ dryRun: true });
    await changeAs('kubectl-edit', { spec: { args: ['other'] } });
    const { basis } = plan.body;
    const late = await request(portal.server).delete(path).query({ basis });

    expect(plan.body).toMatchObject({ action: 'delete', conflicts: [] });
    expect(plan.body.changes).toContainEqual({
      path: 'spec.args',
      kind: 'removed',
      before: '- one',
      owner: 'kubectl-edit',
    });
    expect(late.status).toBe(409);
    expect((await stored()).metadata.deletionTimestamp).toBeUndefined();
  });
});
