import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext } from '@playwright/test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Checks } from './Checks';
import type { People } from './checkSignIn';
import type { Portal } from './Portal';
import { MODULE } from './runTemplate';

const MCP = 'api/mcp-actions/v1';

/** An MCP client signs in as its user, who consents on a page, and works as that user. */
export async function checkMcp(
  checks: Checks,
  portal: Portal,
  { browser }: People,
): Promise<void> {
  let token = '';
  await checks.check('an MCP client signs in by OAuth', async () => {
    const resource = await get(
      browser,
      `${portal.url}/.well-known/oauth-protected-resource/${MCP}`,
    );
    assert.equal(resource.resource, `${portal.url}/${MCP}`);
    const [server] = resource.authorization_servers;
    const endpoints = await get(
      browser,
      `${server}/.well-known/openid-configuration`,
    );
    token = await authorize(browser, {
      ...endpoints,
      clientId: `${server}/.well-known/oauth-client/cli.json`,
    });
  });
  await checks.check('a client that nobody allowed is refused', async () => {
    const refused = await browser.request.get(
      `${portal.url}/api/auth/v1/authorize?${new URLSearchParams({
        client_id: 'https://evil.example.com/client.json',
        redirect_uri: 'http://127.0.0.1:9/callback',
        response_type: 'code',
        code_challenge: 'x'.repeat(43),
        code_challenge_method: 'S256',
      })}`,
      { maxRedirects: 0 },
    );
    assert.equal(refused.status(), 400, await refused.text());
    assert.match(await refused.text(), /Invalid client_id/);
  });
  await checks.check(
    'its tools are those of this plugin, as the user',
    async () => {
      const client = new Client({ name: 'test', version: '1' });
      await client.connect(
        new StreamableHTTPClientTransport(
          new URL(`${portal.localUrl}/${MCP}`),
          {
            requestInit: { headers: { authorization: `Bearer ${token}` } },
          },
        ),
      );
      const { tools } = await client.listTools();
      assert.ok(tools.length > 5);
      assert.deepEqual(
        tools.map(({ name }) => name).filter(name => !name.startsWith('wasi.')),
        [],
      );
      const listed = await client.callTool({
        name: 'wasi.list-modules',
        arguments: {},
      });
      assert.ok(!listed.isError, JSON.stringify(listed));
      assert.match(JSON.stringify(listed), new RegExp(MODULE));
      await client.close();
    },
  );
}

/** The code flow of a client without a secret: browser, consent, code, token. */
async function authorize(
  browser: BrowserContext,
  server: {
    authorization_endpoint: string;
    token_endpoint: string;
    clientId: string;
  },
): Promise<string> {
  const verifier = randomBytes(32).toString('base64url');
  let tell: (code: string) => void;
  const told = new Promise<string>(resolve => {
    tell = resolve;
  });
  const listener = createServer((incoming, answer) => {
    const { searchParams } = new URL(incoming.url!, 'http://localhost');
    answer.end('done');
    tell(searchParams.get('code') ?? `${searchParams}`);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const redirect = `http://127.0.0.1:${port}/callback`;
  try {
    const page = await browser.newPage();
    await page.goto(
      `${server.authorization_endpoint}?${new URLSearchParams({
        client_id: server.clientId,
        redirect_uri: redirect,
        response_type: 'code',
        scope: 'openid',
        state: 'any',
        code_challenge: createHash('sha256')
          .update(verifier)
          .digest('base64url'),
        code_challenge_method: 'S256',
      })}`,
    );
    await page
      .getByRole('button', { name: /authorize|allow|approve/i })
      .click();
    const code = await told;
    await page.close();
    const answer = await browser.request.post(server.token_endpoint, {
      data: {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirect,
        code_verifier: verifier,
        client_id: server.clientId,
      },
    });
    assert.equal(answer.status(), 200, await answer.text());
    return (await answer.json()).access_token;
  } finally {
    listener.close();
    listener.closeAllConnections();
  }
}

async function get(browser: BrowserContext, url: string): Promise<any> {
  const answer = await browser.request.get(url);
  assert.equal(answer.status(), 200, `${url}: ${await answer.text()}`);
  return answer.json();
}
