import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { answer, type Environment } from './answer.ts';

async function ask(
  path: string,
  { env = {}, ...init }: RequestInit & { env?: Environment } = {},
) {
  const request = new Request(`http://localhost${path}`, init);
  const response = await answer(request, env);
  return { status: response.status, body: await response.text() };
}

test('greets the world', async () => {
  assert.deepEqual(await ask('/'), { status: 200, body: 'Hello, world!\n' });
});

test('greets who is named, as GREETING says', async () => {
  const env = { GREETING: 'Moi' };
  assert.deepEqual(await ask('/?name=Ada%20Lovelace', { env }), {
    status: 200,
    body: 'Moi, Ada Lovelace!\n',
  });
});

test('tells what it was asked', async () => {
  assert.deepEqual(
    await ask('/echo?a=1&b=2', { method: 'POST', body: 'some text' }),
    {
      status: 200,
      body: 'method: POST\npath: /echo\nquery: a=1&b=2\nbody: some text\n',
    },
  );
});

test('calls its upstream, while there is one', async () => {
  const server = createServer((_, response) => response.end('ready'));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const env = { UPSTREAM_URL: `http://127.0.0.1:${port}` };
  assert.deepEqual(await ask('/upstream', { env }), {
    status: 200,
    body: 'upstream: 200\nready',
  });

  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
  assert.deepEqual(await ask('/upstream', { env }), {
    status: 502,
    body: 'upstream failed\n',
  });
  assert.equal((await ask('/upstream')).status, 503);
});

test('knows no other path', async () => {
  assert.deepEqual(await ask('/nowhere'), { status: 404, body: 'Not found\n' });
});
