import type { BackendFeature } from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Clusters } from '@wasi-functions/backstage-plugin-wasi-node';
import {
  createFakeClusters,
  FakeWasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node/testing';
import { startWasiBackend, type ConfigData } from './startWasiBackend';

export const image = `localhost:5000/pay@sha256:${'a'.repeat(64)}`;

function component(name: string, annotations?: Record<string, string>): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name, namespace: 'default', annotations },
    spec: { type: 'wasm-function', owner: 'guests', lifecycle: 'production' },
  };
}

/** A module in the namespace `shop`, with the noise of kubectl. */
export function wasmModule(
  name: string,
  owner: string | undefined,
  spec: Partial<WasmModule['spec']> = {},
): WasmModule {
  return {
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: {
      name,
      namespace: 'shop',
      annotations: {
        ...(owner && {
          'backstage.io/entity-ref': `component:default/${owner}`,
        }),
        'kubectl.kubernetes.io/last-applied-configuration': '{"secret":1}',
      },
      managedFields: [{ manager: 'kubectl' }],
    },
    spec: { image, ...spec },
  };
}

const entities = [
  component('pay'),
  component('bank', { 'wasm.serving.knative.dev/module': 'prod/shop/bank' }),
  component('linked', {
    'wasm.serving.knative.dev/module': 'shop/pay, prod/shop/absent, dead/x',
  }),
  component('plain'),
  component('synced', { 'wasm.serving.knative.dev/auto-deploy': 'true' }),
  component('selecting', { 'backstage.io/kubernetes-id': 'team-a' }),
  component('strange', {
    'wasm.serving.knative.dev/module':
      'mars/shop/pay, not a name, prod/shop/pay',
  }),
  component('unreadable', {
    'backstage.io/kubernetes-label-selector': 'tier in',
  }),
];

/** Where the modules of an entity are served. */
export const modulesOf = (entity: string) =>
  `/api/wasi/v1/entities/component/default/${entity}/modules`;
/** The module of the entity `pay`. */
export const PAY = `${modulesOf('pay')}/prod/shop/pay`;

/** The plugin over one cluster with the modules `pay` and `bank`, made anew for each test. */
export class BackendUnderTest {
  readonly prod = new FakeWasmModuleClient('prod', [
    wasmModule('pay', 'pay', {
      env: [
        { name: 'COLOUR', value: 'blue' },
        { name: 'DB_PASSWORD', value: 'hunter2' },
        { name: 'DB', value: 'postgres://me:hunter2@db/shop' },
      ],
    }),
    wasmModule('bank', 'bank'),
  ]);
  clusters: Clusters = createFakeClusters([this.prod]);
  /** What ends with the test. */
  readonly stops: (() => Promise<unknown>)[] = [];

  /** Starts it on the clusters that are set by then. */
  async start(
    options: {
      deny?: string;
      audit?: (event: object) => void;
      wasi?: ConfigData;
      config?: ConfigData;
      features?: BackendFeature[];
    } = {},
  ) {
    const { clusters } = this;
    const backend = await startWasiBackend({ clusters, entities, ...options });
    this.stops.push(() => backend.stop());
    return backend.server;
  }

  async stop(): Promise<void> {
    await Promise.all(this.stops.splice(0).map(stop => stop()));
  }
}
