import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import {
  matchNetworkPattern,
  parseNetworkPattern,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { assetPath } from './assetPath';
import { networkRules } from './networkRules';

const patterns = [
  'db:5432',
  'db:*',
  '10.0.0.7:5432',
  '10.0.0.7:*',
  '*:443',
  '*:*',
  '*.example.com:443',
  '10.0.0.0/8:5432',
  '[::1]:8080',
  '::1:8080',
  'db:99999',
  // Nothing that an object has by itself is an address.
  'constructor:5432',
  '__proto__:5432',
];
const addresses = [
  { ip: '10.0.0.7', port: 5432 },
  { ip: '10.0.0.8', port: 5432 },
  { ip: '10.0.0.7', port: 443 },
  { ip: '::1', port: 8080 },
  { ip: '::2', port: 8080 },
  { ip: '::ffff:a00:7', port: 5432 },
];
const resolved = { db: ['10.0.0.8', '0:0:0:0:0:0:0:2'] };

describe('networkRules', () => {
  it('decides in the host process exactly as the pattern matching of wasi-common', () => {
    const cases = patterns.flatMap(text =>
      addresses.map(address => {
        const { pattern } = parseNetworkPattern(text);
        return {
          text,
          address,
          rules: networkRules({ tcp: { connect: [text] } }).rules,
          wanted:
            pattern !== undefined &&
            matchNetworkPattern(
              pattern,
              address,
              pattern.host.kind === 'name' && pattern.host.name === 'db'
                ? resolved.db
                : [],
            ),
        };
      }),
    );
    const decided = decideInHost(cases);
    expect(
      cases.map(({ text, address }, index) => ({
        text,
        address,
        allowed: decided[index],
      })),
    ).toEqual(
      cases.map(({ text, address, wanted }) => ({
        text,
        address,
        allowed: wanted,
      })),
    );
    expect(new Set(decided)).toEqual(new Set([true, false]));
  });

  it('drops a pattern that cannot be read, and keeps the others', () => {
    expect(
      networkRules({
        tcp: { connect: ['db', '*:443'] },
        udp: { outgoing: ['10.0.0.1:53'] },
      }),
    ).toEqual({
      sockets: 'listed',
      dnsLookup: true,
      rules: [
        {
          use: 'tcpConnect',
          pattern: '*:443',
          host: { kind: 'any' },
          port: 443,
        },
        {
          use: 'udpOutgoing',
          pattern: '10.0.0.1:53',
          host: { kind: 'address', address: '10.0.0.1' },
          port: 53,
        },
      ],
    });
  });

  it('grants nothing without network', () => {
    expect(networkRules(undefined)).toEqual({
      sockets: 'none',
      dnsLookup: false,
      rules: [],
    });
  });
});

/** The host's own code, which is no part of a bundle, in a process as it runs in one. */
function decideInHost(cases: object[]): boolean[] {
  const script = `
    import { allows } from ${JSON.stringify(
      pathToFileURL(assetPath('network.mjs')).href,
    )};
    const { cases, resolved } = JSON.parse(process.argv[1]);
    const addresses = new Map(Object.entries(resolved));
    console.log(JSON.stringify(cases.map(({ rules, address }) =>
      rules.some(rule => allows(rule, address, addresses)))));`;
  return JSON.parse(
    execFileSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        script,
        JSON.stringify({ cases, resolved }),
      ],
      { encoding: 'utf8' },
    ),
  );
}
