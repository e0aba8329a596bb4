import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Answer } from '@wasi-functions/local-platform/testing';
import type { KnativeCluster, Setting } from './KnativeCluster';
import type { Modules } from './Modules';
import { ended, running, unschedulable, waiting, type Kubelet } from './Nodes';

/** What the cluster has of a scenario at one moment. */
export interface Seen {
  module?: WasmModule;
  /** What the controller's last event about the module says, where it could not deploy it. */
  refused?: string;
  service?: Answer;
  configuration?: Answer;
  revisions: Answer[];
  revision: Answer;
  podAutoscaler: Answer;
  events: Answer[];
}

interface World {
  cluster: KnativeCluster;
  namespace: string;
  modules: Modules;
}

/** One way that a module goes, up to the moment that is captured. */
export interface Scenario {
  name: string;
  module?: Partial<WasmModule['spec']>;
  /** The module's name, where that matters. */
  called?: string;
  annotations?: Record<string, string>;
  /** Of the cluster, as long as this scenario takes. */
  settings?: Setting[];
  kubelet?: Kubelet;
  /** What the module changes to, once it is ready. */
  update?: Partial<WasmModule['spec']>;
  /** Besides the module, in its namespace. */
  objects?: { api?: string; path: string; object: object }[];
  withoutNamespace?: true;
  before?: (world: World) => Promise<void>;
  /** What happens to the module once it is there. */
  then?: (
    world: World & {
      reach: (until: NonNullable<Scenario['until']>) => Promise<Seen>;
    },
  ) => Promise<void>;
  /** Lets go of what would stay. */
  after?: (world: World) => Promise<void>;
  /** Whether this is the moment. Without: the module, or its Service, is refused. */
  until?: (seen: Seen) => unknown;
}

export const IMAGE = `quay.io/shop/orders@sha256:${'4f2d'.repeat(16)}`;
export const NEXT_IMAGE = `quay.io/shop/orders@sha256:${'5c3e'.repeat(16)}`;

/** What the runner prints before it ends, which the kubelet hands on. */
const said = (text: string) => ({
  exitCode: 1,
  reason: 'Error',
  message: `${text}\n`,
});
export const isFalse = (object: Answer, type = 'Ready') =>
  conditionOf(object, type)?.status === 'False';
export const isTrue = (object: Answer, type = 'Ready') =>
  conditionOf(object, type)?.status === 'True';

/** Of the module, too: it repeats its Service. */
export const isReady = ({ service, module }: Seen) =>
  isTrue(service) && isTrue(module);

export function conditionOf(object: Answer, wanted: string): Answer {
  return object?.status?.conditions?.find(
    ({ type }: Answer) => type === wanted,
  );
}

/** Ten minutes elsewhere: until then, Knative says of a container that ends only that it deploys. */
export const settings: Setting[] = [
  { name: 'config-deployment', data: { 'progress-deadline': '2s' } },
];
const hasFailed = ({ service, module }: Seen) =>
  isFalse(service) && isFalse(module);
const containerFailed = ({ revision }: Seen) =>
  isFalse(revision, 'ContainerHealthy') &&
  isFalse(revision, 'ResourcesAvailable');
const failed: Scenario['until'] = seen =>
  hasFailed(seen) && containerFailed(seen);

export const scenarios: Scenario[] = [
  {
    name: 'starting',
    kubelet: waiting('ContainerCreating'),
    until: ({ revision, podAutoscaler }) =>
      conditionOf(revision, 'Ready') && conditionOf(podAutoscaler, 'Ready'),
  },
  { name: 'ready', kubelet: running, until: isReady },
  {
    name: 'module-needs-login',
    settings,
    kubelet: ended(
      said(
        'Error: Not authorized: url https://quay.io/v2/shop/orders/manifests/sha256:4f2d',
      ),
    ),
    until: failed,
  },
  {
    name: 'module-is-core',
    settings,
    kubelet: ended(
      said('Error: attempted to parse a wasm module with a component parser'),
    ),
    until: failed,
  },
  {
    name: 'runner-ends-silently',
    settings,
    kubelet: ended({ exitCode: 1, reason: 'Error' }),
    until: failed,
  },
  {
    name: 'runner-out-of-memory',
    settings,
    kubelet: ended({ exitCode: 137, reason: 'OOMKilled' }),
    until: failed,
  },
  {
    name: 'runner-image-not-pulled',
    settings,
    kubelet: waiting(
      'ImagePullBackOff',
      'Back-off pulling image "ghcr.io/cardil/knative-serving-wasm/runner"',
    ),
    until: hasFailed,
  },
  {
    name: 'never-becomes-ready',
    settings,
    kubelet: pod => ({
      ...running(pod),
      conditions: [{ type: 'Ready', status: 'False' }],
    }),
    until: hasFailed,
  },
  {
    name: 'no-node-takes-it',
    settings,
    kubelet: unschedulable,
    until: hasFailed,
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
    until: hasFailed,
  },
  {
    name: 'update-starting',
    kubelet: pod =>
      isNext(pod) ? waiting('ContainerCreating')(pod) : running(pod),
    update: { image: NEXT_IMAGE },
    until: ({ service, revision }) =>
      isNext(revision) &&
      conditionOf(revision, 'Ready') &&
      service.status.observedGeneration === service.metadata.generation,
  },
  {
    name: 'update-failed',
    settings,
    kubelet: pod =>
      isNext(pod)
        ? ended(said('Error: failed to parse WebAssembly module'))(pod)
        : running(pod),
    update: { image: NEXT_IMAGE },
    until: seen => isNext(seen.revision) && failed(seen),
  },
  {
    name: 'updated',
    kubelet: running,
    update: { image: NEXT_IMAGE },
    until: seen => isReady(seen) && isNext(readyRevision(seen)),
  },
  {
    name: 'scaled-to-zero',
    settings: [{ name: 'config-autoscaler', data: { 'stable-window': '6s' } }],
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

/** Whether it is of what the module changes to; the controller makes two revisions of one spec. */
function isNext(podOrRevision?: Answer): boolean {
  return podOrRevision?.spec.containers.some(({ env }: Answer) =>
    env?.some(({ value }: Answer) => value === NEXT_IMAGE),
  );
}

export function readyRevision({ service, revisions }: Seen): Answer {
  return revisions.find(
    ({ metadata }) => metadata.name === service.status.latestReadyRevisionName,
  );
}
