import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { parseManifest } from '../artifactManifest';
import type { ArtifactStore } from '../ArtifactStore';
import type { Descriptor } from '../descriptor';

const deepest = 3;
const mostManifests = 1000;

/** What was copied. */
export interface CopiedTree {
  digest: string;
  /** Of the index and its entries, or of the one manifest. */
  digests: string[];
  /** Bytes that had to be sent; what was there or could be mounted was not. */
  copiedBytes: number;
}

/**
 * Copies a manifest, or an index with all that it names, byte for byte.
 *
 * @throws RegistryFailure; WasiError `REGISTRY_TOO_LARGE`
 */
export async function copyTree(options: {
  from: ArtifactStore;
  to: ArtifactStore;
  /** Tag or digest to be read. */
  reference: string;
  /** Tag to be written; without one it is found by its digest. */
  tag?: string;
  /** Bytes of all blobs together. */
  maxBytes?: number;
  signal?: AbortSignal;
}): Promise<CopiedTree> {
  const { from, to, signal, maxBytes = Infinity } = options;
  const digests: string[] = [];
  const copied = { bytes: 0, announced: 0 };

  async function copy(
    reference: string,
    depth: number,
    tag?: string,
  ): Promise<string> {
    const document = await from.getManifest(reference, signal);
    const { digest, bytes } = document;
    const manifest = parseManifest(document, from.name);
    const { mediaType } = manifest;
    digests.push(digest);
    if (depth > deepest || digests.length > mostManifests) {
      throw new WasiError('REGISTRY_TOO_LARGE', {
        message: `${from.name} at ${options.reference} names more than ${mostManifests} manifests, or deeper than ${deepest}`,
        remedy: 'Copy the manifests that are needed by their digests.',
      });
    }
    const isThere = (await to.findManifest(digest, signal)) !== undefined;
    // A registry has what its manifests name; a layout may have lost some of it.
    for (const entry of manifest.entries ?? []) {
      await copy(entry.digest, depth + 1);
    }
    if (!isThere || !to.repository) {
      for (const blob of blobsOf(manifest)) {
        await copyBlob(blob);
      }
    }
    if (!isThere || tag !== undefined) {
      await to.putManifest({ bytes, digest, mediaType, tag, signal });
      copied.bytes += isThere ? 0 : bytes.length;
    }
    return digest;
  }

  async function copyBlob(blob: Descriptor): Promise<void> {
    const { digest, size } = blob;
    copied.announced += size;
    if (copied.announced > maxBytes) {
      throw new WasiError('REGISTRY_TOO_LARGE', {
        message: `${from.name} at ${options.reference} has more than the ${maxBytes} bytes that are copied at once`,
        remedy: 'Copy the manifests that are needed by their digests.',
      });
    }
    copied.bytes += await to.ensureBlob(
      { digest, size, content: () => from.readBlob({ digest, size }, signal) },
      { signal, source: from },
    );
  }

  const digest = await copy(options.reference, 0, options.tag);
  return { digest, digests, copiedBytes: copied.bytes };
}

function blobsOf(manifest: {
  config?: Descriptor;
  layers: Descriptor[];
}): Descriptor[] {
  const all = [
    ...(manifest.config ? [manifest.config] : []),
    ...manifest.layers,
  ];
  const byDigest = new Map(all.map(blob => [blob.digest, blob]));
  // What lies elsewhere by its own account need not be in the registry.
  return [...byDigest.values()].filter(({ urls }) => !urls?.length);
}
