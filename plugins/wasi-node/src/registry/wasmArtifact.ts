import { createHash } from 'node:crypto';
import type { ModuleInspection } from '@wasi-functions/backstage-plugin-wasi-common';
import { OCI_MANIFEST, WASM_CONFIG, WASM_LAYER } from './mediaTypes';

/** Config and manifest, byte for byte as they are pushed. */
export interface WasmArtifact {
  config: { bytes: Buffer; digest: string };
  manifest: { bytes: Buffer; digest: string; mediaType: string };
}

/**
 * Composes a CNCF Wasm OCI artifact around a module.
 *
 * https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/
 */
export function composeWasmArtifact(options: {
  inspection: ModuleInspection;
  layer: { digest: string; size: number; title: string };
  created: Date;
  annotations: Record<string, string>;
}): WasmArtifact {
  const { inspection, layer, created, annotations } = options;
  const isComponent = inspection.kind === 'component';
  const config = toDocument({
    created: created.toISOString(),
    author: null,
    architecture: 'wasm',
    // A core module is wasip1 whatever it imports: the field must be a GOOS value.
    os: isComponent ? 'wasip2' : 'wasip1',
    layerDigests: [layer.digest],
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
        digest: layer.digest,
        size: layer.size,
        // `oras pull` writes no file without it.
        annotations: { 'org.opencontainers.image.title': layer.title },
      },
    ],
    // Sorted, so that equal annotations give an equal digest.
    annotations: Object.fromEntries(
      Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  });
  return { config, manifest: { ...manifest, mediaType: OCI_MANIFEST } };
}

function toDocument(value: unknown): { bytes: Buffer; digest: string } {
  const bytes = Buffer.from(JSON.stringify(value), 'utf8');
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { bytes, digest };
}
