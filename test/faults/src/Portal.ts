import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigReader } from '@backstage/config';
import type { ClusterProblem } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createClusters,
  createModuleCache,
  readWasiConfig,
  type ModuleCache,
  type WasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { kubeconfig } from '@wasi-functions/local-platform';

/** How often a quiet cluster is asked whether it still answers. */
const PULSE_MS = 500;
const LOOK_MS = 20;

/** What a portal knows of one cluster, as its backend has it. */
export class Portal {
  readonly cluster = 'local';
  readonly cache: ModuleCache;
  readonly client: WasmModuleClient;
  private readonly directory = mkdtempSync(join(tmpdir(), 'wasi-faults-'));
  private readonly path = join(this.directory, 'kubeconfig');

  constructor(
    connection: { server: string; caCertificate: string; token: string },
    options: { now?: () => Date } = {},
  ) {
    this.connect(connection);
    const config = new ConfigReader({ wasi: { kubeconfig: this.path } });
    const clusters = createClusters(config, readWasiConfig(config));
    this.client = clusters.client();
    this.cache = createModuleCache({
      clusters,
      pulseMs: PULSE_MS,
      // As soon as it may: what is tested is what it does, not how patient it is.
      backOff: {
        wait: async (_failures, signal, leastMs = 0) => {
          const ms = Math.max(leastMs, LOOK_MS);
          // Ends early where the cache is stopped.
          await delay(ms, undefined, { signal }).catch(() => {});
        },
      },
      ...options,
    });
    this.cache.start();
  }

  /** Writes the kubeconfig, at once, as an operator's tool does. */
  connect(connection: {
    server: string;
    caCertificate: string;
    token: string;
  }): void {
    const incoming = `${this.path}.incoming`;
    writeFileSync(incoming, kubeconfig(connection), { mode: 0o600 });
    renameSync(incoming, this.path);
  }

  get problem(): ClusterProblem | undefined {
    return this.cache.problems()[0];
  }

  /** Names and versions of what the cache holds. */
  get modules(): Record<string, string> {
    return Object.fromEntries(
      this.cache
        .find({})
        .items.map(({ module: { metadata } }) => [
          metadata.name,
          metadata.resourceVersion!,
        ])
        .sort(),
    );
  }

  async close(): Promise<void> {
    await this.cache.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Nothing tells of problems, so they are looked for. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await delay(LOOK_MS);
  }
}
