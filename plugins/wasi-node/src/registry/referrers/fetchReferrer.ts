import { getManifest } from '../manifests';
import { dropBody, readBody } from '../readBody';
import { RegistryFailure } from '../RegistryFailure';
import type { RegistrySession } from '../registrySession';
import { readReferrerManifest, sha256 } from './referrerManifest';
import type { FetchedReferrer } from './types';

/**
 * Reads what a referrer holds, whole and with its digest checked.
 *
 * @throws RegistryFailure
 */
export async function fetchReferrer(
  session: RegistrySession,
  options: {
    subject: string;
    digest: string;
    maxBytes: number;
    signal?: AbortSignal;
  },
): Promise<FetchedReferrer> {
  const { subject, digest, maxBytes, signal } = options;
  const { host, repository } = session.target;
  const { artifactType, layer, annotations } = readReferrerManifest(
    session,
    await getManifest(session, digest, signal),
    subject,
  );
  if (layer.size > maxBytes) {
    throw new RegistryFailure('REGISTRY_UNEXPECTED', {
      message: `What ${digest} attaches in ${host}/${repository} has ${layer.size} bytes, and ${maxBytes} are read`,
    });
  }
  const response = await session.request({
    to: `blobs/${layer.digest}`,
    method: 'GET',
    expect: [200, 404],
    action: 'read what is attached to',
    retry: 'safe',
    signal,
  });
  if (response.status === 404) {
    await dropBody(response);
    throw new RegistryFailure('REGISTRY_NOT_FOUND', {
      message: `Registry ${host} does not have what ${digest} attaches in ${repository}`,
      remedy: 'Attach it again.',
    });
  }
  const bytes = await readBody(response, {
    maxBytes: layer.size,
    what: 'something that is attached',
    signal,
  });
  if (sha256(bytes) !== layer.digest) {
    throw new RegistryFailure('REGISTRY_DIGEST_MISMATCH', {
      message: `Registry ${host} has other bytes than ${layer.digest} in ${repository}`,
    });
  }
  return { artifactType, bytes, annotations };
}
