import type { Config } from '@backstage/config';

const SHORTEST_KEY = 32;

/** `wasi.history` of app-config, with every default filled in. @internal */
export interface HistoryConfig {
  retentionDays: number;
  maxPerModule: number;
  encryptionKeys: string[];
}

/**
 * Reads `wasi.history`.
 *
 * @internal
 */
export function readHistoryConfig(root: Config): HistoryConfig {
  const config = root.getOptionalConfig('wasi.history');
  const encryptionKeys = config?.getOptionalStringArray('encryptionKeys') ?? [];
  if (encryptionKeys.some(key => key.length < SHORTEST_KEY)) {
    throw new Error(
      `A key of \`wasi.history.encryptionKeys\` is shorter than ${SHORTEST_KEY} characters.`,
    );
  }
  return {
    retentionDays: atLeastOne(config, 'retentionDays') ?? 365,
    maxPerModule: atLeastOne(config, 'maxPerModule') ?? 200,
    encryptionKeys,
  };
}

function atLeastOne(
  config: Config | undefined,
  key: string,
): number | undefined {
  const value = config?.getOptionalNumber(key);
  if (value !== undefined && value < 1) {
    throw new Error(`\`wasi.history.${key}\` is below 1.`);
  }
  return value;
}
