import { z } from 'zod';
import { platformOf } from './chooseEntry';
import {
  annotationsSchema,
  descriptorSchema,
  descriptorsSchema,
  type Descriptor,
} from './descriptor';
import type { ManifestDocument } from './manifests';
import { DOCKER_LIST, OCI_INDEX, OCI_MANIFEST } from './mediaTypes';
import { parseJson } from './parseJson';
import { RegistryFailure } from './RegistryFailure';
import type { ArtifactManifest } from './types';

const manifestSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().max(255).optional(),
  artifactType: z.string().max(255).optional(),
  config: descriptorSchema.optional(),
  layers: descriptorsSchema,
  manifests: descriptorsSchema,
  subject: descriptorSchema.nullish(),
  annotations: annotationsSchema,
});

/** A manifest or an index, read. */
export interface ParsedManifest {
  mediaType: string;
  artifactType?: string;
  config?: Descriptor;
  layers: Descriptor[];
  /** Of an index; undefined for what is none. */
  entries?: Descriptor[];
  subject?: Descriptor;
  annotations: Record<string, string>;
}

/**
 * Reads a manifest or an index of any of the formats that modules come in.
 *
 * @throws RegistryFailure `REGISTRY_UNEXPECTED`
 */
export function parseManifest(
  document: ManifestDocument,
  where: string,
): ParsedManifest {
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
  const isIndex =
    [OCI_INDEX, DOCKER_LIST].includes(mediaType) ||
    (manifest.manifests ?? undefined) !== undefined;
  return {
    mediaType,
    ...(manifest.artifactType && { artifactType: manifest.artifactType }),
    ...(manifest.config && { config: manifest.config }),
    layers: manifest.layers ?? [],
    ...(isIndex && { entries: manifest.manifests ?? [] }),
    ...(manifest.subject && { subject: manifest.subject }),
    annotations: manifest.annotations ?? {},
  };
}

/** What others are told of a manifest. */
export function describeManifest(
  manifest: ParsedManifest,
): Omit<ArtifactManifest, 'image' | 'digest'> {
  const { mediaType, artifactType, config, layers, entries } = manifest;
  return {
    mediaType,
    index: entries !== undefined,
    ...(entries && {
      entries: entries.map(entry => ({
        mediaType: entry.mediaType,
        digest: entry.digest,
        size: entry.size,
        ...(entry.platform && { platform: platformOf(entry) }),
      })),
    }),
    ...(artifactType && { artifactType }),
    ...(config && { configMediaType: config.mediaType }),
    layers: layers.map(layer => ({
      mediaType: layer.mediaType,
      digest: layer.digest,
      size: layer.size,
      annotations: layer.annotations ?? {},
    })),
    annotations: manifest.annotations,
  };
}
