import { ConfigReader } from '@backstage/config';
import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import { readWasiConfig } from '../../config';
import {
  startKubernetesServer,
  type ScriptedAnswer,
  type SeenRequest,
} from '../../testing/startKubernetesServer';
import { createClusters } from '../createClusters';
import type { WasmModuleClient } from '../types';

export const hello: WasmModule = {
  apiVersion: 'wasm.serving.knative.dev/v1alpha1',
  kind: 'WasmModule',
  metadata: {
    name: 'hello',
    namespace: 'shop',
    resourceVersion: '7',
    generation: 2,
    labels: { app: 'hello' },
  },
  spec: { image: 'localhost:5000/hello@sha256:aa' },
};

export const ref = { namespace: 'shop', name: 'hello' };

/** For the tests of the file that calls it: clients of clusters that answer as told. */
export function useClusters() {
  const closers: (() => Promise<void>)[] = [];

  afterEach(async () => {
    await Promise.all(closers.splice(0).map(close => close()));
  });

  async function connect(
    answer: (request: SeenRequest) => ScriptedAnswer,
  ): Promise<{ client: WasmModuleClient; requests: SeenRequest[] }> {
    const server = await startKubernetesServer(answer);
    closers.push(server.close);
    const config = clusterConfig(server.url);
    return {
      client: createClusters(config, readWasiConfig(config)).client('prod'),
      requests: server.requests,
    };
  }

  return { connect, closers };
}

/** The configuration of one cluster, `prod`. */
export function clusterConfig(url: string) {
  return new ConfigReader({
    kubernetes: {
      clusterLocatorMethods: [
        {
          type: 'config',
          clusters: [
            {
              name: 'prod',
              url,
              authProvider: 'serviceAccount',
              serviceAccountToken: 'very-secret',
            },
          ],
        },
      ],
    },
  });
}
