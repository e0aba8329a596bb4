import type {
  InvokeAnswer,
  ModuleListAnswer,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  deployments,
  deploymentView,
  rollbackPlan,
  syncView,
} from '../__fixtures__/deployments';
import {
  artifact,
  backendInfo,
  jsonAnswer,
  readyModule,
} from '../__fixtures__/modules';
import { WasiClient } from './WasiClient';

const entity = { kind: 'Component', namespace: 'default', name: 'hello' };
const ref = { cluster: 'a/b', namespace: 'default', name: 'hello' };
const view = readyModule(Date.parse('2026-11-01T10:00:00Z'));
const edit = { spec: { args: ['a'], env: null } };

function clientAnswering(response: Response | Error) {
  const calls: { url: string; init?: RequestInit }[] = [];
  const client = new WasiClient({
    fetchApi: {
      fetch: async (url, init) => {
        calls.push({ url: String(url), init });
        if (response instanceof Error) {
          throw response;
        }
        return response.clone();
      },
    },
  });
  return { client, calls };
}

const json = (value: unknown, status = 200) =>
  new Response(value === undefined ? null : JSON.stringify(value), { status });

async function failureOf(promise: Promise<unknown>) {
  const error = (await promise.then(
    () => undefined,
    cause => cause,
  )) as WasiError;
  return {
    name: error.name,
    code: error.code,
    message: error.message,
    remedy: error.remedy,
  };
}

describe('WasiClient', () => {
  it('reads the modules of an entity', async () => {
    const answer: ModuleListAnswer = {
      items: [{ ...view, clusterAheadMs: 3_600_000 }],
      problems: [],
      missing: [ref],
      answeredAt: '2026-11-01T10:00:00.000Z',
    };
    const { client, calls } = clientAnswering(json(answer));
    await expect(client.listModules(entity)).resolves.toEqual(answer);
    expect(calls.map(call => call.url)).toEqual([
      'plugin://wasi/v1/entities/Component/default/hello/modules',
    ]);
  });

  it('keeps the good rows of a list and reports the bad one', async () => {
    const { client } = clientAnswering(
      json({
        items: [view, { ref, module: 'nonsense' }],
        problems: [],
        missing: [],
      }),
    );
    const answer = await client.listModules(entity);
    expect(answer.items).toEqual([view]);
    expect(answer.problems).toEqual([
      {
        cluster: 'a/b',
        code: 'BACKEND_UNEXPECTED',
        message: expect.stringContaining(
          'Could not read one module: the answer is not understood at module',
        ),
        remedy: expect.any(String),
      },
    ]);
  });

  it('writes names into the address so that none can leave its place', async () => {
    const { client, calls } = clientAnswering(json(jsonAnswer));
    const answer: InvokeAnswer = await client.invoke(entity, ref, {
      method: 'POST',
      path: '/x',
      body: 'hi',
    });
    expect(answer).toEqual(jsonAnswer);
    expect(calls[0].url).toBe(
      'plugin://wasi/v1/entities/Component/default/hello/modules/a%2Fb/default/hello/invoke',
    );
    expect(calls[0].init).toMatchObject({
      method: 'POST',
      body: '{"method":"POST","path":"/x","body":"hi"}',
    });
  });

  it('reads artifact, logs and backend info', async () => {
    await expect(
      clientAnswering(json(artifact)).client.getArtifact(entity, ref),
    ).resolves.toEqual(artifact);
    await expect(
      clientAnswering(json(backendInfo)).client.getInfo(),
    ).resolves.toEqual(backendInfo);
    const { client, calls } = clientAnswering(json({ lines: ['a'] }));
    await expect(
      client.getLogs(entity, ref, { tailLines: 5 }),
    ).resolves.toEqual({ lines: ['a'] });
    expect(calls[0].url).toContain('/logs?tailLines=5');
  });

  it('deletes with an empty answer', async () => {
    const { client, calls } = clientAnswering(
      new Response(null, { status: 204 }),
    );
    await expect(client.deleteModule(entity, ref)).resolves.toBeUndefined();
    expect(calls[0].init?.method).toBe('DELETE');
  });

  it('says with each call that it comes from the portal', async () => {
    const { client, calls } = clientAnswering(json({ changes: [] }));
    await client.diffDeployments(entity, 'd1', 'live');
    expect(new Headers(calls[0].init?.headers).get('wasi-client')).toBe(
      'portal',
    );
  });

  it('reads the history of one module page by page', async () => {
    const [deployment] = deployments(0);
    const { client, calls } = clientAnswering(
      json({ items: [deployment, { id: 1 }], next: 'n&2' }),
    );
    await expect(
      client.listDeployments(entity, { module: ref, cursor: 'a&b' }),
    ).resolves.toEqual({ items: [deployment], next: 'n&2' });
    expect(calls[0].url).toBe(
      'plugin://wasi/v1/entities/Component/default/hello/deployments?limit=10&cursor=a%26b&cluster=a%2Fb&namespace=default&name=hello',
    );
  });

  it('does not take a history that it cannot read for an empty one', async () => {
    const { client } = clientAnswering(json({ items: [{ id: 1 }] }));
    await expect(
      failureOf(client.listDeployments(entity)),
    ).resolves.toMatchObject({ code: 'BACKEND_UNEXPECTED' });
  });

  it('keeps a deployment whose state a newer backend has', async () => {
    const [deployment] = deployments(0);
    const { client } = clientAnswering(
      json({ items: [{ ...deployment, state: 'verifying' }] }),
    );
    await expect(client.listDeployments(entity)).resolves.toEqual({
      items: [{ ...deployment, state: 'unknown' }],
    });
  });

  it.each([
    {
      what: 'plans a roll-back',
      call: (client: WasiClient) => client.planRollback(entity, 'a/b'),
      answer: rollbackPlan(0),
      path: 'deployments/a%2Fb/rollback?dryRun=true',
      body: undefined,
    },
    {
      what: 'rolls back',
      call: (client: WasiClient) => client.rollBack(entity, 'd1'),
      answer: view,
      path: 'deployments/d1/rollback',
      body: undefined,
    },
    {
      what: 'takes fields over',
      call: (client: WasiClient) =>
        client.rollBack(entity, 'd1', { force: true, basis: 'b&1' }),
      answer: view,
      path: 'deployments/d1/rollback?force=true&basis=b%261',
      body: undefined,
    },
    {
      what: 'plans a redeploy',
      call: (client: WasiClient) => client.planRedeploy(entity, ref, 'now'),
      answer: rollbackPlan(0),
      path: 'modules/a%2Fb/default/hello/redeploy?dryRun=true',
      body: { at: 'now' },
    },
    {
      what: 'redeploys',
      call: (client: WasiClient) =>
        client.redeploy(entity, ref, 'now', { basis: 'b1' }),
      answer: view,
      path: 'modules/a%2Fb/default/hello/redeploy?basis=b1',
      body: { at: 'now' },
    },
    {
      what: 'plans a change',
      method: 'PATCH',
      call: (client: WasiClient) => client.planChange(entity, ref, edit),
      answer: rollbackPlan(0),
      path: 'modules/a%2Fb/default/hello?dryRun=true',
      body: edit,
    },
    {
      what: 'makes a change',
      method: 'PATCH',
      call: (client: WasiClient) =>
        client.changeModule(entity, ref, edit, { basis: 'b1', force: true }),
      answer: view,
      path: 'modules/a%2Fb/default/hello?force=true&basis=b1',
      body: edit,
    },
    {
      what: 'plans a deletion',
      method: 'DELETE',
      call: (client: WasiClient) => client.planDeletion(entity, ref),
      answer: rollbackPlan(0),
      path: 'modules/a%2Fb/default/hello?dryRun=true',
      body: undefined,
    },
    {
      what: 'deletes what was planned for',
      method: 'DELETE',
      call: (client: WasiClient) =>
        client.deleteModule(entity, ref, { basis: 'b1' }),
      answer: undefined,
      path: 'modules/a%2Fb/default/hello?basis=b1',
      body: undefined,
    },
    {
      what: 'suspends',
      call: (client: WasiClient) =>
        client.suspendSync(entity, { reason: 'freeze' }),
      answer: syncView(0),
      path: 'sync/suspend',
      body: { reason: 'freeze' },
    },
    {
      what: 'resumes',
      call: (client: WasiClient) => client.resumeSync(entity),
      answer: syncView(0),
      path: 'sync/resume',
      body: undefined,
    },
    {
      what: 'runs',
      call: (client: WasiClient) => client.runSync(entity),
      answer: syncView(0),
      path: 'sync/run',
      body: undefined,
    },
  ])('$what where the backend expects it', async options => {
    const { client, calls } = clientAnswering(json(options.answer));
    await expect(options.call(client)).resolves.toEqual(options.answer);
    expect(calls).toMatchObject([
      {
        url: `plugin://wasi/v1/entities/Component/default/hello/${options.path}`,
        init: { method: options.method ?? 'POST' },
      },
    ]);
    const sent = calls[0].init?.body;
    expect(sent === undefined ? undefined : JSON.parse(String(sent))).toEqual(
      options.body,
    );
  });

  it('reads a deployment and the deploys from the catalog as they come', async () => {
    const answer = deploymentView(deployments(0)[0], 0);
    await expect(
      clientAnswering(json(answer)).client.getDeployment(entity, 'd4'),
    ).resolves.toEqual(answer);
    await expect(
      clientAnswering(json(syncView(0))).client.getSync(entity),
    ).resolves.toEqual(syncView(0));
  });

  it('follows a log line by line', async () => {
    const { client, calls } = clientAnswering(
      new Response('{"line":"a","source":"module"}\n\n{"line":"b"}\n'),
    );
    const told: unknown[] = [];
    await client.followLogs(entity, ref, {
      onOpen: () => told.push('open'),
      onLine: line => told.push(line),
    });
    expect(told).toEqual([
      'open',
      { line: 'a', source: 'module' },
      { line: 'b' },
    ]);
    expect(calls[0].url).toContain(
      '/modules/a%2Fb/default/hello/logs?follow=true',
    );
  });

  it('says so when a log breaks off', async () => {
    const { client } = clientAnswering(
      new Response(
        new ReadableStream({
          start: controller => controller.error(new TypeError('reset')),
        }),
      ),
    );
    await expect(
      failureOf(
        client.followLogs(entity, ref, { onOpen: () => {}, onLine: () => {} }),
      ),
    ).resolves.toMatchObject({
      code: 'BACKEND_UNREACHABLE',
      message: 'Could not follow the log of hello: the connection failed.',
    });
  });

  it('throws what the backend threw, with its code and remedy', async () => {
    const { client } = clientAnswering(
      json(
        {
          error: {
            name: 'ServiceUnavailableError',
            message: 'Cluster local did not answer.',
            code: 'CLUSTER_UNREACHABLE',
            remedy: 'Start it.',
          },
        },
        503,
      ),
    );
    await expect(failureOf(client.listModules(entity))).resolves.toEqual({
      name: 'ServiceUnavailableError',
      code: 'CLUSTER_UNREACHABLE',
      message: 'Cluster local did not answer.',
      remedy: 'Start it.',
    });
  });

  it.each([
    {
      what: 'a refusal of the portal',
      response: json(
        { error: { name: 'NotAllowedError', message: 'No.' } },
        403,
      ),
      code: 'PERMISSION_DENIED',
    },
    {
      what: 'an expired sign-in',
      response: new Response('', { status: 401 }),
      code: 'SIGN_IN_REQUIRED',
    },
    {
      what: "a proxy's page",
      response: new Response('<html>', { status: 502 }),
      code: 'BACKEND_UNEXPECTED',
    },
    {
      what: 'the page of the app in place of an answer',
      response: new Response('<html>', { status: 200 }),
      code: 'BACKEND_UNEXPECTED',
    },
    {
      what: 'an answer of another shape',
      response: json({ items: 'none' }),
      code: 'BACKEND_UNEXPECTED',
    },
    {
      what: 'no connection',
      response: new TypeError('fetch failed'),
      code: 'BACKEND_UNREACHABLE',
    },
  ])('tells $what apart', async ({ response, code }) => {
    const { client } = clientAnswering(response);
    await expect(failureOf(client.listModules(entity))).resolves.toMatchObject({
      code,
    });
  });

  it('gives the request up when the caller does', async () => {
    const abort = new AbortController();
    const client = new WasiClient({
      fetchApi: {
        fetch: (_url, init) =>
          new Promise((_resolve, reject) => {
            init?.signal?.addEventListener('abort', () =>
              reject(init.signal?.reason),
            );
          }),
      },
    });
    const failure = failureOf(client.getInfo({ signal: abort.signal }));
    abort.abort();
    await expect(failure).resolves.toMatchObject({
      code: 'BACKEND_UNREACHABLE',
    });
  });
});
