import type { ServerResponse } from 'node:http';
import { KubeConfig } from '@kubernetes/client-node';
import {
  startKubernetesServer,
  type ScriptedAnswer,
  type SeenRequest,
} from '../testing/startKubernetesServer';
import { DefaultWasmModuleClient } from './DefaultWasmModuleClient';
import { KubeConfigAccess } from './KubeConfigAccess';
import { KubernetesConnection } from './KubernetesConnection';

const ref = { namespace: 'shop', name: 'hello' };
const hello = {
  apiVersion: 'wasm.serving.knative.dev/v1alpha1',
  kind: 'WasmModule',
  metadata: { ...ref, resourceVersion: '7' },
  spec: { image: 'localhost:5000/hello:1' },
};
const listOf = (names: string[], more?: string) => ({
  json: {
    metadata: { resourceVersion: '40', continue: more },
    items: names.map(name => ({ ...hello, metadata: { ...ref, name } })),
  },
});

describe('the client of a cluster that is unwell', () => {
  const ends: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    await Promise.all(ends.splice(0).map(end => end()));
  });

  async function serve(answer: (request: SeenRequest) => ScriptedAnswer) {
    const server = await startKubernetesServer(answer);
    ends.push(server.close);
    return server;
  }

  async function connect(
    answer: (request: SeenRequest) => ScriptedAnswer,
    timeoutMs = 60_000,
  ) {
    const { url, requests } = await serve(answer);
    const connection = new KubernetesConnection({
      cluster: 'prod',
      access: new KubeConfigAccess({
        cluster: 'prod',
        loadKubeConfig: () => {
          const kubeConfig = new KubeConfig();
          kubeConfig.loadFromClusterAndUser(
            { name: 'prod', server: url, skipTLSVerify: true },
            { name: 'prod' },
          );
          return kubeConfig;
        },
      }),
      timeoutMs,
    });
    return {
      connection,
      requests,
      client: new DefaultWasmModuleClient(connection),
    };
  }

  it.each([
    {
      what: 'a login page instead of an answer',
      answer: { text: '<html>Sign in</html>' },
      code: 'CLUSTER_UNEXPECTED',
      message:
        'Cluster "prod" answered with something other than a list of WasmModules.',
    },
    {
      what: 'a redirect to a login page, which is not followed',
      answer: { status: 302, text: '<a href="https://login.example.com">' },
      code: 'CLUSTER_UNEXPECTED',
      message:
        'Could not list WasmModules on cluster "prod": the API server answered 302.',
    },
    {
      what: 'an answer of another shape',
      answer: { json: { metadata: {}, items: {} } },
      code: 'CLUSTER_UNEXPECTED',
      message:
        'Cluster "prod" answered with something other than a list of WasmModules.',
    },
    {
      what: 'a failure of its own',
      answer: { status: 500, json: { message: 'etcdserver: leader changed' } },
      code: 'CLUSTER_UNEXPECTED',
      message:
        'Could not list WasmModules on cluster "prod": the API server answered 500, etcdserver: leader changed.',
    },
    {
      what: 'that WasmModules are not served',
      answer: { status: 404, text: '404 page not found\n' },
      code: 'CRD_MISSING',
      message:
        'Could not list WasmModules on cluster "prod": the cluster does not serve WasmModules.',
    },
  ])('tells $what', async ({ answer, code, message }) => {
    const { client, requests } = await connect(() => answer);

    await expect(client.list()).rejects.toMatchObject({
      code,
      message,
      remedy: expect.stringMatching(/\w/),
    });
    expect(requests).toHaveLength(1);
  });

  it('gives up on an answer that stalls half-way', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const { client } = await connect(
      () => ({
        stream: response => {
          closed = new Promise(resolve => response.on('close', resolve));
          response.write('{"metadata":{},"items":[');
        },
      }),
      200,
    );

    await expect(client.list()).rejects.toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      message: 'Cluster "prod" cannot be reached: it did not answer in time.',
    });
    await closed;
  });

  it('waits as long as a busy API server asks, and sends a write once more', async () => {
    let busy = 2;
    const { client, requests } = await connect(() => {
      busy -= 1;
      return busy >= 0
        ? { status: 429, headers: { 'retry-after': '0' }, json: {} }
        : { json: hello };
    });

    await expect(client.apply(hello as never)).resolves.toMatchObject({
      metadata: ref,
    });
    expect(requests.map(({ method }) => method)).toEqual([
      'PATCH',
      'PATCH',
      'PATCH',
    ]);
  });

  it.each([
    { after: '3600', tries: 1, says: ' and asks to wait 3600 s' },
    { after: '0', tries: 10, says: '' },
    { after: 'Wed, 21 Oct 2026 07:28:00 GMT', tries: 1, says: '' },
  ])(
    'gives up on one that stays busy ($after)',
    async ({ after, tries, says }) => {
      const { client, requests } = await connect(() => ({
        status: 429,
        headers: { 'retry-after': after },
        json: {},
      }));

      await expect(client.get(ref)).rejects.toMatchObject({
        code: 'CLUSTER_BUSY',
        message: `Could not read WasmModule shop/hello on cluster "prod": the API server has too much to do${says}.`,
        remedy: 'Try again later.',
      });
      expect(requests).toHaveLength(tries);
    },
  );

  it('lists in one piece where the rest of a list was forgotten, with nothing twice', async () => {
    const { client, requests } = await connect(({ query }) => {
      if (query.continue) {
        return { status: 410, json: { reason: 'Expired', code: 410 } };
      }
      return query.limit ? listOf(['a'], 'next') : listOf(['a', 'b']);
    });

    const { items } = await client.list();

    expect(items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect(requests.map(({ query }) => query)).toEqual([
      { limit: '500' },
      { limit: '500', continue: 'next' },
      {},
    ]);
  });

  it('gives up on a list that does not end', async () => {
    const { client, requests } = await connect(() => listOf([], 'for ever'));

    await expect(client.list()).rejects.toMatchObject({
      code: 'CLUSTER_UNEXPECTED',
      message: 'Cluster "prod" sends a list of WasmModules that does not end.',
    });
    expect(requests).toHaveLength(400);
  });

  const watch = async (client: DefaultWasmModuleClient) => {
    const types: string[] = [];
    for await (const { type } of client.watch({ resourceVersion: '7' })) {
      types.push(type);
    }
    return types;
  };

  it('ends a watch that sends a line of 50 MB, without reading it', async () => {
    let sent = 0;
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const write = (response: ServerResponse) => {
      while (sent < 50 && !response.destroyed) {
        sent += 1;
        if (!response.write(chunk)) {
          response.once('drain', () => write(response));
          return;
        }
      }
    };
    const { client } = await connect(() => ({ stream: write }));

    await expect(watch(client)).rejects.toMatchObject({
      code: 'CLUSTER_UNEXPECTED',
      message: 'Cluster "prod" sent a watch line of more than 4194304 bytes.',
    });
    expect(sent).toBeLessThan(50);
  });

  it.each([
    { what: 'is cut', end: '{"type":"ADDED","obj' },
    { what: 'ends with a line feed', end: '{"type":"ADDED","obj\n' },
  ])('takes no part of a line that $what for a change', async ({ end }) => {
    const line = JSON.stringify({ type: 'MODIFIED', object: hello });
    const { client } = await connect(() => ({
      stream: response =>
        response.write(`${line}\n${end}`, () => response.destroy()),
    }));
    const types: string[] = [];

    await expect(
      (async () => {
        for await (const { type } of client.watch({ resourceVersion: '7' })) {
          types.push(type);
        }
      })(),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/^CLUSTER_UN(REACHABLE|EXPECTED)$/),
    });
    expect(types).toEqual(['OPENED', 'MODIFIED']);
  });

  it('tells what an ERROR event of the watch says', async () => {
    const { client } = await connect(() => ({
      stream: response =>
        response.end(
          `${JSON.stringify({
            type: 'ERROR',
            object: { code: 500, message: 'storage is gone' },
          })}\n`,
        ),
    }));

    await expect(watch(client)).rejects.toMatchObject({
      code: 'CLUSTER_UNEXPECTED',
      message:
        'Cluster "prod" ended the watch of WasmModules: storage is gone.',
    });
  });

  it('notices a watch that hangs, and closes it', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const { connection } = await connect(() => ({
      stream: response => {
        closed = new Promise(resolve => response.on('close', resolve));
      },
    }));
    const events = connection.stream({
      method: 'GET',
      path: '/watch',
      idleMs: 50,
    });

    await expect(events.next()).resolves.toMatchObject({
      value: { type: 'opened' },
    });
    await expect(events.next()).rejects.toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      message: 'Cluster "prod" cannot be reached: it did not answer in time.',
    });
    await closed;
  });

  it('asks for watches that are short, so that one that hangs is told from one that is quiet', async () => {
    const { client, requests } = await connect(() => ({
      stream: response => response.end(),
    }));

    await expect(watch(client)).resolves.toEqual(['OPENED']);
    expect(Number(requests[0].query.timeoutSeconds)).toBeLessThanOrEqual(60);
  });
});
