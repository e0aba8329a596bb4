import {
  OCI_CONFIG,
  OCI_MANIFEST,
  PROXY_CONFIG_LAYER,
  PROXY_LAYER,
} from '../mediaTypes';
import { annotationsOf, blobOf, moduleBlob, toDocument } from './documents';
import type { ComposedArtifact, FormatInput } from './types';

const ABI = 'proxy_abi_version_';

/**
 * A plugin for Istio's WasmPlugin as two bare layers.
 *
 * https://github.com/solo-io/wasm/blob/master/spec/spec.md
 */
export async function composeIstioOci(
  input: FormatInput,
): Promise<ComposedArtifact> {
  const { inspection, file, fileName } = input;
  const created = await input.created(file.digest);
  const runtime = toDocument({
    type: 'envoy_proxy',
    abiVersions: inspection.exports
      .filter(name => name.startsWith(ABI))
      .map(name => `v${name.slice(ABI.length).replaceAll('_', '.')}`),
  });
  const config = toDocument({
    created: created.toISOString(),
    architecture: 'wasm',
    os: 'wasi',
    rootfs: { type: 'layers', diff_ids: [runtime.digest, file.digest] },
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
        mediaType: PROXY_CONFIG_LAYER,
        digest: runtime.digest,
        size: runtime.bytes.length,
        annotations: {
          'org.opencontainers.image.title': 'runtime-config.json',
        },
      },
      {
        mediaType: PROXY_LAYER,
        digest: file.digest,
        size: file.size,
        annotations: { 'org.opencontainers.image.title': fileName },
      },
    ],
    annotations: annotationsOf(input.annotations, created),
  });
  return {
    blobs: [moduleBlob(input), blobOf(runtime), blobOf(config)],
    manifest: { ...manifest, mediaType: OCI_MANIFEST },
  };
}
