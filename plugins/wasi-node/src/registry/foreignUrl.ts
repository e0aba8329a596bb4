import { RegistryFailure } from './RegistryFailure';
import type { RegistryTarget } from './registryTarget';

/**
 * Resolves an address that the registry told us to go on with: an upload's
 * `Location`, or a redirect.
 *
 * Within the registry's host its scheme stays: behind a proxy that ends TLS,
 * registries tell `http://` addresses of themselves. Another host must speak https
 * as the registry does; whether its address may be gone to is the transport's to say.
 *
 * @throws RegistryFailure `REGISTRY_UNEXPECTED`
 */
export function resolveLocation(
  location: string,
  from: URL,
  target: RegistryTarget,
): URL {
  const url = URL.canParse(location, from.href)
    ? new URL(location, from.href)
    : undefined;
  if (!url || url.username || url.password) {
    throw refused(target, 'an address that cannot be used');
  }
  url.hash = '';
  if (url.host === target.baseUrl.host) {
    url.protocol = target.baseUrl.protocol;
    return url;
  }
  const secure =
    url.protocol === 'https:' || (url.protocol === 'http:' && target.insecure);
  if (!secure) {
    throw refused(target, `${url.protocol}//${url.host}, which is not https`);
  }
  return url;
}

function refused(target: RegistryTarget, where: string): RegistryFailure {
  return new RegistryFailure('REGISTRY_UNEXPECTED', {
    message: `Registry ${target.host} pointed to ${where}`,
  });
}
