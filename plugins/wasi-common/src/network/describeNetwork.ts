import { catalogue, type Finding, type WasiErrorCode } from '../diagnosis';
import type { NetworkSpec } from '../wasmModule';
import { networkPatternRisk } from './networkPatternRisk';
import { parseNetworkPattern } from './parseNetworkPattern';
import type { NetworkDescription, NetworkRule } from './types';

const LISTS: {
  protocol: NetworkRule['protocol'];
  direction: NetworkRule['direction'];
  patterns: (network: NetworkSpec) => string[] | undefined;
}[] = [
  { protocol: 'tcp', direction: 'bind', patterns: n => n.tcp?.bind },
  { protocol: 'tcp', direction: 'connect', patterns: n => n.tcp?.connect },
  { protocol: 'udp', direction: 'bind', patterns: n => n.udp?.bind },
  { protocol: 'udp', direction: 'connect', patterns: n => n.udp?.connect },
  { protocol: 'udp', direction: 'outgoing', patterns: n => n.udp?.outgoing },
];

/**
 * Tells what a module's network permissions come to in the runner, which is
 * not always what they say.
 *
 * @public
 */
export function describeNetwork(
  network: NetworkSpec | undefined,
): NetworkDescription {
  const declared = network?.allowIpNameLookup;
  const listed = network ? readRules(network) : [];
  const inherit = network?.inherit === true;
  const rules = inherit ? [] : listed;

  return {
    sockets: inherit ? 'all' : socketsOf(rules),
    dnsLookup: {
      ...(declared !== undefined && { declared }),
      effective: network !== undefined,
    },
    rules,
    outgoingHttp: 'not-limited',
    findings: [
      ...(inherit ? [inheritFinding(listed.length)] : []),
      ...(declared === false ? [dnsFinding()] : []),
      outgoingHttpFinding(),
    ],
  };
}

function readRules(network: NetworkSpec): NetworkRule[] {
  return LISTS.flatMap(({ protocol, direction, patterns }) =>
    (patterns(network) ?? []).map((text, index) => {
      const { pattern, findings } = parseNetworkPattern(text);
      const path = `spec.network.${protocol}.${direction}[${index}]`;
      return {
        protocol,
        direction,
        pattern: text,
        risk: pattern ? networkPatternRisk(pattern) : ('exact' as const),
        findings: findings.map(each => ({ ...each, path })),
      };
    }),
  );
}

function socketsOf(rules: NetworkRule[]): NetworkDescription['sockets'] {
  return rules.length > 0 ? 'listed' : 'none';
}

function inheritFinding(ignored: number): Finding {
  const lists =
    ignored > 0 ? `; the patterns listed (${ignored}) are ignored` : '';
  return finding(
    'NETWORK_INHERIT',
    'warning',
    `\`inherit\` lets the module open sockets to and from every address${lists}`,
    'spec.network.inherit',
  );
}

function dnsFinding(): Finding {
  return finding(
    'DNS_LOOKUP_ALWAYS_ALLOWED',
    'warning',
    '`allowIpNameLookup: false` does not reach the runner: the module can resolve names',
    'spec.network.allowIpNameLookup',
  );
}

function outgoingHttpFinding(): Finding {
  return finding(
    'OUTGOING_HTTP_NOT_LIMITED',
    'info',
    'Requests through wasi:http/outgoing-handler reach every address that the pod can reach, whatever the network permissions say',
    'spec.network',
  );
}

function finding(
  code: WasiErrorCode,
  severity: Finding['severity'],
  message: string,
  path: string,
): Finding {
  return { code, severity, message, remedy: catalogue[code].remedy, path };
}
