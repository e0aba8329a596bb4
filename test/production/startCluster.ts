import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import {
  call,
  KubeApiserver,
  type Answer,
} from '@wasi-functions/local-platform/testing';
import { root, run } from '../bench/programs';

const MODULES = '/apis/wasm.serving.knative.dev/v1alpha1';
const NAMESPACE = 'functions';
const MANIFESTS = ['watcher.yaml', 'service-account-namespaced.yaml'];

/** A real kube-apiserver with the portal's account in it, and who says that modules are ready. */
export interface Cluster {
  server: string;
  /** Namespace that the portal may write to. */
  namespace: string;
  caFile: string;
  /** Of the account that deploy/rbac makes. */
  token: string;
  module(name: string): Promise<Answer>;
  /** Changes a module as kubectl does. */
  patch(name: string, change: object): Promise<void>;
  close(): Promise<void>;
}

/** Starts it, and does what docs/clusters.md has an operator do. */
export async function startCluster(directory: string): Promise<Cluster> {
  const api = await KubeApiserver.start();
  const kubeconfig = join(directory, 'kubeconfig');
  await writeFile(kubeconfig, api.kubeconfig, { mode: 0o600 });
  const kubectl = (...args: string[]) =>
    run('kubectl', [`--kubeconfig=${kubeconfig}`, ...args]);
  await kubectl('create', 'namespace', NAMESPACE);
  for (const manifest of MANIFESTS) {
    await kubectl('apply', '-f', join(root, 'deploy/rbac', manifest));
  }
  const token = (
    await kubectl(
      'create',
      'token',
      'backstage',
      '--namespace=backstage',
      '--duration=1h',
    )
  ).trim();
  const caFile = join(directory, 'kubernetes-ca.crt');
  await writeFile(caFile, api.caCertificate);
  const runner = await standInForRunner(api);
  const pathOf = (name: string) =>
    `${MODULES}/namespaces/${NAMESPACE}/wasmmodules/${name}`;
  return {
    server: api.server,
    namespace: NAMESPACE,
    caFile,
    token,
    async module(name) {
      const { code, body } = await call(api, 'GET', pathOf(name));
      return code === 404 ? undefined : body;
    },
    async patch(name, change) {
      const { code, body } = await call(api, 'PATCH', pathOf(name), {
        contentType: 'application/merge-patch+json',
        body: change,
      });
      if (code !== 200) {
        throw new Error(body.message);
      }
    },
    async close() {
      await runner.close();
      await api.close();
    },
  };
}

/**
 * The controller and its runner, as far as the portal sees them: each generation becomes
 * ready, at one address where something answers.
 */
async function standInForRunner(
  api: KubeApiserver,
): Promise<{ close(): Promise<void> }> {
  const server = createServer((_, answer) => {
    answer.end('answered by the module\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let closing = false;
  const settled = (async () => {
    while (!closing) {
      const { body } = await call(api, 'GET', `${MODULES}/wasmmodules`);
      for (const { metadata, status } of body.items ?? []) {
        if (status?.observedGeneration !== metadata.generation) {
          await call(
            api,
            'PATCH',
            `${MODULES}/namespaces/${metadata.namespace}/wasmmodules/${metadata.name}/status`,
            {
              contentType: 'application/merge-patch+json',
              body: {
                status: {
                  observedGeneration: metadata.generation,
                  address: { url },
                  conditions: [{ type: 'Ready', status: 'True' }],
                },
              },
            },
          );
        }
      }
      await new Promise(done => setTimeout(done, 200));
    }
  })();
  return {
    async close() {
      closing = true;
      await settled.catch(() => {
        // The API server may have been first.
      });
      server.close();
      server.closeAllConnections();
    },
  };
}
