import { createHash } from 'node:crypto';
import {
  WasiError,
  type ModuleRef,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { withoutNoise } from './ModuleReader';

/**
 * Stands for what a plan was made over: all that is asked of a module and who
 * asks for it, but not its status, which a controller writes at any moment.
 *
 * Values of the spec are left to its generation, as some of them are secret.
 *
 * @internal
 */
export function basisOf(module: WasmModule | undefined): string {
  if (!module) {
    return 'absent';
  }
  const { uid, generation, deletionTimestamp, labels, managedFields } =
    module.metadata;
  const { annotations } = withoutNoise(module).metadata;
  const owners = (managedFields ?? [])
    .filter(({ subresource }) => !subresource)
    .map(({ manager, operation, fieldsV1 }) => [manager, operation, fieldsV1]);
  return createHash('sha256')
    .update(
      JSON.stringify([
        uid,
        generation,
        deletionTimestamp,
        entriesOf(labels),
        entriesOf(annotations),
        owners,
      ]),
    )
    .digest('base64url');
}

/**
 * @throws `WasiError` MODULE_CONFLICT where the plan was made over something else.
 * @internal
 */
export function requireBasis(
  change: { ref: ModuleRef; current: WasmModule | undefined },
  basis: string | undefined,
): void {
  if (basis === undefined || basis === basisOf(change.current)) {
    return;
  }
  const { cluster, namespace, name } = change.ref;
  throw new WasiError('MODULE_CONFLICT', {
    message: `WasmModule ${namespace}/${name} on cluster "${cluster}" was changed since this was planned.`,
    remedy: 'Plan again, and look at what it would do now.',
  });
}

function entriesOf(entries: Record<string, string> = {}): [string, string][] {
  return Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1));
}
