import { BlockList, isIP, isIPv4 } from 'node:net';
import { RegistryFailure } from './RegistryFailure';
import type { RegistryTarget } from './registryTarget';

const neverAddressed = new BlockList();
neverAddressed.addSubnet('0.0.0.0', 8, 'ipv4');
neverAddressed.addSubnet('169.254.0.0', 16, 'ipv4');
neverAddressed.addAddress('100.100.100.200', 'ipv4');
neverAddressed.addAddress('::', 'ipv6');
neverAddressed.addSubnet('fe80::', 10, 'ipv6');
neverAddressed.addAddress('fd00:ec2::254', 'ipv6');

const privateAddresses = new BlockList();
privateAddresses.addSubnet('10.0.0.0', 8, 'ipv4');
privateAddresses.addSubnet('100.64.0.0', 10, 'ipv4');
privateAddresses.addSubnet('127.0.0.0', 8, 'ipv4');
privateAddresses.addSubnet('172.16.0.0', 12, 'ipv4');
privateAddresses.addSubnet('192.168.0.0', 16, 'ipv4');
privateAddresses.addAddress('::1', 'ipv6');
privateAddresses.addSubnet('fc00::', 7, 'ipv6');

/**
 * Resolves an address that the registry told us to go on with: an upload's
 * `Location`, or a redirect.
 *
 * Within the registry's host its scheme stays: behind a proxy that ends TLS,
 * registries tell `http://` addresses of themselves. Another host must be one that
 * a registry may reasonably name, so that it cannot send us into the network we run in.
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
  checkForeignUrl(url, target);
  return url;
}

/**
 * Refuses to address another host than the registry in an unsafe way.
 *
 * @throws RegistryFailure `REGISTRY_UNEXPECTED`
 */
export function checkForeignUrl(url: URL, target: RegistryTarget): void {
  const secure =
    url.protocol === 'https:' || (url.protocol === 'http:' && target.insecure);
  if (!secure) {
    throw refused(target, `${url.protocol}//${url.host}, which is not https`);
  }
  if (isBlocked(url.hostname, neverAddressed) || isMetadataName(url.hostname)) {
    throw refused(target, `${url.host}, which is link-local`);
  }
  if (
    isPrivate(url.hostname) &&
    !target.insecure &&
    !isPrivate(target.baseUrl.hostname)
  ) {
    throw refused(target, `${url.host}, which is a private address`);
  }
}

function isPrivate(hostname: string): boolean {
  return (
    isBlocked(hostname, privateAddresses) ||
    hostname === 'localhost' ||
    hostname.endsWith('.localhost')
  );
}

function isMetadataName(hostname: string): boolean {
  return ['metadata', 'metadata.google.internal'].includes(
    hostname.replace(/\.$/, ''),
  );
}

function isBlocked(hostname: string, list: BlockList): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  return (
    isIP(address) !== 0 &&
    list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
  );
}

function refused(target: RegistryTarget, where: string): RegistryFailure {
  return new RegistryFailure('REGISTRY_UNEXPECTED', {
    message: `Registry ${target.host} pointed to ${where}`,
  });
}
