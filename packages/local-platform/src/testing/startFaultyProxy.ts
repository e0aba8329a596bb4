import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request as sendRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCertificates } from '../kubernetes/certificates/loadCertificates';
import type { KubernetesTarget } from './localTarget';

type Upstream = Pick<KubernetesTarget, 'server' | 'caCertificate'>;

/** One exchange that a test may spoil. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  isWatch: boolean;
  /** Lets it pass; `onData` may spoil what comes back, and answers whether to go on. */
  pass(onData?: (chunk: Buffer) => boolean): void;
}

/**
 * A real HTTPS proxy in front of a Kubernetes API; `fault` decides what becomes
 * of each exchange.
 */
export async function startFaultyProxy(
  api: Upstream,
  options: { hosts?: string[] } = {},
) {
  const directory = await mkdtemp(join(tmpdir(), 'wasi-proxy-'));
  const { ca, certificate, key } = await loadCertificates(directory, {
    hosts: options.hosts ?? ['127.0.0.1'],
    now: new Date(),
  });
  await rm(directory, { recursive: true, force: true });
  const pass = ({ pass: go }: Exchange) => go();
  const server = createServer({ cert: certificate, key });
  const proxy = {
    url: '',
    ca,
    /** Paths with query, in order of arrival. */
    seen: [] as string[],
    /** What the API answered, in order, and when. */
    answered: [] as { path: string; status: number; at: number }[],
    fault: pass as (exchange: Exchange) => void,
    heal: () => {
      proxy.fault = pass;
    },
    /** Cuts every connection, those of open watches too. */
    cut: () => server.closeAllConnections(),
    async close() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
  server.on('request', (request, response) => {
    const path = request.url ?? '/';
    proxy.seen.push(path);
    proxy.fault({
      request,
      response,
      isWatch: path.includes('watch=true'),
      pass: onData =>
        forward(api, {
          request,
          response,
          onData,
          onStatus: status =>
            proxy.answered.push({ path, status, at: performance.now() }),
        }),
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  proxy.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}

function forward(
  api: Upstream,
  exchange: {
    request: IncomingMessage;
    response: ServerResponse;
    onData?: (chunk: Buffer) => boolean;
    onStatus: (status: number) => void;
  },
): void {
  const { request, response, onData = () => true, onStatus } = exchange;
  const outgoing = sendRequest(
    `${api.server}${request.url}`,
    {
      method: request.method,
      headers: request.headers,
      ca: api.caCertificate,
      agent: false,
    },
    answer => {
      onStatus(answer.statusCode ?? 502);
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      answer.on('data', (chunk: Buffer) => {
        if (!response.destroyed && onData(chunk)) {
          response.write(chunk);
        }
      });
      answer.on('end', () => response.end());
      answer.on('error', () => response.destroy());
    },
  );
  // Either side that goes takes the other with it.
  outgoing.on('error', () => response.destroy());
  response.on('close', () => outgoing.destroy());
  request.pipe(outgoing);
}
