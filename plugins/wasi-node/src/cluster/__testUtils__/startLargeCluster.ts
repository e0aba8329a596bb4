import {
  startKubernetesServer,
  type ScriptedAnswer,
  type SeenRequest,
} from '../../testing/startKubernetesServer';

const at = '2026-01-02T03:04:05Z';
const nameOf = (index: number) => `module-${String(index).padStart(5, '0')}`;
const digest = (index: number) => index.toString(16).padStart(64, '0');
const trueOf = (type: string) => ({
  type,
  status: 'True',
  lastTransitionTime: at,
});

function metadataOf(index: number, name = nameOf(index)) {
  return {
    name,
    namespace: `team-${index % 50}`,
    uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    resourceVersion: String(1000 + index),
    generation: 1,
    creationTimestamp: at,
  };
}

function moduleRow(index: number): object {
  const name = nameOf(index);
  return {
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: {
      ...metadataOf(index),
      labels: {
        app: name,
        'app.kubernetes.io/managed-by': 'backstage',
        'app.kubernetes.io/part-of': `system-${index % 100}`,
        'backstage.io/kubernetes-id': name,
      },
      annotations: {
        'backstage.io/entity-ref': `component:default/${name}`,
        'kubectl.kubernetes.io/last-applied-configuration': 'x'.repeat(1_200),
      },
      managedFields: [
        managedFields('backstage-wasi', undefined),
        managedFields('controller', 'status'),
      ],
    },
    spec: {
      image: `registry.example.com/team-${index % 50}/${name}@sha256:${digest(
        index,
      )}`,
      args: ['--port', '8080'],
      env: [
        { name: 'COLOUR', value: 'blue' },
        { name: 'DATABASE', value: `postgres://db-${index}/orders` },
      ],
      resources: { limits: { memory: '256Mi', cpu: '500m' } },
      network: {
        allowIpNameLookup: true,
        tcp: { connect: [`db-${index}:5432`, 'cache:6379'] },
      },
    },
    status: {
      observedGeneration: 1,
      address: { url: `http://${name}.team-${index % 50}.example.com` },
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at }],
    },
  };
}

function managedFields(manager: string, subresource: string | undefined) {
  return {
    manager,
    operation: 'Apply',
    subresource,
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    time: at,
    fieldsType: 'FieldsV1',
    fieldsV1: Object.fromEntries(
      Array.from({ length: 20 }, (_, field) => [
        `f:field-${field}`,
        { '.': {}, 'f:value': {} },
      ]),
    ),
  };
}

function serviceRow(index: number): object {
  const name = nameOf(index);
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: {
      ...metadataOf(index),
      ownerReferences: [
        {
          apiVersion: 'wasm.serving.knative.dev/v1alpha1',
          kind: 'WasmModule',
          name,
          uid: 'u',
        },
      ],
      managedFields: [managedFields('controller', undefined)],
    },
    spec: { template: { spec: runner(index) } },
    status: {
      observedGeneration: 1,
      latestCreatedRevisionName: `${name}-00001`,
      latestReadyRevisionName: `${name}-00001`,
      conditions: ['ConfigurationsReady', 'Ready', 'RoutesReady'].map(trueOf),
    },
  };
}

function revisionRow(index: number): object {
  const name = nameOf(index);
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Revision',
    metadata: {
      ...metadataOf(index, `${name}-00001`),
      labels: {
        'serving.knative.dev/service': name,
        'serving.knative.dev/configuration': name,
        'serving.knative.dev/configurationGeneration': '1',
      },
      managedFields: [managedFields('controller', undefined)],
    },
    spec: runner(index),
    status: {
      conditions: [
        ...['ContainerHealthy', 'Ready', 'ResourcesAvailable'].map(trueOf),
        {
          type: 'Active',
          status: 'False',
          reason: 'NoTraffic',
          message: 'The target is not receiving traffic.',
          severity: 'Info',
          lastTransitionTime: at,
        },
      ],
    },
  };
}

function runner(index: number): object {
  return {
    containers: [
      {
        name: 'user-container',
        image: 'ghcr.io/example/runner',
        env: [
          { name: 'IMAGE', value: `registry.example.com/${nameOf(index)}` },
          { name: 'WASI_CONFIG', value: JSON.stringify({ args: ['x'] }) },
        ],
      },
    ],
  };
}

function eventRow(index: number, each: number): object {
  const name = nameOf(Math.floor(index / each));
  const isOfModule = index % each === 0;
  return {
    metadata: {
      ...metadataOf(Math.floor(index / each), `${name}.${index}`),
      resourceVersion: String(100_000 + index),
    },
    involvedObject: isOfModule
      ? {
          kind: 'WasmModule',
          apiVersion: 'wasm.serving.knative.dev/v1alpha1',
          name,
        }
      : { kind: 'Pod', name: `${name}-00001-deployment-5d9f7c-abcde` },
    type: isOfModule ? 'Warning' : 'Normal',
    reason: isOfModule ? 'InsecureRegistry' : 'Pulled',
    message: isOfModule
      ? 'Image will be fetched over plain HTTP (matched insecure registry)'
      : 'Successfully pulled image "ghcr.io/example/runner" in 1.2s',
    count: 1,
    lastTimestamp: at,
  };
}

const ROWS: Record<string, ((index: number) => object) | undefined> = {
  wasmmodules: moduleRow,
  services: serviceRow,
  revisions: revisionRow,
};

/** Answers lists of a large cluster, and watches that say nothing. */
export function largeCluster(options: {
  modules: number;
  eventsEach?: number;
}): (request: SeenRequest) => ScriptedAnswer {
  const { modules, eventsEach = 3 } = options;
  return ({ path, query }) => {
    if (query.watch) {
      return { stream: () => {} };
    }
    const resource = path.split('/').at(-1)!;
    const [rowOf, count] =
      resource === 'events'
        ? [(index: number) => eventRow(index, eventsEach), modules * eventsEach]
        : [ROWS[resource], modules];
    if (!rowOf) {
      return { status: 404, json: { kind: 'Status', code: 404 } };
    }
    const start = Number(query.continue ?? 0);
    const end = Math.min(start + Number(query.limit ?? count), count);
    return {
      json: {
        metadata: {
          resourceVersion: '1000000',
          ...(end < count && { continue: String(end) }),
        },
        items: Array.from({ length: end - start }, (_, index) =>
          rowOf(start + index),
        ),
      },
    };
  };
}

/**
 * A cluster of so many modules, each with what the controller and Knative make
 * of it; made up page by page, so that it holds none of them itself.
 */
export async function startLargeCluster(options: {
  modules: number;
  eventsEach?: number;
}) {
  return startKubernetesServer(largeCluster(options));
}
