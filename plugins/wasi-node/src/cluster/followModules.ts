import type {
  WasiError,
  WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { BackOff } from './backOff';
import { followResource } from './followResource';
import type {
  ModuleList,
  ModuleSelection,
  ModuleWatchEvent,
  RejectedModule,
  WasmModuleClient,
} from './types';
import type { ResourceWatchEvent } from './watchResource';

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

type ModuleRow = { module: WasmModule } | { rejected: RejectedModule };

/**
 * Follows modules of a cluster until the signal aborts: lists, then watches,
 * resumes a watch that was cut, and lists again where the server has forgotten
 * the version it would resume from, went back to an earlier one, or told what
 * cannot be trusted.
 *
 * @param options - `keep`: what of each module of a list is kept, all by default;
 * so that ten thousand are never in memory whole.
 * @public
 */
export async function* followModules(options: {
  client: WasmModuleClient;
  selection?: ModuleSelection;
  keep?: (module: WasmModule) => WasmModule;
  signal: AbortSignal;
  backOff?: BackOff;
}): AsyncGenerator<FollowEvent, void, void> {
  const { client, selection, keep, signal, backOff } = options;
  const events = followResource<ModuleList, ModuleRow>({
    source: {
      cluster: client.cluster,
      label: 'WasmModules',
      list: until => client.list({ ...selection, keep, signal: until }),
      watch: (resourceVersion, until) =>
        rowsOf(client.watch({ ...selection, resourceVersion, signal: until })),
      latestVersion: until =>
        client.latestVersion('modules', { ...selection, signal: until }),
    },
    signal,
    backOff,
  });
  for await (const event of events) {
    if (!('kept' in event)) {
      yield event;
    } else if ('module' in event.kept) {
      yield { type: event.type, module: event.kept.module };
    } else {
      yield {
        type: 'REJECTED',
        rejected: event.kept.rejected,
        deleted: event.type === 'DELETED',
      };
    }
  }
}

async function* rowsOf(
  events: AsyncIterable<ModuleWatchEvent>,
): AsyncGenerator<ResourceWatchEvent<ModuleRow>, void, void> {
  for await (const event of events) {
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
      case 'DELETED':
        yield {
          type: event.type,
          kept: { module: event.module },
          resourceVersion: event.module.metadata.resourceVersion,
        };
        break;
      case 'REJECTED':
        yield {
          type: event.deleted ? 'DELETED' : 'MODIFIED',
          kept: { rejected: event.rejected },
          resourceVersion: event.resourceVersion,
        };
        break;
      default:
        yield event;
    }
  }
}
