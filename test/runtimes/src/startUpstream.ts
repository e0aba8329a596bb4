import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Bytes after the request in answers below `/large`. */
export const PADDING = 64 * 1024;

/** What a function calls: answers 201 with the request. */
export async function startUpstream() {
  const server = createServer((request, response) => {
    response.statusCode = 201;
    const padding = request.url?.startsWith('/large') ? PADDING : 0;
    response.end(`${request.method} ${request.url}${'x'.repeat(padding)}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** An address where nobody listens. */
export async function unreachableUrl(): Promise<string> {
  const upstream = await startUpstream();
  await upstream.close();
  return `${upstream.url}/`;
}
