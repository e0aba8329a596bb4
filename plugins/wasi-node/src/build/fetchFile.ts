import type { lookup } from 'node:dns';
import { EnvHttpProxyAgent, fetch } from 'undici';
import type { AddressReach } from '../network/addressReach';
import { guardLookup } from '../network/guardLookup';

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

/** An allowed name may resolve to this machine, or to the metadata service of a cloud. */
export const refusedReaches: readonly AddressReach[] = ['loopback', 'special'];

/**
 * Fetches over a connection that never goes to this machine or its link.
 *
 * The proxy of the environment (`HTTPS_PROXY`, `NO_PROXY`) is used; then it is
 * the proxy that resolves names, and that says what may be reached.
 *
 * @internal
 */
export function createFetchFile(resolve?: typeof lookup): FetchFile {
  const dispatcher = new EnvHttpProxyAgent({
    connect: { lookup: guardLookup({ refuse: refusedReaches, resolve }) },
  });
  return (url, init) => fetch(url, { ...init, dispatcher });
}
