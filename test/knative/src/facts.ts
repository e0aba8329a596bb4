import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Answer } from '@wasi-functions/local-platform/testing';

/** What the cluster says of one module at one moment, without what differs from run to run. */
export interface Capture {
  /** Who told of the module and made its Service. */
  controller: 'knative-serving-wasm' | 'stand-in';
  /** Absent once it is deleted, or where it was never taken. */
  module?: WasmModule;
  /** What the API server answered instead of taking the module. */
  answer?: {
    code: number;
    reason?: string;
    message: string;
    details?: object;
  };
  /** Why there is no Service, or not the one that the module asks for. */
  refused?: string;
  service?: Answer;
  configuration?: Answer;
  revisions?: Answer[];
  pods?: Answer[];
  events?: Answer[];
}

/** What is the same each time: the rest depends on when it is looked at. */
export function lasting(capture: Omit<Capture, 'controller'>) {
  const { module, answer, refused, service, revisions } = capture;
  const lastingOf = (object: Answer) => ({
    name: object.metadata.name,
    conditions: (object.status?.conditions ?? [])
      .filter(({ severity }: Answer) => severity !== 'Info')
      // Of several that failed, Ready repeats the one that was looked at last; what
      // is not known yet has one reason or another, or none.
      .map(({ type, status, ...why }: Answer) =>
        type === 'Ready' || status === 'Unknown'
          ? { type, status }
          : { type, status, ...why },
      ),
  });
  return withoutNumbers({
    module: module && { spec: module.spec, ...lastingOf(module) },
    answer,
    refused,
    service: service && lastingOf(service),
    revision: revisions?.length ? lastingOf(revisions.at(-1)) : undefined,
  });
}

/** One spec of a module may make two revisions. */
function withoutNumbers<Facts>(facts: Facts): Facts {
  return JSON.parse(JSON.stringify(facts).replace(/(?<=-)\d{5}\b/g, 'n'));
}

/** An object without what its cluster adds; of a Service, what the controller asked for too. */
export function toFacts(object: Answer): Answer {
  const { apiVersion, kind, metadata, spec, status } = object;
  const {
    name,
    namespace,
    generation,
    labels,
    annotations,
    deletionTimestamp,
  } = metadata;
  const isOurs = kind === 'WasmModule' || kind === 'Service';
  return stable({
    apiVersion,
    kind,
    metadata: {
      name,
      ...(kind === 'WasmModule' && { namespace }),
      ...(generation && { generation }),
      ...(deletionTimestamp && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      ...(isOurs && labels && { labels }),
      ...(isOurs && annotations && { annotations: chosen(annotations) }),
      ...(isOurs && ownedBy(metadata)),
      ...(kind === 'Pod' && {
        labels: {
          'serving.knative.dev/revision':
            labels['serving.knative.dev/revision'],
        },
      }),
    },
    ...(kind === 'WasmModule' && { spec }),
    ...(kind === 'Service' && { spec: { template: spec.template } }),
    ...(status && { status }),
  });
}

/** Those of Knative itself name who wrote last, which the test is. */
function chosen(annotations: Record<string, string>): Answer {
  return Object.fromEntries(
    Object.entries(annotations).filter(
      ([key]) => !/^serving\.knative\.dev\/(creator|lastModifier)$/.test(key),
    ),
  );
}

function ownedBy({ ownerReferences, finalizers }: Answer): Answer {
  return {
    ...(finalizers && { finalizers }),
    ...(ownerReferences && {
      ownerReferences: ownerReferences.map(
        ({ uid, ...owner }: Answer) => owner,
      ),
    }),
  };
}

/**
 * Of what a user deploys; each once, as their number depends on the time.
 *
 * @param changedAt - resourceVersion that the module had from its last change.
 */
export function toEvents(events: Answer[], changedAt?: string): Answer[] {
  const told = events
    .filter(({ involvedObject: { apiVersion, kind } }) =>
      /^serving\.knative\.dev|^WasmModule$|ReplicaSet|Pod$/.test(
        /^(ReplicaSet|Pod|WasmModule)$/.test(kind) ? kind : apiVersion,
      ),
    )
    // The controllers' quarrels with themselves.
    .filter(({ reason }) => reason !== 'UpdateFailed')
    .map(({ metadata, type, reason, message, involvedObject }) =>
      JSON.stringify(
        stable({
          involvedObject: {
            kind: involvedObject.kind,
            name: involvedObject.name,
          },
          type,
          reason,
          message,
          ...(involvedObject.kind === 'WasmModule' &&
            changedAt && {
              order:
                Number(metadata.resourceVersion) > Number(changedAt)
                  ? 'after'
                  : 'before',
            }),
        }),
      ),
    );
  return [...new Set(told)].sort().map(text => JSON.parse(text));
}

/** Without times and random names. */
export function stable(object: Answer): Answer {
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
