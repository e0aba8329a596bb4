import type { Finding } from '../diagnosis';
import type { WasmModule } from '../wasmModule';
import { finding } from './finding';
import type { PreflightFacts } from './preflight';

/** The layer types that the runner pulls; one foreign layer refuses the whole image. */
const LAYER_TYPES = [
  'application/wasm',
  'application/vnd.wasm.content.layer.v1+wasm',
  'application/vnd.module.wasm.content.layer.v1+wasm',
];
const path = 'spec.image';

/** R1, R2 and R17: whether the runner can pull what the image names. @internal */
export function checkArtifact(
  { spec }: WasmModule,
  { anonymousPull, layout }: PreflightFacts,
): Finding[] {
  const findings: Finding[] = [];
  if (anonymousPull === false) {
    findings.push(
      finding('error', 'IMAGE_NOT_ANONYMOUS', {
        message: `The registry does not hand out ${spec.image} without a login, and the runner has none`,
        path,
      }),
    );
  }
  if (layout?.index) {
    findings.push(
      finding('error', 'IMAGE_INDEX_UNSUPPORTED', {
        message: `${spec.image} is an image index (${layout.mediaType}), of which the runner takes the entry for linux on its own processor`,
        path,
      }),
    );
  } else if (layout) {
    const foreign = layout.layerMediaTypes.filter(
      type => !LAYER_TYPES.includes(type),
    );
    const count = layout.layerMediaTypes.length;
    if (foreign.length > 0) {
      findings.push(
        finding('error', 'IMAGE_LAYOUT_UNSUPPORTED', {
          message: `${spec.image} has a layer of type ${foreign[0]}, which the runner refuses`,
          path,
        }),
      );
    } else if (count !== 1) {
      findings.push(
        finding('error', 'IMAGE_LAYOUT_UNSUPPORTED', {
          message: `${spec.image} has ${count} layers, and the runner takes exactly one`,
          path,
        }),
      );
    }
  }
  return findings;
}
