import {
  ANNOTATION_ENTITY_REF,
  isWasiError,
  LABEL_KUBERNETES_ID,
  type ModuleRef,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { checkModuleOwner } from './checkModuleOwner';
import { explainConflict } from './explainConflict';
import { fieldManagerOf, isOurs } from './fieldManagerOf';
import { readExisting } from './readExisting';
import { conflictsOf } from './toClusterError';
import type { WasmModuleClient } from './types';

/** What a deployment left in the cluster. @public */
export interface DeployedModule {
  ref: ModuleRef;
  /** To wait for. */
  generation: number;
  /** False where the cluster had exactly this module already. */
  changed: boolean;
  /** What the cluster had. */
  before: WasmModule | undefined;
  module: WasmModule;
}

/**
 * Applies a module for an entity; repeating it changes nothing.
 *
 * Refuses a module of another entity, also with `force`: that takes fields
 * from other tools, never a module from its owner. Of two entities that deploy
 * a new name at the same moment one wins: each applies as a field manager of
 * its own, so the API server refuses the second one the entity's annotation.
 *
 * @public
 */
export async function deployModule(options: {
  client: WasmModuleClient;
  module: WasmModule;
  entityRef: string;
  kubernetesId?: string;
  force?: boolean;
  dryRun?: boolean;
  /** Only over the module as it was read then; fails with MODULE_CONFLICT where it has changed since. */
  resourceVersion?: string;
  signal?: AbortSignal;
}): Promise<DeployedModule> {
  const { client, entityRef, signal } = options;
  const module = ownedBy(options.module, options);
  const ref = {
    cluster: client.cluster,
    namespace: module.metadata.namespace!,
    name: module.metadata.name,
  };
  const before = await readExisting(client, ref, signal);
  if (before) {
    checkModuleOwner(before, entityRef);
  }
  const after = await applyModule({ ...options, module, ref });
  return {
    ref,
    generation: after.metadata.generation ?? 1,
    changed: !before || differs(before, after),
    before,
    module: after,
  };
}

function ownedBy(
  module: WasmModule,
  options: { entityRef: string; kubernetesId?: string },
): WasmModule {
  const { metadata } = module;
  const kubernetesId =
    options.kubernetesId ?? metadata.labels?.[LABEL_KUBERNETES_ID];
  return {
    ...module,
    metadata: {
      ...metadata,
      namespace: metadata.namespace ?? 'default',
      labels: kubernetesId
        ? { ...metadata.labels, [LABEL_KUBERNETES_ID]: kubernetesId }
        : metadata.labels,
      annotations: {
        ...metadata.annotations,
        [ANNOTATION_ENTITY_REF]: options.entityRef,
      },
    },
  };
}

async function applyModule(options: {
  client: WasmModuleClient;
  module: WasmModule;
  ref: ModuleRef;
  entityRef: string;
  force?: boolean;
  dryRun?: boolean;
  resourceVersion?: string;
  signal?: AbortSignal;
}): Promise<WasmModule> {
  const { client, module, ref, entityRef, signal } = options;
  const write = {
    fieldManager: fieldManagerOf(entityRef),
    dryRun: options.dryRun,
    resourceVersion: options.resourceVersion,
    signal,
  };
  try {
    return await client.apply(module, write);
  } catch (error) {
    if (!isWasiError(error) || error.code !== 'FIELD_MANAGER_CONFLICT') {
      throw error;
    }
    const current = await readExisting(client, ref, signal);
    if (!current) {
      // Deleted since, and with it what was in conflict.
      return client.apply(module, write);
    }
    checkModuleOwner(current, entityRef);
    const conflicts = conflictsOf(error);
    // What the portal's page has put or patched is ours as well, though the
    // API server counts it apart from what we applied.
    if (!options.force && !conflicts.every(({ manager }) => isOurs(manager))) {
      throw explainConflict({ conflicts, current, module, ref, entityRef });
    }
    return client.apply(module, {
      ...write,
      force: true,
      // The module whose owner was checked, not one that has its name since.
      uid: current.metadata.uid,
    });
  }
}

function differs(before: WasmModule, after: WasmModule): boolean {
  // The generation counts changes of spec alone.
  return (
    before.metadata.generation !== after.metadata.generation ||
    !sameEntries(before.metadata.labels, after.metadata.labels) ||
    !sameEntries(before.metadata.annotations, after.metadata.annotations)
  );
}

function sameEntries(
  a: Record<string, string> = {},
  b: Record<string, string> = {},
): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every(key => a[key] === b[key]);
}
