import type {
  Condition,
  WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { isDeepStrictEqual } from 'node:util';
import type { ObjectStore } from '../kubernetes';
import { timestamp } from './timestamp';

/**
 * What a module's one condition says.
 *
 * @internal
 */
export type Readiness =
  | { phase: 'ready'; url: string }
  /** Starting, or refused: the real controller says the same of both. */
  | { phase: 'unavailable' }
  | { phase: 'failed'; message: string };

/**
 * Writes the status as the real controller does: only `Ready`, an address once
 * there was one, and the generation that was looked at.
 *
 * @internal
 */
export function writeStatus(
  store: ObjectStore,
  module: WasmModule,
  options: { readiness: Readiness; now: Date },
): void {
  const { name, namespace = 'default', uid, generation } = module.metadata;
  const current = store.get<WasmModule>('wasmmodules', namespace, name);
  if (!current || current.metadata.uid !== uid) {
    // Deleted meanwhile: there is no status to write.
    return;
  }
  const { readiness, now } = options;
  const condition = withTime(
    conditionOf(readiness, name),
    current.status?.conditions?.find(({ type }) => type === 'Ready'),
    now,
  );
  const status = {
    ...current.status,
    observedGeneration: generation,
    conditions: [condition],
    ...(readiness.phase === 'ready' && { address: { url: readiness.url } }),
  };
  if (!isDeepStrictEqual(status, current.status)) {
    store.update(
      'wasmmodules',
      { ...current, status },
      { subresource: 'status', fieldManager: 'wasmmodule-controller' },
    );
  }
}

function conditionOf(readiness: Readiness, name: string): Condition {
  switch (readiness.phase) {
    case 'ready':
      return { type: 'Ready', status: 'True' };
    case 'unavailable':
      return {
        type: 'Ready',
        status: 'False',
        reason: 'ServiceUnavailable',
        message: `Service "${name}" wasn't found.`,
      };
    case 'failed':
      return {
        type: 'Ready',
        status: 'False',
        reason: 'RevisionFailed',
        message: readiness.message,
      };
    default:
      throw new Error(`Unknown phase ${readiness satisfies never}`);
  }
}

function withTime(
  condition: Condition,
  before: Condition | undefined,
  now: Date,
): Condition {
  const { lastTransitionTime, ...known } = before ?? {};
  return {
    ...condition,
    lastTransitionTime:
      lastTransitionTime && isDeepStrictEqual(known, condition)
        ? lastTransitionTime
        : timestamp(now),
  };
}
