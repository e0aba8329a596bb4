import type { Finding } from '../diagnosis';

/**
 * The host half of a network pattern, by what the runner does with it.
 *
 * @public
 */
export type NetworkPatternHost =
  /** `*`: every address. */
  | { kind: 'any' }
  /** An address, compared as is. */
  | { kind: 'address'; address: string }
  /** A name, resolved by the system on each request. */
  | { kind: 'name'; name: string };

/**
 * A parsed `host:port` pattern of a network permission.
 *
 * @public
 */
export interface NetworkPattern {
  /** As it was written. */
  text: string;
  host: NetworkPatternHost;
  /** A port above 65535 is kept: the controller takes it, the runner never matches it. */
  port: number | '*';
}

/**
 * How much a pattern opens.
 *
 * @public
 */
export type NetworkPatternRisk =
  | 'exact'
  | 'wildcard-port'
  | 'wildcard-host'
  | 'everything';

/**
 * One permitted pattern as a user sees it.
 *
 * @public
 */
export interface NetworkRule {
  protocol: 'tcp' | 'udp';
  direction: 'bind' | 'connect' | 'outgoing';
  pattern: string;
  /** `exact` for a pattern that cannot be read: it opens nothing. */
  risk: NetworkPatternRisk;
  findings: Finding[];
}

/**
 * What the runner makes of a module's network permissions.
 *
 * @public
 */
export interface NetworkDescription {
  sockets: 'none' | 'listed' | 'all';
  dnsLookup: { declared?: boolean; effective: boolean };
  /** Empty where everything is allowed: the lists are ignored then. */
  rules: NetworkRule[];
  /** `wasi:http/outgoing-handler` is governed by no permission. */
  outgoingHttp: 'not-limited';
  /** About the permissions as a whole; those of one pattern are with its rule. */
  findings: Finding[];
}
