import {
  isWasiError,
  WasiError,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { exponentialBackOff, type BackOff } from './backOff';
import type {
  ModuleList,
  ModuleSelection,
  RejectedModule,
  WasmModuleClient,
} from './types';

/**
 * What following tells: the whole list first and after each gap, each change
 * as it comes, `ALIVE` when the cluster was heard without a change, and
 * `PROBLEM` for as long as it cannot be heard.
 *
 * @public
 */
export type FollowEvent =
  | { type: 'LISTED'; list: ModuleList }
  | { type: 'CHANGED'; module: WasmModule }
  | { type: 'DELETED'; module: WasmModule }
  | { type: 'REJECTED'; rejected: RejectedModule; deleted: boolean }
  | { type: 'ALIVE' }
  | { type: 'PROBLEM'; error: WasiError };

// A watch that lasted this long was a good one, whatever ended it.
const LASTING_MS = 10_000;
// So many watches in a row that ended sooner and told nothing are a problem.
const TOO_MANY_FAILURES = 3;

/**
 * Follows modules of a cluster until the signal aborts: lists, then watches,
 * resumes a watch that was cut, and lists again where the server has forgotten
 * the version it would resume from or what it told cannot be trusted.
 *
 * @public
 */
export async function* followModules(options: {
  client: WasmModuleClient;
  selection?: ModuleSelection;
  signal: AbortSignal;
  backOff?: BackOff;
}): AsyncGenerator<FollowEvent, void, void> {
  const { client, selection, signal } = options;
  const backOff = options.backOff ?? exponentialBackOff();
  let version: string | undefined;
  let failures = 0;
  while (!signal.aborted) {
    let openedAt: number | undefined;
    let problem: WasiError | undefined;
    try {
      if (version === undefined) {
        const list = await client.list({ ...selection, signal });
        version = list.resourceVersion;
        yield { type: 'LISTED', list };
      }
      const events = client.watch({
        ...selection,
        resourceVersion: version,
        signal,
      });
      for await (const event of events) {
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
          case 'REJECTED':
            failures = 0;
            version = event.resourceVersion ?? version;
            yield {
              type: 'REJECTED',
              rejected: event.rejected,
              deleted: event.deleted,
            };
            break;
          default:
            failures = 0;
            version = event.module.metadata.resourceVersion ?? version;
            yield {
              type: event.type === 'DELETED' ? 'DELETED' : 'CHANGED',
              module: event.module,
            };
        }
      }
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      problem = asWasiError(error, client.cluster);
      if (problem.code !== 'CLUSTER_UNREACHABLE') {
        // What the server meant to tell is not known.
        version = undefined;
      }
    }
    if (signal.aborted) {
      return;
    }
    const lasted =
      openedAt !== undefined && performance.now() - openedAt > LASTING_MS;
    failures = lasted ? 0 : failures + 1;
    if (failures >= TOO_MANY_FAILURES) {
      // Lists still show what such a watch does not.
      version = undefined;
      problem ??= endsAtOnce(client.cluster);
    } else if (openedAt !== undefined) {
      // A watch that was cut is only picked up again; that alone is no problem.
      problem = undefined;
    }
    if (problem) {
      yield { type: 'PROBLEM', error: problem };
    }
    await backOff.wait(failures, signal);
  }
}

function endsAtOnce(cluster: string): WasiError {
  return new WasiError('CLUSTER_UNEXPECTED', {
    message: `Cluster "${cluster}" ends every watch of WasmModules at once.`,
    remedy:
      'If a proxy stands before the API server, let it pass answers that last for minutes.',
  });
}

function asWasiError(error: unknown, cluster: string): WasiError {
  return isWasiError(error)
    ? error
    : new WasiError('CLUSTER_UNEXPECTED', {
        message: `Following cluster "${cluster}" failed.`,
        cause: error,
      });
}
