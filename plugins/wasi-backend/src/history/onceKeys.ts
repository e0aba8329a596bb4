import { createHash } from 'node:crypto';
import type { ModuleRef } from '@wasi-functions/backstage-plugin-wasi-common';

/** A change of a module that several backends see and one of them records. @internal */
export function changeKey(
  { cluster }: ModuleRef,
  uid: string | undefined,
  generation: number,
): string {
  return keyOf('seen', [cluster, uid, generation]);
}

/** A deletion that several backends see and one of them records. @internal */
export function goneKey(
  { cluster }: ModuleRef,
  uid: string | undefined,
): string {
  return keyOf('gone', [cluster, uid]);
}

/** A change that the scaffolder reports, as often as its task is tried. @internal */
export function reportKey(parts: readonly string[]): string {
  return keyOf('told', parts);
}

function keyOf(kind: string, parts: readonly unknown[]): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(parts))
    .digest('hex');
  return `${kind}:${digest}`;
}
