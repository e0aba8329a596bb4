import {
  looksSecret,
  MASKED_VALUE,
  WasiError,
  type EnvVar,
  type Finding,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * Replaces env values that look like secrets, so that none reaches a browser.
 *
 * @internal
 */
export function maskEnv(module: WasmModule): WasmModule {
  const { env } = module.spec;
  return env
    ? {
        ...module,
        spec: {
          ...module.spec,
          env: env.map(variable =>
            looksSecret(variable)
              ? { ...variable, value: MASKED_VALUE }
              : variable,
          ),
        },
      }
    : module;
}

/**
 * Puts the cluster's values back where a module comes with masked ones.
 *
 * @internal
 */
export function unmaskEnv(
  env: EnvVar[] | undefined,
  current: EnvVar[] | undefined,
): EnvVar[] | undefined {
  const findings: Finding[] = [];
  const unmasked = env?.map((variable, index) => {
    if (variable.value !== MASKED_VALUE) {
      return variable;
    }
    // The last of several variables of one name is the one that counts.
    const known = current?.filter(({ name }) => name === variable.name).at(-1);
    if (known?.value === undefined) {
      findings.push({
        code: 'INPUT_INVALID',
        severity: 'error',
        message: `\`${variable.name}\` has a masked value, and the cluster has none to keep.`,
        remedy: 'Write the value itself.',
        path: `spec.env[${index}].value`,
      });
    }
    return { ...variable, value: known?.value };
  });
  if (findings.length > 0) {
    throw new WasiError('INPUT_INVALID', {
      message: findings.map(({ message }) => message).join(' '),
      remedy: 'Write the value itself.',
      findings,
    });
  }
  return unmasked;
}
