import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request as sendRequest } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { ConfigReader } from '@backstage/config';
import {
  createModuleEngine,
  createToolchains,
  readWasiConfig,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { machine } from './machine';

/** One request, as it goes over the wire. */
export interface Ask {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: Uint8Array | string;
}

/** The whole answer. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer;
}

/** A function that is served. */
export interface ServedFunction {
  ask(request: Ask): Promise<Answer>;
  stop(): Promise<void>;
}

/** A way to serve a function. */
export interface Engine {
  title: string;
  present: boolean;
  start(folder: string): Promise<{
    serve(module: string, env: Record<string, string>): Promise<ServedFunction>;
    close(): Promise<void>;
  }>;
}

/** The engines that every function is served by. */
export const engines: Engine[] = [
  { title: 'our engine', present: true, start: startOurEngine },
  {
    title: 'Wasmtime (tool: WASMTIME, or wasmtime in the toolchains folder)',
    present: Boolean(machine.wasmtime),
    start: startWasmtime,
  },
];

async function startOurEngine(folder: string) {
  const engine = createModuleEngine({
    jco: createToolchains(readWasiConfig(new ConfigReader({}))).jco,
    cacheDirectory: join(folder, 'engine'),
  });
  return {
    async serve(module: string, env: Record<string, string>) {
      const digest = createHash('sha256')
        .update(await readFile(module))
        .digest('hex');
      const served = await engine.serve({
        prepared: await engine.prepare(module, `sha256:${digest}`),
        args: [],
        env,
        directories: [],
        onLog: line => process.stderr.write(`${line}\n`),
      });
      return { ask: served.request, stop: () => served.stop() };
    },
    close: () => engine.close(),
  };
}

async function startWasmtime(folder: string) {
  const wasmtime = machine.wasmtime!;
  const compiled = new Map<string, Promise<string>>();

  /** Compiled once for all that serve it. */
  async function compile(module: string): Promise<string> {
    const target = join(folder, `${compiled.size}.cwasm`);
    await promisify(execFile)(wasmtime, ['compile', '-o', target, module]);
    return target;
  }

  return {
    async serve(module: string, env: Record<string, string>) {
      if (!compiled.has(module)) {
        compiled.set(module, compile(module));
      }
      const child = spawn(
        wasmtime,
        [
          'serve',
          '--allow-precompiled',
          '-Scli',
          '--addr=127.0.0.1:0',
          ...Object.entries(env).map(
            ([name, value]) => `--env=${name}=${value}`,
          ),
          await compiled.get(module)!,
        ],
        { stdio: ['ignore', 'ignore', 'pipe'] },
      );
      const exited = once(child, 'exit');
      const port = await new Promise<number>((resolve, reject) => {
        createInterface(child.stderr).on('line', line => {
          const address = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line);
          if (address) {
            resolve(Number(address[1]));
          } else {
            process.stderr.write(`${line}\n`);
          }
        });
        exited.then(([code]) =>
          reject(new Error(`wasmtime serve ended with ${code}`)),
        );
      });
      return {
        ask: (request: Ask) => askPort(port, request),
        async stop() {
          child.kill();
          await exited;
        },
      };
    },
    close: async () => {},
  };
}

function askPort(port: number, request: Ask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = sendRequest({
      host: '127.0.0.1',
      port,
      method: request.method ?? 'GET',
      path: request.path,
      headers: request.headers ?? {},
      agent: false,
    });
    outgoing.once('error', reject);
    outgoing.once('response', incoming => {
      const chunks: Buffer[] = [];
      incoming.on('data', chunk => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers as Answer['headers'],
          body: Buffer.concat(chunks),
        }),
      );
    });
    outgoing.end(request.body);
  });
}
