import {
  isWasiError,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { exponentialBackOff, type BackOff } from './backOff';
import { toVersion } from './resourceVersion';
import { retryAfterOf } from './toClusterError';
import type { ResourceWatchEvent } from './watchResource';

/** What can be listed and then watched. @internal */
export interface ResourceSource<L extends { resourceVersion: string }, T> {
  cluster: string;
  /** As sentences name it, e.g. `WasmModules`. */
  label: string;
  list(signal: AbortSignal): Promise<L>;
  watch(
    resourceVersion: string,
    signal: AbortSignal,
  ): AsyncIterable<ResourceWatchEvent<T>>;
  /** The version that it has come to. */
  latestVersion(signal: AbortSignal): Promise<string>;
}

/** What following tells, see {@link followResource}. @internal */
export type ResourceFollowEvent<L, T> =
  | { type: 'LISTED'; list: L }
  | { type: 'CHANGED' | 'DELETED'; kept: T }
  | { type: 'ALIVE' }
  | { type: 'PROBLEM'; error: WasiError };

// A watch that lasted this long was a good one, whatever ended it.
const LASTING_MS = 10_000;
// API servers end a watch after a minute; one that ended sooner was cut, maybe by
// the end of the API server.
const WHOLE_MS = 55_000;
// So many watches in a row that ended sooner and told nothing are a problem.
const TOO_MANY_FAILURES = 3;

/**
 * Follows a resource until the signal aborts: lists, then watches, resumes a
 * watch that was cut, and lists again where the server has forgotten the version
 * it would resume from, went back to an earlier one, or told what cannot be trusted.
 *
 * @param options - `leastWaitMs`: before the next attempt after this problem.
 * @internal
 */
export async function* followResource<
  L extends { resourceVersion: string },
  T,
>(options: {
  source: ResourceSource<L, T>;
  signal: AbortSignal;
  backOff?: BackOff;
  leastWaitMs?: (problem: WasiError) => number;
}): AsyncGenerator<ResourceFollowEvent<L, T>, void, void> {
  const { source, signal, leastWaitMs = () => 0 } = options;
  const backOff = options.backOff ?? exponentialBackOff();
  let version: string | undefined;
  let isDoubtful = false;
  let failures = 0;
  while (!signal.aborted) {
    let openedAt: number | undefined;
    let problem: WasiError | undefined;
    try {
      if (version !== undefined && isDoubtful) {
        // A server that came back from a backup takes a version of its future
        // without a word, and keeps silent until it gets there.
        const latest = await source.latestVersion(signal);
        version = isBefore(latest, version) ? undefined : version;
      }
      isDoubtful = false;
      if (version === undefined) {
        const list = await source.list(signal);
        version = list.resourceVersion;
        yield { type: 'LISTED', list };
      }
      for await (const event of source.watch(version, signal)) {
        switch (event.type) {
          case 'OPENED':
            openedAt = performance.now();
            yield { type: 'ALIVE' };
            break;
          case 'EXPIRED':
            version = undefined;
            break;
          case 'BOOKMARK':
            failures = 0;
            version = event.resourceVersion;
            yield { type: 'ALIVE' };
            break;
          default:
            failures = 0;
            version = event.resourceVersion ?? version;
            yield event.kept === undefined
              ? { type: 'ALIVE' }
              : {
                  type: event.type === 'DELETED' ? 'DELETED' : 'CHANGED',
                  kept: event.kept,
                };
        }
      }
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      problem = asWasiError(error, source);
      if (openedAt !== undefined && problem.code !== 'CLUSTER_UNREACHABLE') {
        // What the server meant to tell is not known.
        version = undefined;
      }
    }
    if (signal.aborted) {
      return;
    }
    const lastedMs = openedAt === undefined ? 0 : performance.now() - openedAt;
    isDoubtful = lastedMs < WHOLE_MS;
    failures = lastedMs > LASTING_MS ? 0 : failures + 1;
    const waitMs = problem
      ? Math.max(retryAfterOf(problem) ?? 0, leastWaitMs(problem))
      : 0;
    const isAway = openedAt === undefined && isPassing(problem);
    if (failures >= TOO_MANY_FAILURES && !isAway) {
      // Lists still show what such a watch does not.
      version = undefined;
      problem ??= endsAtOnce(source);
    } else if (openedAt !== undefined) {
      // A watch that was cut is only picked up again; that alone is no problem.
      problem = undefined;
    }
    if (problem) {
      yield { type: 'PROBLEM', error: problem };
    }
    await backOff.wait(failures, signal, waitMs);
  }
}

/** To list anew would only add to what is wrong. */
function isPassing(problem: WasiError | undefined): boolean {
  return (
    problem?.code === 'CLUSTER_UNREACHABLE' || problem?.code === 'CLUSTER_BUSY'
  );
}

function isBefore(latest: string, known: string): boolean {
  const [now, then] = [toVersion(latest), toVersion(known)];
  return now !== undefined && then !== undefined && now < then;
}

function endsAtOnce(source: { cluster: string; label: string }): WasiError {
  return new WasiError('CLUSTER_UNEXPECTED', {
    message: `Cluster "${source.cluster}" ends every watch of ${source.label} at once.`,
    remedy:
      'If a proxy stands before the API server, let it pass answers that last for minutes.',
  });
}

function asWasiError(error: unknown, source: { cluster: string }): WasiError {
  return isWasiError(error)
    ? error
    : new WasiError('CLUSTER_UNEXPECTED', {
        message: `Following cluster "${source.cluster}" failed.`,
        cause: error,
      });
}
