import { lookup as resolveHost, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { addressReach, type AddressReach } from './addressReach';

const REACHES: Record<AddressReach, string> = {
  public: 'a public address',
  private: 'a private address',
  loopback: 'an address of this machine',
  special: 'a link-local or reserved address',
};

/**
 * A name leads to an address that is not connected to.
 *
 * @internal
 */
export class RefusedAddressError extends Error {
  readonly code = 'ERR_ADDRESS_REFUSED';

  constructor(hostname: string, reach: AddressReach) {
    super(`${hostname} leads to ${REACHES[reach]}`);
    this.name = 'RefusedAddressError';
  }
}

/**
 * A lookup for `connect` that fails for names that lead where we do not go.
 *
 * The addresses that were judged are those that are connected to, so a name
 * that changes its answer gains nothing. Not asked for hosts that are
 * addresses already: judge those with `hostReach`.
 *
 * @param options - `refuse`: the reaches that no address of a name may have.
 * @internal
 */
export function guardLookup(options: {
  refuse: readonly AddressReach[];
  resolve?: typeof resolveHost;
}): LookupFunction {
  const { refuse, resolve = resolveHost } = options;
  return (hostname, lookupOptions, callback) => {
    resolve(
      hostname,
      { ...lookupOptions, all: true },
      (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => {
        if (error) {
          callback(error, '', 0);
          return;
        }
        const refused = addresses
          .map(({ address }) => addressReach(address) ?? 'special')
          .find(reach => refuse.includes(reach));
        if (refused) {
          callback(new RefusedAddressError(hostname, refused), '', 0);
        } else if (lookupOptions.all) {
          callback(null, addresses);
        } else {
          callback(null, addresses[0].address, addresses[0].family);
        }
      },
    );
  };
}
