import { createHash } from 'node:crypto';
import { checkDigest } from './blobs';
import { ACCEPT_MANIFESTS } from './mediaTypes';
import { dropBody, headerOf, readBody } from './readBody';
import { RegistryFailure } from './RegistryFailure';
import type { RegistrySession } from './registrySession';

// What registries and clients are expected to take.
const maxManifestBytes = 4 * 1024 * 1024;

/** A manifest as it is stored. */
export interface ManifestDocument {
  bytes: Buffer;
  digest: string;
  /** Of the HTTP header, without parameters. */
  contentType?: string;
}

/**
 * Looks which manifest a tag or digest names, without reading it.
 *
 * @returns undefined where there is none; without digest where the registry keeps it to itself
 */
export async function findManifest(
  session: RegistrySession,
  reference: string,
  signal?: AbortSignal,
): Promise<{ digest?: string } | undefined> {
  const response = await session.request({
    to: `manifests/${reference}`,
    method: 'HEAD',
    headers: { accept: ACCEPT_MANIFESTS },
    expect: [200, 404],
    action: 'read',
    retry: 'safe',
    signal,
  });
  await dropBody(response);
  return response.status === 200
    ? { digest: headerOf(response, 'docker-content-digest') }
    : undefined;
}

/**
 * Reads a manifest and checks that it is the one that was asked for.
 *
 * @throws RegistryFailure
 */
export async function getManifest(
  session: RegistrySession,
  reference: string,
  signal?: AbortSignal,
): Promise<ManifestDocument> {
  const { target } = session;
  const response = await session.request({
    to: `manifests/${reference}`,
    method: 'GET',
    headers: { accept: ACCEPT_MANIFESTS },
    expect: [200],
    action: 'read',
    retry: 'safe',
    signal,
  });
  const bytes = await readBody(response, {
    maxBytes: maxManifestBytes,
    what: 'a manifest',
    signal,
  });
  const algorithm = reference.startsWith('sha512:') ? 'sha512' : 'sha256';
  const digest = `${algorithm}:${createHash(algorithm)
    .update(bytes)
    .digest('hex')}`;
  if (reference.includes(':') && reference !== digest) {
    throw new RegistryFailure('REGISTRY_DIGEST_MISMATCH', {
      message: `Registry ${target.host} answered with ${digest} when asked for ${reference} in ${target.repository}`,
    });
  }
  checkDigest(response, digest, session);
  return {
    bytes,
    digest,
    contentType: headerOf(response, 'content-type')?.split(';')[0].trim(),
  };
}

/**
 * Stores a manifest under a tag.
 *
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
 *
 * @throws RegistryFailure
 */
export async function putManifest(
  session: RegistrySession,
  options: {
    tag: string;
    bytes: Buffer;
    digest: string;
    mediaType: string;
    signal?: AbortSignal;
  },
): Promise<void> {
  const { tag, bytes, digest, mediaType, signal } = options;
  const response = await session.request({
    to: `manifests/${tag}`,
    method: 'PUT',
    headers: {
      'content-type': mediaType,
      'content-length': String(bytes.length),
    },
    body: () => bytes,
    expect: [201],
    action: 'push to',
    retry: 'safe',
    signal,
  });
  await dropBody(response);
  checkDigest(response, digest, session);
}

/**
 * Deletes a manifest.
 *
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#deleting-manifests
 *
 * @throws RegistryFailure
 */
export async function deleteManifest(
  session: RegistrySession,
  digest: string,
  signal?: AbortSignal,
): Promise<void> {
  const { target } = session;
  const response = await session.request({
    to: `manifests/${digest}`,
    method: 'DELETE',
    headers: { 'content-length': '0' },
    expect: [200, 202, 404, 405],
    action: 'delete from',
    retry: 'safe',
    signal,
  });
  await dropBody(response);
  switch (response.status) {
    case 404:
      throw new RegistryFailure('REGISTRY_NOT_FOUND', {
        status: 404,
        message: `Registry ${target.host} has no ${digest} in ${target.repository}`,
        remedy: 'Nothing is left to be deleted there.',
      });
    case 405:
      throw new RegistryFailure('REGISTRY_FORBIDDEN', {
        status: 405,
        message: `Registry ${target.host} does not delete`,
        remedy:
          "Have deletion switched on in the registry's own configuration, or use its own clean-up.",
      });
    default:
  }
}
