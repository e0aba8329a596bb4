import { resolveLocation } from './foreignUrl';
import { dropBody, headerOf } from './readBody';
import { RegistryFailure } from './RegistryFailure';
import type { RegistrySession } from './registrySession';
import { withRetry } from './retry';
import type { TransportRequest, TransportResponse } from './transport';

/** Something to be stored under its digest. */
export interface Blob {
  digest: string;
  size: number;
  content: NonNullable<TransportRequest['body']>;
  /** A repository of the same registry that has it. */
  mountFrom?: string;
}

/**
 * Stores a blob unless the registry has it.
 *
 * A broken upload begins anew, as a session of its own: the digest makes that safe.
 *
 * @returns the bytes that were sent
 * @throws RegistryFailure
 */
export async function ensureBlob(
  session: RegistrySession,
  blob: Blob,
  signal?: AbortSignal,
): Promise<number> {
  if (
    (await hasBlob(session, blob, signal)) ||
    (await mountBlob(session, blob, signal))
  ) {
    return 0;
  }
  await withRetry(() => uploadBlob(session, blob, signal), {
    pause: session.pause,
    signal,
  });
  return blob.size;
}

// https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#checking-if-content-exists-in-the-registry
async function hasBlob(
  session: RegistrySession,
  blob: Blob,
  signal?: AbortSignal,
): Promise<boolean> {
  const response = await session.request({
    to: `blobs/${blob.digest}`,
    method: 'HEAD',
    expect: [200, 404],
    action: 'push to',
    retry: 'safe',
    signal,
  });
  await dropBody(response);
  const size = headerOf(response, 'content-length');
  return (
    response.status === 200 &&
    (size === undefined || Number(size) === blob.size)
  );
}

// https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#mounting-a-blob-from-another-repository
async function mountBlob(
  session: RegistrySession,
  { digest, mountFrom }: Blob,
  signal?: AbortSignal,
): Promise<boolean> {
  if (mountFrom === undefined || mountFrom === session.target.repository) {
    return false;
  }
  try {
    const response = await session.request({
      to: `blobs/uploads/?mount=${encodeURIComponent(
        digest,
      )}&from=${encodeURIComponent(mountFrom)}`,
      method: 'POST',
      headers: { 'content-length': '0' },
      expect: [201, 202],
      action: 'push to',
      retry: 'never',
      signal,
    });
    await dropBody(response);
    if (response.status === 201) {
      return true;
    }
    // Not mounted, but an upload that nobody goes on with.
    const location = headerOf(response, 'location');
    if (location !== undefined) {
      await cancelUpload(
        session,
        resolveLocation(location, response.url, session.target),
      );
    }
    return false;
  } catch (error) {
    if (signal?.aborted) {
      throw error;
    }
    // Only a short cut, which some registries do not know: the upload tells what is wrong.
    return false;
  }
}

// https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#post-then-put
async function uploadBlob(
  session: RegistrySession,
  blob: Blob,
  signal?: AbortSignal,
): Promise<void> {
  const location = await startUpload(session, signal);
  try {
    const response = await session.request({
      to: withDigest(location, blob.digest),
      method: 'PUT',
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(blob.size),
      },
      body: blob.content,
      carriesBlob: true,
      expect: [201],
      action: 'push to',
      retry: 'never',
      signal,
    });
    await dropBody(response);
    checkDigest(response, blob.digest, session);
  } catch (error) {
    await cancelUpload(session, location);
    throw error;
  }
}

async function startUpload(
  session: RegistrySession,
  signal?: AbortSignal,
): Promise<URL> {
  const response = await session.request({
    to: 'blobs/uploads/',
    method: 'POST',
    headers: { 'content-length': '0' },
    expect: [202],
    action: 'push to',
    // All of the upload is tried again, see ensureBlob.
    retry: 'never',
    signal,
  });
  await dropBody(response);
  const location = headerOf(response, 'location');
  if (location === undefined) {
    throw new RegistryFailure('REGISTRY_UNEXPECTED', {
      message: `Registry ${session.target.host} began an upload without saying where it goes on`,
    });
  }
  return resolveLocation(location, response.url, session.target);
}

// The query that is there is the registry's own, and is passed on untouched.
function withDigest(location: URL, digest: string): URL {
  const url = new URL(location.href);
  url.search = `${url.search}${
    url.search ? '&' : '?'
  }digest=${encodeURIComponent(digest)}`;
  return url;
}

async function cancelUpload(
  session: RegistrySession,
  location: URL,
): Promise<void> {
  try {
    await dropBody(
      await session.request({
        to: location,
        method: 'DELETE',
        expect: [204, 202, 200],
        action: 'push to',
        retry: 'never',
        signal: AbortSignal.timeout(5_000),
      }),
    );
  } catch {
    // Only tidying up: registries drop abandoned uploads by themselves.
  }
}

/** Refuses an answer about other content than we meant. */
export function checkDigest(
  response: TransportResponse,
  expected: string,
  { target }: RegistrySession,
): void {
  const actual = headerOf(response, 'docker-content-digest');
  if (
    actual !== undefined &&
    actual !== expected &&
    sameKind(actual, expected)
  ) {
    throw new RegistryFailure('REGISTRY_DIGEST_MISMATCH', {
      message: `Registry ${target.host} has ${actual} where ${expected} was meant, in ${target.repository}`,
    });
  }
}

// A registry may answer with a digest of another algorithm, which says nothing.
function sameKind(a: string, b: string): boolean {
  return a.split(':')[0] === b.split(':')[0];
}
