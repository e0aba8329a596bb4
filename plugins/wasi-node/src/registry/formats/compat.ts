import { OCI_CONFIG, OCI_MANIFEST, OCI_TAR_GZIP } from '../mediaTypes';
import { annotationsOf, blobOf, toDocument } from './documents';
import { packLayer } from './tarLayer';
import type { ComposedArtifact, FormatInput } from './types';

/**
 * A container image whose entrypoint is the module.
 *
 * https://github.com/containers/crun/blob/main/docs/wasm-wasi-example.md
 */
export function composeCompat(input: FormatInput): Promise<ComposedArtifact> {
  return composeImage(input, {
    path: input.fileName,
    run: { Entrypoint: [`/${input.fileName}`], WorkingDir: '/' },
  });
}

/** An image of one file, for wasi/wasm. */
export async function composeImage(
  input: FormatInput,
  options: { path: string; run: Record<string, unknown> },
): Promise<ComposedArtifact> {
  const layer = await packLayer(input, options.path);
  const created = await input.created(layer.diffId);
  const config = toDocument({
    created: created.toISOString(),
    architecture: 'wasm',
    os: 'wasi',
    config: options.run,
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    history: [
      { created: created.toISOString(), created_by: `COPY ${options.path} /` },
    ],
  });
  const manifest = toDocument({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: {
      mediaType: OCI_CONFIG,
      digest: config.digest,
      size: config.bytes.length,
    },
    layers: [
      {
        mediaType: OCI_TAR_GZIP,
        digest: layer.blob.digest,
        size: layer.blob.size,
      },
    ],
    annotations: annotationsOf(
      { ...input.annotations, 'module.wasm.image/variant': 'compat' },
      created,
    ),
  });
  return {
    blobs: [layer.blob, blobOf(config)],
    manifest: { ...manifest, mediaType: OCI_MANIFEST },
  };
}
