import type { NetworkSpec } from '@wasi-functions/backstage-plugin-wasi-common';

/** The lists of a network permission that a pattern can be in. */
export const networkPlaces = [
  'tcp.connect',
  'tcp.bind',
  'udp.connect',
  'udp.bind',
  'udp.outgoing',
] as const;

/** One of {@link networkPlaces}. */
export type NetworkPlace = (typeof networkPlaces)[number];

/** One rule as the form edits it. */
export interface NetworkRow {
  place: NetworkPlace;
  pattern: string;
}

/** A template asks for the whole permission, or for the TCP connections alone. */
export type NetworkFieldValue = NetworkSpec | string[];

/** The rules of a form value, in the order of the places. */
export function toNetworkRows(
  value: NetworkFieldValue | undefined,
): NetworkRow[] {
  if (Array.isArray(value)) {
    return value.map(pattern => ({ place: 'tcp.connect', pattern }));
  }
  return networkPlaces.flatMap(place =>
    (patternsAt(value, place) ?? []).map(pattern => ({ place, pattern })),
  );
}

/** The form value of rules; without any there is no permission. */
export function fromNetworkRows(
  rows: readonly NetworkRow[],
  before: NetworkSpec | undefined,
): NetworkSpec | undefined {
  const { tcp: _tcp, udp: _udp, ...rest } = before ?? {};
  const lists = (protocol: 'tcp' | 'udp') => {
    const filled: Record<string, string[]> = {};
    for (const { place, pattern } of rows) {
      const [placeProtocol, direction] = place.split('.');
      if (placeProtocol === protocol) {
        (filled[direction] ??= []).push(pattern);
      }
    }
    return Object.keys(filled).length > 0 ? { [protocol]: filled } : {};
  };
  const next = { ...rest, ...lists('tcp'), ...lists('udp') };
  return Object.keys(next).length > 0 ? next : undefined;
}

function patternsAt(
  network: NetworkSpec | undefined,
  place: NetworkPlace,
): string[] | undefined {
  switch (place) {
    case 'tcp.connect':
      return network?.tcp?.connect;
    case 'tcp.bind':
      return network?.tcp?.bind;
    case 'udp.connect':
      return network?.udp?.connect;
    case 'udp.bind':
      return network?.udp?.bind;
    default:
      return network?.udp?.outgoing;
  }
}
