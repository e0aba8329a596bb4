import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startRegistry } from '../registry';

/** What the specification leaves open, or registries made before it was written lack. */
export type Feature =
  | 'chunk order'
  | 'delete by tag'
  | 'range checks'
  | 'referrers'
  | 'sha512 manifests'
  | 'tag order';

/** A registry that the cases are run against. */
export interface RegistryTarget {
  name: string;
  available: boolean;
  lacks: readonly Feature[];
  start(): Promise<RunningTarget>;
}

export interface RunningTarget {
  /** E.g. `http://localhost:5000`. */
  url: string;
  authorization?: string;
  close(): Promise<void>;
}

/**
 * The local registry, Debian's docker-registry (a check of the cases themselves), and
 * any other: `WASI_CONFORMANCE_REGISTRY=https://host`, with
 * `WASI_CONFORMANCE_USERNAME`, `WASI_CONFORMANCE_PASSWORD` and, comma-separated,
 * `WASI_CONFORMANCE_LACKS`. Repositories are made below `wasi-conformance/`.
 */
export const registryTargets: readonly RegistryTarget[] = [
  {
    name: 'the local registry',
    available: true,
    lacks: [],
    start: startLocal,
  },
  {
    name: 'docker-registry (needs docker-registry 2.8)',
    available: !spawnSync('docker-registry', ['--version']).error,
    lacks: [
      'chunk order',
      'delete by tag',
      'range checks',
      'referrers',
      'sha512 manifests',
      'tag order',
    ],
    start: startDockerRegistry,
  },
  // Only where one is named: nobody misses it otherwise.
  ...(process.env.WASI_CONFORMANCE_REGISTRY
    ? [
        {
          name: 'another registry',
          available: true,
          lacks: (process.env.WASI_CONFORMANCE_LACKS?.split(',') ??
            []) as Feature[],
          start: nameOther,
        },
      ]
    : []),
];

async function startLocal(): Promise<RunningTarget> {
  const directory = await mkdtemp(join(tmpdir(), 'wasi-conformance-'));
  const account = { username: 'me', password: 'pass:word' };
  const registry = await startRegistry({ directory, credentials: account });
  return {
    url: `http://${registry.host}`,
    authorization: basic(account),
    close: async () => {
      await registry.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function startDockerRegistry(): Promise<RunningTarget> {
  const directory = await mkdtemp(join(tmpdir(), 'wasi-conformance-'));
  const port = await freePort();
  const config = join(directory, 'config.yml');
  await writeFile(
    config,
    JSON.stringify({
      version: '0.1',
      log: { level: 'error', accesslog: { disabled: true } },
      storage: {
        filesystem: { rootdirectory: directory },
        delete: { enabled: true },
      },
      validation: { manifests: { urls: { allow: ['^https://'] } } },
      http: { addr: `127.0.0.1:${port}` },
    }),
  );
  const child = spawn('docker-registry', ['serve', config], {
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  await untilAnswers(url, () => child.exitCode !== null);
  return {
    url,
    close: async () => {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function nameOther(): Promise<RunningTarget> {
  const {
    WASI_CONFORMANCE_REGISTRY: url = '',
    WASI_CONFORMANCE_USERNAME: username,
    WASI_CONFORMANCE_PASSWORD: password = '',
  } = process.env;
  return {
    url: url.replace(/\/$/, ''),
    authorization: username ? basic({ username, password }) : undefined,
    close: async () => {},
  };
}

function basic(account: { username: string; password: string }): string {
  const text = `${account.username}:${account.password}`;
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function untilAnswers(url: string, ended: () => boolean): Promise<void> {
  for (;;) {
    try {
      await fetch(`${url}/v2/`);
      return;
    } catch (error) {
      if (ended()) {
        throw error;
      }
      await delay(20);
    }
  }
}
