import type { Finding } from '../diagnosis';
import { parseQuantity, type WasmModule } from '../wasmModule';
import { finding } from './finding';
import type { PreflightFacts } from './preflight';

const MEBIBYTE = 1024 ** 2;
/**
 * What compiling takes in Wasmtime, measured on two cores: 38 MB for a module
 * of next to nothing, 92 MB for 2.5 MB, 368 MB for 12.2 MB.
 */
const COMPILE_BASE_BYTES = 38 * MEBIBYTE;
const COMPILE_BYTES_PER_BYTE = 27;

/** R13: the resources, which limit the pod and not the module. @internal */
export function checkResources(
  { spec }: WasmModule,
  { inspection }: PreflightFacts,
): Finding[] {
  const { resources } = spec;
  if (!resources) {
    return [];
  }
  const path = 'spec.resources';
  const findings = [
    finding('info', 'RESOURCES_LIMIT_POD_ONLY', {
      message:
        'The resources are those of the pod: the runner sets no fuel and no memory limit for the module itself',
      path,
    }),
  ];
  for (const kind of ['requests', 'limits'] as const) {
    for (const [name, quantity] of Object.entries(resources[kind] ?? {})) {
      if (parseQuantity(quantity) === undefined) {
        findings.push(
          finding('error', 'MODULE_INVALID', {
            message: `"${quantity}" is no quantity`,
            path: `${path}.${kind}.${name}`,
            remedy: 'Write a quantity such as 100m or 256Mi.',
          }),
        );
      }
    }
  }
  const limit = parseQuantity(resources.limits?.memory ?? '');
  const needed =
    COMPILE_BASE_BYTES + (inspection?.size ?? 0) * COMPILE_BYTES_PER_BYTE;
  if (limit !== undefined && inspection && limit < needed) {
    const mebibytes = Math.ceil(needed / MEBIBYTE);
    findings.push(
      finding('warning', 'MEMORY_LIMIT_TOO_LOW', {
        message: `The memory limit is ${resources.limits?.memory}, and compiling a module of this size takes about ${mebibytes}Mi: the runner may be killed at start`,
        path: `${path}.limits.memory`,
      }),
    );
  }
  return findings;
}
