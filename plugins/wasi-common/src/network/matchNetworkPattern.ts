import { parseIpAddress } from './parseIpAddress';
import type { NetworkPattern } from './types';

/**
 * Answers whether a pattern allows an address, exactly as the runner does.
 *
 * @param resolved - addresses that the pattern's host name resolved to; a name
 * without them matches nothing
 * @public
 */
export function matchNetworkPattern(
  pattern: NetworkPattern,
  address: { ip: string; port: number },
  resolved: readonly string[] = [],
): boolean {
  if (pattern.port !== '*' && pattern.port !== address.port) {
    return false;
  }
  const { host } = pattern;
  const ip = parseIpAddress(withoutZone(address.ip));
  switch (host.kind) {
    case 'any':
      return true;
    case 'address':
      return ip !== undefined && parseIpAddress(host.address) === ip;
    case 'name':
      // The runner resolves `name:port` in one call, which takes no wildcard.
      return (
        pattern.port !== '*' &&
        ip !== undefined &&
        resolved.some(found => parseIpAddress(withoutZone(found)) === ip)
      );
    default: {
      const never: never = host;
      throw new Error(`Unknown kind of host ${JSON.stringify(never)}`);
    }
  }
}

/** Node writes the zone of a link-local address (`fe80::1%eth0`); the runner compares without. */
function withoutZone(ip: string): string {
  const percent = ip.indexOf('%');
  return percent < 0 ? ip : ip.slice(0, percent);
}
