import type { Finding } from '../diagnosis';
import { parseNetworkPattern } from './parseNetworkPattern';

const codes = (findings: Finding[]) =>
  findings.map(({ severity, code }) => `${severity} ${code}`);

const NEVER = 'warning NETWORK_PATTERN_NEVER_MATCHES';
const BROAD = 'warning NETWORK_PATTERN_BROAD';
const IPV6 = 'info NETWORK_IPV6_PATTERN';

describe('parseNetworkPattern', () => {
  it.each([
    ['db:5432', { kind: 'name', name: 'db' }, 5432, []],
    [
      'db-default.svc.cluster.local:5432',
      { kind: 'name', name: 'db-default.svc.cluster.local' },
      5432,
      [],
    ],
    [
      'my_db.example.com.:1',
      { kind: 'name', name: 'my_db.example.com.' },
      1,
      [],
    ],
    ['10.0.0.7:5432', { kind: 'address', address: '10.0.0.7' }, 5432, []],
    ['10.0.0.7:*', { kind: 'address', address: '10.0.0.7' }, '*', []],
    ['*:443', { kind: 'any' }, 443, [BROAD]],
    ['*:*', { kind: 'any' }, '*', [BROAD]],
    [
      'api.example.com:*',
      { kind: 'name', name: 'api.example.com' },
      '*',
      [NEVER],
    ],
    [
      '*.example.com:443',
      { kind: 'name', name: '*.example.com' },
      443,
      [NEVER],
    ],
    ['10.0.0.0/8:5432', { kind: 'name', name: '10.0.0.0/8' }, 5432, [NEVER]],
    ['[::1]:8080', { kind: 'address', address: '::1' }, 8080, [IPV6]],
    ['[::1]:*', { kind: 'address', address: '::1' }, '*', [IPV6]],
    ['::1:8080', { kind: 'address', address: '::1' }, 8080, [IPV6]],
    ['[10.0.0.7]:80', { kind: 'address', address: '10.0.0.7' }, 80, []],
    ['db:99999', { kind: 'name', name: 'db' }, 99999, [NEVER]],
    [
      '10.0.0.7:65536',
      { kind: 'address', address: '10.0.0.7' },
      65536,
      [NEVER],
    ],
    ['*:65535', { kind: 'any' }, 65535, [BROAD]],
    ['db:+080', { kind: 'name', name: 'db' }, 80, []],
    ['db:0', { kind: 'name', name: 'db' }, 0, []],
    ['a..b:80', { kind: 'name', name: 'a..b' }, 80, [NEVER]],
    [
      `${'a'.repeat(64)}.com:80`,
      { kind: 'name', name: `${'a'.repeat(64)}.com` },
      80,
      [NEVER],
    ],
    ['010.0.0.7:80', { kind: 'name', name: '010.0.0.7' }, 80, []],
  ])('reads %s', (text, host, port, expected) => {
    const { pattern, findings } = parseNetworkPattern(text);
    expect(pattern).toEqual({ text, host, port });
    expect(codes(findings)).toEqual(expected);
  });

  it.each([
    ['', 'is empty'],
    ['db', 'has no port'],
    ['db:', 'has no valid port after the last colon'],
    [':80', 'has no host before the colon'],
    [':', 'has no valid port after the last colon'],
    ['db:http', 'has no valid port after the last colon'],
    ['db:-1', 'has no valid port after the last colon'],
    ['db:80.5', 'has no valid port after the last colon'],
    ['db:**', 'has no valid port after the last colon'],
    ['::1', 'has no valid host before the last colon'],
    ['1:2:3:4:5:6:7:8', 'has no valid host before the last colon'],
    ['a:b:80', 'has no valid host before the last colon'],
    ['[::1:80', 'has no valid host before the last colon'],
    ['[[::1]]:80', 'has no valid host before the last colon'],
    ['[fe80::1%eth0]:80', 'has no valid host before the last colon'],
    ['[*]:80', 'has no valid host before the last colon'],
    ['[db]:80', 'has no valid host before the last colon'],
    ['d b:80', 'contains white space'],
    ['db:80\n', 'contains white space'],
    ['tcp://db:5432', 'is a URL, not a host and a port'],
  ])('refuses %j', (text, why) => {
    expect(parseNetworkPattern(text)).toEqual({
      findings: [
        {
          code: 'NETWORK_PATTERN_INVALID',
          severity: 'error',
          message: `Network pattern "${text}" ${why}`,
          remedy: 'Write host:port, *:port, host:* or [v6]:port.',
        },
      ],
    });
  });

  it.each([
    [
      'api.example.com:*',
      'Network pattern "api.example.com:*" never matches: the runner resolves a host name only together with an exact port',
      'Name each port, for example by one pattern per port.',
    ],
    [
      '*.example.com:443',
      'Network pattern "*.example.com:443" never matches: the runner knows no wildcard within a host name',
      'List each host name with its port.',
    ],
    [
      '10.0.0.0/8:5432',
      'Network pattern "10.0.0.0/8:5432" never matches: the runner knows no address ranges',
      'List each address with its port.',
    ],
    [
      'db:99999',
      'Network pattern "db:99999" never matches: a port is 65535 at most',
      'Use a port from 1 to 65535.',
    ],
  ])('says why %s never matches and what to write', (text, message, remedy) => {
    expect(parseNetworkPattern(text).findings).toEqual([
      {
        code: 'NETWORK_PATTERN_NEVER_MATCHES',
        severity: 'warning',
        message,
        remedy,
      },
    ]);
  });
});
