import type { KnativeCluster } from './KnativeCluster';
import { isReady, type Scenario } from './scenarios';

const quota = (hard: Record<string, string>) => ({
  path: 'resourcequotas',
  object: {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'quota' },
    spec: { hard },
  },
});
async function counted(
  cluster: KnativeCluster,
  namespace: string,
): Promise<void> {
  await cluster.until('the quota to be counted', async () => {
    const { status } = await cluster.send(
      'GET',
      `/api/v1/namespaces/${namespace}/resourcequotas/quota`,
    );
    return status?.used;
  });
}

/** Modules that the API server, the controller or Knative does not take. */
export const scenariosOfRefusal: Scenario[] = [
  {
    name: 'refused-value-from',
    module: {
      env: [
        {
          name: 'PASSWORD',
          valueFrom: { secretKeyRef: { name: 'orders', key: 'password' } },
        },
      ],
    },
  },
  {
    name: 'refused-mount-without-volume',
    module: { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
  },
  {
    name: 'refused-name',
    called: 'orders.v1',
  },
  {
    name: 'refused-long-name',
    called: 'o'.repeat(64),
  },
  {
    name: 'request-above-limit',
    module: {
      resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } },
    },
    until: ({ events }) =>
      events.some(({ message }) => message.includes('less than or equal')),
  },
  {
    name: 'refused-service-quota',
    objects: [quota({ 'count/services.serving.knative.dev': '0' })],
    // The controller of quotas has to have counted first.
    before: ({ cluster, namespace }) => counted(cluster, namespace),
  },
  {
    name: 'answer-module-quota',
    objects: [quota({ 'count/wasmmodules.wasm.serving.knative.dev': '0' })],
    before: ({ cluster, namespace }) => counted(cluster, namespace),
  },
  { name: 'answer-namespace-missing', withoutNamespace: true },
  {
    name: 'answer-namespace-terminating',
    before: async ({ cluster, namespace }) => {
      await cluster.send('DELETE', `/api/v1/namespaces/${namespace}`);
    },
  },
  {
    name: 'answer-quantity',
    module: { resources: { limits: { memory: 'plenty' } } },
  },
  {
    name: 'still-refused-after-change',
    module: {
      env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'x' } } }],
    },
    then: async ({ modules, reach }) => {
      await reach(({ refused }) => refused);
      await modules.change({ spec: { args: ['--verbose'] } });
    },
    until: ({ module }) => module?.status?.observedGeneration === 2,
  },
  {
    name: 'update-refused',
    then: async ({ modules, reach }) => {
      await reach(isReady);
      await modules.change({
        spec: { volumes: [{ name: 'data', emptyDir: {} }] },
      });
    },
    until: ({ refused, module }) =>
      refused && module?.status?.observedGeneration === 2,
  },
];
