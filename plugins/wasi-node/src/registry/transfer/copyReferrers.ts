import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { parseManifest } from '../artifactManifest';
import type { ArtifactStore } from '../ArtifactStore';
import { copyTree } from './copyTree';

const mostReferrers = 1000;

/**
 * Copies what is attached to manifests, and what is attached to that: a signature
 * of an SBOM, for instance.
 */
export async function copyReferrers(options: {
  from: ArtifactStore;
  to: ArtifactStore;
  subjects: readonly string[];
  maxBytes: number;
  signal?: AbortSignal;
}): Promise<{ count: number; copiedBytes: number }> {
  const { from, to, maxBytes, signal } = options;
  const copied = { count: 0, bytes: 0 };
  const waiting = [...options.subjects];
  const seen = new Set(waiting);
  for (let subject = waiting.shift(); subject; subject = waiting.shift()) {
    const attached = await from.listReferrers(subject, signal);
    const manifests = [];
    for (const { digest } of attached) {
      const document = await from.getManifest(digest, signal);
      const manifest = parseManifest(document, from.name);
      // What a list says is attached need not be.
      if (manifest.subject?.digest === subject && !seen.has(digest)) {
        seen.add(digest);
        waiting.push(digest);
        copied.count++;
        if (copied.count > mostReferrers) {
          throw new WasiError('REGISTRY_TOO_LARGE', {
            message: `More than ${mostReferrers} things are attached in ${from.name}`,
            remedy: 'Copy the artifact without what is attached to it.',
          });
        }
        const tree = await copyTree({
          from,
          to,
          reference: digest,
          maxBytes: maxBytes - copied.bytes,
          signal,
        });
        copied.bytes += tree.copiedBytes;
        manifests.push({ ...document, manifest });
      }
    }
    if (manifests.length) {
      await to.announceReferrers(subject, manifests, signal);
    }
  }
  return { count: copied.count, copiedBytes: copied.bytes };
}
