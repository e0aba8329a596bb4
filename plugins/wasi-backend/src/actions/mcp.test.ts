import type { AddressInfo } from 'node:net';
import {
  actionsRegistryServiceFactory,
  actionsServiceFactory,
} from '@backstage/backend-defaults/alpha';
import { mockCredentials } from '@backstage/backend-test-utils';
import mcpPlugin from '@backstage/plugin-mcp-actions-backend';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { BackendUnderTest } from '../__testUtils__/BackendUnderTest';

describe('an MCP client', () => {
  let backend: BackendUnderTest;

  beforeEach(() => {
    backend = new BackendUnderTest();
  });

  afterEach(() => backend.stop());

  async function connect(
    options: {
      deny?: string;
      audit?: (event: object) => void;
      as?: string;
    } = {},
  ): Promise<Client> {
    const server = await backend.start({
      ...options,
      config: { backend: { actions: { pluginSources: ['wasi'] } } },
      features: [
        mcpPlugin,
        actionsRegistryServiceFactory,
        actionsServiceFactory,
      ],
    });
    const { port } = server.address() as AddressInfo;
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(
      new StreamableHTTPClientTransport(
        new URL(`http://localhost:${port}/api/mcp-actions/v1`),
        {
          requestInit: {
            headers: {
              authorization: mockCredentials.user.header(
                options.as ?? 'user:default/jane',
              ),
            },
          },
        },
      ),
    );
    backend.stops.unshift(() => client.close());
    return client;
  }

  async function call(
    client: Client,
    name: string,
    input: Record<string, unknown>,
  ): Promise<any> {
    const { isError, structuredContent, content } = await client.callTool({
      name: `wasi.${name}`,
      arguments: input,
    });
    return isError
      ? { error: (content as { text: string }[])[0].text }
      : structuredContent;
  }

  it('finds every tool, and which of them change something', async () => {
    const client = await connect();

    const { tools } = await client.listTools();

    expect(
      tools.map(({ name, annotations }) => [
        name,
        annotations?.readOnlyHint,
        annotations?.destructiveHint,
        annotations?.idempotentHint,
      ]),
    ).toEqual([
      ['wasi.list-modules', true, false, true],
      ['wasi.get-module', true, false, true],
      ['wasi.module-status', true, false, true],
      ['wasi.explain-module', true, false, true],
      ['wasi.delete-module', false, true, false],
      ['wasi.invoke-module', false, true, false],
    ]);
  });

  it('asks for the state of the only module of an entity without its name', async () => {
    const client = await connect();

    await expect(
      call(client, 'module-status', { entity: 'pay' }),
    ).resolves.toMatchObject({
      module: 'prod/shop/pay',
      state: 'unknown',
      code: 'MODULE_NOT_OBSERVED',
    });
  });
});
