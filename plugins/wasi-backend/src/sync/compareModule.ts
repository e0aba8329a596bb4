import { createHash } from 'node:crypto';
import {
  ANNOTATION_ENTITY_REF,
  diffModules,
  ENV_REDEPLOYED_AT,
  FIELD_MANAGER,
  isWasiError,
  type FieldChange,
  type ModuleRef,
  type SyncMode,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  planDeploy,
  readExisting,
  type WasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node';

// What Argo CD and Flux call themselves in `metadata.managedFields`.
const GITOPS = [
  'argocd-controller',
  'argocd-application-controller',
  'kustomize-controller',
  'helm-controller',
];
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** What runs, against what the source says. @internal */
export interface Comparison {
  live?: WasmModule;
  /** To apply: what the source says, and the variable of a redeploy that runs. */
  wanted: WasmModule;
  /** What applying the source would change. */
  changes: FieldChange[];
  /** Another tool that owns what would change, or the module as a whole. */
  managedBy?: string;
}

/**
 * Has the cluster tell what applying a module would change, by a dry run.
 *
 * @throws WasiError MODULE_OWNED_BY_OTHER, and what the cluster refuses.
 * @internal
 */
export async function compareModule(options: {
  client: WasmModuleClient;
  module: WasmModule;
  ref: ModuleRef;
  entityRef: string;
  mode: SyncMode;
  signal: AbortSignal;
}): Promise<Comparison> {
  const { client, ref, entityRef, mode, signal } = options;
  const live = await readExisting(client, ref, signal);
  const module = withRedeploy(options.module, live);
  const gitOps = live && gitOpsManagerOf(live);
  if (mode !== 'apply') {
    // Looking takes nothing from anybody: a module of nobody may be looked at.
    const unowned =
      live && live.metadata.annotations?.[ANNOTATION_ENTITY_REF] === undefined;
    const after = await orNamespaceMissing(module, async () =>
      unowned
        ? client.apply(module, {
            fieldManager: FIELD_MANAGER,
            force: true,
            dryRun: true,
            signal,
          })
        : (
            await planDeploy({ client, module, entityRef, signal })
          ).after,
    );
    return {
      live,
      wanted: module,
      changes: diffModules(live, after),
      managedBy: gitOps,
    };
  }
  const { changes, conflicts } = await planDeploy({
    client,
    module,
    entityRef,
    signal,
  });
  const owners = new Map(conflicts.map(({ path, owner }) => [path, owner]));
  return {
    live,
    wanted: module,
    changes: changes.map(change => {
      const owner = owners.get(change.path);
      return owner ? { ...change, owner } : change;
    }),
    managedBy: gitOps ?? conflicts[0]?.owner,
  };
}

/** A redeploy asks for the same module anew, which the source has nothing against. */
function withRedeploy(
  module: WasmModule,
  live: WasmModule | undefined,
): WasmModule {
  const redeploy = live?.spec.env?.find(
    ({ name }) => name === ENV_REDEPLOYED_AT,
  );
  return redeploy
    ? {
        ...module,
        spec: {
          ...module.spec,
          env: [...(module.spec.env ?? []), redeploy],
        },
      }
    : module;
}

/** Tells one state of a module from another, whatever its status. @internal */
export function fingerprintOf(module: WasmModule | undefined): string {
  if (!module) {
    return 'absent';
  }
  const { uid, generation, labels = {}, annotations = {} } = module.metadata;
  const { [LAST_APPLIED]: _, ...shown } = annotations;
  return createHash('sha256')
    .update(
      JSON.stringify([
        uid,
        generation,
        Object.entries(labels).sort(),
        Object.entries(shown).sort(),
      ]),
    )
    .digest('hex');
}

/** Who deploys the repository may make the namespace with it. */
async function orNamespaceMissing(
  module: WasmModule,
  ask: () => Promise<WasmModule>,
): Promise<WasmModule> {
  try {
    return await ask();
  } catch (error) {
    if (isWasiError(error) && error.code === 'NAMESPACE_MISSING') {
      return module;
    }
    throw error;
  }
}

function gitOpsManagerOf(module: WasmModule): string | undefined {
  return module.metadata.managedFields?.find(
    ({ manager, subresource }) =>
      manager !== undefined &&
      GITOPS.includes(manager) &&
      subresource === undefined,
  )?.manager;
}
