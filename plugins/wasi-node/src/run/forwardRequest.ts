import {
  request as sendRequest,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { HostProcess } from './HostProcess';

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Passes one request to a host process and its answer back, both as streams.
 *
 * Resolves when the answer has ended either way: whole, cut off, or refused
 * with 502 where the process ended before it began.
 *
 * @internal
 */
export function forwardRequest(
  host: HostProcess,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  return new Promise(resolve => {
    const outgoing = openRequest(host, {
      method: request.method,
      path: request.url,
      headers: request.rawHeaders,
    });
    const fail = () => {
      if (!response.headersSent) {
        refuse(response, 502, 'The module did not answer; its log tells why.');
      } else {
        response.destroy();
      }
      resolve();
    };
    outgoing.once('error', fail);
    outgoing.once('response', incoming => {
      response.writeHead(incoming.statusCode ?? 502, endToEnd(incoming));
      response.flushHeaders();
      incoming.on('data', chunk => {
        if (!response.write(chunk)) {
          incoming.pause();
          response.once('drain', () => incoming.resume());
        }
      });
      incoming.once('end', () => {
        if (incoming.rawTrailers.length > 0) {
          response.addTrailers(pairs(incoming.rawTrailers));
        }
        response.end();
        resolve();
      });
      incoming.once('error', fail);
    });
    // A caller that leaves takes its request along.
    response.once('close', () => {
      if (!response.writableEnded) {
        outgoing.destroy();
      }
      resolve();
    });
    request.pipe(outgoing);
  });
}

/**
 * Answers for a module that cannot.
 *
 * @internal
 */
export function refuse(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'text/plain', ...headers });
  response.end(`${message}\n`);
}

function openRequest(
  host: HostProcess,
  options: {
    method: string | undefined;
    path: string | undefined;
    headers: string[];
  },
): ClientRequest {
  const { method, path } = options;
  const kept = pairs(options.headers).filter(
    ([name]) => !HOP_BY_HOP.has(name.toLowerCase()),
  );
  const chunked = options.headers.some(
    (name, index) =>
      index % 2 === 0 && name.toLowerCase() === 'transfer-encoding',
  );
  return sendRequest({
    agent: host.agent,
    socketPath: host.socketPath,
    method,
    path,
    headers: [
      ...kept,
      ...(chunked ? [['transfer-encoding', 'chunked']] : []),
    ].flat(),
  });
}

function endToEnd(incoming: IncomingMessage): string[] {
  return pairs(incoming.rawHeaders)
    .filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()))
    .flat();
}

function pairs(raw: string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [
    raw[index * 2],
    raw[index * 2 + 1],
  ]);
}
