import { createHash, randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What a request looked like to the registry. */
export interface SeenRequest {
  method: string;
  /** With query. */
  path: string;
  authorization?: string;
  accept?: string;
}

export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  method: string;
  url: URL;
  /** Requests of this method and path so far, this one included. */
  count: number;
}

/** Answers instead of the registry; says whether it did. */
export type Interception = (
  exchange: Exchange,
) => boolean | void | Promise<boolean | void>;

export interface ScriptedRegistry {
  host: string;
  seen: SeenRequest[];
  blobs: Map<string, Buffer>;
  manifests: Map<string, { bytes: Buffer; contentType: string }>;
  close(): Promise<void>;
}

/**
 * A registry in memory that does what the specification says, except where the
 * test wants it to misbehave.
 */
export async function startScriptedRegistry(
  intercept: Interception = () => false,
  tls?: { key: string; cert: string },
): Promise<ScriptedRegistry> {
  const seen: SeenRequest[] = [];
  const blobs = new Map<string, Buffer>();
  const manifests: ScriptedRegistry['manifests'] = new Map();

  const listener = async (
    request: IncomingMessage,
    response: ServerResponse,
  ) => {
    const url = new URL(request.url ?? '/', 'http://registry');
    const method = request.method ?? '';
    seen.push({
      method,
      path: request.url ?? '',
      authorization: request.headers.authorization,
      accept: request.headers.accept,
    });
    const count = seen.filter(
      other =>
        other.method === method && other.path.split('?')[0] === url.pathname,
    ).length;
    // A client that goes away in the middle is part of some tests.
    request.on('error', () => {});
    if (!(await intercept({ request, response, method, url, count }))) {
      await answer({ request, response, method, url }).catch(() =>
        response.destroy(),
      );
    }
  };
  const server = tls
    ? createSecureServer(tls, listener)
    : createServer(listener);

  async function answer({
    request,
    response,
    method,
    url,
  }: Omit<Exchange, 'count'>) {
    const send = (
      status: number,
      headers: Record<string, string> = {},
      body?: Buffer,
    ) => {
      response.writeHead(status, headers);
      response.end(method === 'HEAD' ? undefined : body);
    };
    const [, kind, last] =
      /\/(blobs\/uploads|blobs|manifests)\/([^/]*)$/.exec(url.pathname) ?? [];
    if (kind === 'blobs/uploads' && method === 'POST') {
      send(202, { location: `${url.pathname}${randomUUID()}?_state=a%2Bb%3D` });
    } else if (kind === 'blobs/uploads' && method === 'PUT') {
      const bytes = await readAll(request);
      const digest = url.searchParams.get('digest') ?? '';
      if (
        digest !== digestOf(bytes) ||
        url.searchParams.get('_state') !== 'a+b='
      ) {
        send(400);
        return;
      }
      blobs.set(digest, bytes);
      send(201, { 'docker-content-digest': digest });
    } else if (kind === 'blobs/uploads' && method === 'DELETE') {
      send(204);
    } else if (kind === 'blobs' && ['GET', 'HEAD'].includes(method)) {
      const bytes = blobs.get(last);
      send(
        bytes ? 200 : 404,
        bytes && { 'content-length': String(bytes.length) },
        bytes,
      );
    } else if (kind === 'manifests' && method === 'PUT') {
      const bytes = await readAll(request);
      const contentType = request.headers['content-type'] ?? '';
      manifests.set(last, { bytes, contentType });
      manifests.set(digestOf(bytes), { bytes, contentType });
      send(201, { 'docker-content-digest': digestOf(bytes) });
    } else if (kind === 'manifests' && ['GET', 'HEAD'].includes(method)) {
      const manifest = manifests.get(last);
      send(
        manifest ? 200 : 404,
        manifest && {
          'content-type': manifest.contentType,
          'docker-content-digest': digestOf(manifest.bytes),
        },
        manifest?.bytes,
      );
    } else {
      send(404);
    }
  }

  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    blobs,
    manifests,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
