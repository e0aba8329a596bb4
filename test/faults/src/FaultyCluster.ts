import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  call,
  KubeApiserver,
  startFaultyProxy,
  type Answer,
} from '@wasi-functions/local-platform/testing';
import type { ClientAuthority } from './ClientAuthority';

const MODULES =
  '/apis/wasm.serving.knative.dev/v1alpha1/namespaces/default/wasmmodules';
const ACCOUNTS = '/api/v1/namespaces/default/serviceaccounts';
const BINDINGS = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
const ROLES = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
const MERGE = 'application/merge-patch+json';

/** Who the portal is by a client certificate. */
export const CERTIFIED_USER = 'portal-by-certificate';

/** A connection to a cluster, as a kubeconfig holds it. */
export interface Connection {
  server: string;
  caCertificate: string;
  token: string;
}

/** A real API server that can be hurt, the portal's account there, and modules of the entity `pay`. */
export class FaultyCluster {
  line!: Awaited<ReturnType<typeof startFaultyProxy>>;
  #count = 0;

  private constructor(
    readonly api: KubeApiserver,
    private readonly directory: string,
  ) {}

  /** `clients`: who issues the client certificates that it takes. */
  static async start(
    options: { clients?: ClientAuthority } = {},
  ): Promise<FaultyCluster> {
    const { clients } = options;
    const directory = mkdtempSync(join(tmpdir(), 'wasi-clients-'));
    const path = join(directory, 'ca.crt');
    writeFileSync(path, clients?.certificate ?? '');
    const api = await KubeApiserver.start({
      flags: clients ? [`--client-ca-file=${path}`] : [],
    });
    const cluster = new FaultyCluster(api, directory);
    await cluster.send('POST', ROLES, {
      metadata: { name: 'portal' },
      rules: [
        {
          apiGroups: ['wasm.serving.knative.dev'],
          resources: ['wasmmodules'],
          verbs: ['get', 'list', 'watch', 'patch'],
        },
        {
          apiGroups: [''],
          resources: ['events', 'pods'],
          verbs: ['get', 'list', 'watch'],
        },
        {
          apiGroups: ['serving.knative.dev'],
          resources: ['services', 'revisions'],
          verbs: ['get', 'list', 'watch'],
        },
      ],
    });
    await cluster.grant();
    return cluster;
  }

  async close(): Promise<void> {
    await this.api.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Makes the account, its modules anew, and a line to the API server that can break. */
  async begin(): Promise<void> {
    await this.send('POST', ACCOUNTS, { metadata: { name: 'portal' } });
    for (const name of Object.keys(await this.truth())) {
      await this.remove(name);
    }
    await this.create('stays');
    await this.create('changes');
    await this.create('goes');
    this.line = await startFaultyProxy(this.api);
  }

  async end(): Promise<void> {
    await this.line.close();
    await this.send('DELETE', `${ACCOUNTS}/portal`);
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
  ): Promise<Answer> {
    const answer = await call(this.api, method, path, { body, contentType });
    if (answer.code >= 300) {
      throw new Error(`${method} ${path}: ${answer.body.message}`);
    }
    return answer.body;
  }

  async create(name: string): Promise<void> {
    await this.send('POST', MODULES, {
      apiVersion: 'wasm.serving.knative.dev/v1alpha1',
      kind: 'WasmModule',
      metadata: {
        name,
        annotations: { 'backstage.io/entity-ref': 'component:default/pay' },
      },
      spec: { image: 'localhost:5000/pay:1' },
    });
  }

  async change(name: string): Promise<void> {
    await this.send(
      'PATCH',
      `${MODULES}/${name}`,
      { spec: { args: [String(this.#count++)] } },
      MERGE,
    );
  }

  async remove(name: string): Promise<void> {
    await this.send('DELETE', `${MODULES}/${name}`);
  }

  /** One module that comes, one that changes and one that goes. */
  async happen(): Promise<void> {
    await this.create('comes');
    await this.change('changes');
    await this.remove('goes');
  }

  /** Names and versions, as a list tells them that no cache had a part in. */
  async truth(): Promise<Record<string, string>> {
    const { items } = await this.send('GET', MODULES);
    return versionsOf(items);
  }

  /** By the line that can break. */
  async connection(): Promise<Connection> {
    return {
      server: this.line.url,
      caCertificate: this.line.ca,
      token: await this.newToken(),
    };
  }

  async newToken(): Promise<string> {
    const { status } = await this.send('POST', `${ACCOUNTS}/portal/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 600 },
    });
    return status.token;
  }

  /** Tokens are of the account that they were made for, not of its name; they are remembered for ten seconds. */
  async revokeTokens(): Promise<void> {
    await this.send('DELETE', `${ACCOUNTS}/portal`);
    await this.send('POST', ACCOUNTS, { metadata: { name: 'portal' } });
  }

  async grant(): Promise<void> {
    await this.send('POST', BINDINGS, {
      metadata: { name: 'portal' },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'portal',
      },
      subjects: [
        { kind: 'ServiceAccount', name: 'portal', namespace: 'default' },
        {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'User',
          name: CERTIFIED_USER,
        },
      ],
    });
  }

  async withdraw(): Promise<void> {
    await this.send('DELETE', `${BINDINGS}/portal`);
  }

  /** Lets etcd forget all versions before now; the API server has the last ones in memory. */
  async compact(): Promise<void> {
    const { metadata } = await this.send('GET', MODULES);
    const answer = await fetch(`${this.api.etcdServer}/v3/kv/compaction`, {
      method: 'POST',
      body: JSON.stringify({
        revision: metadata.resourceVersion,
        physical: true,
      }),
    });
    if (!answer.ok) {
      throw new Error(`etcd did not compact: ${await answer.text()}`);
    }
  }

  /** What the API server has in memory, it forgets. */
  async restart(): Promise<void> {
    await this.api.killApi();
    await this.api.startApi();
  }
}

/** Names and versions of modules. */
export function versionsOf(
  modules: readonly WasmModule[],
): Record<string, string> {
  return Object.fromEntries(
    modules
      .map(({ metadata }): [string, string] => [
        metadata.name,
        metadata.resourceVersion!,
      ])
      .sort(),
  );
}
