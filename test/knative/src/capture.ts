import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import { call, type Answer } from '@wasi-functions/local-platform/testing';
import type { KnativeCluster } from './KnativeCluster';
import { Nodes, running } from './Nodes';
import { IMAGE, type Scenario } from './scenarios';

const SERVING = '/apis/serving.knative.dev/v1';
const AUTOSCALING = '/apis/autoscaling.internal.knative.dev/v1alpha1';
/** So often nothing may have changed before it is taken for the end of a matter. */
const SETTLED_LOOKS = 8;
const RUNNER = 'ghcr.io/cardil/knative-serving-wasm/runner';

/** What is the same each time: the rest depends on when it is looked at. */
export function lasting({ module, refused, service, revisions }: Capture) {
  const lastingOf = (object: Answer) => ({
    name: object.metadata.name,
    conditions: object.status.conditions
      .filter(({ severity }: Answer) => severity !== 'Info')
      // Of several that failed, Ready repeats the one that was looked at last; what
      // is not known yet has one reason or another, or none.
      .map(({ type, status, ...why }: Answer) =>
        type === 'Ready' || status === 'Unknown'
          ? { type, status }
          : { type, status, ...why },
      ),
  });
  return {
    module,
    refused,
    service: service && lastingOf(service),
    revisions: revisions?.map(lastingOf),
  };
}

/** What the cluster says of one module at one moment, without what differs from run to run. */
export interface Capture {
  module: WasmModule;
  /** Why Knative's webhook does not take the Service. */
  refused?: string;
  service?: Answer;
  configuration?: Answer;
  revisions?: Answer[];
  pods?: Answer[];
  events?: Answer[];
}

/** Lets a scenario happen, and tells what is seen then. */
export async function capture(
  cluster: KnativeCluster,
  scenario: Scenario,
): Promise<Capture> {
  const namespace = scenario.name;
  const core = `/api/v1/namespaces/${namespace}`;
  const services = `${SERVING}/namespaces/${namespace}/services`;
  const module = moduleOf(scenario);
  await cluster.send('POST', '/api/v1/namespaces', {
    metadata: { name: namespace },
  });
  for (const { path, object } of scenario.objects ?? []) {
    await cluster.send('POST', `${core}/${path}`, object);
  }
  const created = await call(cluster.api, 'POST', services, {
    body: serviceOf(module, scenario),
  });
  if (!scenario.until) {
    return { module, refused: created.body.message };
  }
  expect(created.code).toBe(201);
  const nodes = new Nodes(cluster, namespace, scenario.kubelet ?? running);
  try {
    const look = async () => {
      nodes.check();
      const list = async (path: string) =>
        (await cluster.send('GET', path)).items.sort(byName);
      const [service] = await list(services);
      const [configuration] = await list(
        `${SERVING}/namespaces/${namespace}/configurations`,
      );
      const revisions = await list(
        `${SERVING}/namespaces/${namespace}/revisions`,
      );
      const podAutoscalers = await list(
        `${AUTOSCALING}/namespaces/${namespace}/podautoscalers`,
      );
      return { service, configuration, revisions, podAutoscalers };
    };
    let last: unknown;
    let before = '';
    let looks = 0;
    const reach = async (until: NonNullable<Scenario['until']>) => {
      try {
        return await cluster.until(scenario.name, async () => {
          const seen = await look();
          last = seen;
          const isThere = until({
            service: seen.service,
            revision: seen.revisions.at(-1),
            podAutoscaler: seen.podAutoscalers.at(-1),
          });
          const facts = JSON.stringify(isThere && lasting({ module, ...seen }));
          looks = facts === before ? looks + 1 : 0;
          before = facts;
          return isThere && looks >= SETTLED_LOOKS ? seen : undefined;
        });
      } catch (error) {
        throw new Error(`${error} Last seen: ${JSON.stringify(stable(last))}`);
      }
    };
    if (scenario.update) {
      await reach(({ service }) =>
        service.status?.conditions?.some(
          ({ type, status }: Answer) => type === 'Ready' && status === 'True',
        ),
      );
      Object.assign(module.spec, scenario.update);
      module.metadata.generation = 2;
      await cluster.send(
        'PATCH',
        `${services}/orders`,
        { spec: serviceOf(module, scenario).spec },
        'application/merge-patch+json',
      );
    }
    const seen = await reach(scenario.until);
    const pods = await cluster.send('GET', `${core}/pods`);
    const events = await cluster.send('GET', `${core}/events`);
    return {
      module,
      service: toFacts(seen.service),
      configuration: toFacts(seen.configuration),
      revisions: seen.revisions.map(toFacts),
      pods: pods.items.map(toFacts),
      events: toEvents(events.items),
    };
  } finally {
    await nodes.stop();
    await cluster.send('DELETE', `${services}/orders`);
  }
}

function moduleOf({ name, module, annotations }: Scenario): WasmModule {
  return {
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: {
      name: 'orders',
      namespace: name,
      generation: 1,
      ...(annotations && { annotations }),
    },
    spec: { image: IMAGE, ...module },
  };
}

/** The Service that the controller of knative-serving-wasm makes of a module. */
function serviceOf({ metadata, spec }: WasmModule, scenario: Scenario): Answer {
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { name: metadata.name, annotations: metadata.annotations },
    spec: {
      template: {
        ...(scenario.hurry && { metadata: { annotations: scenario.hurry } }),
        spec: {
          containers: [
            {
              image: RUNNER,
              env: [
                { name: 'IMAGE', value: spec.image },
                { name: 'WASI_CONFIG', value: '{}' },
              ],
              volumeMounts: spec.volumeMounts,
              resources: spec.resources,
            },
          ],
          volumes: spec.volumes,
        },
      },
    },
  };
}

function toFacts({ apiVersion, kind, metadata, status }: Answer): Answer {
  const { generation, labels } = metadata;
  return stable({
    apiVersion,
    kind,
    metadata: {
      name: metadata.name,
      ...(generation && { generation }),
      ...(kind === 'Pod' && {
        labels: {
          'serving.knative.dev/revision':
            labels['serving.knative.dev/revision'],
        },
      }),
    },
    status,
  });
}

/** Of what a user deploys; each once, as their number depends on the time. */
function toEvents(events: Answer[]): Answer[] {
  const told = events
    .filter(({ involvedObject: { apiVersion, kind } }) =>
      /^serving\.knative\.dev|ReplicaSet|Pod$/.test(
        kind === 'ReplicaSet' || kind === 'Pod' ? kind : apiVersion,
      ),
    )
    // The controller's quarrels with itself.
    .filter(({ reason }) => reason !== 'UpdateFailed')
    .map(({ type, reason, message, involvedObject }) =>
      JSON.stringify(
        stable({
          involvedObject: {
            kind: involvedObject.kind,
            name: involvedObject.name,
          },
          type,
          reason,
          message,
        }),
      ),
    );
  return [...new Set(told)].sort().map(text => JSON.parse(text));
}

/** Without times and random names. */
function stable(object: Answer): Answer {
  return JSON.parse(
    JSON.stringify(object, (key, value) =>
      /Time$|^startedAt$|^finishedAt$/.test(key) ? undefined : value,
    )
      .replace(
        /(-deployment-)[a-z0-9]{8,10}(-[a-z0-9]{5})?/g,
        (_, start, pod) => (pod ? `${start}hash-pod` : `${start}hash`),
      )
      .replace(/192\.0\.2\.\d+/g, '192.0.2.1'),
  );
}

function byName(a: Answer, b: Answer): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
