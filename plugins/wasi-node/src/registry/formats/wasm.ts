import { OCI_MANIFEST, WASM_CONFIG, WASM_LAYER } from '../mediaTypes';
import { annotationsOf, blobOf, moduleBlob, toDocument } from './documents';
import type { ComposedArtifact, FormatInput } from './types';

/**
 * The CNCF Wasm OCI artifact.
 *
 * https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/
 */
export async function composeWasm(
  input: FormatInput,
): Promise<ComposedArtifact> {
  const { inspection, file, fileName } = input;
  const created = await input.created(file.digest);
  const isComponent = inspection.kind === 'component';
  const config = toDocument({
    created: created.toISOString(),
    author: null,
    architecture: 'wasm',
    os: wasmOs(inspection),
    layerDigests: [file.digest],
    component: isComponent
      ? {
          exports: inspection.exports,
          imports: inspection.imports,
          target: null,
        }
      : null,
  });
  const manifest = toDocument({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: WASM_CONFIG,
    config: {
      mediaType: WASM_CONFIG,
      digest: config.digest,
      size: config.bytes.length,
    },
    layers: [
      {
        mediaType: WASM_LAYER,
        digest: file.digest,
        size: file.size,
        // `oras pull` writes no file without it.
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

/** A core module is wasip1 whatever it imports: the field must be a GOOS value. */
export function wasmOs({ kind }: FormatInput['inspection']): string {
  return kind === 'component' ? 'wasip2' : 'wasip1';
}
