import type { DeploymentOrigin } from '@wasi-functions/backstage-plugin-wasi-common';
import type { ReportedChange } from '../history/types';

const BY_HAND: readonly DeploymentOrigin[] = ['portal', 'api', 'mcp'];

/** Tells a change that deploys from the catalog must not undo. @internal */
export function isByHand({
  action,
  origin,
}: Pick<ReportedChange, 'action' | 'origin'>): boolean {
  switch (action) {
    // The same module anew.
    case 'redeploy':
      return false;
    // A template that deploys has made func.yaml as well.
    case 'delete':
      return BY_HAND.includes(origin) || origin === 'template';
    default:
      return BY_HAND.includes(origin);
  }
}

/** Why such a change suspends the deploys of its entity. @internal */
export function reasonOf({
  action,
  ref,
}: Pick<ReportedChange, 'action' | 'ref'>): string {
  const name = `${ref.cluster}/${ref.namespace}/${ref.name}`;
  switch (action) {
    case 'rollback':
      return `${name} was rolled back by hand. Resume to deploy func.yaml again.`;
    case 'delete':
      return `${name} was deleted by hand. Resume to deploy func.yaml again.`;
    default:
      return `${name} was changed by hand. Resume to deploy func.yaml again.`;
  }
}
