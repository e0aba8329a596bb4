import { readWasiConfig } from '../config';
import { startKubernetesServer } from '../testing/startKubernetesServer';
import {
  clusterConfig,
  hello,
  ref,
  useClusters,
} from './__testUtils__/useClusters';
import { DefaultWasmModuleClient } from './DefaultWasmModuleClient';
import { KubeConfigAccess } from './KubeConfigAccess';
import { KubernetesConnection } from './KubernetesConnection';
import { locateClusters } from './locateClusters';

const modulesPath =
  '/apis/wasm.serving.knative.dev/v1alpha1/namespaces/shop/wasmmodules';

const { connect, closers } = useClusters();

describe('WasmModules over the Kubernetes API', () => {
  it('applies with our field manager, and sends nothing that the API server sets', async () => {
    const { client, requests } = await connect(() => ({ json: hello }));

    await expect(client.apply(hello, { force: true })).resolves.toEqual(hello);

    expect(requests).toEqual([
      {
        method: 'PATCH',
        path: `${modulesPath}/hello`,
        query: {
          fieldManager: 'backstage-wasi',
          fieldValidation: 'Strict',
          force: 'true',
        },
        headers: expect.objectContaining({
          authorization: 'Bearer very-secret',
          'content-type': 'application/apply-patch+yaml',
        }),
        body: {
          apiVersion: 'wasm.serving.knative.dev/v1alpha1',
          kind: 'WasmModule',
          metadata: {
            name: 'hello',
            namespace: 'shop',
            labels: { app: 'hello' },
          },
          spec: { image: 'localhost:5000/hello@sha256:aa' },
        },
      },
    ]);
  });

  it('only asks for a check on a dry run', async () => {
    const { client, requests } = await connect(() => ({ json: hello }));

    await client.create(hello, { dryRun: true });
    await client.patch(ref, { spec: { args: [] } }, { dryRun: true });

    expect(
      requests.map(({ method, query, headers }) => [
        method,
        query.dryRun,
        headers['content-type'],
      ]),
    ).toEqual([
      ['POST', 'All', 'application/json'],
      ['PATCH', 'All', 'application/merge-patch+json'],
    ]);
  });

  it('lists page by page', async () => {
    const { client, requests } = await connect(({ query }) => ({
      json: query.continue
        ? {
            metadata: { resourceVersion: '40' },
            items: [{ ...hello, metadata: { name: 'b', namespace: 'shop' } }],
          }
        : {
            metadata: { resourceVersion: '40', continue: 'next' },
            items: [{ ...hello, metadata: { name: 'a', namespace: 'shop' } }],
          },
    }));

    const list = await client.list({ labelSelector: 'app=hello' });

    expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect(list.resourceVersion).toBe('40');
    expect(requests.map(({ query }) => query)).toEqual([
      { labelSelector: 'app=hello', limit: '500' },
      { labelSelector: 'app=hello', limit: '500', continue: 'next' },
    ]);
  });

  it('keeps the good rows of a list and tells the bad one apart', async () => {
    const { client } = await connect(() => ({
      json: {
        metadata: { resourceVersion: '1' },
        items: [
          hello,
          { metadata: { name: 'broken', namespace: 'shop' }, spec: 'text' },
        ],
      },
    }));

    const list = await client.list();

    expect(list.items).toEqual([hello]);
    expect(list.rejected).toEqual([
      expect.objectContaining({
        namespace: 'shop',
        name: 'broken',
        finding: expect.objectContaining({ code: 'MODULE_INVALID' }),
      }),
    ]);
  });

  it.each([
    {
      answer: { status: 401, json: { message: 'Unauthorized' } },
      code: 'CLUSTER_UNAUTHENTICATED',
      name: 'ServiceUnavailableError',
    },
    {
      answer: {
        status: 403,
        json: {
          reason: 'Forbidden',
          message: 'User "portal" cannot get resource "wasmmodules"',
        },
      },
      code: 'CLUSTER_FORBIDDEN',
      name: 'NotAllowedError',
    },
    {
      answer: {
        status: 404,
        json: {
          reason: 'NotFound',
          message: 'wasmmodules "hello" not found',
          details: { name: 'hello', kind: 'wasmmodules' },
        },
      },
      code: 'MODULE_NOT_FOUND',
      name: 'NotFoundError',
    },
    {
      answer: { status: 404, text: '404 page not found\n' },
      code: 'CRD_MISSING',
      name: 'ServiceUnavailableError',
    },
    {
      answer: {
        status: 404,
        json: {
          message: 'namespaces "shop" not found',
          details: { name: 'shop', kind: 'namespaces' },
        },
      },
      code: 'NAMESPACE_MISSING',
      name: 'NotFoundError',
    },
    {
      answer: {
        status: 409,
        json: { reason: 'AlreadyExists', message: 'already exists' },
      },
      code: 'MODULE_EXISTS',
      name: 'ConflictError',
    },
    {
      answer: {
        status: 409,
        json: { reason: 'Conflict', message: 'the object has been modified' },
      },
      code: 'MODULE_CONFLICT',
      name: 'ConflictError',
    },
    {
      answer: { status: 500, text: 'etcd is on holiday' },
      code: 'CLUSTER_UNEXPECTED',
      name: 'ServiceUnavailableError',
    },
    {
      answer: { status: 200, text: '<html>' },
      code: 'CLUSTER_UNEXPECTED',
      name: 'ServiceUnavailableError',
    },
  ])(
    'tells $code from the answer $answer.status',
    async ({ answer, code, name }) => {
      const { client } = await connect(() => answer);

      const error = await client.get(ref).catch(e => e);

      expect(error).toMatchObject({ code, name });
      expect(error).not.toHaveProperty('statusCode');
      expect(JSON.stringify([error, error.message])).not.toMatch(
        /very-secret|127\.0\.0\.1/,
      );
    },
  );

  it("says which fields the API server refuses, in the API server's words", async () => {
    const { client } = await connect(() => ({
      status: 422,
      json: {
        reason: 'Invalid',
        message: 'WasmModule "hello" is invalid',
        details: {
          causes: [
            {
              reason: 'FieldValueRequired',
              message: 'Required value',
              field: 'spec.image',
            },
          ],
        },
      },
    }));

    await expect(client.apply(hello)).rejects.toMatchObject({
      code: 'MODULE_INVALID',
      name: 'InputError',
      findings: [
        {
          code: 'MODULE_INVALID',
          severity: 'error',
          message: 'spec.image: Required value',
          remedy: 'Correct the field named.',
          path: 'spec.image',
        },
      ],
    });
  });

  it('names the tools and fields that an apply would take over', async () => {
    const { client } = await connect(() => ({
      status: 409,
      json: {
        reason: 'Conflict',
        message: 'Apply failed with 1 conflict',
        details: {
          causes: [
            {
              reason: 'FieldManagerConflict',
              message:
                'conflict with "kubectl-edit" using wasm.serving.knative.dev/v1alpha1',
              field: '.spec.image',
            },
          ],
        },
      },
    }));

    await expect(client.apply(hello)).rejects.toMatchObject({
      code: 'FIELD_MANAGER_CONFLICT',
      message: expect.stringContaining('.spec.image owned by kubectl-edit'),
      findings: [
        expect.objectContaining({
          path: 'spec.image',
          message: '`.spec.image` is owned by kubectl-edit.',
        }),
      ],
    });
  });

  it('says that a cluster which is down cannot be reached, without its address', async () => {
    const { client } = await connect(() => ({ json: {} }));
    await closers.pop()!();

    await expect(client.list()).rejects.toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      message:
        'Cluster "prod" cannot be reached: the connection was refused (ECONNREFUSED).',
    });
  });

  it('gives up on a cluster that never answers', async () => {
    const server = await startKubernetesServer(() => ({ never: true }));
    closers.push(server.close);
    const config = clusterConfig(server.url);
    const [located] = locateClusters(config, readWasiConfig(config));
    const client = new DefaultWasmModuleClient(
      new KubernetesConnection({
        cluster: 'prod',
        access: new KubeConfigAccess({
          cluster: 'prod',
          loadKubeConfig: (located as { loadKubeConfig: any }).loadKubeConfig,
        }),
        timeoutMs: 20,
      }),
    );

    await expect(client.list()).rejects.toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      message: 'Cluster "prod" cannot be reached: it did not answer in time.',
    });
  });

  it("ends a request with the caller's own reason", async () => {
    const { client } = await connect(() => ({ never: true }));
    const abort = new AbortController();
    const answer = client.list({ signal: abort.signal });
    const reason = new Error('the user went away');

    abort.abort(reason);

    await expect(answer).rejects.toBe(reason);
  });

  it.each([
    { namespace: '..', name: 'hello' },
    { namespace: 'shop', name: '../../secrets/x' },
    { namespace: 'shop', name: 'a,b' },
    { namespace: 'shop', name: '' },
  ])('sends nothing for the name $namespace/$name', async odd => {
    const { client, requests } = await connect(() => ({ json: hello }));
    const refused = { code: 'NAME_INVALID', name: 'InputError' };

    await expect(client.get(odd)).rejects.toMatchObject(refused);
    await expect(client.delete(odd)).rejects.toMatchObject(refused);
    await expect(client.events(odd)).rejects.toMatchObject(refused);
    await expect(client.logs(odd)).rejects.toMatchObject(refused);
    await expect(
      client.apply({ ...hello, metadata: odd }),
    ).rejects.toMatchObject(refused);
    expect(requests).toEqual([]);
  });

  it('deletes only the module that was looked at', async () => {
    const { client, requests } = await connect(() => ({
      json: { status: 'Success' },
    }));

    await client.delete(ref, { uid: 'u-1' });

    expect(requests[0]).toMatchObject({
      method: 'DELETE',
      body: { kind: 'DeleteOptions', preconditions: { uid: 'u-1' } },
    });
  });

  it('reads the events of the module and of its Knative Service, newest last', async () => {
    const event = (
      kind: string,
      uid: string,
      reason: string,
      lastTimestamp: string,
    ) => ({
      metadata: { creationTimestamp: '2026-01-01T00:00:00Z' },
      involvedObject: { kind, uid, name: 'hello' },
      type: 'Warning',
      reason,
      message: `${reason}!`,
      lastTimestamp,
      count: 2,
    });
    const { client, requests } = await connect(() => ({
      json: {
        items: [
          event('WasmModule', 'u-1', 'Late', '2026-01-01T00:00:09Z'),
          event('Service', 's-1', 'Early', '2026-01-01T00:00:01Z'),
          event('WasmModule', 'u-0', 'OfOlderModule', '2026-01-01T00:00:03Z'),
          event('Route', 'r-1', 'Else', '2026-01-01T00:00:02Z'),
          { nonsense: true },
        ],
      },
    }));

    await expect(client.events(ref, { uid: 'u-1' })).resolves.toEqual([
      {
        type: 'Warning',
        reason: 'Early',
        message: 'Early!',
        count: 2,
        lastSeen: '2026-01-01T00:00:01Z',
        about: { kind: 'Service', name: 'hello' },
      },
      {
        type: 'Warning',
        reason: 'Late',
        message: 'Late!',
        count: 2,
        lastSeen: '2026-01-01T00:00:09Z',
      },
    ]);
    expect(requests[0]).toMatchObject({
      path: '/api/v1/namespaces/shop/events',
      query: { fieldSelector: 'involvedObject.name=hello' },
    });
  });
});
