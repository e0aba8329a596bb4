import { catalogue, type Finding, type WasiErrorCode } from '../diagnosis';
import { networkPatternRisk } from './networkPatternRisk';
import { parseIpAddress } from './parseIpAddress';
import type { NetworkPattern, NetworkPatternHost } from './types';

/** Highest port that can be told apart; the runner compares 16 bits. */
const MAX_PORT = 65535;

/**
 * Reads one `host:port` pattern of a network permission.
 *
 * Refuses what the controller's validation refuses, except IPv6, which the
 * runner enforces; a pattern that can be written but never matches is kept
 * with a finding.
 *
 * @public
 */
export function parseNetworkPattern(
  text: string,
):
  | { pattern: NetworkPattern; findings: Finding[] }
  | { pattern?: undefined; findings: Finding[] } {
  const refuse = (why: string) => ({
    findings: [
      finding('NETWORK_PATTERN_INVALID', 'error', `${quote(text)} ${why}`),
    ],
  });

  if (text === '') {
    return refuse('is empty');
  }
  if (/\s/.test(text)) {
    return refuse('contains white space');
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    return refuse('is a URL, not a host and a port');
  }
  // The runner cuts at the last colon, so that `::1:8080` is port 8080 of ::1.
  const colon = text.lastIndexOf(':');
  if (colon < 0) {
    return refuse('has no port');
  }
  const hostText = text.slice(0, colon);
  const portText = text.slice(colon + 1);
  const port = parsePort(portText);
  if (port === undefined) {
    return refuse(`has no valid port after the last colon`);
  }
  if (hostText === '') {
    return refuse('has no host before the colon');
  }
  const host = parseHost(hostText);
  if (!host) {
    return refuse('has no valid host before the last colon');
  }

  const pattern: NetworkPattern = { text, host, port };
  return { pattern, findings: judge(pattern) };
}

function parsePort(text: string): number | '*' | undefined {
  if (text === '*') {
    return '*';
  }
  // As many zeros in front as wanted, but no number beyond 64 bits: so do Go and Rust.
  return /^\+?0*[0-9]{1,18}$/.test(text) ? Number(text) : undefined;
}

function parseHost(text: string): NetworkPatternHost | undefined {
  if (text === '*') {
    return { kind: 'any' };
  }
  const bare = /^\[([^[\]]*)\]$/.exec(text)?.[1] ?? text;
  if (parseIpAddress(bare)) {
    return { kind: 'address', address: bare };
  }
  return /[:[\]]/.test(text) ? undefined : { kind: 'name', name: text };
}

function judge(pattern: NetworkPattern): Finding[] {
  const never = whyItNeverMatches(pattern);
  if (never) {
    return [
      finding(
        'NETWORK_PATTERN_NEVER_MATCHES',
        'warning',
        `${quote(pattern.text)} never matches: ${never.why}`,
        never.remedy,
      ),
    ];
  }
  const findings: Finding[] = [];
  if (pattern.host.kind === 'address' && pattern.host.address.includes(':')) {
    findings.push(
      finding(
        'NETWORK_IPV6_PATTERN',
        'info',
        `${quote(
          pattern.text,
        )} works in the runner; the controller's own check, which is not active today, would refuse it`,
      ),
    );
  }
  const risk = networkPatternRisk(pattern);
  if (risk === 'everything' || risk === 'wildcard-host') {
    findings.push(
      finding(
        'NETWORK_PATTERN_BROAD',
        'warning',
        risk === 'everything'
          ? `${quote(pattern.text)} allows every address and every port`
          : `${quote(pattern.text)} allows every address on this port`,
      ),
    );
  }
  return findings;
}

function whyItNeverMatches(
  pattern: NetworkPattern,
): { why: string; remedy?: string } | undefined {
  if (pattern.port !== '*' && pattern.port > MAX_PORT) {
    return {
      why: `a port is ${MAX_PORT} at most`,
      remedy: `Use a port from 1 to ${MAX_PORT}.`,
    };
  }
  if (pattern.host.kind !== 'name') {
    return undefined;
  }
  const { name } = pattern.host;
  if (name.includes('*')) {
    return {
      why: 'the runner knows no wildcard within a host name',
      remedy: 'List each host name with its port.',
    };
  }
  if (name.includes('/')) {
    return {
      why: 'the runner knows no address ranges',
      remedy: 'List each address with its port.',
    };
  }
  if (pattern.port === '*') {
    return {
      why: 'the runner resolves a host name only together with an exact port',
      remedy: 'Name each port, for example by one pattern per port.',
    };
  }
  return isResolvable(name)
    ? undefined
    : { why: 'this is no host name that can be resolved' };
}

/** Underscores are accepted: resolvers take them, and service names have them. */
function isResolvable(name: string): boolean {
  const labels = name.replace(/\.$/, '').split('.');
  return (
    name.length <= 254 && labels.every(label => /^[\w-]{1,63}$/.test(label))
  );
}

function quote(text: string): string {
  const shown = text.length > 120 ? `${text.slice(0, 120)}…` : text;
  return `Network pattern "${shown}"`;
}

function finding(
  code: WasiErrorCode,
  severity: Finding['severity'],
  message: string,
  remedy: string = catalogue[code].remedy,
): Finding {
  return { code, severity, message, remedy };
}
