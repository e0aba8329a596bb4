import { stringifyEntityRef } from '@backstage/catalog-model';
import {
  ANNOTATION_ENTITY_REF,
  diffModules,
  LABEL_KUBERNETES_ID,
  MASKED_VALUE,
  WASM_MODULE_API_VERSION,
  WASM_MODULE_KIND,
  type Finding,
  type ModuleRef,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  readExisting,
  checkModuleOwner,
  deployModule,
  type Clusters,
  type WasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { findApplied } from './findConflicts';
import { unmaskEnv } from './maskEnv';
import {
  ModuleChange,
  type ChangeParts,
  type ComposedChange,
  type EntityWrite,
} from './ModuleChange';

/** Back to what a deployment had deployed. @internal */
export interface Restoration extends EntityWrite {
  /** The deployment that is gone back to. */
  id: string;
  ref: ModuleRef;
  /** What it had deployed, with masked values where they are not kept. */
  module: WasmModule;
}

/**
 * Brings a module back to exactly an earlier spec; its labels and annotations
 * stay as they are.
 *
 * @internal
 */
export class ModuleRestorer {
  readonly #clusters: Clusters;
  readonly #parts: ChangeParts;

  constructor(options: ChangeParts & { clusters: Clusters }) {
    this.#clusters = options.clusters;
    this.#parts = options;
  }

  restore(restoration: Restoration): ModuleChange {
    return new ModuleChange(this.#parts, restoration, () =>
      this.#composed(restoration),
    );
  }

  async #composed(restoration: Restoration): Promise<ComposedChange> {
    const { id, entity, ref, caller, signal } = restoration;
    const client = this.#clusters.client(ref.cluster, caller.cluster);
    const current = await readExisting(client, ref, signal);
    if (current) {
      checkModuleOwner(current, stringifyEntityRef(entity));
    }
    const composed = compose(restoration, current);
    const target = { client, current, module: composed.module };
    const applied = await apply(target, restoration, {
      dryRun: true,
      force: true,
    });
    // An apply leaves what the entity's manager has not applied itself, such as
    // what was put by the portal's page.
    const isExact =
      !current ||
      diffModules(composed.module, applied).every(
        ({ path }) => !path.startsWith('spec.'),
      );
    return {
      ref,
      client,
      action: 'rollback',
      current,
      ...composed,
      rollbackOf: id,
      send: async options => {
        if (!isExact) {
          const { dryRun } = options;
          return client.replace(replacementOf(target), { dryRun, signal });
        }
        return options.dryRun ? applied : apply(target, restoration, options);
      },
    };
  }
}

interface Target {
  client: WasmModuleClient;
  current: WasmModule | undefined;
  /** What is applied. */
  module: WasmModule;
}

function compose(
  { entity, ref, module }: Restoration,
  current: WasmModule | undefined,
): { module: WasmModule; findings: Finding[] } {
  const { labels, annotations } = current
    ? findApplied(current)
    : module.metadata;
  const kubernetesId =
    current?.metadata.labels?.[LABEL_KUBERNETES_ID] ??
    module.metadata.labels?.[LABEL_KUBERNETES_ID];
  return {
    module: {
      apiVersion: WASM_MODULE_API_VERSION,
      kind: WASM_MODULE_KIND,
      metadata: {
        name: ref.name,
        namespace: ref.namespace,
        labels: kubernetesId
          ? { ...labels, [LABEL_KUBERNETES_ID]: kubernetesId }
          : labels,
        annotations: {
          ...annotations,
          [ANNOTATION_ENTITY_REF]: stringifyEntityRef(entity),
        },
      },
      spec: {
        ...module.spec,
        env: unmaskEnv(module.spec.env, current?.spec.env),
      },
    },
    findings: (module.spec.env ?? []).flatMap<Finding>(
      ({ name, value }, index) =>
        value === MASKED_VALUE
          ? [
              {
                code: 'SECRET_NOT_KEPT',
                severity: 'warning',
                message: `\`${name}\` looks secret and is not kept in the history: the value of the cluster stays.`,
                remedy:
                  'Set it by hand where it was another one; `wasi.history.encryptionKeys` lets the history keep such values.',
                path: `spec.env[${index}].value`,
              },
            ]
          : [],
    ),
  };
}

async function apply(
  { client, current, module }: Target,
  { entity, signal }: Restoration,
  { dryRun, force }: { dryRun: boolean; force: boolean },
): Promise<WasmModule> {
  const deployed = await deployModule({
    client,
    module,
    entityRef: stringifyEntityRef(entity),
    force,
    dryRun,
    resourceVersion: current?.metadata.resourceVersion,
    signal,
  });
  return deployed.module;
}

function replacementOf({ current, module }: Target): WasmModule {
  const { managedFields, ...metadata } = current!.metadata;
  const { apiVersion, kind, spec } = module;
  return { apiVersion, kind, metadata, spec };
}
