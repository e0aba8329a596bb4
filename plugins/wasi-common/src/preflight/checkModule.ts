import type { Finding } from '../diagnosis';
import type { WasmModule } from '../wasmModule';
import { finding, someOf } from './finding';
import type { PreflightFacts } from './preflight';

/** WASI of the runner's Wasmtime 34. */
const RUNNER_WASI = '0.2.3';
const IMPORTS =
  /^wasi:(cli|clocks|filesystem|http|io|random|sockets)\/[a-z0-9-]+@0\.2\./;
const path = 'spec.image';

/** R12: whether the runner's engine can load the module and has what it imports. @internal */
export function checkModule(
  { spec }: WasmModule,
  { inspection }: PreflightFacts,
): Finding[] {
  if (!inspection) {
    return [];
  }
  if (inspection.kind === 'module') {
    return [
      finding('error', 'MODULE_IS_CORE', {
        message: `${spec.image} holds a core module, and the runner loads components only`,
        path,
      }),
    ];
  }
  const findings: Finding[] = [];
  if (inspection.wasi === '0.3') {
    findings.push(
      finding('error', 'MODULE_WASI_TOO_NEW', {
        message: `${spec.image} is built for WASI 0.3, and the runner has WASI ${RUNNER_WASI}`,
        path,
      }),
    );
  } else if (inspection.entry !== 'http') {
    findings.push(
      finding('error', 'MODULE_NOT_HTTP', {
        message: `${spec.image} ${
          inspection.entry === 'command'
            ? 'is a command (wasi:cli/run)'
            : 'exports no entry point'
        }, and the runner calls wasi:http/incoming-handler@0.2`,
        path,
      }),
    );
  }
  const foreign = inspection.imports.filter(each => !IMPORTS.test(each));
  if (inspection.wasi !== '0.3' && foreign.length > 0) {
    findings.push(
      finding('error', 'MODULE_IMPORT_UNSUPPORTED', {
        message: `${spec.image} imports ${someOf(
          foreign,
        )}, which the runner does not have`,
        path,
      }),
    );
  }
  if (isNewer(inspection.wasiVersion)) {
    findings.push(
      finding('info', 'MODULE_WASI_TOO_NEW', {
        message: `${spec.image} is built against WASI ${inspection.wasiVersion}; it loads in the runner's WASI ${RUNNER_WASI} unless it uses something added since`,
        path,
      }),
    );
  }
  return findings;
}

function isNewer(version: string | undefined): boolean {
  const patch = /^0\.2\.(\d+)/.exec(version ?? '')?.[1];
  return patch !== undefined && Number(patch) > 3;
}
