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
import { versionsOf } from './FaultyCluster';
import type { KubeconfigFile } from './KubeconfigFile';
import { LOOK_MS } from './until';

/** How often a cluster is asked whether it still answers us. */
const PULSE_MS = 500;

/** What a portal knows of one cluster, as its backend has it. */
export class Portal {
  readonly cache: ModuleCache;
  readonly client: WasmModuleClient;

  constructor(
    file: KubeconfigFile,
    options: { now?: () => Date; onProblem?: () => void } = {},
  ) {
    const config = new ConfigReader({ wasi: { kubeconfig: file.path } });
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

  get problem(): ClusterProblem | undefined {
    return this.cache.problems()[0];
  }

  /** Names and versions of what the cache holds. */
  get modules(): Record<string, string> {
    return versionsOf(this.cache.find({}).items.map(({ module }) => module));
  }

  async close(): Promise<void> {
    await this.cache.stop();
  }
}
