import { createServer, request as sendRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { HostConfiguration } from './HostProcess';
import type { HostSupply } from './HostSupply';
import { ModulePool, PoolRefusal } from './ModulePool';
import { networkRules } from './networkRules';
import { refuse } from './refuse';
import type {
  ModuleRequest,
  ModuleResponse,
  ServedModule,
  ServeOptions,
} from './types';

const DEFAULT_REQUEST_TIMEOUT_MS = 60_000;
const DEFAULT_MEMORY_LIMIT_BYTES = 1024 ** 3;
const DEFAULT_GRACE_MS = 30_000;
const MAX_RESPONSE_BYTES = 10 * 1024 * 1024;

/**
 * Starts a module and answers requests with it.
 *
 * @internal
 */
export async function serveModule(
  supply: HostSupply,
  options: ServeOptions,
): Promise<ServedModule> {
  const configuration: HostConfiguration = {
    component: options.prepared.directory,
    args: options.args,
    env: options.env,
    directories: options.directories,
    network: networkRules(options.network),
    limitOutgoingHttp: options.limitOutgoingHttp ?? false,
    memoryLimitBytes: options.memoryLimitBytes ?? DEFAULT_MEMORY_LIMIT_BYTES,
  };
  const timeoutMs = options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS;
  const pool = new ModulePool(supply, configuration, options);
  try {
    if (options.start !== 'on-demand') {
      await pool.warm();
    }
  } catch (error) {
    throw new WasiError('MODULE_FAILED_TO_COMPILE', {
      message: (error as Error).message,
      cause: error,
    });
  }

  async function handle(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    let host;
    try {
      host = await pool.acquire();
    } catch (error) {
      if (!(error instanceof PoolRefusal)) {
        throw error;
      }
      refuse(response, 503, error.message, {
        'retry-after': String(Math.ceil(error.retryAfterMs / 1000)),
      });
      return;
    }
    if (response.destroyed) {
      // The caller left while it waited; the guest never hears of it.
      pool.release(host, 'failed');
      return;
    }
    const deadline = setTimeout(() => {
      options.onLog(
        `[WASM-RUNNER] request timed out after ${timeoutMs / 1000} seconds`,
      );
      refuse(response, 504, 'The module did not answer in time.');
      host.kill('timeout', `no answer after ${timeoutMs / 1000} seconds`);
    }, timeoutMs);
    const outcome = await host.answer(request, response);
    clearTimeout(deadline);
    pool.release(host, outcome);
  }

  // One way in for streams and for whole requests: the second goes through a server of our own.
  const own = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });

  return {
    handle,
    request: asked => ask(own, asked),
    processes: () => pool.size,
    async stop({ graceMs = DEFAULT_GRACE_MS } = {}) {
      await pool.stop(graceMs);
      own.close();
      own.closeAllConnections();
    },
  };
}

async function ask(
  server: ReturnType<typeof createServer>,
  options: ModuleRequest,
): Promise<ModuleResponse> {
  if (!server.listening) {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    server.unref();
  }
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('The server has no port.');
  }
  const started = performance.now();
  return await new Promise((resolve, reject) => {
    const fail = (why: string) =>
      reject(
        new WasiError(
          options.signal?.aborted ? 'MODULE_RUN_ABORTED' : 'MODULE_RUN_FAILED',
          { message: `The module could not be called: ${why}` },
        ),
      );
    const outgoing = sendRequest({
      host: '127.0.0.1',
      port: address.port,
      method: options.method ?? 'GET',
      path: options.path,
      headers: options.headers ?? {},
      agent: false,
      ...(options.signal && { signal: options.signal }),
    });
    outgoing.once('error', error => fail(error.message));
    outgoing.once('response', incoming => {
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on('data', (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size > MAX_RESPONSE_BYTES) {
          outgoing.destroy();
          fail(`its answer is larger than ${MAX_RESPONSE_BYTES} bytes`);
        }
      });
      incoming.once('error', error => fail(error.message));
      incoming.once('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: Object.fromEntries(
            Object.entries(incoming.headers).flatMap(([name, value]) =>
              value === undefined ? [] : [[name, value]],
            ),
          ),
          body: Buffer.concat(chunks),
          durationMs: Math.round(performance.now() - started),
        }),
      );
    });
    outgoing.end(options.body);
  });
}
