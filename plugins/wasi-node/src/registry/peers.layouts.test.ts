/* eslint-disable jest/no-standalone-expect -- itWith is it, or it.skip */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasDockerRegistry } from './__fixtures__/dockerRegistry';
import { writeKind } from './__fixtures__/peerModules';
import { PEER_TAG as tag, runPeer } from './__fixtures__/peers';
import { itWith, usePeers } from './__fixtures__/usePeers';
import { createReferrers } from './referrers';
import { configWith } from './__fixtures__/modules';
import type { ArtifactLayout } from './types';

(hasDockerRegistry ? describe : describe.skip)(
  'layouts on disk, and the programs of others',
  () => {
    const { place, results, push, client } = usePeers('layouts');

    const layout = (kind: ArtifactLayout['kind']): ArtifactLayout => ({
      kind,
      path: join(place.directory, kind === 'folder' ? 'dist' : 'dist.tar'),
      name: kind === 'folder' ? 'oci:dist' : 'oci-archive:dist.tar',
      reference: tag,
    });
    const skopeoName = (kind: ArtifactLayout['kind']) =>
      kind === 'folder' ? `oci:dist:${tag}` : `oci-archive:dist.tar:${tag}`;
    const row = (kind: ArtifactLayout['kind']) => `layout-${kind}`;
    const skopeoCopy = (...args: string[]) =>
      runPeer('skopeo', ['copy', ...args], { cwd: place.directory });
    const pull = async (reference: ArtifactLayout | string) => {
      const target = join(place.directory, 'ours.wasm');
      const pulled = await client().pull(reference, target, {
        maxBytes: 1_000_000,
      });
      return { pulled, bytes: readFileSync(target) };
    };

    describe.each(['folder', 'archive'] as const)('a layout as %s', kind => {
      itWith('skopeo')(
        'of ours is read by skopeo, digest unchanged',
        async () => {
          const { bytes, pushed } = await push('wasm', layout(kind));
          await skopeoCopy(
            '--dest-tls-verify=false',
            skopeoName(kind),
            `docker://${place.host}/team/hello:${tag}`,
          );
          const again = await pull(`${place.host}/team/hello@${pushed.digest}`);
          expect(again.bytes.equals(bytes)).toBe(true);
          results.pulled(row(kind), 'skopeo');
        },
      );

      itWith('skopeo')(
        'of skopeo is read by us, digest unchanged',
        async () => {
          const { bytes, pushed } = await push('compat');
          await skopeoCopy(
            '--src-tls-verify=false',
            `docker://${place.host}/team/hello:${tag}`,
            skopeoName(kind),
          );
          const { pulled, bytes: ours } = await pull(layout(kind));
          expect(pulled).toMatchObject({
            format: 'compat',
            manifestDigest: pushed.digest,
          });
          expect(ours.equals(bytes)).toBe(true);
          results.pushed(row(kind), 'skopeo');
        },
      );

      itWith('oras')('of ours is read by oras', async () => {
        const { bytes } = await push('wasm', layout(kind));
        const path = kind === 'folder' ? 'dist' : 'dist.tar';
        await runPeer(
          'oras',
          ['pull', '--oci-layout', `${path}:${tag}`, '-o', 'oras'],
          { cwd: place.directory },
        );
        expect(
          readFileSync(join(place.directory, 'oras/hello.wasm')).equals(bytes),
        ).toBe(true);
        results.pulled(row(kind), 'oras');
      });
    });

    itWith('oras')('a folder of oras is read by us', async () => {
      const { bytes } = await push('wasm');
      await runPeer(
        'oras',
        [
          'cp',
          '--from-plain-http',
          `${place.host}/team/hello:${tag}`,
          '--to-oci-layout',
          `dist:${tag}`,
        ],
        { cwd: place.directory },
      );
      expect((await pull(layout('folder'))).bytes.equals(bytes)).toBe(true);
      results.pushed(row('folder'), 'oras');
    });

    itWith('crane')(
      'a folder of crane, without a name, is read by us, and ours by crane',
      async () => {
        const { bytes } = await push('krustlet');
        const options = { cwd: place.directory };
        await runPeer(
          'crane',
          [
            'pull',
            '--insecure',
            '--format=oci',
            `${place.host}/team/hello:${tag}`,
            'dist',
          ],
          options,
        );
        const { pulled, bytes: ours } = await pull({
          ...layout('folder'),
          reference: undefined,
        });
        expect(pulled.format).toBe('krustlet');
        expect(ours.equals(bytes)).toBe(true);
        results.pushed(row('folder'), 'crane');

        const other = {
          ...layout('folder'),
          path: join(place.directory, 'own'),
        };
        const { pushed } = await push('krustlet', other);
        await runPeer(
          'crane',
          ['push', '--insecure', 'own', `${place.host}/team/again:${tag}`],
          options,
        );
        await expect(
          client().describe(`${place.host}/team/again:${tag}`),
        ).resolves.toMatchObject({ digest: pushed.digest });
        results.pulled(row('folder'), 'crane');
      },
    );

    it('an archive is the same, bit for bit, for the same content', async () => {
      await push('wasm');
      const archives = [];
      for (const name of ['one.tar', 'two.tar']) {
        const path = join(place.directory, name);
        await client().copy({
          from: `${place.host}/team/hello:${tag}`,
          to: { ...layout('archive'), path },
          referrers: false,
          maxBytes: 1_000_000,
        });
        archives.push(readFileSync(path));
      }
      expect(archives[0].equals(archives[1])).toBe(true);
      expect(
        execFileSync('tar', ['-tf', join(place.directory, 'one.tar')])
          .toString()
          .split('\n')
          .filter(name => !name.startsWith('blobs/sha256/')),
      ).toEqual(['index.json', 'oci-layout', '']);
    });

    itWith('oras')(
      'what is attached travels through an archive to another repository',
      async () => {
        const { pushed } = await push('wasm');
        const referrers = createReferrers(configWith([{ host: place.host }]));
        await referrers.attach(pushed.image, [
          {
            artifactType: 'application/vnd.cyclonedx+json',
            bytes: Buffer.from('{"bomFormat":"CycloneDX"}'),
          },
        ]);
        const copy = { referrers: true, maxBytes: 1_000_000 };
        const archive = layout('archive');
        await expect(
          client().copy({ ...copy, from: pushed.image, to: archive }),
        ).resolves.toMatchObject({ digest: pushed.digest, referrers: 1 });
        const target = `${place.host}/production/hello:${tag}`;
        await expect(
          client().copy({ ...copy, from: archive, to: target }),
        ).resolves.toMatchObject({ digest: pushed.digest, referrers: 1 });
        const discovered = await runPeer(
          'oras',
          ['discover', '--plain-http', '--format', 'json', target],
          { cwd: place.directory },
        );
        expect(JSON.parse(discovered).referrers).toMatchObject([
          { artifactType: 'application/vnd.cyclonedx+json' },
        ]);
      },
    );

    it('nothing is sent twice where a registry can mount', async () => {
      const { pushed, bytes } = await push('wasm');
      const copied = await client().copy({
        from: pushed.image,
        to: `${place.host}/production/hello:${tag}`,
        referrers: false,
        maxBytes: 1_000_000,
      });
      expect(copied).toMatchObject({ digest: pushed.digest, manifests: 1 });
      // The manifest alone, which names more than the module has bytes for.
      expect(copied.copiedBytes).toBeLessThan(bytes.length);
      await expect(
        client().describe(`${place.host}/production/hello:${tag}`),
      ).resolves.toMatchObject({ digest: pushed.digest });
    });

    it('a module that was written to a folder leaves nothing half done there', async () => {
      const module = writeKind(place.directory, 'component');
      await expect(
        client().push({
          ...module,
          inspection: {
            ...module.inspection,
            digest: `sha256:${'0'.repeat(64)}`,
          },
          reference: layout('folder'),
          annotations: {},
          created: '2026-01-02T03:04:05Z',
        }),
      ).rejects.toMatchObject({ code: 'SOURCE_DIGEST_MISMATCH' });
      const blobs = join(place.directory, 'dist/blobs/sha256');
      expect(
        existsSync(blobs) ? execFileSync('ls', [blobs]).toString() : '',
      ).toBe('');
    });
  },
);
