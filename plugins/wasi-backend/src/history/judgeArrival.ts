import {
  diffModules,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { maskEnv } from '../services/maskEnv';
import type { DeploymentEnd } from './DeploymentStore';
import type { StoredDeployment } from './types';

const NEVER: DeploymentEnd = {
  state: 'failed',
  code: 'DEPLOYMENT_INTERRUPTED',
  message: 'It was broken off before it reached the cluster.',
};

/**
 * Tells from what the cluster has whether a change has reached it of which
 * nobody knows any more.
 *
 * @internal
 */
export function judgeArrival(options: {
  deployment: StoredDeployment;
  /** What was sent; absent for a delete. */
  sent?: WasmModule;
  /** What the cluster has; absent where it has nothing. */
  found?: WasmModule;
}): 'applied' | DeploymentEnd {
  const { deployment, sent, found } = options;
  const never = deployment.message
    ? { ...NEVER, ...definedOf(deployment) }
    : NEVER;
  const { base } = deployment;
  const isSame = found !== undefined && found.metadata.uid === base?.uid;
  if (!sent) {
    return isSame && found.metadata.deletionTimestamp === undefined
      ? never
      : 'applied';
  }
  if (!found) {
    return never;
  }
  if (holds(found, sent)) {
    return 'applied';
  }
  return isSame && found.metadata.generation === base?.generation
    ? never
    : {
        state: 'unknown',
        code: 'DEPLOYMENT_OUTCOME_UNKNOWN',
        message:
          'The backend ended while it was deployed, and the module was changed by somebody else since.',
      };
}

/** True where nothing of what was sent is missing; the cluster may add defaults. */
function holds(found: WasmModule, sent: WasmModule): boolean {
  // What the history does not keep cannot be compared.
  return diffModules(maskEnv(sent), maskEnv(found)).every(
    ({ kind }) => kind === 'added',
  );
}

function definedOf({ message, code, remedy }: StoredDeployment) {
  return { message, code, remedy };
}
