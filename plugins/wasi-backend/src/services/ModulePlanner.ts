import {
  diffModules,
  isWasiError,
  parseImageReference,
  preflight,
  type FieldChange,
  type Finding,
  type PlanAnswer,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ImageVerifier } from '@wasi-functions/backstage-plugin-wasi-node';
import { basisOf } from './basisOf';
import { findConflicts } from './findConflicts';
import { maskEnv } from './maskEnv';
import type { ComposedChange } from './ModuleChange';
import { withoutNoise } from './ModuleReader';
import { refuseUnfit } from './refuseUnfit';

/**
 * Tells what a change would do, by a dry run of what would be sent.
 *
 * @internal
 */
export class ModulePlanner {
  readonly #verifier: ImageVerifier;

  constructor(options: { verifier: ImageVerifier }) {
    this.#verifier = options.verifier;
  }

  async plan(change: ComposedChange, signal: AbortSignal): Promise<PlanAnswer> {
    const { ref, current, module } = change;
    const planned = await dryRun(change);
    const changes = diffModules(current, planned);
    const changed = changes.length > 0 ? 'update' : 'none';
    return {
      ref,
      action: current ? changed : 'create',
      module: maskEnv(withoutNoise(planned)),
      changes,
      conflicts: findConflicts(current, changes),
      findings: [
        ...(change.findings ?? []),
        ...preflight(module),
        ...(await this.#verifyForPlan(change, signal)),
      ],
      basis: basisOf(current),
    };
  }

  /** Fields of others that the change would take. */
  async conflicts(change: ComposedChange): Promise<FieldChange[]> {
    const { current } = change;
    // What is not there yet is nobody's.
    return current
      ? findConflicts(current, diffModules(current, await dryRun(change)))
      : [];
  }

  /** Refuses what would not run or may not; answers what to know of it. */
  async admit(
    { current, module, action }: ComposedChange,
    signal: AbortSignal,
  ): Promise<Finding[]> {
    // What runs already may be changed in other ways, also where it would not be let in today.
    if (action !== 'redeploy' && hasOtherSpec(current, module)) {
      refuseUnfit(module);
    }
    return isPulled({ current, module, action })
      ? this.#verifier.verify(module.spec.image, { signal })
      : [];
  }

  async #verifyForPlan(
    change: ComposedChange,
    signal: AbortSignal,
  ): Promise<Finding[]> {
    if (!isPulled(change)) {
      return [];
    }
    try {
      return await this.#verifier.verify(change.module.spec.image, { signal });
    } catch (error) {
      if (isWasiError(error)) {
        // A plan tells what the write would be refused for.
        const { code, message, remedy } = error;
        return [{ code, severity: 'error', message, remedy }];
      }
      throw error;
    }
  }
}

/** With `force`, which shows what that would take. */
async function dryRun(change: ComposedChange): Promise<WasmModule> {
  return change.send({ dryRun: true, force: true });
}

function hasOtherSpec(
  current: WasmModule | undefined,
  module: WasmModule,
): boolean {
  return diffModules(current, module).some(({ path }) =>
    path.startsWith('spec.'),
  );
}

/** Whether another image may get into the cluster than the one that runs. */
function isPulled({
  current,
  module,
  action,
}: Pick<ComposedChange, 'current' | 'module' | 'action'>): boolean {
  const { image } = module.spec;
  return (
    image !== current?.spec.image ||
    // A tag may name another image by now.
    (action === 'redeploy' && !parseImageReference(image).digest)
  );
}
