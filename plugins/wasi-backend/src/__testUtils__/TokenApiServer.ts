import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';

interface Answer {
  status?: number;
  json?: object;
  text?: string;
}

/** One request, with whose token it came. */
export interface TokenCall {
  token: string | undefined;
  method: string;
  path: string;
}

/**
 * A Kubernetes API server that takes users' tokens alone, and shows each user the
 * modules of the namespaces that are theirs.
 */
export class TokenApiServer {
  /** Namespaces that a token may see, `*` for all; others are not accepted. */
  readonly namespaces = new Map<string, string[]>();
  readonly modules = new Map<string, WasmModule>();
  /** Why an event list fails, instead of one event. */
  eventsRefused = false;
  readonly calls: TokenCall[] = [];
  /** Answers are held back until this is done. */
  held: Promise<void> = Promise.resolve();
  #server: Server | undefined;

  async start(): Promise<void> {
    this.#server = createServer(async (request, response) => {
      await this.held;
      const { status = 200, json, text } = await this.#answer(request);
      response.writeHead(status, {
        'content-type': json ? 'application/json' : 'text/plain',
      });
      response.end(json ? JSON.stringify(json) : text);
    });
    await new Promise<void>(resolve => {
      this.#server!.listen(0, '127.0.0.1', resolve);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server!.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server!.closeAllConnections();
    await new Promise(resolve => this.#server!.close(resolve));
  }

  put(module: WasmModule): void {
    const { namespace, name } = module.metadata;
    this.modules.set(`${namespace}/${name}`, module);
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const body = Buffer.concat(chunks).toString('utf8');
    const url = new URL(request.url ?? '/', 'http://localhost');
    const token = /^Bearer (.*)$/.exec(
      request.headers.authorization ?? '',
    )?.[1];
    const { method = '' } = request;
    this.calls.push({ token, method, path: url.pathname });
    const theirs = token === undefined ? undefined : this.namespaces.get(token);
    if (!theirs) {
      return refused(401, 'Unauthorized', 'Unauthorized');
    }
    const [, namespace, resource = '', name, subresource] =
      /^\/api(?:s\/[^/]+)?\/v\d\w*(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(
        url.pathname,
      ) ?? [];
    if (!theirs.includes('*') && !theirs.includes(namespace ?? '*')) {
      return refused(
        403,
        'Forbidden',
        `${resource} is forbidden: User "${theirs.join(
          '+',
        )}" cannot list resource "${resource}" in API group "wasm.serving.knative.dev"${
          namespace ? ` in the namespace "${namespace}"` : ''
        }`,
      );
    }
    if (resource === 'events') {
      return this.eventsRefused
        ? refused(403, 'Forbidden', 'events is forbidden')
        : list([pulled(namespace)]);
    }
    if (resource === 'pods') {
      return subresource === 'log'
        ? { text: `a line for ${theirs.join('+')}` }
        : list([pod(namespace)]);
    }
    if (resource !== 'wasmmodules') {
      return refused(404, 'NotFound', 'the server could not find it');
    }
    if (!name) {
      const [label, value] = (
        url.searchParams.get('labelSelector') ?? ''
      ).split('=');
      return list(
        [...this.modules.values()].filter(
          ({ metadata }) =>
            (!namespace || metadata.namespace === namespace) &&
            (!label || metadata.labels?.[label] === value),
        ),
      );
    }
    const key = `${namespace}/${name}`;
    const module = this.modules.get(key);
    if (!module) {
      return refused(404, 'NotFound', 'not found', {
        name,
        kind: 'wasmmodules',
      });
    }
    if (method === 'DELETE') {
      this.modules.delete(key);
    }
    if (method === 'PATCH') {
      const changed = {
        ...module,
        spec: { ...module.spec, ...JSON.parse(body).spec },
      };
      this.modules.set(key, changed);
      return { json: changed };
    }
    return { json: module };
  }
}

function list(items: object[]): Answer {
  return { json: { metadata: { resourceVersion: '7' }, items } };
}

function refused(
  code: number,
  reason: string,
  message: string,
  details?: object,
): Answer {
  return {
    status: code,
    json: { kind: 'Status', apiVersion: 'v1', code, reason, message, details },
  };
}

function pulled(namespace: string | undefined): object {
  return {
    metadata: { name: 'pulled', namespace, uid: 'e1', resourceVersion: '3' },
    involvedObject: { kind: 'WasmModule', namespace, name: 'pay', uid: 'u1' },
    type: 'Normal',
    reason: 'Pulled',
    message: `Pulled in ${namespace}`,
    count: 1,
    lastTimestamp: '2026-01-02T03:04:05Z',
  };
}

function pod(namespace: string | undefined): object {
  return {
    metadata: { name: 'pay-1', namespace, uid: 'p1' },
    spec: { containers: [{ name: 'user-container' }] },
    status: { phase: 'Running' },
  };
}
