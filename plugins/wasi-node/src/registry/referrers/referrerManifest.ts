import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ManifestDocument } from '../manifests';
import { parseJson } from '../parseJson';
import { RegistryFailure } from '../RegistryFailure';
import type { RegistrySession } from '../registrySession';
import type { ReferrerContent } from './types';

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidance-for-an-empty-descriptor */
export const emptyBlob = {
  mediaType: 'application/vnd.oci.empty.v1+json',
  bytes: Buffer.from('{}'),
  digest: sha256(Buffer.from('{}')),
};

/** The image that something is attached to. */
export interface Subject {
  mediaType: string;
  digest: string;
  size: number;
}

/** A manifest to be stored, with the blob that it names. */
export interface ReferrerManifest {
  digest: string;
  bytes: Buffer;
  blob: { digest: string; bytes: Uint8Array };
  content: ReferrerContent;
}

/**
 * Composes the manifest of a referrer; the same content becomes the same digest.
 *
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage
 */
export function composeReferrerManifest(
  subject: Subject,
  content: ReferrerContent,
): ReferrerManifest {
  const { artifactType, annotations = {}, title } = content;
  const blob = { digest: sha256(content.bytes), bytes: content.bytes };
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      artifactType,
      config: {
        mediaType: emptyBlob.mediaType,
        digest: emptyBlob.digest,
        size: emptyBlob.bytes.length,
        data: emptyBlob.bytes.toString('base64'),
      },
      layers: [
        {
          mediaType: artifactType,
          digest: blob.digest,
          size: blob.bytes.length,
          ...(title && {
            annotations: { 'org.opencontainers.image.title': title },
          }),
        },
      ],
      subject,
      annotations,
    }),
  );
  return { digest: sha256(bytes), bytes, blob, content };
}

const digestSchema = z.string().regex(/^sha256:[a-f0-9]{64}$/);

const manifestSchema = z.looseObject({
  artifactType: z.string().max(255).nullish(),
  config: z.looseObject({ mediaType: z.string().max(255) }),
  layers: z
    .array(
      z.looseObject({
        mediaType: z.string().max(255),
        digest: digestSchema,
        size: z.number().int().nonnegative(),
      }),
    )
    .length(1),
  subject: z.looseObject({ digest: z.string() }),
  annotations: z.record(z.string(), z.string()).nullish(),
});

/**
 * Reads the manifest of a referrer that holds one thing.
 *
 * @throws RegistryFailure `REGISTRY_UNEXPECTED` where it is none, or one of another subject.
 */
export function readReferrerManifest(
  { target }: RegistrySession,
  document: ManifestDocument,
  subject: string,
) {
  const parsed = manifestSchema.safeParse(parseJson(document.bytes));
  if (!parsed.success || parsed.data.subject.digest !== subject) {
    throw new RegistryFailure('REGISTRY_UNEXPECTED', {
      message: `${document.digest} in ${target.host}/${target.repository} ${
        parsed.success
          ? `is attached to another image than ${subject}`
          : 'is not a manifest of one thing that is attached to an image'
      }`,
      remedy: 'Delete the manifest from the registry.',
    });
  }
  const { artifactType, config, layers, annotations } = parsed.data;
  return {
    artifactType: artifactType ?? config.mediaType,
    layer: layers[0],
    annotations: annotations ?? {},
  };
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
