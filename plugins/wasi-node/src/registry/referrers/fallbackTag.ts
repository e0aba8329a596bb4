import { checkDigest } from '../blobs';
import { dropBody, headerOf, readBody } from '../readBody';
import { RegistryFailure } from '../RegistryFailure';
import type { RegistrySession } from '../registrySession';
import { readIndexRows, readReferrer } from './referrerIndex';
import {
  INDEX_TYPE,
  MANIFEST_TYPE,
  sha256,
  type ReferrerManifest,
} from './referrerManifest';

const maxIndexBytes = 4 * 1024 * 1024;
const attempts = 5;

/** What the fallback tag of an image holds. */
export interface FallbackIndex {
  /** As they are in the index, also those that mean nothing to us. */
  rows: unknown[];
  etag?: string;
}

/**
 * The tag under which registries without referrers API keep what is attached.
 *
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema
 */
export function fallbackTagOf(subject: string): string {
  const [algorithm, encoded] = subject.split(':');
  return `${algorithm.slice(0, 32)}-${encoded.slice(0, 64)}`.replaceAll(
    /[^a-zA-Z0-9._-]/g,
    '-',
  );
}

/**
 * Reads the fallback tag; undefined where there is none.
 *
 * @throws RegistryFailure `REGISTRY_UNEXPECTED` where the tag holds something else.
 */
export async function readFallbackTag(
  session: RegistrySession,
  options: { subject: string; signal?: AbortSignal },
): Promise<FallbackIndex | undefined> {
  const { subject, signal } = options;
  const { target } = session;
  const tag = fallbackTagOf(subject);
  const response = await session.request({
    to: `manifests/${tag}`,
    method: 'GET',
    headers: { accept: INDEX_TYPE },
    expect: [200, 404],
    action: 'list what is attached to',
    retry: 'safe',
    signal,
  });
  if (response.status === 404) {
    await dropBody(response);
    return undefined;
  }
  const bytes = await readBody(response, {
    maxBytes: maxIndexBytes,
    what: 'a list of what is attached',
    signal,
  });
  const rows = readIndexRows(bytes);
  const type = headerOf(response, 'content-type')?.split(';')[0].trim();
  if (!rows || type === MANIFEST_TYPE) {
    throw new RegistryFailure('REGISTRY_UNEXPECTED', {
      message: `Tag ${tag} of ${target.host}/${target.repository} is not a list of what is attached to ${subject}`,
      remedy: 'Delete the tag, and attach again.',
    });
  }
  return { rows, etag: headerOf(response, 'etag') };
}

/**
 * Adds referrers to the fallback tag.
 *
 * Another client may write the tag between our reading and writing. A registry
 * that knows `If-Match` refuses then; of others we read again what became of it.
 *
 * @throws RegistryFailure
 */
export async function addToFallbackTag(
  session: RegistrySession,
  options: {
    subject: string;
    manifests: readonly ReferrerManifest[];
    signal?: AbortSignal;
  },
): Promise<void> {
  const { subject, manifests, signal } = options;
  for (let attempt = 1; ; attempt++) {
    const index = await readFallbackTag(session, { subject, signal });
    const missing = missingIn(index, manifests);
    if (!missing.length) {
      return;
    }
    if (attempt > attempts) {
      throw new RegistryFailure('REGISTRY_UNEXPECTED', {
        message: `Tag ${fallbackTagOf(subject)} of ${session.target.host}/${
          session.target.repository
        } was changed by others each time that something was attached`,
        remedy: 'Try again; what is attached already stays.',
      });
    }
    await writeFallbackTag(session, {
      subject,
      rows: [...(index?.rows ?? []), ...missing.map(descriptorOf)],
      etag: index?.etag,
      signal,
    });
  }
}

function missingIn(
  index: FallbackIndex | undefined,
  manifests: readonly ReferrerManifest[],
): ReferrerManifest[] {
  const present = new Set(
    (index?.rows ?? []).map(row => readReferrer(row)?.digest),
  );
  return manifests.filter(({ digest }) => !present.has(digest));
}

function descriptorOf({ digest, bytes, content }: ReferrerManifest) {
  return {
    mediaType: MANIFEST_TYPE,
    digest,
    size: bytes.length,
    artifactType: content.artifactType,
    annotations: content.annotations ?? {},
  };
}

async function writeFallbackTag(
  session: RegistrySession,
  options: {
    subject: string;
    rows: unknown[];
    etag?: string;
    signal?: AbortSignal;
  },
): Promise<void> {
  const { subject, rows, etag, signal } = options;
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: INDEX_TYPE,
      manifests: rows,
    }),
  );
  if (bytes.length > maxIndexBytes) {
    throw new RegistryFailure('REGISTRY_TOO_LARGE', {
      message: `Too much is attached to ${subject} in ${session.target.host}/${session.target.repository}`,
      remedy: 'Delete what is attached and not needed.',
    });
  }
  const response = await session.request({
    to: `manifests/${fallbackTagOf(subject)}`,
    method: 'PUT',
    headers: {
      'content-type': INDEX_TYPE,
      'content-length': String(bytes.length),
      ...(etag && { 'if-match': etag }),
    },
    body: () => bytes,
    // 412: somebody was quicker; the caller looks again.
    expect: [201, 412],
    action: 'attach to',
    retry: 'safe',
    signal,
  });
  await dropBody(response);
  if (response.status === 201) {
    checkDigest(response, sha256(bytes), session);
  }
}
