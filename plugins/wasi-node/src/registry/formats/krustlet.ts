import { KRUSTLET_CONFIG, KRUSTLET_LAYER, OCI_MANIFEST } from '../mediaTypes';
import { annotationsOf, blobOf, moduleBlob, toDocument } from './documents';
import type { ComposedArtifact, FormatInput } from './types';

/**
 * What krustlet and wasm-to-oci agreed upon before there was a specification.
 *
 * https://github.com/engineerd/wasm-to-oci
 */
export async function composeKrustlet(
  input: FormatInput,
): Promise<ComposedArtifact> {
  const { file, fileName } = input;
  const created = await input.created(file.digest);
  const config = toDocument({});
  const manifest = toDocument({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: {
      mediaType: KRUSTLET_CONFIG,
      digest: config.digest,
      size: config.bytes.length,
    },
    layers: [
      {
        mediaType: KRUSTLET_LAYER,
        digest: file.digest,
        size: file.size,
        annotations: { 'org.opencontainers.image.title': fileName },
      },
    ],
    annotations: annotationsOf(input.annotations, created),
  });
  return {
    blobs: [moduleBlob(input), blobOf(config)],
    manifest: { ...manifest, mediaType: OCI_MANIFEST },
  };
}
