import type {
  Deployment,
  WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import request from 'supertest';
import {
  BackendUnderTest,
  image,
  modulesOf,
  PAY,
} from './__testUtils__/BackendUnderTest';

const other = image.replace(/a{64}/, 'b'.repeat(64));
const shopPay = { namespace: 'shop', name: 'pay' };
const conflict = {
  path: 'spec.image',
  kind: 'changed',
  before: image,
  after: other,
  owner: 'argocd-controller',
  newOwner: 'backstage-wasi',
};

type Server = Awaited<ReturnType<BackendUnderTest['start']>>;

/** What the history tells of the API's own writes. */
async function told(server: Server): Promise<string[]> {
  const { body } = await request(server).get(
    '/api/wasi/v1/entities/component/default/pay/deployments',
  );
  return (body.items as Deployment[])
    .filter(({ origin }) => origin === 'api')
    .map(({ action }) => action);
}

describe('the backend plugin, where another tool owns fields', () => {
  let backend: BackendUnderTest;

  beforeEach(async () => {
    backend = new BackendUnderTest();
    await backend.prod.patch(shopPay, {
      metadata: {
        managedFields: [
          {
            manager: 'argocd-controller',
            operation: 'Apply',
            fieldsV1: { 'f:spec': { 'f:image': {} } },
          },
          {
            manager: 'kubectl',
            operation: 'Update',
            fieldsV1: { 'f:spec': { 'f:env': {} } },
          },
          {
            manager: 'controller',
            operation: 'Update',
            subresource: 'status',
            fieldsV1: { 'f:spec': { 'f:args': {} } },
          },
        ],
      },
    });
  });

  afterEach(() => backend.stop());

  const read = async () => (await backend.prod.get(shopPay)).spec;

  const writes = {
    patch: async (server: Server, query: string, spec: object) =>
      request(server).patch(`${PAY}${query}`).send({ spec }),
    replace: async (server: Server, query: string, spec: object) => {
      const { module } = (await request(server).get(PAY)).body;
      return request(server)
        .put(`${PAY}${query}`)
        .send({ ...module, spec: { ...module.spec, ...spec } });
    },
  };

  describe.each(Object.entries(writes))('a %s', (verb, write) => {
    it('is refused with both owners and both values, and changes nothing', async () => {
      const audit = jest.fn();
      const server = await backend.start({ audit });

      const answer = await write(server, '', { image: other });

      expect(answer.status).toBe(409);
      expect(answer.body.error).toMatchObject({
        name: 'ConflictError',
        code: 'FIELD_MANAGER_CONFLICT',
        message: `WasmModule shop/pay on cluster "prod" was not changed. \`spec.image\` is ${image}, set by argocd-controller; this would make it ${other}, set by backstage-wasi.`,
        remedy: 'Change it there, or use `force` to take it over.',
        conflicts: [conflict],
      });
      expect((await read()).image).toBe(image);
      expect(audit.mock.calls).toEqual([
        [
          expect.objectContaining({
            eventId: `module-${verb}`,
            ended: 'ConflictError',
          }),
        ],
      ]);
      expect(await told(server)).toEqual([]);
    });

    it('takes the fields with `force`, and the auditor is told', async () => {
      const audit = jest.fn();
      const server = await backend.start({ audit });

      const answer = await write(server, '?force=true', { image: other });

      expect(answer.status).toBe(200);
      expect((await read()).image).toBe(other);
      expect(audit.mock.calls).toEqual([
        [
          expect.objectContaining({
            meta: expect.objectContaining({ force: true }),
            ended: 'success',
          }),
        ],
      ]);
    });

    it('leaves fields alone that nobody else owns', async () => {
      const answer = await write(await backend.start(), '', { args: ['x'] });

      expect(answer.status).toBe(200);
      expect((await read()).args).toEqual(['x']);
    });

    it('is shown with its conflicts by a dry run', async () => {
      const server = await backend.start();

      const answer = await write(server, '?dryRun=true', {
        image: other,
        args: ['x'],
      });

      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({
        action: 'update',
        changes: [{ path: 'spec.args' }, { path: 'spec.image' }],
        conflicts: [conflict],
        basis: expect.any(String),
      });
      expect(answer.text).not.toContain('hunter');
      expect(await read()).toMatchObject({ image });
      expect((await read()).args).toBeUndefined();
    });
  });

  it('never shows a secret that belongs to another tool', async () => {
    const answer = await writes.patch(await backend.start(), '', {
      env: [{ name: 'DB_PASSWORD', value: 'hunter3' }],
    });

    expect(answer.status).toBe(409);
    expect(answer.body.error.conflicts).toContainEqual({
      path: 'spec.env[DB_PASSWORD].value',
      kind: 'changed',
      before: '••••••••',
      after: '••••••••',
      owner: 'kubectl',
      newOwner: 'backstage-wasi',
    });
    expect(answer.text).not.toContain('hunter');
  });

  it('refuses a redeploy that would take the variables, and makes it with `force`', async () => {
    const server = await backend.start();
    const at = '2026-01-02T03:04:05.000Z';

    const refused = await request(server).post(`${PAY}/redeploy`);
    const plan = await request(server)
      .post(`${PAY}/redeploy?dryRun=true`)
      .send({ at });
    const forced = await request(server)
      .post(`${PAY}/redeploy?force=true&basis=${plan.body.basis}`)
      .send({ at });

    expect(refused.status).toBe(409);
    expect(refused.body.error.code).toBe('FIELD_MANAGER_CONFLICT');
    expect(plan.body.conflicts).toMatchObject([
      {
        path: 'spec.env[WASI_REDEPLOYED_AT].value',
        after: at,
        owner: 'kubectl',
      },
    ]);
    expect(forced.status).toBe(200);
    expect((await read()).env).toContainEqual({
      name: 'WASI_REDEPLOYED_AT',
      value: at,
    });
  });

  it('names who else owns fields before it deletes', async () => {
    const server = await backend.start();

    const plan = await request(server).delete(`${PAY}?dryRun=true`);
    const kept = await read();
    const deleted = await request(server).delete(
      `${PAY}?basis=${plan.body.basis}`,
    );

    expect(plan.status).toBe(200);
    expect(plan.body).toMatchObject({ action: 'delete', conflicts: [] });
    expect(plan.body.changes).toContainEqual({
      path: 'spec.image',
      kind: 'removed',
      before: image,
      owner: 'argocd-controller',
    });
    expect(plan.text).not.toContain('hunter');
    expect(kept.image).toBe(image);
    expect(deleted.status).toBe(204);
  });

  it.each([
    { what: 'a query of another name', query: '?dryrun=true' },
    { what: 'a value that is neither true nor false', query: '?dryRun=1' },
    { what: 'one said twice', query: '?force=true&force=false' },
  ])('refuses $what, and changes nothing', async ({ query }) => {
    const server = await backend.start();
    const before = await read();

    const answers = await Promise.all([
      request(server)
        .patch(`${PAY}${query}`)
        .send({ spec: { args: ['x'] } }),
      request(server).delete(`${PAY}${query}`),
      request(server).post(`${PAY}/redeploy${query}`),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
    expect(await read()).toEqual(before);
  });
});

describe('the backend plugin, where a plan was agreed to', () => {
  let backend: BackendUnderTest;

  beforeEach(() => {
    backend = new BackendUnderTest();
  });

  afterEach(() => backend.stop());

  const edit = { spec: { args: ['planned'] } };

  async function planned() {
    const server = await backend.start();
    const plan = await request(server).patch(`${PAY}?dryRun=true`).send(edit);
    return { server, query: `?basis=${plan.body.basis}` };
  }

  const changes: { what: string; patch: object }[] = [
    { what: 'the spec', patch: { spec: { args: ['quicker'] } } },
    { what: 'a label', patch: { metadata: { labels: { tier: 'front' } } } },
    {
      what: 'the owner of a field',
      patch: {
        metadata: {
          managedFields: [
            { manager: 'argocd', fieldsV1: { 'f:spec': { 'f:args': {} } } },
          ],
        },
      },
    },
  ];

  it.each(changes)(
    'refuses it once somebody has changed $what',
    async ({ patch }) => {
      const { server, query } = await planned();
      await backend.prod.patch(shopPay, patch);
      const before = await backend.prod.get(shopPay);

      const answers = [
        await request(server).patch(`${PAY}${query}&force=true`).send(edit),
        await request(server).post(`${PAY}/redeploy${query}`),
        await request(server).delete(`${PAY}${query}`),
      ];

      for (const { status, body } of answers) {
        expect(status).toBe(409);
        expect(body.error).toMatchObject({
          code: 'MODULE_CONFLICT',
          remedy: 'Plan again, and look at what it would do now.',
        });
      }
      expect(await backend.prod.get(shopPay)).toEqual(before);
    },
  );

  it('makes it where only the controller has reported since', async () => {
    const { server, query } = await planned();
    backend.prod.setReady(shopPay, 'http://pay.shop.example.com');

    const answer = await request(server).patch(`${PAY}${query}`).send(edit);

    expect(answer.status).toBe(200);
    expect((await backend.prod.get(shopPay)).spec.args).toEqual(['planned']);
  });

  it('makes it though the controller reports at the same moment', async () => {
    const { server, query } = await planned();
    const { prod } = backend;
    const patch = prod.patch.bind(prod);
    let reports = 2;
    jest.spyOn(prod, 'patch').mockImplementation(async (...args) => {
      if (!args[2]?.dryRun && reports > 0) {
        prod.setReady(shopPay, `http://${(reports -= 1)}.example.com`);
      }
      return patch(...args);
    });

    const answer = await request(server).patch(`${PAY}${query}`).send(edit);

    expect(answer.status).toBe(200);
    expect(await told(server)).toEqual(['update']);
  });

  it('takes no field that somebody has got between the check and the write', async () => {
    const server = await backend.start();
    const { prod } = backend;
    const patch = prod.patch.bind(prod);
    let stored: WasmModule | undefined;
    jest.spyOn(prod, 'patch').mockImplementation(async (...args) => {
      if (!args[2]?.dryRun && !stored) {
        stored = await patch(shopPay, {
          metadata: {
            managedFields: [
              { manager: 'argocd', fieldsV1: { 'f:spec': { 'f:args': {} } } },
            ],
          },
        });
      }
      return patch(...args);
    });

    const answer = await request(server).patch(PAY).send(edit);

    expect(answer.status).toBe(409);
    expect(answer.body.error.code).toBe('MODULE_CONFLICT');
    expect(await prod.get(shopPay)).toEqual(stored);
  });

  it('refuses to create what exists, also with `force`', async () => {
    const module = await backend.prod.get(shopPay);
    const server = await backend.start();

    const answers = await Promise.all(
      ['', '?force=true', '?dryRun=true'].map(query =>
        request(server)
          .post(`${modulesOf('pay')}${query}`)
          .send({ module: { ...module, spec: { image: other } } }),
      ),
    );

    expect(
      answers.map(({ status, body }) => [status, body.error.code]),
    ).toEqual([
      [409, 'MODULE_EXISTS'],
      [409, 'MODULE_EXISTS'],
      [409, 'MODULE_EXISTS'],
    ]);
    expect(await backend.prod.get(shopPay)).toEqual(module);
  });
});
