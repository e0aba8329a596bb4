import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  detectRuntime,
  type FuncConfig,
  type Finding,
  parseFuncYaml,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  readSourceFiles,
  resolveInWorkspace,
} from '@wasi-functions/backstage-plugin-wasi-node';

const MAX_FUNC_YAML_BYTES = 256 * 1024;

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
  const directory = resolveInWorkspace(workspacePath, path);
  const file = resolveInWorkspace(workspacePath, join(path, 'func.yaml'));
  const stats = await lstat(file).catch(unlessPresent);
  if (!stats?.isFile()) {
    throw await missingFuncYaml(directory, path);
  }
  if (stats.size > MAX_FUNC_YAML_BYTES) {
    throw new WasiError('FUNC_YAML_TOO_LARGE', {
      message: `func.yaml in '${path}' has ${stats.size} bytes.`,
    });
  }
  const { config, findings } = parseFuncYaml(await readFile(file), {
    files: await readSourceFiles(directory),
  });
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
  return {
    directory,
    funcConfig: config,
    findings,
  };
}

/** With the runtime that the folder is for, where its files tell. */
async function missingFuncYaml(
  directory: string,
  path: string,
): Promise<WasiError> {
  const message = `There is no func.yaml in '${path}' of the workspace`;
  const stats = await lstat(directory).catch(unlessPresent);
  const candidates = stats?.isDirectory()
    ? detectRuntime(await readSourceFiles(directory))
    : [];
  if (candidates.length === 0) {
    return new WasiError('FUNC_YAML_MISSING', { message: `${message}.` });
  }
  return new WasiError('FUNC_YAML_MISSING', {
    message: `${message}; its files are those of ${candidates
      .map(({ runtime, evidence }) => `${runtime} (${evidence.join(', ')})`)
      .join(' and ')}.`,
    remedy: `Add a func.yaml with \`name: <name of the function>\`, ${candidates
      .map(({ runtime }) => `\`runtime: ${runtime}\``)
      .join(' or ')}, and \`registry: <where it is pushed to>\`.`,
  });
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
