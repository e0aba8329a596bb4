import fc from 'fast-check';
import { atLeast, fuzzing } from '../__testUtils__/fuzzing';
import { matchNetworkPattern } from './matchNetworkPattern';
import { parseNetworkPattern } from './parseNetworkPattern';

/**
 * The real runner, written down from what is known of its Rust code, apart
 * from ours: addresses are byte lists, and a pattern stays text until asked.
 */
const runner = {
  allows(
    text: string,
    address: { bytes: number[]; port: number },
    resolve: (name: string, port: number) => number[][],
  ): boolean {
    // rsplit_once(':')
    const parts = text.split(':');
    if (parts.length < 2) {
      return false;
    }
    const portText = parts[parts.length - 1];
    const hostText = parts.slice(0, -1).join(':');
    const port = runner.u16(portText);
    if (portText !== '*' && port !== address.port) {
      return false;
    }
    if (hostText === '*') {
      return true;
    }
    const bare =
      hostText[0] === '[' && hostText[hostText.length - 1] === ']'
        ? hostText.substring(1, hostText.length - 1)
        : hostText;
    const own = runner.ipAddr(bare);
    if (own) {
      return String(own) === String(address.bytes);
    }
    // A name is resolved together with its port, which must be a number.
    return (
      port !== undefined &&
      resolve(hostText, port).some(
        bytes => String(bytes) === String(address.bytes),
      )
    );
  },

  /** `u16::from_str`: one plus sign, then digits, not beyond 16 bits. */
  u16(text: string): number | undefined {
    const digits = text[0] === '+' ? text.substring(1) : text;
    if (digits === '') {
      return undefined;
    }
    let value = 0;
    for (const digit of digits) {
      if (!'0123456789'.includes(digit)) {
        return undefined;
      }
      value = value * 10 + '0123456789'.indexOf(digit);
      if (value > 0xffff) {
        return undefined;
      }
    }
    return value;
  },

  /** `IpAddr::from_str` as a machine that eats the text from the left. */
  ipAddr(text: string): number[] | undefined {
    return runner.ipv4(text) ?? runner.ipv6(text);
  },

  ipv4(text: string): number[] | undefined {
    const octets = text.split('.').map(part => {
      const isPlain =
        part.length >= 1 &&
        part.length <= 3 &&
        [...part].every(digit => digit >= '0' && digit <= '9');
      const value = isPlain ? parseInt(part, 10) : 256;
      return value <= 255 && String(value) === part ? value : -1;
    });
    return octets.length === 4 && !octets.includes(-1) ? octets : undefined;
  },

  ipv6(text: string): number[] | undefined {
    let rest = text;
    const bytes: number[] = [];
    let gap: number | undefined;
    let isSeparated = true;
    while (rest !== '') {
      if (rest.startsWith('::')) {
        if (gap !== undefined) {
          return undefined;
        }
        gap = bytes.length;
        rest = rest.substring(2);
        isSeparated = true;
        continue;
      }
      if (!isSeparated) {
        if (rest[0] !== ':') {
          return undefined;
        }
        rest = rest.substring(1);
      }
      const tail = runner.ipv4(rest);
      if (tail && bytes.length <= 12) {
        bytes.push(...tail);
        rest = '';
        break;
      }
      let digits = '';
      while (
        digits.length < 4 &&
        rest !== '' &&
        '0123456789abcdef'.includes(rest[0].toLowerCase())
      ) {
        digits += rest[0];
        rest = rest.substring(1);
      }
      if (digits === '') {
        return undefined;
      }
      const group = parseInt(digits, 16);
      bytes.push(Math.floor(group / 256), group % 256);
      isSeparated = false;
    }
    if (gap === undefined) {
      return bytes.length === 16 ? bytes : undefined;
    }
    if (bytes.length > 14) {
      return undefined;
    }
    const zeros = new Array<number>(16 - bytes.length).fill(0);
    return [...bytes.slice(0, gap), ...zeros, ...bytes.slice(gap)];
  },
};

/** The controller's check, as far as it is known: cut at the first colon, both halves there. */
function controllerAccepts(text: string): boolean {
  const cut = text.indexOf(':');
  const host = text.substring(0, cut);
  const port = text.substring(cut + 1);
  return (
    cut > 0 &&
    (host === '*' || ![...host].some(char => char.trim() === '')) &&
    (port === '*' || /^[+-]?0*[0-9]{1,18}$/.test(port))
  );
}

const octet = fc.constantFrom(0, 1, 7, 8, 10, 127, 255);
const group = fc.constantFrom(0, 1, 0xa, 0xdb8, 0x2001, 0xffff);
const ipv4 = fc.tuple(octet, octet, octet, octet);
const ipv6 = fc.oneof(
  fc.array(group, { minLength: 8, maxLength: 8 }),
  fc.constantFrom(
    [0, 0, 0, 0, 0, 0, 0, 1],
    [0, 0, 0, 0, 0, 0xffff, 0x0a00, 0x0007],
    [0x2001, 0xdb8, 0, 0, 0, 0, 0, 0xa],
  ),
);
const bytesOf = (groups: readonly number[]) =>
  groups.flatMap(each => [Math.floor(each / 256), each % 256]);

/** An IPv6 address in one of its many spellings. */
const spelling = fc.record({
  upper: fc.boolean(),
  padded: fc.boolean(),
  dotted: fc.boolean(),
  gap: fc.nat({ max: 7 }),
});
function spell(
  groups: readonly number[],
  how: { upper: boolean; padded: boolean; dotted: boolean; gap: number },
): string {
  const texts = groups.map(each =>
    each.toString(16).padStart(how.padded ? 4 : 1, '0'),
  );
  if (how.dotted) {
    texts.splice(6, 2, bytesOf(groups.slice(6)).join('.'));
  }
  const zeros = groups
    .slice(how.gap, how.dotted ? 6 : 8)
    .findIndex(each => each !== 0);
  const last = how.dotted ? 6 : 8;
  const end = zeros < 0 ? last : how.gap + zeros;
  const text =
    end > how.gap
      ? `${texts.slice(0, how.gap).join(':')}::${texts.slice(end).join(':')}`
      : texts.join(':');
  return how.upper ? text.toUpperCase() : text;
}

const address = fc.oneof(
  ipv4.map(bytes => ({ bytes: [...bytes], text: bytes.join('.') })),
  fc.tuple(ipv6, spelling).map(([groups, how]) => ({
    bytes: bytesOf(groups),
    text: spell(groups, how),
  })),
);
const NAMES = ['db', 'db.shop.svc', 'constructor', '__proto__', 'nowhere'];
const scrap = fc.constantFrom(
  ...['*', ':', '::', '[', ']', '.', '0', '1', '00', '255', '256', 'ffff'],
  ...['+', '-', 'db', '/', '%', ' ', 'g', '1.2.3.4', 'x.y'],
);
const host = fc.oneof(
  fc.constantFrom('*', ...NAMES, '*.example.com', '10.0.0.0/8', '127.1'),
  address.map(({ text }) => text),
  address.map(({ text }) => `[${text}]`),
  fc.array(scrap, { maxLength: 6 }).map(parts => parts.join('')),
);
const port = fc.constantFrom(
  ...['*', '0', '1', '80', '443', '65535', '65536', '99999', '080', '+80'],
  ...['-1', '', '**', '0000000000000000000000080', '18446744073709551696'],
);
const portNumber = fc.constantFrom(0, 1, 80, 443, 65535);
describe('network patterns beside a model of the runner', () => {
  it('match the addresses that the runner lets through, and no other', () => {
    const seen = { allowed: 0, denied: 0, refused: 0 };
    fc.assert(
      fc.property(
        host,
        port,
        fc.option(address, { nil: undefined, freq: 1 }),
        fc.option(portNumber, { nil: undefined, freq: 1 }),
        fc.array(address, { maxLength: 2 }),
        (hostText, portText, other, otherPort, resolved) => {
          const text = `${hostText}:${portText}`;
          const found = NAMES.includes(hostText) ? resolved : [];
          // Half of the time what the pattern names is tried, which seldom comes up by chance.
          const bare = hostText.replace(/^\[|\]$/g, '');
          const own = runner.ipAddr(bare);
          const target = other ??
            (own && { bytes: own, text: bare }) ??
            found[0] ?? { bytes: [10, 0, 0, 7], text: '10.0.0.7' };
          const toPort = otherPort ?? runner.u16(portText) ?? 80;
          const { pattern, findings } = parseNetworkPattern(text);
          const answer =
            pattern !== undefined &&
            matchNetworkPattern(
              pattern,
              { ip: target.text, port: toPort },
              found.map(each => each.text),
            );
          const expected = runner.allows(
            text,
            { bytes: target.bytes, port: toPort },
            () => found.map(each => each.bytes),
          );
          if (pattern === undefined) {
            seen.refused += 1;
            const [{ code, severity }] = findings;
            if (code !== 'NETWORK_PATTERN_INVALID' || severity !== 'error') {
              throw new Error(`${text} is refused by ${severity} ${code}`);
            }
            return;
          }
          seen[expected ? 'allowed' : 'denied'] += 1;
          if (answer !== expected) {
            throw new Error(
              `${text} against ${target.text} port ${toPort}: we say ${answer}, the runner ${expected}`,
            );
          }
          if (
            expected &&
            findings.some(each => each.code === 'NETWORK_PATTERN_NEVER_MATCHES')
          ) {
            throw new Error(`${text} is said never to match, and matches`);
          }
        },
      ),
      fuzzing(100_000),
    );
    // All answers must come up, or the test proves nothing.
    expect(seen.allowed).toBeGreaterThanOrEqual(atLeast(10_000));
    expect(seen.denied).toBeGreaterThanOrEqual(atLeast(20_000));
    expect(seen.refused).toBeGreaterThanOrEqual(atLeast(5_000));
  }, 240_000);

  it('are accepted as the controller accepts them, but for what no runner can match', () => {
    expect(() =>
      fc.assert(
        fc.property(host, port, (hostText, portText) => {
          const text = `${hostText}:${portText}`;
          const { pattern } = parseNetworkPattern(text);
          // Known differences: IPv6, which the runner takes, and what nothing can match.
          const isKnown = /[:[\]]/.test(hostText) || portText === '-1';
          if (!isKnown && controllerAccepts(text) !== (pattern !== undefined)) {
            throw new Error(
              `${JSON.stringify(text)}: we ${pattern ? 'accept' : 'refuse'} it`,
            );
          }
        }),
        fuzzing(20_000),
      ),
    ).not.toThrow();
  }, 240_000);
});
