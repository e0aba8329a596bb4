import { ConfigReader } from '@backstage/config';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createClusters,
  readWasiConfig,
} from '@wasi-functions/backstage-plugin-wasi-node';
import request from 'supertest';
import { startWasiBackend } from './startWasiBackend';
import { TokenApiServer } from './TokenApiServer';

const image = `localhost:5000/pay@sha256:${'a'.repeat(64)}`;

/** What no log and no answer may have. */
export const SECRETS = /secret-token/;

function entity(name: string, annotations?: Record<string, string>): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name, namespace: 'default', annotations },
  };
}

const entities = [
  entity('pay', {
    'wasm.serving.knative.dev/module': 'gke/team-a/pay, gke/team-b/pay',
  }),
  entity('open'),
  entity('selecting', {
    'backstage.io/kubernetes-label-selector': 'tier=backend',
    'backstage.io/kubernetes-namespace': 'team-a',
    'backstage.io/kubernetes-cluster': 'gke',
  }),
];

export function wasmModule(
  namespace: string,
  name: string,
  owner = 'pay',
): WasmModule {
  return {
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: {
      namespace,
      name,
      uid: 'u1',
      resourceVersion: '5',
      labels: { 'backstage.io/kubernetes-id': owner, tier: 'backend' },
      annotations: { 'backstage.io/entity-ref': `component:default/${owner}` },
    },
    spec: { image },
  };
}

/** Where the modules of an entity are served. */
export const modulesOf = (name: string) =>
  `/api/wasi/v1/entities/component/default/${name}/modules`;

/** Of the modules that a list has. */
export const namespacesOf = (body: {
  items: { ref: { namespace: string } }[];
}) => body.items.map(({ ref }) => ref.namespace);

/**
 * The plugin over two clusters that take only users' tokens; the module `pay` is on
 * one, in a namespace that Alice may see and in one that Bob may see. Carol sees all.
 */
export class UserTokensSite {
  readonly gke = new TokenApiServer();
  readonly okta = new TokenApiServer();
  /** All that was logged or told to the auditor. */
  readonly logged: unknown[] = [];
  // New ones for each test, for answers are kept for a moment.
  alice = '';
  bob = '';
  carol = '';
  #run = 0;
  #backend?: Awaited<ReturnType<typeof startWasiBackend>>;

  async start(): Promise<void> {
    const { gke, okta } = this;
    await Promise.all([gke.start(), okta.start()]);
    const config = new ConfigReader({
      kubernetes: {
        clusterLocatorMethods: [
          {
            type: 'config',
            clusters: [
              { name: 'gke', url: gke.url, authProvider: 'google' },
              {
                name: 'okta',
                url: okta.url,
                authProvider: 'oidc',
                oidcTokenProvider: 'okta',
              },
            ],
          },
        ],
      },
    });
    const logger = mockServices.logger.mock();
    for (const level of ['error', 'warn', 'info', 'debug'] as const) {
      logger[level].mockImplementation((...args) => {
        this.logged.push(args);
      });
    }
    logger.child.mockReturnValue(logger);
    this.#backend = await startWasiBackend({
      clusters: createClusters(config, readWasiConfig(config)),
      entities,
      audit: event => this.logged.push(event),
      features: [logger.factory],
    });
  }

  enter(): void {
    const { gke, okta } = this;
    this.#run += 1;
    [this.alice, this.bob, this.carol] = ['alice', 'bob', 'carol'].map(
      user => `${user}-secret-token-${this.#run}`,
    );
    for (const api of [gke, okta]) {
      api.namespaces.clear();
      api.modules.clear();
      api.calls.length = 0;
      api.eventsRefused = false;
    }
    gke.namespaces.set(this.alice, ['team-a']);
    gke.namespaces.set(this.bob, ['team-b']);
    gke.namespaces.set(this.carol, ['*']);
    gke.put(wasmModule('team-a', 'pay'));
    gke.put(wasmModule('team-b', 'pay'));
  }

  async stop(): Promise<void> {
    await this.#backend?.stop();
    await Promise.all([this.gke.close(), this.okta.close()]);
  }

  /** As a user of the portal, with what the header for tokens says. */
  call(
    user: string,
    verb: 'get' | 'post' | 'delete' | 'patch',
    path: string,
    tokens?: string,
  ) {
    const asked = request(this.#backend!.server)
      [verb](path)
      .set(
        'authorization',
        mockCredentials.user.header(`user:default/${user}`),
      );
    return tokens === undefined
      ? asked
      : asked.set('wasi-cluster-tokens', tokens);
  }

  /** The modules of `pay`. */
  list(user: string, tokens?: string, query = '?cluster=gke') {
    return this.call(user, 'get', `${modulesOf('pay')}${query}`, tokens);
  }
}
