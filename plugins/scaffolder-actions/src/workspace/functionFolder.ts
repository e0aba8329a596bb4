import { lstat, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import {
  isChildPath,
  resolveSafeChildPath,
} from '@backstage/backend-plugin-api';
import {
  type FuncConfig,
  type Finding,
  parseFuncYaml,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';

const MAX_FUNC_YAML_BYTES = 256 * 1024;

/**
 * Resolves a path that a template gave, inside the task's workspace.
 *
 * Links are followed first, so that a link out of the workspace is refused as
 * well as `..`.
 *
 * @throws WasiError SOURCE_PATH_ESCAPES
 * @internal
 */
export async function resolveInWorkspace(
  workspacePath: string,
  path: string,
): Promise<string> {
  const escapes = () =>
    new WasiError('SOURCE_PATH_ESCAPES', {
      message: `The path '${path}' leads out of the workspace.`,
    });
  let resolved: string;
  try {
    resolved = resolveSafeChildPath(workspacePath, path);
  } catch (error) {
    throw escapes();
  }
  const real = await realpath(resolved).catch(unlessPresent);
  if (real && !isChildPath(await realpath(workspacePath), real)) {
    throw escapes();
  }
  return resolved;
}

/**
 * Reads and parses the func.yaml of a folder in the workspace.
 *
 * @throws WasiError FUNC_YAML_MISSING, FUNC_YAML_TOO_LARGE, or FUNC_YAML_INVALID with all findings
 * @internal
 */
export async function readFunctionFolder(
  workspacePath: string,
  path: string,
): Promise<{
  directory: string;
  funcConfig: FuncConfig;
  findings: Finding[];
}> {
  const directory = await resolveInWorkspace(workspacePath, path);
  const file = await resolveInWorkspace(workspacePath, join(path, 'func.yaml'));
  const stats = await lstat(file).catch(unlessPresent);
  if (!stats?.isFile()) {
    throw new WasiError('FUNC_YAML_MISSING', {
      message: `There is no func.yaml in '${path}' of the workspace.`,
    });
  }
  if (stats.size > MAX_FUNC_YAML_BYTES) {
    throw new WasiError('FUNC_YAML_TOO_LARGE', {
      message: `func.yaml in '${path}' has ${stats.size} bytes.`,
    });
  }
  const { config, findings } = parseFuncYaml(await readFile(file));
  if (!config) {
    const errors = findings.filter(finding => finding.severity === 'error');
    throw new WasiError(errors[0]?.code ?? 'FUNC_YAML_INVALID', {
      message: `func.yaml has ${errors.length} ${
        errors.length === 1 ? 'fault' : 'faults'
      }:\n${errors.map(formatFinding).join('\n')}`,
      remedy: 'Correct the lines named and run the template again.',
      findings: errors,
    });
  }
  return { directory, funcConfig: config, findings };
}

/**
 * For `.catch` behind a file system call: nothing there is an answer, any other failure stays one.
 *
 * @internal
 */
export function unlessPresent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') {
    return undefined;
  }
  throw error;
}

/**
 * One finding as a line of a task log.
 *
 * @internal
 */
export function formatFinding(finding: Finding): string {
  const place = finding.line
    ? `line ${finding.line}, column ${finding.column ?? 1}: `
    : '';
  const field = finding.path ? `${finding.path}: ` : '';
  return `${place}${field}${finding.message} ${finding.remedy}`;
}
