/* eslint-disable jest/no-standalone-expect -- itWith is it, or it.skip */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { artifactFormats } from '@wasi-functions/backstage-plugin-wasi-common';
import { hasDockerRegistry } from './__fixtures__/dockerRegistry';
import { writeKind } from './__fixtures__/peerModules';
import { peerPulls } from './__fixtures__/peerPulls';
import { peerPushes } from './__fixtures__/peerPushes';
import { PEER_TAG, type Peer } from './__fixtures__/peers';
import { itWith, usePeers } from './__fixtures__/usePeers';

(hasDockerRegistry ? describe : describe.skip)(
  "artifacts in Debian's docker-registry, and the programs of others",
  () => {
    const { place, results, push, client } = usePeers('formats');

    describe.each(artifactFormats.map(({ name }) => name))(
      'what we push as %s',
      format => {
        for (const [peer, pull] of Object.entries(peerPulls[format])) {
          itWith(peer as Peer)(
            `is pulled by ${peer}, byte for byte`,
            async () => {
              const { bytes, pushed } = await push(format);
              const pulled = await pull(place, pushed);
              expect(pulled.equals(bytes)).toBe(true);
              results.pulled(format, peer);
            },
          );
        }
      },
    );

    describe('what others push', () => {
      for (const { format, peer, kind, push: pushByPeer } of peerPushes) {
        itWith(peer)(
          `as ${format} with ${peer} is pulled by us, byte for byte`,
          async () => {
            const { bytes } = writeKind(place.directory, kind ?? 'component');
            await pushByPeer(place);
            const target = join(place.directory, 'ours.wasm');
            await expect(
              client().pull(`${place.host}/team/hello:${PEER_TAG}`, target, {
                maxBytes: 1_000_000,
              }),
            ).resolves.toMatchObject({ format, size: bytes.length });
            expect(readFileSync(target).equals(bytes)).toBe(true);
            results.pushed(format, peer);
          },
        );
      }
    });
  },
);
