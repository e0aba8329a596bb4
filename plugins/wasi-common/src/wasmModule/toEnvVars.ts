import type { Finding } from '../diagnosis';
import { type FuncEnv, parseEnvValue } from '../funcYaml';
import { mappingError } from './mappingError';
import { readLocalEnv } from './readLocalEnv';
import type { EnvVar } from './types';

/**
 * Maps func's env entries, its `{{ }}` forms included.
 *
 * @internal
 */
export function toEnvVars(
  envs: FuncEnv[],
  localEnv: Record<string, string>,
  findings: Finding[],
): EnvVar[] {
  return envs.flatMap(({ name, value = '' }, index): EnvVar[] => {
    const path = `run.envs[${index}]`;
    const asked = parseEnvValue(value);
    if (asked.kind === 'secret' || asked.kind === 'configMap') {
      const kind = asked.kind === 'secret' ? 'Secret' : 'ConfigMap';
      findings.push(
        mappingError(
          'ENV_VALUE_FROM_UNSUPPORTED',
          `\`${path}\` asks for every key of the ${kind} ${asked.name}, for which a WasmModule has no field`,
          path,
        ),
      );
      return [];
    }
    if (name === undefined) {
      findings.push(
        mappingError('FUNC_YAML_INVALID', `\`${path}\` has no name`, path),
      );
      return [];
    }
    switch (asked.kind) {
      case 'text':
        return [{ name, value: asked.value }];
      case 'local': {
        const local = readLocalEnv(asked.name, { path, localEnv, findings });
        return local === undefined ? [] : [{ name, value: local }];
      }
      case 'secretKey':
        return [
          {
            name,
            valueFrom: { secretKeyRef: { name: asked.name, key: asked.key } },
          },
        ];
      case 'configMapKey':
        return [
          {
            name,
            valueFrom: {
              configMapKeyRef: { name: asked.name, key: asked.key },
            },
          },
        ];
      case 'invalid':
        findings.push(
          mappingError(
            'FUNC_YAML_INVALID',
            `\`${path}\` has a value that is none of func's {{ }} forms`,
            path,
          ),
        );
        return [];
      default: {
        const never: never = asked;
        throw new Error(`Unknown env value ${JSON.stringify(never)}`);
      }
    }
  });
}
