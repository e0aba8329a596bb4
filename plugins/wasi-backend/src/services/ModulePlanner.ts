import { stringifyEntityRef } from '@backstage/catalog-model';
import {
  diffModules,
  isWasiError,
  parseWasmModule,
  preflight,
  type Finding,
  type ModuleRef,
  type PlanAnswer,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  readExisting,
  checkModuleOwner,
  type Clusters,
  type ImageVerifier,
  type WasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { composeNew, composeReplacement } from './composeModule';
import { findConflicts } from './findConflicts';
import { maskEnv } from './maskEnv';
import { requireSameName, type EntityWrite } from './ModuleWriter';
import { withoutNoise } from './ModuleReader';

/**
 * Tells what a write would do, by a dry run of what would be sent.
 *
 * @internal
 */
export class ModulePlanner {
  readonly #clusters: Clusters;
  readonly #verifier: ImageVerifier;

  constructor(options: { clusters: Clusters; verifier: ImageVerifier }) {
    this.#clusters = options.clusters;
    this.#verifier = options.verifier;
  }

  /** Of a create, or where the module exists of a replace. */
  async plan(
    write: EntityWrite & { ref: ModuleRef; module: unknown },
  ): Promise<PlanAnswer> {
    const { ref, signal } = write;
    const wanted = parseWasmModule(write.module);
    requireSameName(wanted, ref);
    const client = this.#clusters.client(ref.cluster, write.caller.cluster);
    const current = await readExisting(client, ref, signal);
    if (current) {
      checkModuleOwner(current, stringifyEntityRef(write.entity));
    }
    const module = composed(write, wanted, current);
    return {
      ...toPlan({
        ref,
        current,
        planned: await dryRun(client, { current, module, signal }),
      }),
      findings: [
        ...preflight(module),
        ...(await this.#verify(module, current, signal)),
      ],
    };
  }

  async #verify(
    module: WasmModule,
    current: WasmModule | undefined,
    signal: AbortSignal,
  ): Promise<Finding[]> {
    if (module.spec.image === current?.spec.image) {
      return [];
    }
    try {
      return await this.#verifier.verify(module.spec.image, { signal });
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

/**
 * What a write would change, of whom; without findings.
 *
 * @internal
 */
export function toPlan(dryRunOf: {
  ref: ModuleRef;
  current: WasmModule | undefined;
  /** What the cluster would hold. */
  planned: WasmModule;
}): PlanAnswer {
  const { ref, current, planned } = dryRunOf;
  const changes = diffModules(current, planned);
  const changed = changes.length > 0 ? 'update' : 'none';
  return {
    ref,
    action: current ? changed : 'create',
    module: maskEnv(withoutNoise(planned)),
    changes,
    conflicts: findConflicts(current, changes),
    findings: [],
  };
}

function composed(
  { entity, ref }: EntityWrite & { ref: ModuleRef },
  wanted: WasmModule,
  current: WasmModule | undefined,
): WasmModule {
  if (current) {
    const { resourceVersion = current.metadata.resourceVersion } =
      wanted.metadata;
    return composeReplacement(
      { ...wanted, metadata: { ...wanted.metadata, resourceVersion } },
      current,
    );
  }
  const { namespace } = ref;
  return composeNew(entity, {
    ...wanted,
    metadata: { ...wanted.metadata, namespace },
  });
}

async function dryRun(
  client: WasmModuleClient,
  write: {
    current: WasmModule | undefined;
    module: WasmModule;
    signal: AbortSignal;
  },
): Promise<WasmModule> {
  const { current, module, signal } = write;
  const options = { dryRun: true, signal };
  return current
    ? client.replace(module, options)
    : client.create(module, options);
}
