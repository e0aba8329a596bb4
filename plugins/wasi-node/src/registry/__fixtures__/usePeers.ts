import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  findArtifactFormat,
  type ArtifactFormatName,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { createModuleRegistry } from '../createModuleRegistry';
import type { ArtifactTarget, ModuleRegistry } from '../types';
import { startDockerRegistry } from './dockerRegistry';
import { createFormatResults } from './formatResults';
import { configWith } from './modules';
import { writeKind, type MODULES } from './peerModules';
import { findPeer, PEER_TAG, type Peer, type PeerPlace } from './peers';

/** A test that is skipped, visibly, where a program is not installed. */
export const itWith = (...peers: Peer[]) =>
  peers.every(peer => findPeer(peer)) ? it : it.skip;

/**
 * For the tests of the `describe` that calls it: Debian's docker-registry and our
 * client for each, and a file of results after all.
 */
export function usePeers(name: string) {
  const place = {} as PeerPlace;
  const results = createFormatResults(name);
  let client: ModuleRegistry;
  let stop: () => Promise<void>;

  beforeEach(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'wasi-peers-'));
    const registry = await startDockerRegistry(directory);
    Object.assign(place, { directory, host: registry.host });
    client = createModuleRegistry(configWith([{ host: registry.host }]));
    stop = async () => {
      await registry.stop();
      rmSync(directory, { recursive: true, force: true });
    };
  });

  afterEach(() => stop());

  afterAll(() => results.write());

  /** Pushes a new module of the kind that the format is for. */
  async function push(format: ArtifactFormatName, reference?: ArtifactTarget) {
    const { modules } = findArtifactFormat(format);
    const kind: keyof typeof MODULES =
      modules === 'any' ? 'component' : modules;
    const module = writeKind(place.directory, kind);
    const pushed = await client.push({
      ...module,
      reference: reference ?? `${place.host}/team/hello:${PEER_TAG}`,
      format,
      annotations: { 'org.opencontainers.image.version': PEER_TAG },
      created: '2026-01-02T03:04:05Z',
    });
    return { ...module, pushed };
  }

  return { place, results, push, client: () => client };
}
