import { stringifyEntityRef } from '@backstage/catalog-model';
import type { DeploymentStart } from '../history/types';
import type { EntityWrite } from './ModuleChange';

/** What the history is told of a write before it is made. @internal */
export function startOf(
  { entity, caller }: Pick<EntityWrite, 'entity' | 'caller'>,
  change: Omit<DeploymentStart, 'entity' | 'origin' | 'actor'>,
): DeploymentStart {
  return {
    entity: stringifyEntityRef(entity),
    origin: caller.origin,
    actor: caller.name,
    ...change,
  };
}
