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

/**
 * Follows modules of a cluster until the signal aborts: lists, then watches,
 * resumes a watch that was cut and lists again when the server has forgotten
 * the version it would resume from.
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
    let opened = false;
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
            opened = true;
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
      // A watch that was cut is only picked up again; that alone is no problem.
      if (!opened) {
        yield { type: 'PROBLEM', error: asWasiError(error, client.cluster) };
      }
      failures += 1;
    }
    if (!signal.aborted) {
      await backOff.wait(failures, signal);
    }
  }
}

function asWasiError(error: unknown, cluster: string): WasiError {
  return isWasiError(error)
    ? error
    : new WasiError('CLUSTER_UNEXPECTED', {
        message: `Following cluster "${cluster}" failed.`,
        cause: error,
      });
}
