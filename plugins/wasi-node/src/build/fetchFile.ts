import { lookup as resolveHost, type LookupAddress } from 'node:dns';
import { BlockList, isIPv6, type LookupFunction } from 'node:net';
import { Agent, fetch } from 'undici';

/**
 * The part of `fetch` that downloads need.
 *
 * @public
 */
export type FetchFile = (
  url: string,
  init: {
    redirect: 'manual';
    signal: AbortSignal;
    headers: Record<string, string>;
  },
) => Promise<{
  status: number;
  headers: { get(name: string): string | null };
  body: (AsyncIterable<Uint8Array> & { cancel(): Promise<void> }) | null;
}>;

/**
 * Fetches over a connection that never goes to this machine or its link: an
 * allowed name may resolve to the metadata service of a cloud.
 *
 * @internal
 */
export function createFetchFile(
  resolve: typeof resolveHost = resolveHost,
): FetchFile {
  const dispatcher = new Agent({ connect: { lookup: guardLookup(resolve) } });
  return (url, init) => fetch(url, { ...init, dispatcher });
}

/**
 * A lookup that fails for names that lead to loopback or link-local addresses.
 *
 * @internal
 */
export function guardLookup(resolve: typeof resolveHost): LookupFunction {
  return (hostname, options, callback) => {
    resolve(
      hostname,
      { ...options, all: true },
      (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => {
        if (error) {
          callback(error, '', 0);
        } else if (addresses.some(({ address }) => isLocal(address))) {
          callback(
            new Error(
              `${hostname} leads to an address of this machine or its link`,
            ),
            '',
            0,
          );
        } else if (options.all) {
          callback(null, addresses);
        } else {
          callback(null, addresses[0].address, addresses[0].family);
        }
      },
    );
  };
}

const local = new BlockList();
local.addSubnet('0.0.0.0', 8);
local.addSubnet('127.0.0.0', 8);
local.addSubnet('169.254.0.0', 16);
local.addAddress('::', 'ipv6');
local.addAddress('::1', 'ipv6');
local.addSubnet('fe80::', 10, 'ipv6');

function isLocal(address: string): boolean {
  return local.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
