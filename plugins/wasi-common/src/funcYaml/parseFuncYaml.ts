import { isScalar } from 'yaml';
import type { WasiErrorCode } from '../diagnosis';
import type { SourceFile } from '../runtimes';
import { checkBuildEnvs } from './checkBuildEnvs';
import { chooseRuntime } from './chooseRuntime';
import { compatibility, runtimeFamily } from './compatibility';
import type { FuncYamlReport } from './FuncYamlReport';
import { funcYamlReader, type WrittenFuncYaml } from './funcYamlReader';
import { moveEarlierFields } from './moveEarlierFields';
import { openFuncYaml } from './openFuncYaml';
import { readNode } from './readers';
import type { FuncConfig, FuncYamlResult } from './types';

/**
 * Reads and checks a func.yaml, and fills in builder and deployer.
 *
 * Reports every fault with its line and column; never throws.
 *
 * @param source - the text, or the bytes of the file, which must be UTF-8
 * @param options - `files`: the folder that func.yaml lies in, which tells the
 * runtime where it is not named, and a warning where it is another one
 * @public
 */
export function parseFuncYaml(
  source: string | Uint8Array,
  options: { files?: readonly SourceFile[] } = {},
): FuncYamlResult {
  const { document, aliasTargets, report } = openFuncYaml(source);
  if (!document) {
    return { findings: report.findings };
  }
  const { contents } = document;
  if (!contents || (isScalar(contents) && contents.value === null)) {
    report.addAt(0, {
      message: 'func.yaml is empty',
      remedy: 'Write at least `name`, `runtime` and `registry`.',
    });
    return { findings: report.findings };
  }

  const read = readNode(funcYamlReader, contents, {
    path: '',
    aliasTargets,
    report,
  });
  // Behind a syntax error, fields may only seem to be missing.
  if (!read || report.trustedUntil < Infinity) {
    return { findings: report.findings };
  }
  const config = complete(moveEarlierFields(read, report), {
    report,
    files: options.files,
  });
  const { findings } = report;
  return findings.some(finding => finding.severity === 'error') || !config
    ? { findings }
    : { config, findings };
}

/** Fills in what func.yaml leaves to inference, and checks that its parts fit each other. */
function complete(
  written: WrittenFuncYaml,
  { report, files }: { report: FuncYamlReport; files?: readonly SourceFile[] },
): FuncConfig | undefined {
  requireName(written, report);
  const runtime = chooseRuntime(written, { report, files });
  checkNamespaces(written, report);
  const { name } = written;
  if (runtime === undefined) {
    return undefined;
  }
  // An unknown runtime is a finding already; its suffix tells what was meant.
  const family =
    runtimeFamily(runtime) ?? (runtime.endsWith('-wasi') ? 'wasi' : undefined);
  if (!family) {
    return undefined;
  }
  const { builders, deployers } = compatibility[family];
  const [inferredBuilder] = builders;
  const [inferredDeployer] = deployers;
  const fit = { runtime, report };
  checkFit(written.build?.builder, builders, {
    ...fit,
    path: report.lineOf('build.builder') ? 'build.builder' : 'builder',
    code: 'BUILDER_INCOMPATIBLE',
    verb: 'built',
  });
  const deployerFit = {
    ...fit,
    code: 'DEPLOYER_INCOMPATIBLE',
    verb: 'deployed',
  } as const;
  checkFit(written.deployer, deployers, { ...deployerFit, path: 'deployer' });
  checkFit(written.deploy?.deployer, deployers, {
    ...deployerFit,
    path: 'deploy.deployer',
  });
  if (family === 'wasi') {
    checkBuildEnvs(written.build?.buildEnvs ?? [], report);
  }

  const { build, run, deploy, deployer, ...top } = written;
  return {
    ...top,
    // A missing name is a finding, with which no config is handed out.
    name: name ?? '',
    runtime,
    build: { ...build, builder: build?.builder ?? inferredBuilder },
    run: {
      ...run,
      args: run?.args ?? [],
      envs: run?.envs ?? [],
      volumes: run?.volumes ?? [],
    },
    deploy: {
      ...withoutNamespace(deploy ?? {}),
      ...namespaceOf(written),
      deployer: deployer ?? deploy?.deployer ?? inferredDeployer,
      labels: deploy?.labels ?? [],
      annotations: deploy?.annotations ?? {},
      options: deploy?.options ?? {},
    },
  };
}

function requireName(written: WrittenFuncYaml, report: FuncYamlReport): void {
  const isJudged = report.findings.some(({ path }) => path === 'name');
  if (written.name === undefined && !isJudged) {
    report.add('name', {
      message: '`name` is missing',
      remedy: 'Add `name` to func.yaml.',
    });
  }
}

function checkFit<T extends string>(
  found: T | undefined,
  allowed: readonly T[],
  on: {
    path: string;
    runtime: string;
    code: WasiErrorCode;
    verb: string;
    report: FuncYamlReport;
  },
): void {
  if (found === undefined || allowed.includes(found)) {
    return;
  }
  const words = allowed.map(each => `\`${each}\``).join(', ');
  const line = on.report.lineOf(on.path);
  on.report.add(on.path, {
    code: on.code,
    message: `\`${on.path}\` (line ${line}) is \`${found}\`, but the runtime ${on.runtime} is ${on.verb} by ${words}`,
    remedy: `Remove \`${on.path}\`, which is inferred from the runtime, or set it to ${words}.`,
  });
}

function checkNamespaces(
  written: WrittenFuncYaml,
  report: FuncYamlReport,
): void {
  const { namespace, deploy } = written;
  if (namespace && deploy?.namespace && namespace !== deploy.namespace) {
    report.add('namespace', {
      severity: 'warning',
      message: `\`namespace\` is ${namespace}, but \`deploy.namespace\` is ${deploy.namespace}, which counts`,
      remedy: 'Keep `deploy.namespace` only.',
    });
  }
}

function namespaceOf(written: WrittenFuncYaml): { namespace?: string } {
  const namespace = written.deploy?.namespace ?? written.namespace;
  return namespace === undefined ? {} : { namespace };
}

function withoutNamespace<T extends { namespace?: string }>(
  deploy: T,
): Omit<T, 'namespace'> {
  const { namespace: _, ...rest } = deploy;
  return rest;
}
