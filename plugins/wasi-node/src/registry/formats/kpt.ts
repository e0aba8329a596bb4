import { DOCKER_CONFIG, DOCKER_MANIFEST, DOCKER_TAR_GZIP } from '../mediaTypes';
import { blobOf, toDocument } from './documents';
import { packLayer } from './tarLayer';
import type { ComposedEntry, FormatInput } from './types';

/**
 * The entry that kpt looks for in a Docker manifest list. A Docker manifest has
 * no place for annotations.
 *
 * https://github.com/kptdev/kpt/blob/main/pkg/wasm/client.go
 */
export async function composeKpt(input: FormatInput): Promise<ComposedEntry[]> {
  const layer = await packLayer(input, input.fileName);
  const created = await input.created(layer.diffId);
  const config = toDocument({
    architecture: '',
    created: created.toISOString(),
    os: '',
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    config: {},
  });
  const manifest = toDocument({
    schemaVersion: 2,
    mediaType: DOCKER_MANIFEST,
    config: {
      mediaType: DOCKER_CONFIG,
      size: config.bytes.length,
      digest: config.digest,
    },
    layers: [
      {
        mediaType: DOCKER_TAR_GZIP,
        size: layer.blob.size,
        digest: layer.blob.digest,
      },
    ],
  });
  return [
    {
      blobs: [layer.blob, blobOf(config)],
      manifest: { ...manifest, mediaType: DOCKER_MANIFEST },
      platform: { os: 'js', architecture: 'wasm' },
    },
  ];
}
