import type { Finding } from '../diagnosis';
import type { WasmModule } from '../wasmModule';
import { finding } from './finding';
import type { PreflightFacts } from './preflight';

/**
 * Whether the controller would take over what somebody else runs: it replaces
 * the template of a Service of the same name, whoever made it.
 *
 * @internal
 */
export function checkService(
  { metadata }: WasmModule,
  { exists, foreignService }: PreflightFacts,
): Finding[] {
  return foreignService && !exists
    ? [
        finding('error', 'KNATIVE_SERVICE_TAKEN', {
          message: `The namespace has a Knative Service ${metadata.name} that no WasmModule made; the controller would replace what it runs`,
          path: 'metadata.name',
        }),
      ]
    : [];
}
