import { mockCredentials } from '@backstage/backend-test-utils';
import { MASKED_VALUE } from '@wasi-functions/backstage-plugin-wasi-common';
import request from 'supertest';
import {
  BackendUnderTest,
  image,
  modulesOf,
  PAY,
} from './__testUtils__/BackendUnderTest';

const other = image.replace(/a{64}/, 'b'.repeat(64));
const deploymentsOf = (entity: string) =>
  `/api/wasi/v1/entities/component/default/${entity}/deployments`;
const shopPay = { namespace: 'shop', name: 'pay' };

/** What the scaffolder sends on behalf of a user. */
const scaffolder = (user = 'user:default/jane') =>
  `Bearer ${mockCredentials.user.token(user, {
    actor: { subject: 'plugin:scaffolder' },
  })}`;

describe('the backend plugin, telling what happened', () => {
  let backend: BackendUnderTest;

  beforeEach(() => {
    backend = new BackendUnderTest();
  });

  afterEach(() => backend.stop());

  type Server = Awaited<ReturnType<BackendUnderTest['start']>>;

  async function change(server: Server, spec: object) {
    const answer = await request(server)
      .patch(PAY)
      .set('wasi-client', 'portal')
      .send({ spec });
    expect(answer.status).toBe(200);
  }

  async function list(server: Server, query = '', entity = 'pay') {
    const answer = await request(server).get(
      `${deploymentsOf(entity)}${query}`,
    );
    expect(answer.status).toBe(200);
    return answer.body;
  }

  it('says who, from where and what, newest first and page by page', async () => {
    const server = await backend.start();
    await change(server, { image: other });
    await request(server)
      .post(modulesOf('pay'))
      .send({
        module: {
          apiVersion: 'wasm.serving.knative.dev/v1alpha1',
          kind: 'WasmModule',
          metadata: { name: 'fresh', namespace: 'shop' },
          spec: { image },
        },
      });
    await request(server).delete(`${modulesOf('pay')}/prod/shop/fresh`);

    const first = await list(server, '?name=fresh&limit=1');
    const second = await list(
      server,
      `?name=fresh&limit=1&cursor=${first.next}`,
    );

    const about = {
      entity: 'component:default/pay',
      ref: { cluster: 'prod', namespace: 'shop', name: 'fresh' },
      actor: 'user:default/mock',
      origin: 'api',
    };
    expect(first.items).toMatchObject([{ ...about, action: 'delete' }]);
    expect(second.items).toMatchObject([
      { ...about, action: 'create', image, digest: image.split('@')[1] },
    ]);
    expect(second.next).toBeUndefined();
    expect((await list(server, '?name=pay')).items[0]).toMatchObject({
      action: 'update',
      origin: 'portal',
      image: other,
      generation: 2,
    });
  });

  it('shows what a deployment changed, and never a secret', async () => {
    const server = await backend.start();
    await change(server, {
      env: [
        { name: 'COLOUR', value: 'red' },
        { name: 'DB_PASSWORD', value: 'hunter3' },
      ],
    });
    await change(server, { env: [{ name: 'COLOUR', value: 'green' }] });
    const [last, before] = (await list(server)).items;

    const answers = await Promise.all(
      [
        last.id,
        before.id,
        `${last.id}/diff?with=${before.id}`,
        `${before.id}/diff?with=live`,
        `${last.id}/diff`,
      ].map(path => request(server).get(`${deploymentsOf('pay')}/${path}`)),
    );
    const [view, , diff, toLive, none] = answers.map(({ body }) => body);

    expect(view.changes).toEqual([
      {
        path: 'spec.env[COLOUR].value',
        kind: 'changed',
        before: 'red',
        after: 'green',
      },
      {
        path: 'spec.env[DB_PASSWORD].value',
        kind: 'removed',
        before: MASKED_VALUE,
      },
    ]);
    expect(diff.changes).toMatchObject([
      { before: 'green', after: 'red' },
      { kind: 'added', after: MASKED_VALUE },
    ]);
    expect(toLive).toEqual({ changes: view.changes });
    expect(none).toEqual({ changes: [] });
    expect(answers.map(({ text }) => text).join()).not.toContain('hunter');
  });

  it.each([
    { what: 'with a key', keys: ['k'.repeat(32)], password: 'hunter2' },
    { what: 'without a key', keys: [], password: 'hunter3' },
  ])(
    'rolls back to an exact earlier spec; $what the secret is $password',
    async ({ keys, password }) => {
      const server = await backend.start({
        wasi: { history: { encryptionKeys: keys } },
      });
      const before = (await backend.prod.get(shopPay)).spec;
      await change(server, { args: ['first'] });
      await change(server, {
        image: other,
        args: null,
        env: [
          { name: 'DB_PASSWORD', value: 'hunter3' },
          { name: 'DB', value: 'postgres://me:hunter2@db/shop' },
        ],
      });
      const [, first] = (await list(server)).items;
      const path = `${deploymentsOf('pay')}/${first.id}/rollback`;

      const plan = await request(server).post(`${path}?dryRun=true`);
      expect(plan.body).toMatchObject({ action: 'update', conflicts: [] });
      expect(plan.body.changes.map((c: { path: string }) => c.path)).toEqual([
        'spec.args',
        'spec.env[COLOUR].value',
        ...(keys.length > 0 ? ['spec.env[DB_PASSWORD].value'] : []),
        'spec.image',
      ]);
      expect((await backend.prod.get(shopPay)).spec.image).toBe(other);

      const answer = await request(server).post(path);

      expect(answer.status).toBe(200);
      expect(answer.text).not.toContain('hunter');
      expect((await backend.prod.get(shopPay)).spec).toEqual({
        ...before,
        args: ['first'],
        env: before.env!.map(variable =>
          variable.name === 'DB_PASSWORD'
            ? { ...variable, value: password }
            : variable,
        ),
      });
      expect(
        answer.body.findings.some(
          ({ code }: { code: string }) => code === 'SECRET_NOT_KEPT',
        ),
      ).toBe(keys.length === 0);
      expect((await list(server)).items[0]).toMatchObject({
        action: 'rollback',
        rollbackOf: first.id,
        image,
      });
    },
  );

  it('brings back a module that was deleted', async () => {
    const server = await backend.start();
    await change(server, { env: null, args: ['x'] });
    const [deployed] = (await list(server)).items;
    await request(server).delete(PAY);

    const answer = await request(server).post(
      `${deploymentsOf('pay')}/${deployed.id}/rollback`,
    );

    expect(answer.status).toBe(200);
    const restored = await backend.prod.get(shopPay);
    expect(restored.spec).toEqual({ image, args: ['x'] });
    expect(restored.metadata.annotations).toMatchObject({
      'backstage.io/entity-ref': 'component:default/pay',
    });
    const [, deletion] = (await list(server)).items;
    const refused = await request(server).post(
      `${deploymentsOf('pay')}/${deletion.id}/rollback`,
    );
    expect(refused.body.error.code).toBe('DEPLOYMENT_NOT_RESTORABLE');
  });

  it('names the owner and both values of what a rollback would take, and takes it when told', async () => {
    const server = await backend.start();
    await change(server, { image: other });
    const [deployed] = (await list(server)).items;
    await backend.prod.patch(shopPay, {
      metadata: {
        managedFields: [
          {
            manager: 'argocd-controller',
            operation: 'Apply',
            fieldsV1: { 'f:spec': { 'f:image': {} } },
          },
        ],
      },
      spec: { image },
    });
    const path = `${deploymentsOf('pay')}/${deployed.id}/rollback`;

    const plan = await request(server).post(`${path}?dryRun=true`);
    expect(plan.body.conflicts).toEqual([
      {
        path: 'spec.image',
        kind: 'changed',
        before: image,
        after: other,
        owner: 'argocd-controller',
        newOwner: 'backstage-wasi',
      },
    ]);
    const refused = await request(server).post(path);
    expect(refused.status).toBe(409);
    expect(refused.body.error.code).toBe('FIELD_MANAGER_CONFLICT');
    expect((await backend.prod.get(shopPay)).spec.image).toBe(image);

    const forced = await request(server).post(`${path}?force=true`);
    expect(forced.status).toBe(200);
    expect((await backend.prod.get(shopPay)).spec.image).toBe(other);
  });

  it('redeploys by a variable, and once more by the same one', async () => {
    const server = await backend.start();
    await request(server).post(`${PAY}/redeploy`);
    const answer = await request(server).post(`${PAY}/redeploy`);

    expect(answer.status).toBe(200);
    const { spec, metadata } = await backend.prod.get(shopPay);
    expect(spec.env!.map(({ name }) => name)).toEqual([
      'COLOUR',
      'DB_PASSWORD',
      'DB',
      'WASI_REDEPLOYED_AT',
    ]);
    expect(spec.env![1].value).toBe('hunter2');
    expect(metadata.generation).toBe(3);
    expect((await list(server)).items[0].action).toBe('redeploy');
  });

  it('plans a replace and a create, and changes nothing', async () => {
    const server = await backend.start();
    const { module } = (await request(server).get(PAY)).body;
    const wanted = { ...module, spec: { ...module.spec, image: other } };

    const replace = await request(server)
      .put(`${PAY}?dryRun=true`)
      .send(wanted);
    const none = await request(server).put(`${PAY}?dryRun=true`).send(module);
    const create = await request(server)
      .post(`${modulesOf('pay')}?dryRun=true`)
      .send({
        module: {
          ...wanted,
          metadata: { name: 'fresh', namespace: 'shop' },
          spec: { image },
        },
      });

    expect(replace.body).toMatchObject({
      action: 'update',
      changes: [{ path: 'spec.image', before: image, after: other }],
      conflicts: [],
    });
    expect(replace.text).not.toContain('hunter');
    expect(none.body).toMatchObject({ action: 'none', changes: [] });
    expect(create.body).toMatchObject({ action: 'create' });
    expect((await backend.prod.get(shopPay)).metadata.generation).toBe(1);
    await expect(
      backend.prod.get({ namespace: 'shop', name: 'fresh' }),
    ).rejects.toMatchObject({ code: 'MODULE_NOT_FOUND' });
  });

  it('keeps the deployments of an entity from all others', async () => {
    const server = await backend.start();
    await change(server, { image: other });
    const [{ id }] = (await list(server)).items;

    expect((await list(server, '', 'bank')).items).not.toContainEqual(
      expect.objectContaining({ id }),
    );
    for (const [method, path] of [
      ['get', ''],
      ['get', '/diff'],
      ['post', '/rollback'],
    ] as const) {
      const answer = await request(server)[method](
        `${deploymentsOf('bank')}/${id}${path}`,
      );
      expect(answer.status).toBe(404);
      expect(answer.body.error.code).toBe('DEPLOYMENT_NOT_FOUND');
    }
  });

  it.each([
    { permission: 'wasi.module.read', method: 'get', path: '' },
    { permission: 'wasi.module.read', method: 'get', path: '/x' },
    { permission: 'wasi.module.read', method: 'get', path: '/x/diff' },
    { permission: 'wasi.module.update', method: 'post', path: '/x/rollback' },
  ] as const)(
    'refuses $method deployments$path without $permission',
    async ({ permission, method, path }) => {
      const server = await backend.start({ deny: permission });
      const answer = await request(server)[method](
        `${deploymentsOf('pay')}${path}`,
      );
      expect(answer.status).toBe(403);
      expect(answer.body.error.code).toBe('PERMISSION_DENIED');
    },
  );

  it.each([
    { query: '', eventId: 'module-redeploy' },
    { query: '?dryRun=true', eventId: 'module-plan' },
  ])(
    'refuses to redeploy$query without wasi.module.update',
    async ({ query, eventId }) => {
      const audit = jest.fn();
      const server = await backend.start({ deny: 'wasi.module.update', audit });
      const answer = await request(server).post(`${PAY}/redeploy${query}`);
      expect(answer.status).toBe(403);
      expect(audit.mock.calls).toEqual([
        [expect.objectContaining({ eventId, ended: 'NotAllowedError' })],
      ]);
    },
  );

  describe('by the scaffolder', () => {
    const module = (name: string, owner: string) => ({
      apiVersion: 'wasm.serving.knative.dev/v1alpha1',
      kind: 'WasmModule',
      metadata: {
        name,
        namespace: 'shop',
        annotations: {
          'backstage.io/entity-ref': `component:default/${owner}`,
        },
      },
      spec: { image, env: [{ name: 'API_TOKEN', value: 'hunter2' }] },
    });
    const begin = (name: string, owner: string) => ({
      phase: 'begin',
      key: 'task,step,prod,hash',
      cluster: 'prod',
      module: module(name, owner),
      size: 1234,
    });

    function report(server: Server, entity: string, body: object, as?: string) {
      return request(server)
        .post(deploymentsOf(entity))
        .set('authorization', as ?? scaffolder())
        .send(body);
    }

    it('is one row for each deploy, however often it is tried, with the user of the token', async () => {
      const server = await backend.start();
      const first = await report(server, 'plain', begin('new', 'plain'));
      expect(first.status).toBe(201);
      const again = await report(server, 'plain', begin('new', 'plain'));
      expect(again.body).toEqual(first.body);
      await backend.prod.apply(module('new', 'plain'));
      const ended = await report(server, 'plain', {
        phase: 'applied',
        id: first.body.id,
        generation: 1,
      });
      expect(ended.status).toBe(200);

      const { items } = await list(server, '', 'plain');
      expect(items).toMatchObject([
        {
          id: first.body.id,
          action: 'create',
          origin: 'template',
          actor: 'user:default/jane',
          size: 1234,
          generation: 1,
        },
      ]);
    });

    describe('of an undeploy', () => {
      const beginDelete = (name = 'pay') => ({
        phase: 'begin-delete',
        key: 'task,undeploy,prod',
        cluster: 'prod',
        namespace: 'shop',
        name,
      });

      it('is a deletion by the user, and not one of others', async () => {
        const server = await backend.start();
        const begun = await report(server, 'pay', beginDelete());
        expect(begun.status).toBe(201);
        const { id } = begun.body;
        const early = await report(server, 'pay', { phase: 'deleted', id });
        expect(early.body.error).toMatchObject({
          code: 'INPUT_INVALID',
          message: 'Cluster "prod" still has WasmModule shop/pay.',
        });
        await backend.prod.delete(shopPay);
        const ended = await report(server, 'pay', { phase: 'deleted', id });
        expect(ended.body).toEqual({ id });

        const { items } = await list(server);
        expect(items[0]).toMatchObject({
          id,
          action: 'delete',
          origin: 'template',
          actor: 'user:default/jane',
          ref: { cluster: 'prod', namespace: 'shop', name: 'pay' },
          image,
        });
        expect(
          items.filter(({ action }: { action: string }) => action === 'delete'),
        ).toHaveLength(1);
      });

      it('tells why the cluster has refused it', async () => {
        const server = await backend.start();
        const { body } = await report(server, 'pay', beginDelete());
        const failed = await report(server, 'pay', {
          phase: 'failed',
          id: body.id,
          code: 'CLUSTER_FORBIDDEN',
          message: 'No.',
          remedy: 'Ask.',
        });
        expect(failed.status).toBe(200);

        expect((await list(server)).items[0]).toMatchObject({
          action: 'delete',
          state: 'failed',
          code: 'CLUSTER_FORBIDDEN',
        });
      });

      it('needs the permission to delete, and no other', async () => {
        const denied = await backend.start({ deny: 'wasi.module.delete' });
        expect((await report(denied, 'pay', beginDelete())).status).toBe(403);

        const server = await backend.start({ deny: 'wasi.module.update' });
        const { status, body } = await report(server, 'pay', beginDelete());
        expect(status).toBe(201);
        const failed = await report(server, 'pay', {
          phase: 'failed',
          id: body.id,
          code: 'CLUSTER_FORBIDDEN',
          message: 'No.',
          remedy: 'Ask.',
        });
        expect(failed.status).toBe(200);
      });

      it('is refused of what is not there, and of the module of another entity', async () => {
        const server = await backend.start();
        const absent = await report(server, 'pay', beginDelete('absent'));
        expect(absent.body.error.code).toBe('MODULE_NOT_FOUND');
        const foreign = await report(server, 'pay', beginDelete('bank'));
        expect(foreign.body.error.code).toBe('MODULE_OWNED_BY_OTHER');
      });

      it('does not end what began as something else', async () => {
        const server = await backend.start();
        const { body } = await report(server, 'pay', begin('pay', 'pay'));
        await backend.prod.delete(shopPay);
        const ended = await report(server, 'pay', {
          phase: 'deleted',
          id: body.id,
        });
        expect(ended.body.error.code).toBe('DEPLOYMENT_NOT_FOUND');
      });
    });

    it('may be of an entity that the catalog does not have yet', async () => {
      const server = await backend.start();
      const answer = await report(server, 'unborn', begin('new', 'unborn'));
      expect(answer.status).toBe(201);
    });

    it.each([
      { who: 'a user', as: mockCredentials.user.header() },
      {
        who: 'another plugin on behalf of a user',
        as: `Bearer ${mockCredentials.user.token('user:default/jane', {
          actor: { subject: 'plugin:techdocs' },
        })}`,
      },
      { who: 'a service', as: mockCredentials.service.header() },
    ])('is refused of $who', async ({ as }) => {
      const server = await backend.start();
      const answer = await report(server, 'pay', begin('pay', 'pay'), as);
      expect(answer.status).toBe(403);
    });

    it('is refused for users who may not change the entity', async () => {
      const server = await backend.start({ deny: 'wasi.module.update' });
      const answer = await report(server, 'pay', begin('pay', 'pay'));
      expect(answer.status).toBe(403);
    });

    it('is refused of a module that belongs to another entity', async () => {
      const server = await backend.start();
      for (const entity of ['plain', 'unborn']) {
        const answer = await report(server, entity, begin('pay', entity));
        expect(answer.status).toBe(409);
        expect(answer.body.error.code).toBe('MODULE_OWNED_BY_OTHER');
      }
    });

    it('is refused where the cluster tells otherwise', async () => {
      const server = await backend.start();
      const { body } = await report(server, 'pay', begin('pay', 'pay'));
      const forged = await report(server, 'pay', {
        phase: 'applied',
        id: body.id,
        generation: 7,
      });
      expect(forged.status).toBe(400);
      const foreign = await report(
        server,
        'pay',
        { phase: 'applied', id: body.id, generation: 1 },
        scaffolder('user:default/mallory'),
      );
      expect(foreign.body.error.code).toBe('DEPLOYMENT_NOT_FOUND');
    });
  });
});
