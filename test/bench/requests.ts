import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import {
  createModuleEngine,
  createToolchains,
  readWasiConfig,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { load, type Load } from './load';
import { median, milliseconds } from './measure';
import { startBenchPortal, type BenchPortal } from './portal';
import { answers, freePort } from './programs';
import { registryClient } from './registries';
import type { Result } from './report';
import { jcoCommand, toolchainsDirectory } from './toolchain';

const RUNTIMES = [
  { runtime: 'wat-wasi', requests: 2_000 },
  { runtime: 'js-wasi', requests: 200 },
];
const ROUNDS = 3;
const CONNECTIONS = 2;
const START_BAR = 100;
const STARTS = 10;

export const title = 'The runner';

/** Modules in our runner against `jco serve`; their start; what an idle one takes. */
export async function measure(): Promise<Result[]> {
  const directory = await mkdtemp(join(tmpdir(), 'wasi-bench-'));
  const portal = await startBenchPortal();
  try {
    const results: Result[] = [];
    for (const { runtime, requests } of RUNTIMES) {
      const { module, url } = await deploy(portal, runtime, directory);
      results.push(
        ...(await compareRequests({ runtime, requests, module, url })),
        ...(await measureStart({ runtime, module, directory })),
      );
    }
    return results;
  } finally {
    await portal.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function deploy(
  portal: BenchPortal,
  runtime: string,
  directory: string,
): Promise<{ module: string; url: string }> {
  const name = `bench-${runtime}`;
  const output = await portal.runTemplate('wasi-function', {
    name,
    runtime,
    owner: 'group:default/platform',
    registry: `${portal.registryHost}/functions`,
    namespace: 'default',
    env: [],
  });
  const module = join(directory, `${name}.wasm`);
  await registryClient(portal.registryHost).pull(
    `${portal.registryHost}/functions/${name}:latest`,
    module,
    { maxBytes: 64 * 1024 * 1024 },
  );
  return {
    module,
    url: output.links.find(
      ({ title: text }: { title: string }) => text === 'Call the function',
    ).url,
  };
}

async function compareRequests(options: {
  runtime: string;
  requests: number;
  module: string;
  url: string;
}): Promise<Result[]> {
  const { command, args } = jcoCommand();
  const port = await freePort();
  const server = spawn(
    command,
    [
      ...args,
      'serve',
      options.module,
      '--port',
      `${port}`,
      '--isolate-requests',
      'instance',
    ],
    // The server is a child of the command: both are ended as a group.
    { stdio: 'ignore', detached: true },
  );
  const other = `http://localhost:${port}/`;
  try {
    await answers(other);
    const ours: Load[] = [];
    const theirs: Load[] = [];
    const few = { requests: 20, connections: CONNECTIONS };
    const many = { requests: options.requests, connections: CONNECTIONS };
    await load(options.url, few);
    await load(other, few);
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.push(await load(options.url, many));
      theirs.push(await load(other, many));
    }
    const rate = (loads: Load[]) => median(loads.map(l => l.perSecond));
    const quantile = (loads: Load[], key: 'p50' | 'p99') =>
      median(loads.map(l => l[key]));
    const ratio = rate(ours) / rate(theirs);
    const latency = (loads: Load[]) =>
      `p50 ${quantile(loads, 'p50').toFixed(1)} ms, p99 ${quantile(
        loads,
        'p99',
      ).toFixed(1)} ms`;
    return [
      {
        what: `${options.runtime}: requests per second, ${CONNECTIONS} connections`,
        measured: `${rate(ours).toFixed(0)}, ratio ${ratio.toFixed(
          2,
        )}; ${latency(ours)}`,
        bar: `jco serve ${rate(theirs).toFixed(0)}; ≥ 1; ${latency(theirs)}`,
        met: ratio >= 1,
      },
    ];
  } finally {
    process.kill(-server.pid!, 'SIGKILL');
    await once(server, 'exit');
  }
}

async function measureStart(options: {
  runtime: string;
  module: string;
  directory: string;
}): Promise<Result[]> {
  const cacheDirectory = join(options.directory, `cache-${options.runtime}`);
  const { jco } = createToolchains(
    readWasiConfig(
      new ConfigReader({
        wasi: { toolchains: { directory: toolchainsDirectory } },
      }),
    ),
  );
  const engine = createModuleEngine({ jco, cacheDirectory });
  const bytes = await readFile(options.module);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const start = async () => {
    const prepared = await engine.prepare(options.module, digest);
    const served = await engine.serve({
      prepared,
      args: [],
      env: {},
      directories: [],
      onLog: () => {},
    });
    return served;
  };
  const uncached = await milliseconds(async () => (await start()).stop());
  const samples = [];
  for (let round = 0; round < STARTS; round += 1) {
    // The runner keeps one process ready; starts back to back would wait for the next.
    await new Promise(done => setTimeout(done, 2_000));
    samples.push(await milliseconds(async () => (await start()).stop()));
  }
  const cached = median(samples);
  await engine.close();
  return [
    {
      what: `${options.runtime} (${(bytes.length / 1024).toFixed(
        0,
      )} KiB): start with cached artifact`,
      measured: `${cached.toFixed(0)} ms`,
      bar: `≤ ${START_BAR} ms; uncached ${uncached.toFixed(0)} ms`,
      met: cached <= START_BAR,
    },
  ];
}
