import { RegistryError } from './RegistryError';

/** What a request path of the distribution API names. @internal */
export type RegistryPath =
  | { kind: 'base' }
  | { kind: 'manifest'; name: string; reference: string }
  | { kind: 'blob'; name: string; digest: string }
  | { kind: 'uploads'; name: string }
  | { kind: 'upload'; name: string; session: string }
  | { kind: 'tags'; name: string }
  | { kind: 'referrers'; name: string; digest: string };

// https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
const namePattern =
  /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const digestPattern = /^(sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/;
const sessionPattern = /^[a-f0-9-]{36}$/;
const longestName = 255;

/**
 * Reads a request path; every part of it that later becomes a file name has
 * passed its grammar here, so that none can leave the registry's folder.
 *
 * @internal
 */
export function parseRegistryPath(pathname: string): RegistryPath | undefined {
  const path = decode(pathname);
  if (path === '/v2/' || path === '/v2') {
    return { kind: 'base' };
  }
  const uploads = /^\/v2\/(.+)\/blobs\/uploads\/?$/.exec(path);
  if (uploads) {
    return { kind: 'uploads', name: checkedName(uploads[1]) };
  }
  const upload = /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/.exec(path);
  if (upload) {
    const [, name, session] = upload;
    if (!sessionPattern.test(session)) {
      throw new RegistryError(
        404,
        'BLOB_UPLOAD_UNKNOWN',
        'no such upload session',
      );
    }
    return { kind: 'upload', name: checkedName(name), session };
  }
  const other = /^\/v2\/(.+)\/(blobs|manifests|referrers)\/([^/]+)$/.exec(path);
  if (other) {
    const [, rawName, kind, last] = other;
    const name = checkedName(rawName);
    switch (kind) {
      case 'blobs':
        return { kind: 'blob', name, digest: checkedDigest(last) };
      case 'referrers':
        return { kind: 'referrers', name, digest: checkedDigest(last) };
      default:
        return { kind: 'manifest', name, reference: checkedReference(last) };
    }
  }
  const tags = /^\/v2\/(.+)\/tags\/list$/.exec(path);
  if (tags) {
    return { kind: 'tags', name: checkedName(tags[1]) };
  }
  return undefined;
}

/** @internal */
export function checkedName(name: string): string {
  if (name.length > longestName || !namePattern.test(name)) {
    throw new RegistryError(400, 'NAME_INVALID', 'invalid repository name');
  }
  return name;
}

/** @internal */
export function checkedDigest(digest: string): string {
  if (!digestPattern.test(digest)) {
    throw new RegistryError(400, 'DIGEST_INVALID', 'invalid digest');
  }
  return digest;
}

/** @internal */
export function isDigest(reference: string): boolean {
  return reference.includes(':');
}

function checkedReference(reference: string): string {
  if (isDigest(reference)) {
    return checkedDigest(reference);
  }
  if (!tagPattern.test(reference)) {
    throw new RegistryError(400, 'TAG_INVALID', 'invalid tag');
  }
  return reference;
}

function decode(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    // A malformed escape; the raw text then fails the grammar, which gives the answer.
    return pathname;
  }
}
