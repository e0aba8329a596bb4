import { MASKED_VALUE } from '@wasi-functions/backstage-plugin-wasi-common';
import request from 'supertest';
import {
  BackendUnderTest,
  image,
  modulesOf,
  PAY,
} from './__testUtils__/BackendUnderTest';

describe('the backend plugin, writing', () => {
  let backend: BackendUnderTest;

  beforeEach(() => {
    backend = new BackendUnderTest();
  });

  afterEach(() => backend.stop());

  describe('creating', () => {
    const body = {
      module: {
        apiVersion: 'wasm.serving.knative.dev/v1alpha1',
        kind: 'WasmModule',
        metadata: {
          name: 'fresh',
          namespace: 'shop',
          annotations: { 'backstage.io/entity-ref': 'component:default/bank' },
          labels: { 'backstage.io/kubernetes-id': 'bank', tier: 'front' },
          finalizers: ['never/delete'],
        },
        spec: { image },
        status: { address: { url: 'http://evil' } },
      },
    };

    it('writes the entity of the address on the module, whatever the body says', async () => {
      const audit = jest.fn();
      const answer = await request(await backend.start({ audit }))
        .post(modulesOf('pay'))
        .send(body);

      expect(answer.status).toBe(201);
      expect(answer.body.ref).toEqual({
        cluster: 'prod',
        namespace: 'shop',
        name: 'fresh',
      });
      const stored = await backend.prod.get({
        namespace: 'shop',
        name: 'fresh',
      });
      expect(stored.metadata).toMatchObject({
        labels: { 'backstage.io/kubernetes-id': 'pay', tier: 'front' },
        annotations: { 'backstage.io/entity-ref': 'component:default/pay' },
      });
      expect(stored.metadata.finalizers).toBeUndefined();
      expect(stored.status).toBeUndefined();
      expect(audit.mock.calls).toEqual([
        [
          {
            eventId: 'module-create',
            severityLevel: 'medium',
            meta: { kind: 'component', namespace: 'default', name: 'pay' },
            ended: 'success',
          },
        ],
      ]);
    });

    it('can be read back at once', async () => {
      const server = await backend.start();
      await request(server).post(modulesOf('pay')).send(body);

      const list = await request(server).get(modulesOf('pay'));

      expect(
        list.body.items.map(({ ref }: { ref: { name: string } }) => ref.name),
      ).toEqual(['pay', 'fresh']);
    });

    it('refuses a name that is taken', async () => {
      const answer = await request(await backend.start())
        .post(modulesOf('pay'))
        .send({
          module: {
            ...body.module,
            metadata: { name: 'bank', namespace: 'shop' },
          },
        });

      expect(answer.status).toBe(409);
      expect(answer.body.error.code).toBe('MODULE_EXISTS');
    });

    it.each([
      { what: 'no module', sent: {}, code: 'INPUT_INVALID' },
      {
        what: 'an unknown field',
        sent: { module: {}, extra: 1 },
        code: 'INPUT_INVALID',
      },
      {
        what: 'what the runner cannot run',
        sent: {
          module: {
            ...body.module,
            spec: { image: 'Not An Image' },
          },
        },
        code: 'MODULE_INVALID',
      },
      {
        what: 'a masked value that the cluster has not',
        sent: {
          module: {
            ...body.module,
            spec: { image, env: [{ name: 'TOKEN', value: MASKED_VALUE }] },
          },
        },
        code: 'INPUT_INVALID',
      },
    ])('refuses $what', async ({ sent, code }) => {
      const answer = await request(await backend.start())
        .post(modulesOf('pay'))
        .send(sent);

      expect(answer.status).toBe(400);
      expect(answer.body.error).toMatchObject({
        code,
        remedy: expect.any(String),
      });
    });
  });

  describe('replacing', () => {
    it('changes what was sent and keeps what was masked', async () => {
      const server = await backend.start();
      const { module } = (await request(server).get(PAY)).body;
      module.spec.env[0].value = 'red';

      const answer = await request(server).put(PAY).send(module);

      expect(answer.status).toBe(200);
      const stored = await backend.prod.get({ namespace: 'shop', name: 'pay' });
      expect(stored.spec.env).toEqual([
        { name: 'COLOUR', value: 'red' },
        { name: 'DB_PASSWORD', value: 'hunter2' },
        { name: 'DB', value: 'postgres://me:hunter2@db/shop' },
      ]);
      expect(stored.metadata.annotations).toEqual({
        'backstage.io/entity-ref': 'component:default/pay',
        'kubectl.kubernetes.io/last-applied-configuration': '{"secret":1}',
      });
      expect(answer.text).not.toContain('hunter2');
    });

    it('refuses when somebody else was quicker', async () => {
      const server = await backend.start();
      const { module } = (await request(server).get(PAY)).body;
      await backend.prod.patch(
        { namespace: 'shop', name: 'pay' },
        { spec: { args: ['x'] } },
      );

      const answer = await request(server).put(PAY).send(module);

      expect(answer.status).toBe(409);
      expect(answer.body.error.code).toBe('MODULE_CONFLICT');
    });

    it.each([
      {
        what: 'another name than the address',
        change: { name: 'other' },
      },
      { what: 'no version', change: { resourceVersion: undefined } },
      {
        what: 'another owner',
        change: {
          annotations: { 'backstage.io/entity-ref': 'component:default/bank' },
        },
      },
    ])('refuses $what', async ({ change }) => {
      const server = await backend.start();
      const { module } = (await request(server).get(PAY)).body;

      const answer = await request(server)
        .put(PAY)
        .send({ ...module, metadata: { ...module.metadata, ...change } });

      expect(answer.status).toBe(400);
      expect(answer.body.error.code).toBe('INPUT_INVALID');
    });
  });

  describe('patching', () => {
    it('merges into spec, labels and annotations', async () => {
      const answer = await request(await backend.start())
        .patch(PAY)
        .set('content-type', 'application/merge-patch+json')
        .send(
          JSON.stringify({
            metadata: { labels: { tier: 'front' } },
            spec: { args: ['a'], env: null },
          }),
        );

      expect(answer.status).toBe(200);
      expect(answer.body.module).toMatchObject({
        metadata: { labels: { tier: 'front' } },
        spec: { image, args: ['a'] },
      });
      expect(answer.body.module.spec.env).toBeUndefined();
    });

    it('keeps masked values of the cluster', async () => {
      await request(await backend.start())
        .patch(PAY)
        .send({
          spec: {
            env: [
              { name: 'DB_PASSWORD', value: MASKED_VALUE },
              { name: 'NEW', value: '1' },
            ],
          },
        });

      const stored = await backend.prod.get({ namespace: 'shop', name: 'pay' });
      expect(stored.spec.env).toEqual([
        { name: 'DB_PASSWORD', value: 'hunter2' },
        { name: 'NEW', value: '1' },
      ]);
    });

    it.each([
      { what: 'status', patch: { status: {} } },
      { what: 'finalizers', patch: { metadata: { finalizers: [] } } },
      {
        what: 'the owner',
        patch: {
          metadata: { annotations: { 'backstage.io/entity-ref': null } },
        },
      },
      { what: 'an image that is none', patch: { spec: { image: 'Not One' } } },
    ])('refuses to change $what', async ({ patch }) => {
      const before = await backend.prod.get({ namespace: 'shop', name: 'pay' });

      const answer = await request(await backend.start())
        .patch(PAY)
        .send(patch);

      expect(answer.status).toBe(400);
      await expect(
        backend.prod.get({ namespace: 'shop', name: 'pay' }),
      ).resolves.toEqual(before);
    });
  });

  describe('deleting', () => {
    it('answers with nothing, and the module is gone', async () => {
      const answer = await request(await backend.start()).delete(PAY);

      expect(answer.status).toBe(204);
      await expect(
        backend.prod.get({ namespace: 'shop', name: 'pay' }),
      ).rejects.toMatchObject({ code: 'MODULE_NOT_FOUND' });
    });

    it('says when there is nothing to delete', async () => {
      const answer = await request(await backend.start()).delete(
        `${modulesOf('pay')}/prod/shop/gone`,
      );

      expect(answer.status).toBe(404);
      expect(answer.body.error.code).toBe('MODULE_NOT_FOUND');
    });
  });
});
