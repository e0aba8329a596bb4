import { isDeepStrictEqual } from 'node:util';
import {
  diffModules,
  isWasiError,
  WasiError,
  type FieldChange,
  type ModuleRef,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  deployModule,
  type DeployedModule,
  type WasmModuleClient,
} from '../cluster';
import { fieldManagerOf, isOurs } from '../cluster/fieldManagerOf';
import { conflictsOf, type FieldConflict } from '../cluster/toClusterError';

// A controller that reports its status in between is no reason to refuse.
const ATTEMPTS = 4;

/** What a deploy would do, told by the cluster. @public */
export interface DeployPlan {
  ref: ModuleRef;
  /** What the cluster has. */
  before: WasmModule | undefined;
  /** What the cluster would have. */
  after: WasmModule;
  changes: FieldChange[];
  /** The changes that would take a field from another field manager, with both. */
  conflicts: FieldChange[];
}

/** A deploy as {@link deployModule} takes it. @public */
export interface Deploy {
  client: WasmModuleClient;
  module: WasmModule;
  entityRef: string;
  kubernetesId?: string;
  signal?: AbortSignal;
}

/**
 * Has the cluster tell what {@link deployModule} would do, by a dry run.
 *
 * @throws WasiError MODULE_OWNED_BY_OTHER, and what the cluster refuses.
 * @public
 */
export async function planDeploy(deploy: Deploy): Promise<DeployPlan> {
  const { deployed, taken } = await tryOut(deploy);
  const { ref, before, module: after } = deployed;
  const changes = diffModules(before, after);
  const newOwner = fieldManagerOf(deploy.entityRef);
  return {
    ref,
    before,
    after,
    changes,
    conflicts: findConflicts(changes, taken).map(conflict => ({
      ...conflict,
      newOwner,
    })),
  };
}

/**
 * Deploys what was planned, or fails with MODULE_CONFLICT where it would do
 * something else by now.
 *
 * @public
 */
export async function deployPlanned(
  plan: DeployPlan,
  deploy: Deploy & { force?: boolean },
): Promise<DeployedModule> {
  let latest = plan;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await deployModule({
        ...deploy,
        resourceVersion: latest.before?.metadata.resourceVersion,
      });
    } catch (error) {
      if (
        !isWasiError(error) ||
        error.code !== 'MODULE_CONFLICT' ||
        attempt === ATTEMPTS
      ) {
        throw error;
      }
    }
    latest = await planDeploy(deploy);
    if (!isSame(latest, plan)) {
      const { cluster, namespace, name } = plan.ref;
      throw new WasiError('MODULE_CONFLICT', {
        message: `WasmModule ${namespace}/${name} on cluster "${cluster}" was changed since this was planned.`,
        remedy: 'Run it again, and look at what it would do now.',
      });
    }
  }
}

async function tryOut(
  deploy: Deploy,
): Promise<{ deployed: DeployedModule; taken: FieldConflict[] }> {
  try {
    const deployed = await deployModule({
      ...deploy,
      dryRun: true,
      // Also where it is meant: it is told what that takes.
      force: false,
    });
    return { deployed, taken: [] };
  } catch (error) {
    if (!isWasiError(error) || error.code !== 'FIELD_MANAGER_CONFLICT') {
      throw error;
    }
    return {
      deployed: await deployModule({ ...deploy, dryRun: true, force: true }),
      taken: conflictsOf(error).filter(({ manager }) => !isOurs(manager)),
    };
  }
}

function findConflicts(
  changes: FieldChange[],
  taken: FieldConflict[],
): FieldChange[] {
  const fields = taken.map(({ field, manager }) => ({
    path: toPath(field),
    owner: manager,
  }));
  return [
    ...changes.flatMap(change => {
      const owners = fields
        .filter(({ path }) => overlap(path, change.path))
        .map(({ owner }) => owner);
      return owners.length > 0
        ? [{ ...change, owner: [...new Set(owners)].join(', ') }]
        : [];
    }),
    // The API server compares some values more closely than we do.
    ...fields
      .filter(({ path }) => !changes.some(change => overlap(path, change.path)))
      .map(field => ({ ...field, kind: 'changed' as const })),
  ];
}

function isSame(a: DeployPlan, b: DeployPlan): boolean {
  return (
    a.before?.metadata.uid === b.before?.metadata.uid &&
    isDeepStrictEqual(a.changes, b.changes) &&
    isDeepStrictEqual(a.conflicts, b.conflicts)
  );
}

/** From the API server's spelling to that of `diffModules`. */
function toPath(field: string): string {
  const [, entries, key] =
    field.match(/^\.metadata\.(labels|annotations)\.(.+)$/) ?? [];
  return entries === undefined
    ? field.replace(/^\./, '')
    : `metadata.${entries}[${JSON.stringify(key)}]`;
}

/** A conflict may name a list of which a single item differs. */
function overlap(field: string, path: string): boolean {
  return (
    path === field ||
    path.startsWith(`${field}.`) ||
    path.startsWith(`${field}[`)
  );
}
