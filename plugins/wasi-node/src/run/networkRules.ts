import {
  describeNetwork,
  parseNetworkPattern,
  type NetworkPatternHost,
  type NetworkSpec,
} from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * One permission as the host process checks it.
 *
 * @internal
 */
export interface HostNetworkRule {
  use: 'tcpBind' | 'tcpConnect' | 'udpBind' | 'udpConnect' | 'udpOutgoing';
  /** As it was written, for the log. */
  pattern: string;
  host: NetworkPatternHost;
  port: number | '*';
}

/**
 * Network permissions in the form that the host process enforces.
 *
 * @internal
 */
export interface HostNetwork {
  sockets: 'none' | 'listed' | 'all';
  dnsLookup: boolean;
  rules: HostNetworkRule[];
}

const USES = {
  'tcp bind': 'tcpBind',
  'tcp connect': 'tcpConnect',
  'udp bind': 'udpBind',
  'udp connect': 'udpConnect',
  'udp outgoing': 'udpOutgoing',
} as const;

/**
 * Reads the permissions once, so that the host process compares values only.
 *
 * A pattern that cannot be read allows nothing, as in the real runner.
 *
 * @internal
 */
export function networkRules(network: NetworkSpec | undefined): HostNetwork {
  const { sockets, dnsLookup, rules } = describeNetwork(network);
  return {
    sockets,
    dnsLookup: dnsLookup.effective,
    rules: rules.flatMap(({ protocol, direction, pattern: text }) => {
      const { pattern } = parseNetworkPattern(text);
      const use = USES[`${protocol} ${direction}` as keyof typeof USES];
      return pattern
        ? [{ use, pattern: text, host: pattern.host, port: pattern.port }]
        : [];
    }),
  };
}
