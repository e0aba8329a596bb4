import type { ParsedManifest } from './artifactManifest';
import type { Blob } from './blobs';
import type { BlobDescriptor } from './downloadBlob';
import type { ManifestDocument } from './manifests';

/** A manifest with a subject. */
export interface StoredReferrer extends ManifestDocument {
  manifest: ParsedManifest;
}

/**
 * Where manifests and blobs are kept: a repository of a registry, or a layout on disk.
 */
export interface ArtifactStore {
  /** `ghcr.io/team/hello`, or `oci:dist/hello`. */
  readonly name: string;
  /** Tag or digest that this store was opened for. */
  readonly reference: string;
  findManifest(
    reference: string,
    signal?: AbortSignal,
  ): Promise<{ digest?: string } | undefined>;
  getManifest(
    reference: string,
    signal?: AbortSignal,
  ): Promise<ManifestDocument>;
  /** Under its digest where no tag is given. */
  putManifest(options: {
    tag?: string;
    bytes: Buffer;
    digest: string;
    mediaType: string;
    signal?: AbortSignal;
  }): Promise<void>;
  /**
   * Stores a blob unless it is there.
   *
   * @param source - Where the blob is already, so that a registry may take it from there.
   * @returns the bytes that were sent
   */
  ensureBlob(
    blob: Blob,
    options?: { signal?: AbortSignal; source?: ArtifactStore },
  ): Promise<number>;
  /** Ends as soon as the bytes are not those that the descriptor promises. */
  readBlob(
    blob: BlobDescriptor,
    signal?: AbortSignal,
  ): AsyncIterable<Uint8Array>;
  /** Writes a blob to a file, which appears whole and verified or not at all. */
  downloadBlob(
    blob: BlobDescriptor,
    options: { targetPath: string; signal?: AbortSignal },
  ): Promise<void>;
  /** What is attached to a digest. */
  listReferrers(
    subject: string,
    signal?: AbortSignal,
  ): Promise<{ digest: string }[]>;
  /** Has what was stored be listed, where that does not happen by itself. */
  announceReferrers(
    subject: string,
    referrers: readonly StoredReferrer[],
    signal?: AbortSignal,
  ): Promise<void>;
  /** Registry and repository, where it is one. */
  readonly repository?: { host: string; path: string };
}
