import dns from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';

// Link-local ranges hold the metadata services of most clouds; the others name theirs.
const guarded = new BlockList();
guarded.addSubnet('169.254.0.0', 16, 'ipv4');
guarded.addAddress('100.100.100.200', 'ipv4');
guarded.addAddress('168.63.129.16', 'ipv4');
guarded.addSubnet('0.0.0.0', 8, 'ipv4');
guarded.addSubnet('224.0.0.0', 4, 'ipv4');
guarded.addSubnet('fe80::', 10, 'ipv6');
guarded.addAddress('fd00:ec2::254', 'ipv6');
guarded.addAddress('::', 'ipv6');
guarded.addSubnet('ff00::', 8, 'ipv6');

/**
 * Looks a host name up and refuses an answer that no module can have:
 * link-local and metadata addresses. What is connected to is what was checked.
 *
 * @internal
 */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) {
      callback(error, '', 0);
      return;
    }
    try {
      addresses.forEach(({ address }) => refuseGuardedAddress(address));
    } catch (refusal) {
      callback(refusal as Error, '', 0);
      return;
    }
    if (options.all) {
      callback(null, addresses);
    } else {
      callback(null, addresses[0].address, addresses[0].family);
    }
  });
};

/**
 * Refuses a literal address that no module can have.
 *
 * @internal
 */
export function refuseGuardedAddress(host: string): void {
  const address = host.replace(/^\[|\]$/g, '');
  const version = isIP(address);
  if (
    version !== 0 &&
    guarded.check(address, version === 6 ? 'ipv6' : 'ipv4')
  ) {
    throw new WasiError('INVOKE_FAILED', {
      message: 'The address of the module is one that must not be called.',
      remedy: "Check the `status.address.url` of the module's Service.",
    });
  }
}
