import type { NetworkPattern, NetworkPatternRisk } from './types';

/**
 * How much a pattern opens, by what is written; a pattern that never matches
 * has a finding of its own.
 *
 * @public
 */
export function networkPatternRisk(
  pattern: NetworkPattern,
): NetworkPatternRisk {
  const anyHost = pattern.host.kind === 'any';
  const anyPort = pattern.port === '*';
  if (anyHost) {
    return anyPort ? 'everything' : 'wildcard-host';
  }
  return anyPort ? 'wildcard-port' : 'exact';
}
