import type { FuncYamlReport } from './FuncYamlReport';
import type { WrittenFuncYaml } from './funcYamlReader';

/** Where earlier versions of func had a field, and where it stands today. */
const MOVED = {
  builder: 'build',
  buildpacks: 'build',
  buildEnvs: 'build',
  git: 'build',
  envs: 'run',
  volumes: 'run',
  labels: 'deploy',
  annotations: 'deploy',
  options: 'deploy',
  healthEndpoints: 'deploy',
} as const;

/** Fields that func has given up. */
const GONE = ['version', 'template', 'imageDigest'] as const;

/**
 * Takes the top-level fields of earlier func versions for those of today,
 * where these are not set; says so, because func itself would migrate the file.
 *
 * @internal
 */
export function moveEarlierFields(
  written: WrittenFuncYaml,
  report: FuncYamlReport,
): WrittenFuncYaml {
  const moved: Record<string, unknown> = { ...written };
  for (const [field, section] of Object.entries(MOVED)) {
    const value = moved[field];
    delete moved[field];
    if (value !== undefined) {
      const current = `${section}.${field}`;
      const isSet = report.lineOf(current) !== undefined;
      if (!isSet) {
        moved[section] = { ...(moved[section] ?? {}), [field]: value };
      }
      report.add(field, {
        code: 'FUNC_YAML_UNKNOWN_FIELD',
        severity: isSet ? 'warning' : 'info',
        message: isSet
          ? `\`${field}\` is ignored, because \`${current}\` is set`
          : `\`${field}\` is taken for \`${current}\`, where func has it today`,
        remedy: isSet ? `Remove \`${field}\`.` : `Move it to \`${current}\`.`,
      });
    }
  }
  for (const field of GONE) {
    if (moved[field] !== undefined) {
      delete moved[field];
      report.add(field, {
        code: 'FUNC_YAML_UNKNOWN_FIELD',
        severity: 'info',
        message: `\`${field}\` is of an earlier version of func and has no effect`,
        remedy: `Remove \`${field}\`.`,
      });
    }
  }
  return moved as WrittenFuncYaml;
}
