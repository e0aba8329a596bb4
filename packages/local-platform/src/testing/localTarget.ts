import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startKubernetesApi,
  type KubernetesApi,
  type LogSource,
} from '../kubernetes';

/** A Kubernetes API that the contract is checked against. */
export interface KubernetesTarget {
  server: string;
  caCertificate: string;
  adminToken: string;
  kubeconfig: string;
  close(): Promise<void>;
}

/** A log of three lines that ends there, unless it is followed. */
export const threeLines: LogSource = {
  async *read(namespace, pod, { tailLines, follow, signal }) {
    const lines = ['one', 'two', `${namespace}/${pod}`];
    yield* tailLines === undefined ? lines : lines.slice(-tailLines);
    if (follow && !signal?.aborted) {
      await new Promise(resolve => {
        signal?.addEventListener('abort', resolve, { once: true });
      });
    }
  },
};

/** The embedded API in a folder of its own. */
export async function startLocalTarget(
  options: Partial<Parameters<typeof startKubernetesApi>[0]> = {},
): Promise<KubernetesTarget & { api: KubernetesApi; directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'kubernetes-api-'));
  const api = await startKubernetesApi({
    directory,
    port: 0,
    logSource: threeLines,
    onError: error => {
      throw error;
    },
    ...options,
  });
  return {
    api,
    directory,
    server: api.server,
    caCertificate: api.caCertificate,
    adminToken: api.adminToken,
    kubeconfig: api.kubeconfig(),
    close: async () => {
      await api.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
