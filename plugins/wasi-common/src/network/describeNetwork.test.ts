import { describeNetwork } from './describeNetwork';

const OUTGOING = {
  code: 'OUTGOING_HTTP_NOT_LIMITED',
  severity: 'info',
  path: 'spec.network',
};

describe('describeNetwork', () => {
  it('shows neither sockets nor DNS for a module without network', () => {
    expect(describeNetwork(undefined)).toEqual({
      sockets: 'none',
      dnsLookup: { effective: false },
      rules: [],
      outgoingHttp: 'not-limited',
      findings: [expect.objectContaining(OUTGOING)],
    });
  });

  it('shows DNS as allowed where only an empty network is written', () => {
    expect(describeNetwork({})).toMatchObject({
      sockets: 'none',
      dnsLookup: { effective: true },
      rules: [],
    });
  });

  it('shows DNS as allowed though it is declared off, and says so', () => {
    const { dnsLookup, findings } = describeNetwork({
      allowIpNameLookup: false,
    });
    expect(dnsLookup).toEqual({ declared: false, effective: true });
    expect(findings).toEqual([
      expect.objectContaining({
        code: 'DNS_LOOKUP_ALWAYS_ALLOWED',
        severity: 'warning',
        path: 'spec.network.allowIpNameLookup',
      }),
      expect.objectContaining(OUTGOING),
    ]);
  });

  it('lists every rule with its risk, and the fault of one that opens nothing', () => {
    const { sockets, dnsLookup, rules } = describeNetwork({
      allowIpNameLookup: true,
      tcp: { bind: ['127.0.0.1:9000'], connect: ['db:5432', 'db'] },
      udp: { bind: ['*:53'], connect: ['10.0.0.7:*'], outgoing: ['*:*'] },
    });
    expect(sockets).toBe('listed');
    expect(dnsLookup).toEqual({ declared: true, effective: true });
    expect(
      rules.map(rule => [
        rule.protocol,
        rule.direction,
        rule.pattern,
        rule.risk,
        rule.findings.map(({ code, path }) => [code, path]),
      ]),
    ).toEqual([
      ['tcp', 'bind', '127.0.0.1:9000', 'exact', []],
      ['tcp', 'connect', 'db:5432', 'exact', []],
      [
        'tcp',
        'connect',
        'db',
        'exact',
        [['NETWORK_PATTERN_INVALID', 'spec.network.tcp.connect[1]']],
      ],
      [
        'udp',
        'bind',
        '*:53',
        'wildcard-host',
        [['NETWORK_PATTERN_BROAD', 'spec.network.udp.bind[0]']],
      ],
      ['udp', 'connect', '10.0.0.7:*', 'wildcard-port', []],
      [
        'udp',
        'outgoing',
        '*:*',
        'everything',
        [['NETWORK_PATTERN_BROAD', 'spec.network.udp.outgoing[0]']],
      ],
    ]);
  });

  it('shows everything as open under inherit, whatever is listed', () => {
    const description = describeNetwork({
      inherit: true,
      tcp: { connect: ['db:5432'] },
    });
    expect(description).toMatchObject({ sockets: 'all', rules: [] });
    expect(description.findings[0]).toEqual({
      code: 'NETWORK_INHERIT',
      severity: 'warning',
      message:
        '`inherit` lets the module open sockets to and from every address; the patterns listed (1) are ignored',
      remedy: 'Replace `inherit` by the patterns that the module needs.',
      path: 'spec.network.inherit',
    });
  });
});
