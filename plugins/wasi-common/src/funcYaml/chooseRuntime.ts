import {
  detectRuntime,
  type RuntimeCandidate,
  type SourceFile,
} from '../runtimes';
import { findContradiction } from '../runtimes/detectRuntime';
import type { FuncYamlReport } from './FuncYamlReport';
import type { WrittenFuncYaml } from './funcYamlReader';

/**
 * The runtime of a function: what func.yaml names, else what its folder tells.
 *
 * @param on - `files`: the folder; without it, func.yaml must name the runtime.
 * @returns undefined where there is none, which is a finding then.
 * @internal
 */
export function chooseRuntime(
  written: WrittenFuncYaml,
  on: { report: FuncYamlReport; files?: readonly SourceFile[] },
): string | undefined {
  const { report, files = [] } = on;
  const { runtime } = written;
  const source = written.build?.source;
  if (runtime !== undefined) {
    if (source === undefined) {
      warnOfOthers(runtime, findContradiction(runtime, files), report);
    }
    return runtime;
  }
  if (report.findings.some(({ path }) => path === 'runtime')) {
    return undefined;
  }
  const candidates = detectRuntime(files, { source });
  if (candidates.length === 1) {
    const [only] = candidates;
    report.add('runtime', {
      code: 'RUNTIME_DETECTED',
      severity: 'info',
      message: `runtime ${only.runtime}, because ${only.evidence.join(', ')}`,
      remedy: `Write \`runtime: ${only.runtime}\` into func.yaml, so that it stays when files are added.`,
    });
    return only.runtime;
  }
  report.add(
    'runtime',
    candidates.length === 0
      ? {
          message: '`runtime` is missing',
          remedy: 'Add `runtime` to func.yaml.',
        }
      : {
          code: 'RUNTIME_AMBIGUOUS',
          message: `\`runtime\` is missing, and the folder is for ${listOf(
            candidates,
          )}`,
          remedy: `Write ${candidates
            .map(candidate => `\`runtime: ${candidate.runtime}\``)
            .join(' or ')} into func.yaml.`,
        },
  );
  return undefined;
}

function warnOfOthers(
  runtime: string,
  others: RuntimeCandidate[],
  report: FuncYamlReport,
): void {
  if (others.length > 0) {
    report.add('runtime', {
      code: 'RUNTIME_CONTRADICTED',
      severity: 'warning',
      message: `\`runtime\` is ${runtime}, but the folder is for ${listOf(
        others,
      )}`,
    });
  }
}

function listOf(candidates: RuntimeCandidate[]): string {
  return candidates
    .map(({ runtime, evidence }) => `${runtime} (${evidence.join(', ')})`)
    .join(' and ');
}
