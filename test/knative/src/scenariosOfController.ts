import type { Answer } from '@wasi-functions/local-platform/testing';
import type { KnativeCluster } from './KnativeCluster';
import { conditionOf, isReady, NEXT_IMAGE, type Scenario } from './scenarios';
import { WASM_NAMESPACE } from './WasmController';

const SERVING = '/apis/serving.knative.dev/v1';
const used = { podSpec: { containers: [{ image: 'quay.io/shop/other' }] } };

const toldOfRegistry: NonNullable<Scenario['until']> = ({ events }) =>
  events.some(isOfRegistry);

function isOfRegistry({ reason }: Answer): boolean {
  return reason === 'InsecureRegistry';
}

/** What the controller makes of modules that it takes. */
export const scenariosOfController: Scenario[] = [
  {
    name: 'service-of-another',
    objects: [
      {
        api: SERVING,
        path: 'services',
        object: {
          apiVersion: 'serving.knative.dev/v1',
          kind: 'Service',
          metadata: { name: 'orders' },
          spec: { template: { spec: used.podSpec } },
        },
      },
    ],
    until: isReady,
  },
  {
    name: 'kubernetes-service-of-another',
    objects: [
      {
        path: 'services',
        object: {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'orders' },
          spec: { ports: [{ port: 80 }] },
        },
      },
    ],
    until: ({ service }) =>
      conditionOf(service, 'RoutesReady')?.status === 'False' &&
      conditionOf(service, 'ConfigurationsReady')?.status === 'True',
  },
  {
    name: 'all-of-the-spec',
    module: {
      args: ['--verbose'],
      env: [
        { name: 'GREETING', value: 'hello' },
        { name: 'GREETING', value: 'hi' },
        { name: 'EMPTY' },
      ],
      network: {
        allowIpNameLookup: false,
        tcp: { connect: ['no-port', 'db:99999', '[::1]:80'] },
        udp: { outgoing: ['*:53'] },
      },
      resources: { limits: { cpu: '500m', memory: '256Mi' } },
      volumes: [
        { name: 'certs', secret: { secretName: 'certs' } },
        { name: 'settings', configMap: { name: 'settings' } },
        { name: 'work', emptyDir: {} },
      ],
      volumeMounts: [
        { name: 'certs', mountPath: '/certs' },
        { name: 'settings', mountPath: '/settings' },
        { name: 'work', mountPath: '/work' },
      ],
    },
    until: isReady,
  },
  {
    name: 'tag',
    module: { image: 'oci://quay.io/shop/orders:1.0' },
    until: isReady,
  },
  {
    name: 'image-of-no-form',
    module: { image: 'Not An Image' },
    until: isReady,
  },
  {
    name: 'labels-changed',
    annotations: { owner: 'shop' },
    then: async ({ modules, reach }) => {
      await reach(isReady);
      await modules.change({
        metadata: { labels: { team: 'shop' }, annotations: { owner: 'sales' } },
      });
    },
    until: isReady,
  },
  {
    name: 'insecure-registry',
    settings: [
      {
        namespace: WASM_NAMESPACE,
        name: 'config-runner',
        data: { 'insecure-registries': '- quay.io\n' },
      },
    ],
    until: seen => isReady(seen) && toldOfRegistry(seen),
  },
  {
    name: 'insecure-registry-later',
    settings: [
      {
        namespace: WASM_NAMESPACE,
        name: 'config-runner',
        data: { 'insecure-registries': '' },
      },
    ],
    then: async ({ cluster, reach }) => {
      await reach(isReady);
      await cluster.set([
        {
          namespace: WASM_NAMESPACE,
          name: 'config-runner',
          data: { 'insecure-registries': '- quay.io\n' },
        },
      ]);
    },
    until: isReady,
  },
  {
    name: 'insecure-registry-with-next-change',
    settings: [
      {
        namespace: WASM_NAMESPACE,
        name: 'config-runner',
        data: { 'insecure-registries': '' },
      },
    ],
    then: async ({ cluster, namespace, modules, reach }) => {
      await reach(isReady);
      await cluster.set([
        {
          namespace: WASM_NAMESPACE,
          name: 'config-runner',
          data: { 'insecure-registries': '- quay.io\n' },
        },
      ]);
      let looks = 0;
      // The controller hears of its settings at a time of its own.
      await cluster.until('the registry to be told of', async () => {
        await modules.change({ metadata: { labels: { look: `${looks++}` } } });
        const { items } = await cluster.send(
          'GET',
          `/api/v1/namespaces/${namespace}/events`,
        );
        return items.some(isOfRegistry);
      });
    },
    until: isReady,
  },
  {
    name: 'autoscaling-annotation-later',
    then: async ({ modules, reach }) => {
      await reach(isReady);
      await modules.change({
        metadata: { annotations: { 'autoscaling.knative.dev/min-scale': '1' } },
        spec: { image: NEXT_IMAGE },
      });
    },
    until: seen =>
      isReady(seen) && seen.service.status.observedGeneration === 3,
  },
  {
    name: 'two-modules',
    before: async ({ cluster, namespace, modules }) => {
      await cluster.send('POST', modules.path, {
        apiVersion: 'wasm.serving.knative.dev/v1alpha1',
        kind: 'WasmModule',
        metadata: { name: 'invoices', namespace },
        spec: {
          image: NEXT_IMAGE,
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      });
    },
    until: seen =>
      isReady(seen) &&
      seen.events.some(
        ({ involvedObject }) => involvedObject.name === 'invoices',
      ),
  },
  {
    name: 'deleted',
    then: async ({ modules, reach }) => {
      await reach(isReady);
      await modules.delete();
    },
    until: ({ module, service }) => !module && !service,
  },
  {
    name: 'deleting-in-foreground',
    then: async ({ cluster, namespace, modules, reach }) => {
      await reach(isReady);
      await hold(cluster, namespace, ['test/held']);
      await modules.delete({ propagationPolicy: 'Foreground' });
    },
    after: ({ cluster, namespace }) => hold(cluster, namespace, null),
    until: ({ module, service }) =>
      module?.metadata.deletionTimestamp && service?.metadata.deletionTimestamp,
  },
];

/** Keeps the Service from going, or lets it go. */
async function hold(
  cluster: KnativeCluster,
  namespace: string,
  finalizers: string[] | null,
): Promise<void> {
  await cluster.send(
    'PATCH',
    `${SERVING}/namespaces/${namespace}/services/orders`,
    { metadata: { finalizers } },
    'application/merge-patch+json',
  );
}
