import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import { call, type Answer } from '@wasi-functions/local-platform/testing';
import { lasting, toEvents, toFacts, type Capture } from './facts';
import type { KnativeCluster } from './KnativeCluster';
import { Modules } from './Modules';
import { Nodes, running } from './Nodes';
import { IMAGE, isReady, type Scenario, type Seen } from './scenarios';

const SERVING = '/apis/serving.knative.dev/v1';
const AUTOSCALING = '/apis/autoscaling.internal.knative.dev/v1alpha1';
/** So often nothing may have changed before it is taken for the end of a matter. */
const SETTLED_LOOKS = 8;

/** Lets a scenario happen, and tells what is seen then. */
export async function capture(
  cluster: KnativeCluster,
  scenario: Scenario,
): Promise<Capture> {
  const namespace = scenario.name;
  const core = `/api/v1/namespaces/${namespace}`;
  const modules = new Modules(cluster, namespace);
  const { controller } = modules;
  const module = moduleOf(scenario);
  if (!scenario.withoutNamespace) {
    await cluster.send('POST', '/api/v1/namespaces', {
      metadata: { name: namespace },
    });
  }
  for (const { api = '/api/v1', path, object } of scenario.objects ?? []) {
    await cluster.send(
      'POST',
      `${api}/namespaces/${namespace}/${path}`,
      object,
    );
  }
  await scenario.before?.({ cluster, namespace, modules });
  await cluster.set(scenario.settings ?? []);
  const { code, body } = await modules.create(module);
  if (code >= 300 && controller === 'knative-serving-wasm') {
    return { controller, answer: toAnswer(code, body) };
  }
  if (code >= 300) {
    const told = { refused: body.message };
    return {
      controller,
      module: await modules.look(told),
      ...told,
      events: [refusalOf(body.message)],
    };
  }
  const nodes = new Nodes(cluster, namespace, scenario.kubelet ?? running);
  const list = async (path: string): Promise<Answer[]> => {
    const answer = await call(cluster.api, 'GET', path);
    if (answer.code !== 200 && answer.code !== 404) {
      throw new Error(`GET ${path}: ${answer.body.message}`);
    }
    // 404: its kind is not defined.
    return answer.code === 200 ? answer.body.items.sort(byName) : [];
  };
  const look = async (): Promise<Seen> => {
    nodes.check();
    const served = `${SERVING}/namespaces/${namespace}`;
    const services = await list(`${served}/services`);
    const service = services.find(isOf(module));
    const configurations = await list(`${served}/configurations`);
    const revisions = await list(`${served}/revisions`);
    const events = await list(`${core}/events`);
    const podAutoscalers = await list(
      `${AUTOSCALING}/namespaces/${namespace}/podautoscalers`,
    );
    return {
      module: await modules.look({ service }),
      refused: events.findLast(isRefusalOf(module))?.message,
      service,
      configuration: configurations.find(isOf(module)),
      revisions,
      revision: revisions.at(-1),
      podAutoscaler: podAutoscalers.at(-1),
      events,
    };
  };
  const reach = async (until: NonNullable<Scenario['until']>) => {
    let last: Seen | undefined;
    let before = '';
    let looks = 0;
    try {
      return await cluster.until(scenario.name, async () => {
        const seen = await look();
        last = seen;
        const isThere = until(seen);
        const facts = JSON.stringify(isThere && lasting(seen));
        looks = facts === before ? looks + 1 : 0;
        before = facts;
        return isThere && looks >= SETTLED_LOOKS ? seen : undefined;
      });
    } catch (error) {
      throw new Error(
        `${error} Last seen: ${JSON.stringify(last && lasting(last))}`,
      );
    }
  };
  try {
    const { update, then } = scenario;
    if (update) {
      await reach(isReady);
      await modules.change({ spec: update });
    }
    await then?.({ cluster, namespace, modules, reach });
    const seen = await reach(
      scenario.until ?? (({ refused }) => refused !== undefined),
    );
    const { service, configuration, refused } = seen;
    return {
      controller,
      ...(seen.module && { module: toFacts(seen.module) }),
      ...(refused && { refused }),
      ...(service && { service: toFacts(service) }),
      ...(configuration && { configuration: toFacts(configuration) }),
      revisions: seen.revisions.map(toFacts),
      pods: (await list(`${core}/pods`)).map(toFacts),
      events: toEvents(seen.events, modules.changedAt),
    };
  } finally {
    await nodes.stop();
    await cluster.unset(scenario.settings ?? []);
    await scenario.after?.({ cluster, namespace, modules });
    if (await modules.look({})) {
      await modules.delete();
    }
  }
}

function moduleOf({ name, module, annotations, called }: Scenario): WasmModule {
  return {
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: {
      name: called ?? 'orders',
      namespace: name,
      generation: 1,
      ...(annotations && { annotations }),
    },
    spec: { image: IMAGE, ...module },
  };
}

function toAnswer(code: number, body: Answer): Capture['answer'] {
  return typeof body === 'string'
    ? { code, message: body.trim() }
    : {
        code,
        reason: body.reason,
        message: body.message,
        details: body.details,
      };
}

function isRefusalOf({ metadata }: WasmModule) {
  return ({ reason, involvedObject }: Answer): boolean =>
    reason === 'InternalError' &&
    involvedObject.kind === 'WasmModule' &&
    involvedObject.name === metadata.name;
}

/** The controller's event over a Service that was not taken. */
function refusalOf(message: string): Answer {
  return {
    involvedObject: { kind: 'WasmModule', name: 'orders' },
    type: 'Warning',
    reason: 'InternalError',
    message,
  };
}

function isOf(module: WasmModule) {
  return ({ metadata }: Answer): boolean =>
    metadata.name === module.metadata.name;
}

function byName(a: Answer, b: Answer): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
