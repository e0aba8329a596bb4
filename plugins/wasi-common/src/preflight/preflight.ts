import type { Finding } from '../diagnosis';
import type { ModuleInspection } from '../inspection';
import type { WasmModule } from '../wasmModule';
import { checkArtifact } from './checkArtifact';
import { checkEnvironment } from './checkEnvironment';
import { checkImage } from './checkImage';
import { checkMetadata } from './checkMetadata';
import { checkModule } from './checkModule';
import { checkNetwork } from './checkNetwork';
import { checkQuotas } from './checkQuotas';
import { checkResources } from './checkResources';
import { checkService } from './checkService';
import { checkVolumes } from './checkVolumes';

/** A ResourceQuota, as far as it says what there is room for. @public */
export interface NamespaceQuota {
  name: string;
  /** Quantities by resource, e.g. `limits.memory`. */
  hard: Record<string, string>;
  used: Record<string, string>;
}

/**
 * What is known of a module besides the resource; checks whose fact is absent are left out.
 *
 * @public
 */
export interface PreflightFacts {
  inspection?: ModuleInspection;
  /** The manifest that the image names. */
  layout?: {
    mediaType: string;
    layerMediaTypes: string[];
    index: boolean;
  };
  /** Whether the registry hands out the image without a login. */
  anonymousPull?: boolean;
  /** Those that hold for all pods of the namespace. */
  quotas?: NamespaceQuota[];
  /** Whether the cluster has the module already. */
  exists?: boolean;
  /** Whether a Knative Service of its name is there that no module has made. */
  foreignService?: boolean;
}

/**
 * Tells what the real controller and runner will not do with a module, before
 * it is deployed: errors for what is sure to fail, warnings and hints for the rest.
 *
 * Assumes knative-serving-wasm 0.2.1.
 *
 * @public
 */
export function preflight(
  module: WasmModule,
  facts: PreflightFacts = {},
): Finding[] {
  return [
    ...checkMetadata(module),
    ...checkService(module, facts),
    ...checkImage(module),
    ...checkArtifact(module, facts),
    ...checkModule(module, facts),
    ...checkEnvironment(module),
    ...checkVolumes(module),
    ...checkNetwork(module, facts),
    ...checkResources(module, facts),
    ...checkQuotas(module, facts),
  ];
}
