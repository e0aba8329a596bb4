import type { Finding } from '../diagnosis';
import { formatBytes } from '../inspection';
import {
  estimateCompileMemory,
  parseQuantity,
  type WasmModule,
} from '../wasmModule';
import { finding } from './finding';
import type { PreflightFacts } from './preflight';

const MEBIBYTE = 1024 ** 2;
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
  for (const [name, request] of Object.entries(resources.requests ?? {})) {
    const most = resources.limits?.[name];
    if (
      (parseQuantity(request) ?? 0) > (parseQuantity(most ?? '') ?? Infinity)
    ) {
      findings.push(
        finding('error', 'MODULE_INVALID', {
          message: `The request of ${request} is above the limit of ${most}: Kubernetes takes no such pod`,
          path: `${path}.requests.${name}`,
          remedy: 'Request no more than the limit.',
        }),
      );
    }
  }
  const limit = parseQuantity(resources.limits?.memory ?? '');
  const needed = inspection ? estimateCompileMemory(inspection) : 0;
  if (limit !== undefined && inspection && limit < needed) {
    const mebibytes = Math.ceil(needed / MEBIBYTE);
    const made = inspection.language
      ? `${inspection.language} module`
      : 'module';
    findings.push(
      finding('warning', 'MEMORY_LIMIT_TOO_LOW', {
        message: `The memory limit is ${
          resources.limits?.memory
        }, and compiling a ${made} of ${formatBytes(
          inspection.size,
        )} takes about ${mebibytes}Mi: the runner may be killed at start`,
        path: `${path}.limits.memory`,
      }),
    );
  }
  return findings;
}
