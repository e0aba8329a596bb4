import {
  catalogue,
  type Finding,
  type ModuleInspection,
  type WasiErrorCode,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { describeModule, readModuleFile } from './inspectModule';
import { readBinary } from './readBinary';
import { parseWasiInterface } from './wasiInterfaces';

/** WASI 0.2 packages that the runner's engine offers to a component. */
const RUNNER_PACKAGES = [
  'cli',
  'clocks',
  'filesystem',
  'http',
  'io',
  'random',
  'sockets',
];

/**
 * Inspects a module and tells what keeps the runner from serving it: no
 * findings means that it is a component that answers HTTP with WASI 0.2 alone.
 *
 * @throws `WasiError` as `inspectModule` does, where the file cannot be read at all.
 * @public
 */
export async function checkModule(
  path: string,
  options: { maxBytes?: number } = {},
): Promise<{ inspection: ModuleInspection; findings: Finding[] }> {
  const bytes = await readModuleFile(path, options.maxBytes);
  const binary = readBinary(bytes);
  const inspection = describeModule(bytes, binary);
  return { inspection, findings: findObstacles(inspection, binary.async) };
}

function findObstacles(
  { kind, wasi, entry, imports, exports }: ModuleInspection,
  async: boolean,
): Finding[] {
  if (kind === 'module') {
    return [
      finding(
        'MODULE_IS_CORE',
        `The module is a core module${
          wasi === '0.1' ? ' for WASI preview 1' : ''
        }; the runner serves components only.`,
      ),
    ];
  }
  const findings: Finding[] = [];
  const tooNew = [...imports, ...exports].filter(
    name => parseWasiInterface(name)?.minor === '0.3',
  );
  if (tooNew.length > 0 || async) {
    findings.push(
      finding(
        'MODULE_WASI_TOO_NEW',
        tooNew.length > 0
          ? `The component uses ${list(tooNew)}; the runner has WASI 0.2.`
          : 'The component uses component-model async; the engine of the runner does not have it.',
      ),
    );
  }
  const unsupported = imports.filter(name => {
    const wasiInterface = parseWasiInterface(name);
    return (
      wasiInterface?.minor !== '0.3' &&
      !(
        wasiInterface?.minor === '0.2' &&
        RUNNER_PACKAGES.includes(wasiInterface.package)
      )
    );
  });
  if (unsupported.length > 0) {
    findings.push(
      finding(
        'MODULE_IMPORT_UNSUPPORTED',
        `The component imports ${list(unsupported)}, which the runner lacks.`,
      ),
    );
  }
  if (entry !== 'http') {
    findings.push(
      finding(
        'MODULE_NOT_HTTP',
        entry === 'command'
          ? 'The component is a command (it exports wasi:cli/run); the runner needs wasi:http/incoming-handler@0.2.'
          : `The component does not export wasi:http/incoming-handler@0.2; it exports ${
              list(exports) || 'nothing'
            }.`,
      ),
    );
  }
  return findings;
}

function finding(code: WasiErrorCode, message: string): Finding {
  return { code, severity: 'error', message, remedy: catalogue[code].remedy };
}

/** In one line of bearable length, whatever the names hold. */
function list(names: string[]): string {
  const shown = names
    .slice(0, 5)
    .map(name => name.slice(0, 100).replace(/[\p{Cc}\u2028\u2029]/gu, '?'))
    .join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
