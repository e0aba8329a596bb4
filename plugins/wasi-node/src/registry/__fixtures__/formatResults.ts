/* eslint-disable no-restricted-syntax -- fixtures are in no build */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  artifactConsumers,
  artifactFormats,
  type ArtifactFormat,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { findPeer, PEERS, peerVersion } from './peers';

const DIRECTORY = join(__dirname, '../../../../../test-results/formats');

/** Which program read what we wrote, and wrote what we read; and which were not here. */
export interface FormatResults {
  pulledByOthers: Record<string, string[]>;
  pushedByOthers: Record<string, string[]>;
  /** Versions of the programs that were here. */
  versions: Record<string, string>;
  absent: string[];
  /** The table that the form reads, for the documentation. */
  formats: readonly ArtifactFormat[];
  consumers: Record<string, string>;
}

/**
 * Keeps what was proven, for `scripts/formats-table.mjs`.
 *
 * @param name - Of the test file; the script puts all of them together.
 */
export function createFormatResults(name: string) {
  const results: FormatResults = {
    pulledByOthers: {},
    pushedByOthers: {},
    versions: {},
    absent: [],
    formats: artifactFormats,
    consumers: artifactConsumers,
  };
  const note = (
    kind: 'pulledByOthers' | 'pushedByOthers',
    format: string,
    peer: string,
  ) => {
    const peers = (results[kind][format] ??= []);
    if (!peers.includes(peer)) {
      peers.push(peer);
    }
  };
  return {
    pulled: (format: string, peer: string) =>
      note('pulledByOthers', format, peer),
    pushed: (format: string, peer: string) =>
      note('pushedByOthers', format, peer),
    write() {
      for (const peer of PEERS) {
        if (findPeer(peer)) {
          results.versions[peer] = peerVersion(peer);
        } else {
          results.absent.push(peer);
        }
      }
      mkdirSync(DIRECTORY, { recursive: true });
      writeFileSync(
        join(DIRECTORY, `${name}.json`),
        `${JSON.stringify(results, undefined, 2)}\n`,
      );
    },
  };
}
