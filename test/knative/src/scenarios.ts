import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Answer } from '@wasi-functions/local-platform/testing';
import { ended, running, unschedulable, waiting, type Kubelet } from './Nodes';

/** One way that a module goes, up to the moment that is captured. */
export interface Scenario {
  name: string;
  module?: Partial<WasmModule['spec']>;
  annotations?: Record<string, string>;
  /** Of the revision's template, which no WasmModule can set: for times too long for a test. */
  hurry?: Record<string, string>;
  kubelet?: Kubelet;
  /** What the module changes to, once it is ready. */
  update?: Partial<WasmModule['spec']>;
  /** Besides the module, in its namespace. */
  objects?: { path: string; object: object }[];
  /** Whether this is the moment. Without: the Service is refused. */
  until?: (seen: {
    service: Answer;
    revision: Answer;
    podAutoscaler: Answer;
  }) => unknown;
}

export const IMAGE = `quay.io/shop/orders@sha256:${'4f2d'.repeat(16)}`;
const NEXT_IMAGE = `quay.io/shop/orders@sha256:${'5c3e'.repeat(16)}`;

/** What the runner prints before it ends, which the kubelet hands on. */
const said = (text: string) => ({
  exitCode: 1,
  reason: 'Error',
  message: `${text}\n`,
});
const isFalse = (object: Answer, type = 'Ready') =>
  conditionOf(object, type)?.status === 'False';
const isTrue = (object: Answer, type = 'Ready') =>
  conditionOf(object, type)?.status === 'True';

function conditionOf(object: Answer, wanted: string): Answer {
  return object?.status?.conditions?.find(
    ({ type }: Answer) => type === wanted,
  );
}

/** Ten minutes elsewhere: until then, Knative says of a container that ends only that it deploys. */
const hurry = { 'serving.knative.dev/progress-deadline': '2s' };
const failed: Scenario['until'] = ({ service, revision }) =>
  isFalse(service) &&
  isFalse(revision, 'ContainerHealthy') &&
  isFalse(revision, 'ResourcesAvailable');

export const scenarios: Scenario[] = [
  {
    name: 'starting',
    kubelet: waiting('ContainerCreating'),
    until: ({ revision, podAutoscaler }) =>
      conditionOf(revision, 'Ready') && conditionOf(podAutoscaler, 'Ready'),
  },
  { name: 'ready', kubelet: running, until: ({ service }) => isTrue(service) },
  {
    name: 'module-needs-login',
    hurry,
    kubelet: ended(
      said(
        'Error: Not authorized: url https://quay.io/v2/shop/orders/manifests/sha256:4f2d',
      ),
    ),
    until: failed,
  },
  {
    name: 'module-is-core',
    hurry,
    kubelet: ended(
      said('Error: attempted to parse a wasm module with a component parser'),
    ),
    until: failed,
  },
  {
    name: 'runner-ends-silently',
    hurry,
    kubelet: ended({ exitCode: 1, reason: 'Error' }),
    until: failed,
  },
  {
    name: 'runner-out-of-memory',
    hurry,
    kubelet: ended({ exitCode: 137, reason: 'OOMKilled' }),
    until: failed,
  },
  {
    name: 'runner-image-not-pulled',
    hurry,
    kubelet: waiting(
      'ImagePullBackOff',
      'Back-off pulling image "ghcr.io/cardil/knative-serving-wasm/runner"',
    ),
    until: ({ service }) => isFalse(service),
  },
  {
    name: 'never-becomes-ready',
    hurry,
    kubelet: pod => ({
      ...running(pod),
      conditions: [{ type: 'Ready', status: 'False' }],
    }),
    until: ({ service }) => isFalse(service),
  },
  {
    name: 'no-node-takes-it',
    hurry,
    kubelet: unschedulable,
    until: ({ service }) => isFalse(service),
  },
  {
    name: 'quota-used-up',
    objects: [
      {
        path: 'resourcequotas',
        object: {
          apiVersion: 'v1',
          kind: 'ResourceQuota',
          metadata: { name: 'pods' },
          spec: { hard: { pods: '0' } },
        },
      },
    ],
    until: ({ service }) => isFalse(service),
  },
  {
    name: 'update-starting',
    kubelet: pod =>
      isOf(pod, 2) ? waiting('ContainerCreating')(pod) : running(pod),
    update: { image: NEXT_IMAGE },
    until: ({ service, revision }) =>
      revision.metadata.name.endsWith('2') &&
      conditionOf(revision, 'Ready') &&
      service.status.observedGeneration === 2,
  },
  {
    name: 'update-failed',
    hurry,
    kubelet: pod =>
      isOf(pod, 2)
        ? ended(said('Error: failed to parse WebAssembly module'))(pod)
        : running(pod),
    update: { image: NEXT_IMAGE },
    until: failed,
  },
  {
    name: 'updated',
    kubelet: running,
    update: { image: NEXT_IMAGE },
    until: ({ service }) =>
      isTrue(service) &&
      service.status.latestReadyRevisionName === 'orders-00002',
  },
  {
    name: 'scaled-to-zero',
    hurry: { 'autoscaling.knative.dev/window': '6s' },
    kubelet: running,
    until: ({ service, revision }) =>
      isTrue(service) &&
      conditionOf(revision, 'Active')?.reason === 'NoTraffic' &&
      revision.status.desiredReplicas === 0,
  },
  {
    name: 'refused-autoscaling-annotation',
    annotations: { 'autoscaling.knative.dev/min-scale': '1' },
  },
  {
    name: 'refused-volume-claim',
    module: {
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    },
  },
  {
    name: 'refused-host-path',
    module: {
      volumes: [{ name: 'data', hostPath: { path: '/data' } }],
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    },
  },
  {
    name: 'refused-volume-not-mounted',
    module: { volumes: [{ name: 'data', emptyDir: {} }] },
  },
  {
    name: 'refused-mount-path',
    module: {
      volumes: [{ name: 'data', emptyDir: {} }],
      volumeMounts: [{ name: 'data', mountPath: 'data' }],
    },
  },
  {
    name: 'refused-mount-twice',
    module: {
      volumes: [{ name: 'data', emptyDir: {} }],
      volumeMounts: [
        { name: 'data', mountPath: '/data' },
        { name: 'data', mountPath: '/data' },
      ],
    },
  },
  {
    name: 'refused-mount-field',
    module: {
      volumes: [{ name: 'data', emptyDir: {} }],
      volumeMounts: [
        { name: 'data', mountPath: '/data', mountPropagation: 'None' },
      ],
    } as Scenario['module'],
  },
  {
    name: 'refused-volume-without-kind',
    module: {
      volumes: [{ name: 'data' }],
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    },
  },
  {
    name: 'refused-reserved-path',
    module: {
      volumes: [{ name: 'data', emptyDir: {} }],
      volumeMounts: [{ name: 'data', mountPath: '/dev' }],
    },
  },
];

function isOf({ metadata }: Answer, revision: number): boolean {
  return metadata.labels['serving.knative.dev/revision'].endsWith(
    String(revision),
  );
}
