import {
  parseImageReference,
  WasiError,
  type ImageReference,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { RegistryConfig, WasiConfig } from '../config';

/** A repository on a registry that the configuration lists. */
export interface RegistryTarget {
  /** Canonical, as an image reference begins with. */
  host: string;
  repository: string;
  reference: ImageReference;
  /** Where its API is; always of the host that credentials are chosen for. */
  baseUrl: URL;
  /** Speaks plain HTTP, as the configuration says. */
  insecure: boolean;
  entry: RegistryConfig;
}

/**
 * Finds the configured registry that a reference names.
 *
 * @throws WasiError `IMAGE_REFERENCE_INVALID`; `REGISTRY_NOT_ALLOWED` where no entry
 * lists the host, or, for a push, none whose prefix fits.
 */
export function selectRegistry(
  config: WasiConfig,
  text: string,
  purpose: 'pull' | 'push',
): RegistryTarget {
  const reference = parseImageReference(text);
  const host = canonicalHost(reference.host);
  const { repository } = reference;
  const ofHost = config.registries.filter(
    entry => canonicalHost(entry.host) === host,
  );
  if (!ofHost.length) {
    throw new WasiError('REGISTRY_NOT_ALLOWED', {
      message: `Registry ${host} is not one of those that are allowed: ${
        config.registries.map(entry => entry.host).join(', ') || 'none is'
      }`,
    });
  }
  const [fitting] = ofHost
    .filter(entry => hasPrefix(repository, entry.prefix))
    .sort((a, b) => (b.prefix?.length ?? 0) - (a.prefix?.length ?? 0));
  if (!fitting && purpose === 'push') {
    const prefixes = ofHost.map(entry => `${host}/${trimmed(entry.prefix)}/`);
    throw new WasiError('REGISTRY_NOT_ALLOWED', {
      message: `Repository ${host}/${repository} may not be pushed to; allowed is what begins with ${prefixes.join(
        ' or ',
      )}`,
    });
  }
  const entry = fitting ?? ofHost[0];
  return {
    host,
    repository,
    reference,
    entry,
    insecure: entry.insecure,
    baseUrl: new URL(
      `${entry.insecure ? 'http' : 'https'}://${
        host === 'docker.io' ? 'registry-1.docker.io' : host
      }/`,
    ),
  };
}

/** One spelling per registry; Docker Hub has several. */
export function canonicalHost(host: string): string {
  const lower = host.toLowerCase();
  return ['index.docker.io', 'registry-1.docker.io'].includes(lower)
    ? 'docker.io'
    : lower;
}

function hasPrefix(repository: string, prefix: string | undefined): boolean {
  const path = trimmed(prefix);
  return (
    path === '' || repository === path || repository.startsWith(`${path}/`)
  );
}

function trimmed(prefix = ''): string {
  return prefix.replace(/^\/+|\/+$/g, '');
}
