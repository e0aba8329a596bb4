import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { createDeployReports, type DeployToReport } from './DeployReports';

describe('reports to the deploy history', () => {
  let server: Server;
  let requests: { url?: string; authorization?: string; body: unknown }[];
  let answer: { status: number; body: string };
  let warnings: string[];
  let deploy: DeployToReport;

  beforeEach(async () => {
    requests = [];
    warnings = [];
    answer = { status: 201, body: JSON.stringify({ id: 'd1' }) };
    server = createServer(async (req, res) => {
      let text = '';
      for await (const chunk of req) {
        text += chunk;
      }
      requests.push({
        url: req.url,
        authorization: req.headers.authorization,
        body: JSON.parse(text),
      });
      res.writeHead(answer.status, { 'content-type': 'application/json' });
      res.end(answer.body);
    });
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    deploy = {
      entityRef: 'component:default/hello',
      cluster: 'local',
      module: {
        apiVersion: 'wasm.serving.knative.dev/v1alpha1',
        kind: 'WasmModule',
        metadata: { name: 'hello' },
        spec: { image: 'localhost:5000/hello' },
      },
      key: 'task,step',
      credentials: mockCredentials.user('user:default/jane'),
      logger: { warn: message => warnings.push(message) },
    };
  });

  afterEach(
    () =>
      new Promise<void>(resolve => {
        server.close(() => resolve());
      }),
  );

  function reports() {
    const { port } = server.address() as AddressInfo;
    return createDeployReports({
      auth: mockServices.auth({ pluginId: 'scaffolder' }),
      discovery: mockServices.discovery.mock({
        getBaseUrl: async () => `http://127.0.0.1:${port}/api/wasi`,
      }),
    });
  }

  it('go out on behalf of the user, before and after', async () => {
    const begun = await reports().begin(deploy);
    await begun.applied(3);

    expect(requests.map(({ url, body }) => [url, body])).toEqual([
      [
        '/api/wasi/v1/entities/component/default/hello/deployments',
        {
          phase: 'begin',
          key: 'task,step',
          cluster: 'local',
          module: deploy.module,
        },
      ],
      [
        '/api/wasi/v1/entities/component/default/hello/deployments',
        { phase: 'applied', id: 'd1', generation: 3 },
      ],
    ]);
    for (const { authorization } of requests) {
      expect(authorization).toBe(
        `Bearer ${mockCredentials.service.token({
          onBehalfOf: deploy.credentials as ReturnType<
            typeof mockCredentials.user
          >,
          targetPluginId: 'wasi',
        })}`,
      );
    }
    expect(warnings).toEqual([]);
  });

  it('tell of a deletion, before and after', async () => {
    const { entityRef, cluster, key, credentials, logger } = deploy;
    const begun = await reports().beginDelete({
      entityRef,
      cluster,
      key,
      credentials,
      logger,
      namespace: 'team-a',
      name: 'hello',
    });
    await begun.deleted();

    expect(requests.map(({ body }) => body)).toEqual([
      {
        phase: 'begin-delete',
        key: 'task,step',
        cluster: 'local',
        namespace: 'team-a',
        name: 'hello',
      },
      { phase: 'deleted', id: 'd1' },
    ]);
    expect(warnings).toEqual([]);
  });

  it('say why it failed', async () => {
    const begun = await reports().begin(deploy);
    await begun.failed(
      new WasiError('CLUSTER_FORBIDDEN', { message: 'No.', remedy: 'Ask.' }),
    );

    expect(requests[1].body).toEqual({
      phase: 'failed',
      id: 'd1',
      code: 'CLUSTER_FORBIDDEN',
      message: 'No.',
      remedy: 'Ask.',
    });
  });

  it.each([
    {
      what: 'refuses',
      status: 403,
      body: JSON.stringify({ error: { message: 'You may not.' } }),
      told: 'The deploy history misses this deployment: You may not.',
    },
    {
      what: 'answers nonsense',
      status: 200,
      body: '<html>',
      told: 'The deploy history misses this deployment: ',
    },
  ])('warn where the backend $what, and never fail', async given => {
    answer = given;
    const begun = await reports().begin(deploy);
    await begun.applied(1);

    expect(requests).toHaveLength(1);
    expect(warnings).toEqual([expect.stringContaining(given.told)]);
  });

  it('warn where there is no backend, and never fail', async () => {
    const nowhere = createDeployReports({
      auth: mockServices.auth({ pluginId: 'scaffolder' }),
      discovery: mockServices.discovery.mock({
        getBaseUrl: async () => {
          throw new Error('There is no plugin wasi.');
        },
      }),
    });
    const begun = await nowhere.begin(deploy);
    await begun.failed(new Error('x'));

    expect(warnings).toEqual([
      'The deploy history misses this deployment: There is no plugin wasi.',
    ]);
  });
});
