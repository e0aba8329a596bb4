import { matchNetworkPattern } from './matchNetworkPattern';
import { networkPatternRisk } from './networkPatternRisk';
import { parseNetworkPattern } from './parseNetworkPattern';

function matches(
  text: string,
  ip: string,
  port: number,
  resolved?: string[],
): boolean {
  const { pattern } = parseNetworkPattern(text);
  return pattern !== undefined
    ? matchNetworkPattern(pattern, { ip, port }, resolved)
    : false;
}

describe('matchNetworkPattern', () => {
  const db = ['10.0.0.7', 'fd00::7'];

  it.each([
    // The lines of the table in the runner's contract.
    ['db:5432', '10.0.0.7', 5432, db, true],
    ['db:5432', 'fd00:0::7', 5432, db, true],
    ['db:5432', '10.0.0.7', 5433, db, false],
    ['db:5432', '10.0.0.8', 5432, db, false],
    ['db:5432', '10.0.0.7', 5432, [], false],
    ['db-default.svc.cluster.local:5432', '10.0.0.7', 5432, db, true],
    ['10.0.0.7:5432', '10.0.0.7', 5432, [], true],
    ['10.0.0.7:5432', '10.0.0.7', 5431, [], false],
    ['10.0.0.7:*', '10.0.0.7', 1, [], true],
    ['10.0.0.7:*', '10.0.0.6', 1, [], false],
    ['*:443', '203.0.113.9', 443, [], true],
    ['*:443', '2001:db8::1', 443, [], true],
    ['*:443', '203.0.113.9', 80, [], false],
    ['*:*', '203.0.113.9', 80, [], true],
    ['api.example.com:*', '10.0.0.7', 443, db, false],
    ['*.example.com:443', '10.0.0.7', 443, db, true],
    ['10.0.0.0/8:5432', '10.0.0.7', 5432, [], false],
    ['[::1]:8080', '::1', 8080, [], true],
    ['::1:8080', '::1', 8080, [], true],
    ['::1:8080', '::1', 80, [], false],
    ['db', '10.0.0.7', 5432, db, false],
    ['db:99999', '10.0.0.7', 99999 % 65536, db, false],
    // More of the same rules.
    ['[::1]:*', '0:0:0:0:0:0:0:1', 9, [], true],
    ['[2001:DB8::0A]:1', '2001:db8::a', 1, [], true],
    ['10.0.0.7:80', '::ffff:10.0.0.7', 80, [], false],
    ['[::ffff:10.0.0.7]:80', '10.0.0.7', 80, [], false],
    ['[::ffff:10.0.0.7]:80', '::ffff:a00:7', 80, [], true],
    ['[10.0.0.7]:80', '10.0.0.7', 80, [], true],
    ['0.0.0.0:80', '10.0.0.7', 80, [], false],
    ['db:080', '10.0.0.7', 80, db, true],
    ['[fe80::1]:80', 'fe80::1%eth0', 80, [], true],
    ['host:80', 'fe80::1%3', 80, ['fe80::1%eth0'], true],
    ['10.0.0.7:80', 'not an address', 80, [], false],
    ['host:80', 'not an address', 80, ['not an address'], false],
  ])(
    '%s against %s port %d with %j resolved: %s',
    (text, ip, port, resolved, expected) => {
      expect(matches(text, ip, port, resolved)).toBe(expected);
    },
  );
});

describe('matchNetworkPattern against an independent model of the runner', () => {
  const V6 = 1n << 128n;
  const addresses = [
    { value: 0x0a000007n, texts: ['10.0.0.7'] },
    { value: 0x0a000008n, texts: ['10.0.0.8'] },
    { value: 0x7f000001n, texts: ['127.0.0.1'] },
    { value: V6 + 1n, texts: ['::1', '0:0:0:0:0:0:0:1', '0::1'] },
    {
      value: V6 + 0x20010db800000000000000000000000an,
      texts: ['2001:db8::a', '2001:DB8:0::000A', '2001:db8::0.0.0.10'],
    },
    {
      value: V6 + 0xffff0a000007n,
      texts: ['::ffff:10.0.0.7', '::ffff:a00:7'],
    },
  ];
  // Written after the description of the runner, with numbers instead of texts,
  // and without the parser above.
  function runnerAllows(
    text: string,
    address: { value: bigint; port: number },
    lookup: (name: string) => { value: bigint }[],
  ): boolean {
    const cut = text.lastIndexOf(':');
    if (cut < 0) {
      return false;
    }
    const host = text.slice(0, cut);
    const port = text.slice(cut + 1);
    const exact = /^\d+$/.test(port) ? Number(port) : undefined;
    const portFits =
      port === '*' || (exact !== undefined && exact === address.port);
    if (!portFits) {
      return false;
    }
    if (host === '*') {
      return true;
    }
    const own = addresses.find(({ texts }) =>
      texts.some(each => each === host || `[${each}]` === host),
    );
    if (own) {
      return own.value === address.value;
    }
    return (
      exact !== undefined &&
      lookup(host).some(({ value }) => value === address.value)
    );
  }

  const names: Record<string, number[]> = {
    db: [0],
    'api.example.com': [1, 4],
    localhost: [2, 3],
    nowhere: [],
  };
  const ports = ['*', '0', '80', '443', '65535', '65536', '99999'];

  /** Park and Miller's generator: the same cases in every run. */
  function createPicker(seed: number) {
    let state = seed;
    return <T>(from: readonly T[]): T => {
      state = (state * 48271) % 2147483647;
      return from[state % from.length];
    };
  }

  it('gives the same answer in 5000 cases', () => {
    const pick = createPicker(20_260_402);
    const hosts = [
      '*',
      ...Object.keys(names),
      ...addresses.flatMap(({ texts }) =>
        texts.flatMap(text => [text, `[${text}]`]),
      ),
    ];
    const differences: string[] = [];
    const answers = { allowed: 0, denied: 0 };
    for (let count = 0; count < 5000; count++) {
      const host = pick(hosts);
      const text = `${host}:${pick(ports)}`;
      const address = pick(addresses);
      const ip = pick(address.texts);
      const port = Number(pick(['0', '80', '443', '65535']));
      const resolved = (names[host] ?? []).map(index => addresses[index]);
      const expected = runnerAllows(
        text,
        { value: address.value, port },
        () => resolved,
      );
      const actual = matches(
        text,
        ip,
        port,
        resolved.map(({ texts }) => pick(texts)),
      );
      answers[expected ? 'allowed' : 'denied'] += 1;
      if (actual !== expected) {
        differences.push(`${text} against ${ip} port ${port}: ${actual}`);
      }
    }
    expect(differences).toEqual([]);
    // Both answers must come up, or the test proves nothing.
    expect(answers.allowed).toBeGreaterThan(300);
    expect(answers.denied).toBeGreaterThan(1000);
  });
});

describe('networkPatternRisk', () => {
  it.each([
    ['db:5432', 'exact'],
    ['[::1]:80', 'exact'],
    ['10.0.0.7:*', 'wildcard-port'],
    ['*:443', 'wildcard-host'],
    ['*:*', 'everything'],
  ])('calls %s %s', (text, risk) => {
    const { pattern } = parseNetworkPattern(text);
    expect(pattern && networkPatternRisk(pattern)).toBe(risk);
  });
});
