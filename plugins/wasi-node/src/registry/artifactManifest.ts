import { z } from 'zod';
import type { ManifestDocument } from './manifests';
import { DOCKER_LIST, OCI_INDEX, OCI_MANIFEST } from './mediaTypes';
import { parseJson } from './parseJson';
import { RegistryFailure } from './RegistryFailure';
import type { ArtifactManifest } from './types';

// Counted before they are looked at: each wrong one becomes an issue, and a
// manifest of 4 MiB has room for millions.
const maxEntries = 1000;
const annotationsSchema = z
  .record(z.string(), z.unknown())
  .refine(entries => Object.keys(entries).length <= maxEntries)
  .pipe(z.record(z.string(), z.string()))
  .nullish();

const descriptorSchema = z.looseObject({
  mediaType: z.string().max(255),
  digest: z.string().regex(/^(sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/),
  size: z.number().int().nonnegative(),
  annotations: annotationsSchema,
});

const manifestSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().max(255).optional(),
  artifactType: z.string().max(255).optional(),
  config: descriptorSchema.optional(),
  layers: z
    .array(z.unknown())
    .max(maxEntries)
    .pipe(z.array(descriptorSchema))
    .nullish(),
  manifests: z.array(z.unknown()).optional(),
  annotations: annotationsSchema,
});

/**
 * Reads a manifest of any of the formats that modules come in.
 *
 * @throws RegistryFailure `REGISTRY_UNEXPECTED`
 */
export function readArtifactManifest(
  document: ManifestDocument,
  where: string,
): Omit<ArtifactManifest, 'image' | 'digest'> {
  const parsed = manifestSchema.safeParse(parseJson(document.bytes));
  if (!parsed.success) {
    const at = parsed.error.issues[0].path.join('.');
    throw new RegistryFailure('REGISTRY_UNEXPECTED', {
      message: `The manifest ${document.digest} of ${where} cannot be read${
        at ? `: wrong value at ${at}` : ''
      }`,
      remedy: 'Push the module again.',
    });
  }
  const manifest = parsed.data;
  // Older tools write no mediaType; then the header says it.
  const mediaType = manifest.mediaType ?? document.contentType ?? OCI_MANIFEST;
  return {
    mediaType,
    index:
      [OCI_INDEX, DOCKER_LIST].includes(mediaType) ||
      manifest.manifests !== undefined,
    ...(manifest.artifactType && { artifactType: manifest.artifactType }),
    ...(manifest.config && { configMediaType: manifest.config.mediaType }),
    layers: (manifest.layers ?? []).map(layer => ({
      mediaType: layer.mediaType,
      digest: layer.digest,
      size: layer.size,
      annotations: layer.annotations ?? {},
    })),
    annotations: manifest.annotations ?? {},
  };
}
