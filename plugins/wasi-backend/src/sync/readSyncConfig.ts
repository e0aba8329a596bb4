import {
  readSchedulerServiceTaskScheduleDefinitionFromConfig,
  type SchedulerServiceTaskScheduleDefinition,
} from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import {
  WasiError,
  type SyncMode,
} from '@wasi-functions/backstage-plugin-wasi-common';

/** What an operator allows: a target is allowed where one rule allows all of it. @internal */
export interface AllowRule {
  /** Patterns of the address of catalog-info.yaml, which nobody who writes the file can forge. */
  sources: string[];
  /** Patterns of entity refs. */
  entities: string[];
  /** Patterns of refs of owners; the file says who owns it. */
  owners: string[];
  /** Patterns of `cluster/namespace`. */
  targets: string[];
  /** Patterns of `host/repository`. */
  registries: string[];
}

/** What an operator sets for an environment of a name. @internal */
export interface EnvironmentConfig {
  /** Over what the entity says. */
  mode?: SyncMode;
  /** Path of the manifest in the repository, mode `pull-request`. */
  path?: string;
}

/** `wasi.sync` of app-config, typed and defaulted. @internal */
export interface SyncConfig {
  enabled: boolean;
  schedule: SchedulerServiceTaskScheduleDefinition;
  allow: AllowRule[];
  environments: Record<string, EnvironmentConfig>;
  onRemoval: 'orphan' | 'delete';
  /** Reads of the catalog without the entity before its removal counts. */
  removalReads: number;
  maxDeletesPerRun: number;
  concurrency: number;
  writesPerSecond: number;
}

const MODES: SyncMode[] = ['apply', 'pull-request', 'observe'];

/**
 * Reads `wasi.sync`; see `config.d.ts` for the meaning of each key.
 *
 * @internal
 */
export function readSyncConfig(root: Config): SyncConfig {
  const sync = root.getOptionalConfig('wasi.sync');
  const onRemoval = sync?.getOptionalString('onRemoval') ?? 'orphan';
  if (onRemoval !== 'orphan' && onRemoval !== 'delete') {
    throw invalid('onRemoval', onRemoval, ['orphan', 'delete']);
  }
  return {
    enabled: sync?.getOptionalBoolean('enabled') ?? false,
    schedule: sync?.has('schedule')
      ? readSchedulerServiceTaskScheduleDefinitionFromConfig(
          sync.getConfig('schedule'),
        )
      : { frequency: { minutes: 1 }, timeout: { minutes: 15 } },
    allow: (sync?.getOptionalConfigArray('allow') ?? []).map(rule => {
      const read = (key: string) => rule.getOptionalStringArray(key) ?? ['*'];
      return {
        sources: read('sources'),
        entities: read('entities'),
        owners: read('owners'),
        targets: rule.getStringArray('targets'),
        registries: read('registries'),
      };
    }),
    environments: readEnvironments(sync),
    onRemoval,
    removalReads: atLeastOne(sync, 'removalReads') ?? 3,
    maxDeletesPerRun: atLeastOne(sync, 'maxDeletesPerRun') ?? 5,
    concurrency: atLeastOne(sync, 'concurrency') ?? 4,
    writesPerSecond: atLeastOne(sync, 'writesPerSecond') ?? 5,
  };
}

function readEnvironments(
  sync: Config | undefined,
): Record<string, EnvironmentConfig> {
  const environments = sync?.getOptionalConfig('environments');
  return Object.fromEntries(
    (environments?.keys() ?? []).map(name => {
      const environment = environments!.getConfig(name);
      const mode = environment.getOptionalString('mode');
      if (mode !== undefined && !isMode(mode)) {
        throw invalid(`environments.${name}.mode`, mode, MODES);
      }
      const path = environment.getOptionalString('path');
      return [name, { ...(mode && { mode }), ...(path && { path }) }];
    }),
  );
}

function isMode(value: string): value is SyncMode {
  return MODES.includes(value as SyncMode);
}

function atLeastOne(sync: Config | undefined, key: string): number | undefined {
  const value = sync?.getOptionalNumber(key);
  if (value !== undefined && !(value >= 1)) {
    throw invalid(key, String(value), ['1 and more']);
  }
  return value;
}

function invalid(key: string, value: string, allowed: string[]): WasiError {
  return new WasiError('INPUT_INVALID', {
    message: `\`wasi.sync.${key}\` is ${value}; allowed: ${allowed.join(
      ', ',
    )}.`,
    remedy: `Correct \`wasi.sync.${key}\` in the configuration of the portal.`,
  });
}
