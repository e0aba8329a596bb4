import { z } from 'zod';
import { RegistryError } from './RegistryError';
import { checkedDigest } from './registryPath';

/** @internal */
export const INDEX_MEDIA_TYPE = 'application/vnd.oci.image.index.v1+json';

/** @internal */
export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  artifactType?: string;
  annotations?: Record<string, string>;
}

/** What the registry has to know of a manifest. @internal */
export interface ManifestFacts {
  mediaType: string;
  artifactType?: string;
  annotations?: Record<string, string>;
  subject?: string;
  /** Blobs that have to exist. */
  blobs: string[];
  /** Manifests that have to exist. */
  manifests: string[];
}

const descriptorSchema = z.looseObject({
  mediaType: z.string().optional(),
  digest: z.string(),
  size: z.number().int().nonnegative(),
  urls: z.array(z.string()).optional(),
});

const manifestSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  config: descriptorSchema.optional(),
  layers: z.array(descriptorSchema).optional(),
  manifests: z.array(descriptorSchema).optional(),
  subject: descriptorSchema.optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

/**
 * Reads what a client pushes as a manifest, and refuses what no client could pull.
 *
 * @internal
 */
export function readManifestDocument(
  bytes: Uint8Array,
  contentType: string | undefined,
): ManifestFacts {
  const parsed = manifestSchema.safeParse(parseJson(bytes));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(`${issue.path.join('.') || 'document'}: ${issue.message}`);
  }
  const manifest = parsed.data;
  const header = contentType?.split(';')[0].trim().toLowerCase();
  if (
    manifest.mediaType !== undefined &&
    header &&
    header !== manifest.mediaType.toLowerCase()
  ) {
    throw invalid(
      `mediaType ${manifest.mediaType} does not match the Content-Type ${header}`,
    );
  }
  const mediaType = manifest.mediaType ?? header;
  if (!mediaType) {
    throw invalid('neither a mediaType nor a Content-Type');
  }
  if (!manifest.config && !manifest.manifests) {
    throw invalid('neither a config nor a list of manifests');
  }
  // Descriptors with `urls` may point to content that lies elsewhere.
  const blobs = [manifest.config, ...(manifest.layers ?? [])]
    .filter(descriptor => descriptor !== undefined)
    .filter(descriptor => !descriptor.urls?.length)
    .map(descriptor => checkedDigest(descriptor.digest));
  return {
    mediaType,
    artifactType: manifest.artifactType || manifest.config?.mediaType,
    annotations: manifest.annotations,
    subject: manifest.subject && checkedDigest(manifest.subject.digest),
    blobs,
    manifests: (manifest.manifests ?? []).map(descriptor =>
      checkedDigest(descriptor.digest),
    ),
  };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's own text would only repeat bytes of the document.
    throw invalid('not a JSON document');
  }
}

function invalid(reason: string): RegistryError {
  return new RegistryError(
    400,
    'MANIFEST_INVALID',
    `manifest invalid: ${reason}`,
  );
}
