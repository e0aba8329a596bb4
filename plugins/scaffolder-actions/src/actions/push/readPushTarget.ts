import {
  formatImageReference,
  parseImageReference,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ArtifactTarget } from '@wasi-functions/backstage-plugin-wasi-node';
import { readArtifactPlace } from '../../workspace';

/**
 * Reads where to write an artifact. That is always a tag, and never a digest, which
 * comes out of what is written.
 */
export function readPushTarget(
  workspacePath: string,
  options: { image: string; tag?: string },
): { place: ArtifactTarget; reference: string; tag: string } {
  const { image, tag = 'latest' } = options;
  const place = readArtifactPlace(workspacePath, image);
  if (typeof place !== 'string') {
    const chosen = place.reference ?? tag;
    return {
      place: { ...place, reference: chosen },
      reference: `${place.name}:${chosen}`,
      tag: chosen,
    };
  }
  const parsed = parseImageReference(place);
  const chosen = parsed.tag ?? tag;
  const reference = formatImageReference({
    ...parsed,
    digest: undefined,
    tag: chosen,
  });
  return { place: reference, reference, tag: chosen };
}
