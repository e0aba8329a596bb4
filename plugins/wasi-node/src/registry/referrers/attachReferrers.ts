import { checkDigest, ensureBlob } from '../blobs';
import { getManifest } from '../manifests';
import { dropBody, headerOf } from '../readBody';
import type { RegistrySession } from '../registrySession';
import { addToFallbackTag } from './fallbackTag';
import { inTurn } from './inTurn';
import { listReferrers } from './listReferrers';
import {
  composeReferrerManifest,
  emptyBlob,
  MANIFEST_TYPE,
  type ReferrerManifest,
} from './referrerManifest';
import type { ReferrerContent } from './types';

/**
 * Stores what is not attached to a digest yet, and makes it be listed.
 *
 * @throws RegistryFailure
 */
export async function attachReferrers(
  session: RegistrySession,
  options: {
    subject: string;
    contents: readonly ReferrerContent[];
    signal?: AbortSignal;
  },
): Promise<{ digests: string[]; attached: number }> {
  const { subject, contents, signal } = options;
  const [document, known] = await Promise.all([
    getManifest(session, subject, signal),
    listReferrers(session, { subject, signal }),
  ]);
  const manifests = contents.map(content =>
    composeReferrerManifest(
      {
        mediaType: document.contentType ?? MANIFEST_TYPE,
        digest: subject,
        size: document.bytes.length,
      },
      content,
    ),
  );
  const listed = new Set(known.referrers.map(({ digest }) => digest));
  const missing = manifests.filter(({ digest }) => !listed.has(digest));
  if (missing.length) {
    const { host, repository } = session.target;
    // Writers of the fallback tag would lose each other's rows. And docker-registry
    // refuses a manifest while somebody else stores a blob of it once more.
    await inTurn(`${host}/${repository}`, async () => {
      await storeBlobs(session, missing, signal);
      const indexed = await Promise.all(
        missing.map(manifest => storeManifest(session, manifest, signal)),
      );
      // A registry may answer that it indexes, and have no API to read it by.
      if (!known.api || indexed.includes(false)) {
        await addToFallbackTag(session, {
          subject,
          manifests: missing,
          signal,
        });
      }
    });
  }
  return {
    digests: manifests.map(({ digest }) => digest),
    attached: missing.length,
  };
}

async function storeBlobs(
  session: RegistrySession,
  manifests: readonly ReferrerManifest[],
  signal?: AbortSignal,
): Promise<void> {
  const blobs = [emptyBlob, ...manifests.map(({ blob }) => blob)];
  await Promise.all(
    blobs.map(({ digest, bytes }) =>
      ensureBlob(
        session,
        { digest, size: bytes.length, content: () => bytes },
        signal,
      ),
    ),
  );
}

/** @returns whether the registry lists it by itself */
async function storeManifest(
  session: RegistrySession,
  { digest, bytes }: ReferrerManifest,
  signal?: AbortSignal,
): Promise<boolean> {
  const response = await session.request({
    to: `manifests/${digest}`,
    method: 'PUT',
    headers: {
      'content-type': MANIFEST_TYPE,
      'content-length': String(bytes.length),
    },
    body: () => bytes,
    expect: [201],
    action: 'attach to',
    retry: 'safe',
    signal,
  });
  await dropBody(response);
  checkDigest(response, digest, session);
  return headerOf(response, 'oci-subject') !== undefined;
}
