import type { ArtifactStore, StoredReferrer } from './ArtifactStore';
import { ensureBlob } from './blobs';
import { downloadBlob, readBlobChunks } from './downloadBlob';
import { findManifest, getManifest, putManifest } from './manifests';
import type { RegistrySession } from './registrySession';
import { listReferrers } from './referrers/listReferrers';
import { addToFallbackTag } from './referrers/fallbackTag';
import { verifiedChunks } from './verifiedChunks';

/** A repository of a registry, as a store. */
export function createRepositoryStore(session: RegistrySession): ArtifactStore {
  const { host, repository, reference } = session.target;
  const name = `${host}/${repository}`;
  return {
    name,
    reference: reference.digest ?? reference.tag ?? 'latest',
    repository: { host, path: repository },
    findManifest: (wanted, signal) => findManifest(session, wanted, signal),
    getManifest: (wanted, signal) => getManifest(session, wanted, signal),
    putManifest: manifest =>
      putManifest(session, {
        ...manifest,
        tag: manifest.tag ?? manifest.digest,
      }),
    ensureBlob: (blob, { signal, source } = {}) =>
      ensureBlob(
        session,
        {
          ...blob,
          mountFrom:
            source?.repository?.host === host
              ? source.repository.path
              : undefined,
        },
        signal,
      ),
    readBlob: (blob, signal) =>
      verifiedChunks(readBlobChunks(session, blob, signal), blob, name),
    downloadBlob: (blob, options) => downloadBlob(session, blob, options),
    listReferrers: async (subject, signal) =>
      (await listReferrers(session, { subject, signal })).referrers,
    announceReferrers: (subject, referrers, signal) =>
      announceReferrers(session, { subject, referrers, signal }),
  };
}

// https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests-with-subject
async function announceReferrers(
  session: RegistrySession,
  options: {
    subject: string;
    referrers: readonly StoredReferrer[];
    signal?: AbortSignal;
  },
): Promise<void> {
  const { subject, referrers, signal } = options;
  const listed = await listReferrers(session, { subject, signal });
  if (listed.api) {
    return;
  }
  await addToFallbackTag(session, {
    subject,
    manifests: referrers.map(({ bytes, digest, manifest }) => ({
      bytes,
      digest,
      blob: { digest, bytes },
      content: {
        bytes,
        artifactType: manifest.artifactType ?? manifest.config?.mediaType ?? '',
        annotations: manifest.annotations,
      },
    })),
    signal,
  });
}
