import { type Finding, isWasiError } from '../diagnosis';
import { parseImageReference } from '../imageReference';
import type { WasmModule } from '../wasmModule';
import { finding } from './finding';

const path = 'spec.image';

/** R7 and R9: the reference, which no webhook checks. @internal */
export function checkImage({ spec }: WasmModule): Finding[] {
  try {
    const { digest, tag } = parseImageReference(spec.image);
    return digest
      ? []
      : [
          finding('warning', 'IMAGE_TAG_NOT_PINNED', {
            message: `The image is named by ${
              tag ? `the tag ${tag}` : 'no tag, which means latest'
            }: pushing it again changes nothing until the module changes, and pods started later may run another version`,
            path,
          }),
        ];
  } catch (error) {
    if (!isWasiError(error)) {
      throw error;
    }
    const { code, message, remedy } = error;
    return [finding('error', code, { message, remedy, path })];
  }
}
