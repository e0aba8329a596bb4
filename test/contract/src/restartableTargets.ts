import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKubernetesApi } from '@wasi-functions/local-platform';
import {
  KubeApiserver,
  threeLines,
  type KubernetesTarget,
} from '@wasi-functions/local-platform/testing';
import { assets } from './kubeApiserverTarget';

/** An API that can end and begin anew, on the port and the data that it had. */
export type RestartableTarget = KubernetesTarget & {
  restart(): Promise<void>;
};

/** How many changes the local platform remembers here. */
const HISTORY_LENGTH = 10;

/** The APIs whose restart clients must bear. */
export const restartableTargets: {
  title: string;
  present: boolean;
  start: () => Promise<RestartableTarget>;
  /** Lets it forget what has been before. */
  forget: (
    target: RestartableTarget,
    change: (count: number) => Promise<void>,
  ) => Promise<void>;
}[] = [
  {
    title: 'the local platform',
    present: true,
    start: startRestartable,
    forget: (_, change) => change(2 * HISTORY_LENGTH),
  },
  {
    title: 'a real kube-apiserver (tool: KUBEBUILDER_ASSETS)',
    present: Boolean(assets),
    start: async () => {
      const api = await KubeApiserver.start();
      return Object.assign(api, {
        restart: async () => {
          await api.killApi();
          await api.startApi();
        },
      });
    },
    forget: async (target, change) => {
      await change(1);
      await target.restart();
    },
  },
];

async function startRestartable(): Promise<RestartableTarget> {
  const directory = mkdtempSync(join(tmpdir(), 'kubernetes-api-'));
  const start = (port: number) =>
    startKubernetesApi({
      directory,
      port,
      logSource: threeLines,
      historyLength: HISTORY_LENGTH,
    });
  let api = await start(0);
  const { server, caCertificate, adminToken } = api;
  return {
    server,
    caCertificate,
    adminToken,
    kubeconfig: api.kubeconfig(),
    restart: async () => {
      await api.close();
      api = await start(Number(new URL(server).port));
    },
    close: async () => {
      await api.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
