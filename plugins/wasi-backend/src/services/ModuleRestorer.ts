import { stringifyEntityRef } from '@backstage/catalog-model';
import {
  ANNOTATION_ENTITY_REF,
  diffModules,
  LABEL_KUBERNETES_ID,
  MASKED_VALUE,
  preflight,
  WASM_MODULE_API_VERSION,
  WASM_MODULE_KIND,
  WasiError,
  type Finding,
  type ModuleRef,
  type ModuleView,
  type PlanAnswer,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  readExisting,
  checkModuleOwner,
  deployModule,
  type Clusters,
  type ImageVerifier,
  type WasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { recorded } from '../history/DeploymentRecorder';
import type { DeploymentLog } from '../history/types';
import { findApplied } from './findConflicts';
import { unmaskEnv } from './maskEnv';
import { toPlan } from './ModulePlanner';
import type { EntityWrite } from './ModuleWriter';
import { refuseUnfit } from './refuseUnfit';
import { startOf } from './startOf';
import type { WrittenModules } from './WrittenModules';

/** Back to what a deployment had deployed. @internal */
export interface Restoration extends EntityWrite {
  /** The deployment that is gone back to. */
  id: string;
  ref: ModuleRef;
  /** What it had deployed, with masked values where they are not kept. */
  module: WasmModule;
  /** Also take fields from others. */
  force: boolean;
}

/**
 * Brings a module back to exactly an earlier spec; its labels and annotations
 * stay as they are.
 *
 * @internal
 */
export class ModuleRestorer {
  readonly #clusters: Clusters;
  readonly #verifier: ImageVerifier;
  readonly #log: DeploymentLog;
  readonly #written: WrittenModules;

  constructor(options: {
    clusters: Clusters;
    verifier: ImageVerifier;
    log: DeploymentLog;
    written: WrittenModules;
  }) {
    this.#clusters = options.clusters;
    this.#verifier = options.verifier;
    this.#log = options.log;
    this.#written = options.written;
  }

  async plan(restoration: Restoration): Promise<PlanAnswer> {
    const target = await this.#target(restoration);
    const { current, module, findings } = target;
    const { planned } = await tryOut(target, restoration);
    return {
      ...toPlan({ ref: restoration.ref, current, planned }),
      findings: [...findings, ...preflight(module)],
    };
  }

  async restore(restoration: Restoration): Promise<ModuleView> {
    const { id, ref, force, signal } = restoration;
    const target = await this.#target(restoration);
    const { client, current } = target;
    const module = refuseUnfit(target.module);
    const findings =
      module.spec.image === current?.spec.image
        ? []
        : await this.#verifier.verify(module.spec.image, { signal });
    const { planned, isExact } = await tryOut(target, restoration);
    const plan = toPlan({ ref, current, planned });
    if (!force && plan.conflicts.length > 0) {
      throw conflictError(ref, plan);
    }
    const start = startOf(restoration, {
      action: 'rollback',
      ref,
      module,
      before: current,
      rollbackOf: id,
    });
    const written = await recorded(this.#log, start, async () =>
      isExact
        ? (
            await apply(target, restoration, { dryRun: false })
          ).module
        : client.replace(replacementOf(target), { signal }),
    );
    return this.#written.view(ref.cluster, written, [
      ...target.findings,
      ...findings,
    ]);
  }

  async #target(restoration: Restoration): Promise<Target> {
    const { entity, ref, caller, signal } = restoration;
    const client = this.#clusters.client(ref.cluster, caller.cluster);
    const current = await readExisting(client, ref, signal);
    if (current) {
      checkModuleOwner(current, stringifyEntityRef(entity));
    }
    return { client, current, ...compose(restoration, current) };
  }
}

interface Target {
  client: WasmModuleClient;
  current: WasmModule | undefined;
  /** What is applied. */
  module: WasmModule;
  findings: Finding[];
}

function compose(
  { entity, ref, module }: Restoration,
  current: WasmModule | undefined,
): Pick<Target, 'module' | 'findings'> {
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

/** What the cluster would hold, and whether an apply alone brings it there. */
async function tryOut(
  target: Target,
  restoration: Restoration,
): Promise<{ planned: WasmModule; isExact: boolean }> {
  const { client, current, module } = target;
  const applied = await apply(target, restoration, { dryRun: true });
  // An apply leaves what the entity's manager has not applied itself, such as
  // what was put by the portal's page.
  const isExact = diffModules(module, applied.module).every(
    ({ path }) => !path.startsWith('spec.'),
  );
  if (isExact || !current) {
    return { planned: applied.module, isExact: true };
  }
  return {
    planned: await client.replace(replacementOf(target), {
      dryRun: true,
      signal: restoration.signal,
    }),
    isExact: false,
  };
}

async function apply(
  { client, current, module }: Target,
  { entity, force, signal }: Restoration,
  { dryRun }: { dryRun: boolean },
) {
  return deployModule({
    client,
    module,
    entityRef: stringifyEntityRef(entity),
    // A dry run shows what the force would take.
    force: dryRun || force,
    dryRun,
    resourceVersion: current?.metadata.resourceVersion,
    signal,
  });
}

function replacementOf({ current, module }: Target): WasmModule {
  const { managedFields, ...metadata } = current!.metadata;
  const { apiVersion, kind, spec } = module;
  return { apiVersion, kind, metadata, spec };
}

function conflictError(ref: ModuleRef, { conflicts }: PlanAnswer): WasiError {
  const findings = conflicts.map<Finding>(({ path, owner, before, after }) => ({
    code: 'FIELD_MANAGER_CONFLICT',
    severity: 'error',
    message: `\`${path}\` is ${
      before ?? 'absent'
    }, set by ${owner}; the rollback sets ${after ?? 'nothing'}.`,
    remedy: `Change it with ${owner}, or roll back with \`force\` to take it over.`,
    path,
  }));
  return new WasiError('FIELD_MANAGER_CONFLICT', {
    message: `Could not roll back WasmModule ${ref.namespace}/${
      ref.name
    } on cluster "${ref.cluster}": ${findings
      .map(({ message }) => message)
      .join(' ')}`,
    findings,
  });
}
