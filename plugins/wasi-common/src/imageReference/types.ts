/**
 * An OCI image reference with its defaults filled in.
 *
 * @public
 */
export interface ImageReference {
  /** Registry with port, `docker.io` where the text names none. */
  host: string;
  /** Path within the registry, e.g. `library/alpine`. */
  repository: string;
  tag?: string;
  /** `sha256:` and 64 hex digits, or another registered algorithm. */
  digest?: string;
}
