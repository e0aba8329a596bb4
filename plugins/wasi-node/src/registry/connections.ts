import type { lookup as resolveHost } from 'node:dns';
import type { LookupFunction } from 'node:net';
import {
  Agent,
  buildConnector,
  EnvHttpProxyAgent,
  type Dispatcher,
} from 'undici';
import {
  addressReach,
  hostReach,
  type AddressReach,
} from '../network/addressReach';
import { guardLookup, RefusedAddressError } from '../network/guardLookup';

/** Gives each request the connections that it may use. */
export interface Connections {
  /**
   * @throws RefusedAddressError where `url` is an address that the registry may not
   * name; connecting throws it where a name leads to one.
   */
  dispatcherFor(url: URL, registry: URL): Dispatcher;
}

/**
 * A registry may name hosts, for a login, a redirect or an upload, that are no
 * nearer to us than itself: one of the internet none of our network, one of our
 * network none on this machine, and nobody one that is link-local, where clouds
 * keep credentials. Where a registry is, its connection tells; where a host is, is
 * judged with the address that is connected to.
 *
 * Proxies of the environment (`HTTPS_PROXY`, `NO_PROXY`) are used, except for
 * this machine, where the local registry is. Behind one, names are the proxy's to judge.
 */
export function createConnections(options: {
  connectTimeoutMs: number;
  /** Named in the configuration, so spoken to wherever they are. */
  listedHosts: readonly string[];
  /** Replaced in tests. */
  resolve?: typeof resolveHost;
}): Connections {
  const { connectTimeoutMs, listedHosts, resolve } = options;
  const reaches = new Map<string, AddressReach>();
  const pools = new Map<string, Pools>();

  function poolsRefusing(refuse: readonly AddressReach[]): Pools {
    const key = refuse.join();
    const known = pools.get(key);
    if (known) {
      return known;
    }
    const created = createPools({
      connectTimeoutMs,
      lookup: guardLookup({ refuse, resolve }),
      onConnect: (hostname, reach) => {
        if (!refuse.length) {
          reaches.set(hostname, reach);
        }
      },
    });
    pools.set(key, created);
    return created;
  }

  return {
    dispatcherFor(url, registry) {
      const literal = hostReach(url.hostname);
      const refuse = refusedFor({ url, registry, listedHosts, reaches });
      if (literal && refuse.includes(literal)) {
        throw new RefusedAddressError(url.hostname, literal);
      }
      const { direct, proxied } = poolsRefusing(refuse);
      return literal === 'loopback' ? direct : proxied;
    },
  };
}

function refusedFor({
  url,
  registry,
  listedHosts,
  reaches,
}: {
  url: URL;
  registry: URL;
  listedHosts: readonly string[];
  reaches: ReadonlyMap<string, AddressReach>;
}): readonly AddressReach[] {
  if (url.host === registry.host) {
    return [];
  }
  if (listedHosts.includes(url.host)) {
    return ['special'];
  }
  const near =
    reaches.get(registry.hostname) ?? hostReach(registry.hostname) ?? 'public';
  switch (near) {
    case 'loopback':
      return ['special'];
    case 'private':
      return ['loopback', 'special'];
    default:
      return ['private', 'loopback', 'special'];
  }
}

interface Pools {
  direct: Dispatcher;
  proxied: Dispatcher;
}

function createPools(options: {
  connectTimeoutMs: number;
  lookup: LookupFunction;
  onConnect: (hostname: string, reach: AddressReach) => void;
}): Pools {
  const connector = buildConnector({
    timeout: options.connectTimeoutMs,
    lookup: options.lookup,
  });
  const connect: buildConnector.connector = (target, callback) =>
    connector(target, (...result) => {
      const [error, socket] = result;
      if (!error && socket.remoteAddress) {
        const reach = addressReach(socket.remoteAddress) ?? 'special';
        options.onConnect(target.hostname, reach);
      }
      callback(...result);
    });
  return {
    direct: new Agent({ connect }),
    proxied: new EnvHttpProxyAgent({ connect }),
  };
}
