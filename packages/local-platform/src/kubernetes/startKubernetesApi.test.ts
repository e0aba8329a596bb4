import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { call, WatchedEvents } from '../testing/apiClient';
import { startLocalTarget } from '../testing/localTarget';
import { MODULES, wasmModule } from './__fixtures__/wasmModule';

describe('startKubernetesApi', () => {
  describe('access', () => {
    let target: Awaited<ReturnType<typeof startLocalTarget>>;
    const as = (adminToken?: string) => ({ ...target, adminToken });

    beforeAll(async () => {
      target = await startLocalTarget({
        users: [
          {
            name: 'jane',
            token: 'token-of-jane',
            rules: [
              {
                verbs: ['get', 'list'],
                apiGroups: ['wasm.serving.knative.dev'],
                resources: ['wasmmodules'],
                namespaces: ['default'],
              },
            ],
          },
        ],
      });
    });
    afterAll(() => target.close());

    it('answers 401 for a wrong token', async () => {
      const { code, body } = await call(as('wrong'), 'GET', MODULES);
      expect(code).toBe(401);
      expect(body).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'Unauthorized',
        reason: 'Unauthorized',
        code: 401,
      });
    });

    it.each([
      [
        'GET',
        MODULES,
        'wasmmodules.wasm.serving.knative.dev is forbidden: User "system:anonymous" cannot list resource "wasmmodules" in API group "wasm.serving.knative.dev" in the namespace "default"',
      ],
      [
        'POST',
        '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        'selfsubjectaccessreviews.authorization.k8s.io is forbidden: User "system:anonymous" cannot create resource "selfsubjectaccessreviews" in API group "authorization.k8s.io" at the cluster scope',
      ],
      [
        'GET',
        '/apis',
        'forbidden: User "system:anonymous" cannot get path "/apis"',
      ],
    ])('refuses %s %s without a token', async (method, path, message) => {
      const { code, body } = await call(as(), method, path);
      expect([code, body.message]).toEqual([403, message]);
    });

    it('tells its version and health to everyone', async () => {
      expect((await call(as(), 'GET', '/version')).body.major).toBe('1');
      expect((await call(as(), 'GET', '/readyz')).body).toBe('ok');
      expect((await call(as('wrong'), 'GET', '/version')).code).toBe(401);
    });

    it.each([
      [
        'GET',
        '/api/v1/namespaces/default/secrets',
        'secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "default"',
      ],
      [
        'DELETE',
        `${MODULES}/one`,
        'wasmmodules.wasm.serving.knative.dev "one" is forbidden: User "jane" cannot delete resource "wasmmodules" in API group "wasm.serving.knative.dev" in the namespace "default"',
      ],
      [
        'GET',
        '/apis/wasm.serving.knative.dev/v1alpha1/wasmmodules',
        'wasmmodules.wasm.serving.knative.dev is forbidden: User "jane" cannot list resource "wasmmodules" in API group "wasm.serving.knative.dev" at the cluster scope',
      ],
      [
        'GET',
        '/api/v1/namespaces/default/pods/one/log',
        'pods "one" is forbidden: User "jane" cannot get resource "pods/log" in API group "" in the namespace "default"',
      ],
    ])(
      'refuses %s %s to one without the right',
      async (method, path, message) => {
        const { code, body } = await call(as('token-of-jane'), method, path);
        expect([code, body.reason, body.message]).toEqual([
          403,
          'Forbidden',
          message,
        ]);
      },
    );

    it('allows what a rule grants', async () => {
      const { code } = await call(as('token-of-jane'), 'GET', MODULES);
      expect(code).toBe(200);
    });

    it('gives the account of the portal modules, but no secrets', async () => {
      const backstage = as(target.api.backstageToken);
      const created = await call(backstage, 'POST', MODULES, {
        body: wasmModule('of-backstage'),
      });
      expect(created.code).toBe(201);
      const paths = {
        '/api/v1/events': 200,
        '/api/v1/pods': 200,
        '/api/v1/namespaces': 200,
        '/api/v1/secrets': 403,
        '/api/v1/configmaps': 403,
        '/api/v1/namespaces/default/secrets/any': 403,
      };
      const codes = await Promise.all(
        Object.keys(paths).map(async path => [
          path,
          (await call(backstage, 'GET', path)).code,
        ]),
      );
      expect(Object.fromEntries(codes)).toEqual(paths);
    });

    it('answers whether one may', async () => {
      const ask = async (verb: string, namespace: string) => {
        const { body } = await call(
          as('token-of-jane'),
          'POST',
          '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
          {
            body: {
              spec: {
                resourceAttributes: {
                  verb,
                  namespace,
                  group: 'wasm.serving.knative.dev',
                  resource: 'wasmmodules',
                },
              },
            },
          },
        );
        return body.status.allowed;
      };
      expect(await ask('get', 'default')).toBe(true);
      expect(await ask('get', 'other')).toBe(false);
      expect(await ask('delete', 'default')).toBe(false);
    });

    it('has a certificate for this machine, signed by the authority that it names', async () => {
      const port = Number(new URL(target.server).port);
      const names = await Promise.all(
        ['localhost', '127.0.0.1'].map(
          name =>
            new Promise<boolean>((resolve, reject) => {
              const socket = connect(
                {
                  port,
                  host: '127.0.0.1',
                  ca: target.caCertificate,
                  ...(name === 'localhost' && { servername: name }),
                },
                () => {
                  resolve(socket.authorized);
                  socket.destroy();
                },
              );
              socket.on('error', reject);
            }),
        ),
      );
      expect(names).toEqual([true, true]);
    });

    it('lets nobody but the owner read what it keeps', () => {
      const open = readdirSync(target.directory, {
        recursive: true,
        encoding: 'utf8',
      }).filter(name => statSync(join(target.directory, name)).mode % 0o100);
      expect(open).toEqual([]);
    });
  });

  describe('limits', () => {
    let target: Awaited<ReturnType<typeof startLocalTarget>>;
    beforeEach(async () => {
      target = await startLocalTarget({ historyLength: 3 });
    });
    afterEach(() => target.close());

    it('refuses a body above 3 MiB', async () => {
      const { code, body } = await call(target, 'POST', MODULES, {
        body: Buffer.alloc(5 * 1024 * 1024, ' '),
      });
      expect([code, body.reason, body.message]).toEqual([
        413,
        'RequestEntityTooLarge',
        'Request entity too large: limit is 3145728',
      ]);
    });

    const withMetadata = (metadata: object) =>
      JSON.stringify({ ...wasmModule('one'), metadata });
    it.each([
      ['what is no JSON', '{"a":'],
      ['what is no object', '[]'],
      ['what has no kind', '{}'],
      ['another kind', '{"kind":"Pod","apiVersion":"v1"}'],
      ['labels of another type', withMetadata({ labels: 1 })],
      ['finalizers of another type', withMetadata({ finalizers: 5 })],
      ['a name that is a number', withMetadata({ name: 5 })],
    ])('refuses %s', async (_, text) => {
      const { code, body } = await call(target, 'POST', MODULES, {
        body: text,
      });
      expect([code, body.reason]).toEqual([400, 'BadRequest']);
    });

    it('takes a null among labels for an empty text', async () => {
      const { body } = await call(target, 'POST', MODULES, {
        body: withMetadata({ name: 'one', labels: { a: null } }),
      });
      expect(body.metadata.labels).toEqual({ a: '' });
    });

    it('refuses managed fields that are none', async () => {
      await call(target, 'POST', MODULES, { body: wasmModule('one') });
      const { code, body } = await call(target, 'PATCH', `${MODULES}/one`, {
        contentType: 'application/merge-patch+json',
        body: {
          metadata: {
            managedFields: [null, { manager: 5, operation: 'Apply' }],
          },
          spec: { args: ['a'] },
        },
      });
      expect([code, body.reason]).toEqual([422, 'Invalid']);
    });

    it('refuses a review that cannot be read', async () => {
      const { code, body } = await call(
        target,
        'POST',
        '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        { body: { spec: { resourceAttributes: { verb: 5 } } } },
      );
      expect([code, body.reason]).toEqual([400, 'BadRequest']);
    });

    it('refuses a definition whose patterns and columns cannot be used', async () => {
      const { code, body } = await call(
        target,
        'POST',
        '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
        {
          body: {
            metadata: { name: 'things.example.com' },
            spec: {
              group: 'example.com',
              scope: 'Cluster',
              names: { plural: 'things', kind: 'Thing' },
              versions: [
                {
                  name: 'v1',
                  served: true,
                  storage: true,
                  schema: {
                    openAPIV3Schema: {
                      type: 'object',
                      properties: { a: { type: 'string', pattern: '(' } },
                    },
                  },
                  additionalPrinterColumns: [
                    { name: 'A', type: 'string', jsonPath: '.a[' },
                  ],
                },
              ],
            },
          },
        },
      );
      expect(code).toBe(422);
      expect(
        body.details.causes.map(({ field }: { field: string }) => field),
      ).toEqual([
        'spec.versions[0].schema.openAPIV3Schema',
        'spec.versions[0].additionalPrinterColumns[0].jsonPath',
      ]);
    });

    it('tells a watch that asks for a forgotten version to list again', async () => {
      const first = await call(target, 'GET', MODULES);
      for (const name of ['a', 'b', 'c', 'd']) {
        await call(target, 'POST', MODULES, { body: wasmModule(name) });
      }
      const events = await WatchedEvents.open(
        target,
        `${MODULES}?watch=true&resourceVersion=${first.body.metadata.resourceVersion}`,
      );
      const { type, object } = await events.next();
      expect([type, object.code, object.reason]).toEqual([
        'ERROR',
        410,
        'Expired',
      ]);
      expect(await events.next()).toBeUndefined();
    });

    it('tells a list whose next page is forgotten to start again', async () => {
      for (const name of ['a', 'b']) {
        await call(target, 'POST', MODULES, { body: wasmModule(name) });
      }
      const first = await call(target, 'GET', `${MODULES}?limit=1`);
      for (const name of ['c', 'd', 'e', 'f']) {
        await call(target, 'POST', MODULES, { body: wasmModule(name) });
      }
      const { code, body } = await call(
        target,
        'GET',
        `${MODULES}?limit=1&continue=${first.body.metadata.continue}`,
      );
      expect([code, body.reason]).toEqual([410, 'Expired']);
    });

    it('ends every watch when it closes', async () => {
      const events = await WatchedEvents.open(target, `${MODULES}?watch=true`);
      await target.api.close();
      expect(await events.next()).toBeUndefined();
      // Closing again, for the hook: on a new one in the same folder.
      target = await startLocalTarget();
    });
  });
});
