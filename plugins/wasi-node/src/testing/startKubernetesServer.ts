import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the server saw it. @internal */
export interface SeenRequest {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
}

/**
 * What to answer: a status with a body, or a stream that the test writes to.
 *
 * @internal
 */
export type ScriptedAnswer =
  | {
      status?: number;
      headers?: Record<string, string>;
      json?: unknown;
      text?: string;
    }
  | { stream: (response: ServerResponse) => void }
  | { never: true };

/**
 * A real HTTP server that answers as a test scripts it, in the words of Kubernetes.
 *
 * @internal
 */
export async function startKubernetesServer(
  answer: (request: SeenRequest) => ScriptedAnswer,
): Promise<{
  url: string;
  requests: SeenRequest[];
  /** How many connections were made. */
  connections(): number;
  close(): Promise<void>;
}> {
  const requests: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const url = new URL(request.url ?? '/', 'http://localhost');
    const text = Buffer.concat(chunks).toString('utf8');
    const seen: SeenRequest = {
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: text ? JSON.parse(text) : undefined,
    };
    requests.push(seen);
    const scripted = answer(seen);
    if ('never' in scripted) {
      return;
    }
    if ('stream' in scripted) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      scripted.stream(response);
      return;
    }
    response.writeHead(scripted.status ?? 200, {
      'content-type': scripted.json ? 'application/json' : 'text/plain',
      ...scripted.headers,
    });
    response.end(
      scripted.json === undefined
        ? scripted.text ?? ''
        : JSON.stringify(scripted.json),
    );
  });
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
