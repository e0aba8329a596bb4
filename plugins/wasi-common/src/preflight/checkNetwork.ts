import type { Finding } from '../diagnosis';
import { describeNetwork } from '../network';
import type { WasmModule } from '../wasmModule';
import { finding, someOf } from './finding';
import type { PreflightFacts } from './preflight';

/** R3, R4, R9, R10, R11 and R14: what the network permissions come to. @internal */
export function checkNetwork(
  { spec }: WasmModule,
  { inspection }: PreflightFacts,
): Finding[] {
  const { findings, rules, sockets } = describeNetwork(spec.network);
  const asks = (kind: string) =>
    inspection?.capabilities.find(capability => capability.kind === kind);
  const all = [...findings, ...rules.flatMap(rule => rule.findings)].flatMap(
    each => {
      if (each.code !== 'OUTGOING_HTTP_NOT_LIMITED' || !inspection) {
        return [each];
      }
      // The module's imports tell whether this concerns it.
      return asks('http-outgoing')
        ? [{ ...each, severity: 'warning' as const }]
        : [];
    },
  );
  const imports = asks('sockets')?.imports;
  if (imports && sockets === 'none') {
    all.push(
      finding('warning', 'MODULE_CAPABILITY_NOT_GRANTED', {
        message: `The module imports sockets (${someOf(
          imports,
        )}), and every address is denied to it`,
        path: 'spec.network',
        remedy:
          'List the addresses it needs under `deploy.network` in func.yaml, if it opens connections.',
      }),
    );
  }
  return all;
}
