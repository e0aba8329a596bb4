import type { Finding } from '../diagnosis';
import type { WasmModule } from '../wasmModule';
import { finding } from './finding';

/** R5: arguments and environment. @internal */
export function checkEnvironment({ spec }: WasmModule): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const [index, { name, valueFrom }] of (spec.env ?? []).entries()) {
    if (valueFrom !== undefined) {
      findings.push(
        finding('error', 'ENV_VALUE_FROM_UNSUPPORTED', {
          message: `The variable ${name} takes its value from elsewhere, which the controller refuses: the module would never start, and its status would not say why`,
          path: `spec.env[${index}].valueFrom`,
        }),
      );
    }
    if (seen.has(name)) {
      findings.push(
        finding('warning', 'ENV_DUPLICATE', {
          message: `The variable ${name} is set more than once; the last value counts`,
          path: `spec.env[${index}].name`,
        }),
      );
    }
    seen.add(name);
  }
  if (spec.args && spec.args.length > 0) {
    findings.push(
      finding('info', 'ARGS_WITHOUT_PROGRAM_NAME', {
        message:
          'The runner hands over the arguments without a program name in front, so most languages drop the first one',
        path: 'spec.args',
      }),
    );
  }
  return findings;
}
