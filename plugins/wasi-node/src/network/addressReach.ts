import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * How far an address reaches: `loopback` is this machine, `private` the network
 * we run in, `special` what no service of a user lies at: this link, with the
 * metadata services of clouds, multicast and the unspecified address.
 */
export type AddressReach = 'public' | 'private' | 'loopback' | 'special';

// https://www.iana.org/assignments/iana-ipv4-special-registry
// https://www.iana.org/assignments/iana-ipv6-special-registry
const subnets: Record<Exclude<AddressReach, 'public'>, string[]> = {
  special: [
    '0.0.0.0/8',
    '169.254.0.0/16',
    '192.0.0.0/24',
    '224.0.0.0/3',
    // Metadata services outside the link-local range: Alibaba, Azure, AWS.
    '100.100.100.200/32',
    '168.63.129.16/32',
    'fd00:ec2::/32',
    '::/128',
    'fe80::/10',
    'fec0::/10',
    'ff00::/8',
  ],
  loopback: ['127.0.0.0/8', '::1/128'],
  private: [
    '10.0.0.0/8',
    '100.64.0.0/10',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '198.18.0.0/15',
    'fc00::/7',
  ],
};
const lists = Object.entries(subnets).map(([reach, entries]) => {
  const list = new BlockList();
  for (const entry of entries) {
    const [address, bits] = entry.split('/');
    list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return { reach: reach as AddressReach, list };
});

/**
 * Tells the reach of an IP address; undefined where the text is none.
 *
 * An IPv6 address that carries an IPv4 address reaches as far as that one.
 *
 * @internal
 */
export function addressReach(address: string): AddressReach | undefined {
  const bare = address.replace(/%.*$/, '');
  if (isIPv4(bare)) {
    return (
      lists.find(({ list }) => list.check(bare, 'ipv4'))?.reach ?? 'public'
    );
  }
  if (!isIPv6(bare)) {
    return undefined;
  }
  const own = lists.find(({ list }) => list.check(bare, 'ipv6'))?.reach;
  const carried = carriedIPv4(bare);
  return own ?? (carried ? addressReach(carried) : undefined) ?? 'public';
}

/**
 * Tells the reach of the host of a URL where it can be told without DNS:
 * addresses, `localhost`, and the names of metadata services.
 *
 * @internal
 */
export function hostReach(hostname: string): AddressReach | undefined {
  const name = hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  if (name === 'localhost' || name.endsWith('.localhost')) {
    return 'loopback';
  }
  if (name === 'metadata' || name === 'metadata.google.internal') {
    return 'special';
  }
  return addressReach(name);
}

/** Of `::a.b.c.d` (RFC 4291), NAT64 (RFC 6052) and 6to4 (RFC 3056). */
function carriedIPv4(address: string): string | undefined {
  const groups = expand(address);
  const at = (index: number) =>
    [groups[index], groups[index + 1]]
      .flatMap(group => [group >> 8, group & 0xff])
      .join('.');
  if (groups.slice(0, 6).every(group => group === 0)) {
    return at(6);
  }
  if (groups[0] === 0x64 && groups[1] === 0xff9b) {
    return at(6);
  }
  return groups[0] === 0x2002 ? at(1) : undefined;
}

/** The eight groups of an IPv6 address. */
function expand(address: string): number[] {
  // The URL parser writes a trailing IPv4 part as two groups.
  const [head, tail] = new URL(`http://[${address}]`).hostname
    .slice(1, -1)
    .split('::');
  const read = (part: string | undefined) =>
    part ? part.split(':').map(group => parseInt(group, 16)) : [];
  const front = read(head);
  const back = read(tail);
  return [...front, ...Array(8 - front.length - back.length).fill(0), ...back];
}
