import type { ArtifactStore } from '../ArtifactStore';
import type { CopiedArtifact, CopyArtifactOptions } from '../types';
import { copyReferrers } from './copyReferrers';
import { copyTree } from './copyTree';

/** Copies an artifact, and what is attached to it if that is asked for. */
export async function copyArtifact(
  from: ArtifactStore,
  to: ArtifactStore,
  options: Pick<CopyArtifactOptions, 'referrers' | 'maxBytes' | 'signal'>,
): Promise<CopiedArtifact> {
  const { maxBytes, signal } = options;
  const copied = await copyTree({
    from,
    to,
    reference: from.reference,
    tag: to.reference,
    maxBytes,
    signal,
  });
  const attached = options.referrers
    ? await copyReferrers({
        from,
        to,
        subjects: copied.digests,
        maxBytes,
        signal,
      })
    : { count: 0, copiedBytes: 0 };
  return {
    image: `${to.name}@${copied.digest}`,
    digest: copied.digest,
    manifests: copied.digests.length,
    referrers: attached.count,
    copiedBytes: copied.copiedBytes + attached.copiedBytes,
  };
}
