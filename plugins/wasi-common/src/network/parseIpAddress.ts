/**
 * Reads an IP address exactly as Rust's `IpAddr` does, because the runner
 * compares with it: four decimal octets without leading zeros, or IPv6 without
 * brackets and zone. An IPv4-mapped IPv6 address stays IPv6.
 *
 * @returns a text that is equal for equal addresses, or undefined
 * @internal
 */
export function parseIpAddress(text: string): string | undefined {
  const address = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  return address?.join(text.includes(':') ? ':' : '.');
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every(isOctet)) {
    return undefined;
  }
  return parts.map(Number);
}

function isOctet(part: string): boolean {
  return /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255;
}

function parseIpv6(text: string): string[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) {
    return undefined;
  }
  if (halves.length === 1) {
    const groups = parseGroups(text, { allowIpv4: true });
    return groups?.length === 8 ? groups : undefined;
  }
  const head = parseGroups(halves[0], { allowIpv4: false });
  const tail = parseGroups(halves[1], { allowIpv4: true });
  // `::` stands for one group at least.
  if (!head || !tail || head.length + tail.length > 7) {
    return undefined;
  }
  const zeros = new Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...zeros, ...tail];
}

function parseGroups(
  text: string,
  options: { allowIpv4: boolean },
): string[] | undefined {
  if (text === '') {
    return [];
  }
  const parts = text.split(':');
  const groups: string[] = [];
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16).toString(16));
    } else {
      const last = index === parts.length - 1;
      const octets = options.allowIpv4 && last ? parseIpv4(part) : undefined;
      if (!octets) {
        return undefined;
      }
      const [a, b, c, d] = octets;
      groups.push((a * 256 + b).toString(16), (c * 256 + d).toString(16));
    }
  }
  return groups;
}
