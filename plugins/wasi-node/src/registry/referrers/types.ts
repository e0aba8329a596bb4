/**
 * Something to be attached to an image: an SBOM, a provenance, a signature.
 *
 * @public
 */
export interface ReferrerContent {
  /** What it is; the type of its one layer, too. */
  artifactType: string;
  bytes: Uint8Array;
  /** Name of the file for who pulls it. */
  title?: string;
  annotations?: Record<string, string>;
}

/**
 * What a registry says is attached to an image; nothing of it is proven.
 *
 * @public
 */
export interface Referrer {
  /** Digest of the manifest. */
  digest: string;
  /** Bytes of the manifest. */
  size: number;
  /** Absent where the list does not tell; the manifest does. */
  artifactType?: string;
  annotations: Record<string, string>;
}

/**
 * What is attached to an image, as far as it was read.
 *
 * @public
 */
export interface ReferrerList {
  referrers: Referrer[];
  /** False where there are more than are read. */
  complete: boolean;
}

/**
 * The content of one referrer, with the digest that was asked for.
 *
 * @public
 */
export interface FetchedReferrer {
  artifactType: string;
  bytes: Buffer;
  annotations: Record<string, string>;
}

/**
 * What is attached to images in the registries that `wasi.registries` lists.
 *
 * Images are named by digest. All methods throw
 * {@link @wasi-functions/backstage-plugin-wasi-common#WasiError} with a `REGISTRY_…` code.
 *
 * @public
 */
export interface Referrers {
  /**
   * Attaches what is not attached yet, by the referrers API or, where the
   * registry has none, by the fallback tag.
   *
   * @returns digests of the manifests, in the order of the contents, and how many are new
   */
  attach(
    image: string,
    contents: readonly ReferrerContent[],
    options?: { signal?: AbortSignal },
  ): Promise<{ digests: string[]; attached: number }>;
  /** Those whose type the list does not tell are not filtered out. */
  list(
    image: string,
    options?: { artifactType?: string; signal?: AbortSignal },
  ): Promise<ReferrerList>;
  /** Reads a referrer of this image, and refuses one of another image. */
  fetch(
    image: string,
    digest: string,
    options: { maxBytes: number; signal?: AbortSignal },
  ): Promise<FetchedReferrer>;
}
