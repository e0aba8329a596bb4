import type { Finding } from '../diagnosis';
import type { ModuleInspection } from '../inspection';
import type { WasmModule } from '../wasmModule';
/** What is known besides the resource. @public */
export interface PreflightFacts {
  inspection?: ModuleInspection;
  layout?: { mediaType: string; layerMediaTypes: string[]; index: boolean };
  anonymousPull?: boolean;
}
/** Findings before a deployment. @public */
export function preflight(
  _module: WasmModule,
  _facts: PreflightFacts = {},
): Finding[] {
  return [];
}
