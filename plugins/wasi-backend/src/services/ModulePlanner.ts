import {
  diffModules,
  isWasiError,
  parseImageReference,
  type FieldChange,
  type Finding,
  type PlanAnswer,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  refusalOf,
  type ImageVerifier,
  type ModulePreflight,
} from '@wasi-functions/backstage-plugin-wasi-node';
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
  readonly #preflight: ModulePreflight;

  constructor(options: {
    verifier: ImageVerifier;
    preflight: ModulePreflight;
  }) {
    this.#verifier = options.verifier;
    this.#preflight = options.preflight;
  }

  async plan(change: ComposedChange, signal: AbortSignal): Promise<PlanAnswer> {
    const { ref, current, module } = change;
    const refused: Finding[] = [];
    const planned = await dryRun(change).catch(error => {
      refused.push(...refusalOf(error));
      return module;
    });
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
        ...refused,
        ...(await this.#verifyForPlan(change, signal)),
        ...(await this.#check(change, { withImage: true, signal })),
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
  async admit(change: ComposedChange, signal: AbortSignal): Promise<Finding[]> {
    const { current, module, action } = change;
    // What runs already may be changed in other ways, also where it would not be let in today.
    const withImage = isPulled(change);
    if (withImage || hasOtherSpec(current, module)) {
      const findings = await this.#check(change, { withImage, signal });
      refuseUnfit(
        module,
        action === 'redeploy'
          ? findings.filter(({ path }) => path === 'spec.image')
          : findings,
      );
    }
    return withImage
      ? this.#verifier.verify(module.spec.image, { signal })
      : [];
  }

  #check(
    { module, client, current }: ComposedChange,
    options: { withImage: boolean; signal: AbortSignal },
  ): Promise<Finding[]> {
    const exists = current !== undefined;
    return this.#preflight.check({ module, client, exists, ...options });
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
