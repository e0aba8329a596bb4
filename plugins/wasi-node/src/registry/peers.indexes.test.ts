/* eslint-disable jest/no-standalone-expect -- itWith is it, or it.skip */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasDockerRegistry } from './__fixtures__/dockerRegistry';
import { writeKind } from './__fixtures__/peerModules';
import { PEER_TAG as tag, runPeer } from './__fixtures__/peers';
import { itWith, usePeers } from './__fixtures__/usePeers';

const hasGo = !spawnSync('go', ['version']).error;

jest.setTimeout(240_000);

interface Entry {
  digest: string;
  platform: { os: string; architecture: string };
}

(hasDockerRegistry ? describe : describe.skip)(
  'one tag for several platforms, and the programs of others',
  () => {
    const { place, results, push, client } = usePeers('indexes');

    const crane = (...args: string[]) =>
      runPeer('crane', [...args, '--insecure'], { cwd: place.directory });
    const manifestOf = async (reference: string) =>
      JSON.parse(await crane('manifest', reference));
    const linux = ({ manifests }: { manifests: Entry[] }) =>
      manifests.filter(({ platform }) => platform.os === 'linux');
    const hello = () => `${place.host}/team/hello:${tag}`;
    /** All layers of the images for linux are there and what they say they are. */
    const validate = async () => {
      for (const { platform } of linux(await manifestOf(hello()))) {
        await crane(
          'validate',
          '--remote',
          hello(),
          '--platform',
          `${platform.os}/${platform.architecture}`,
        );
      }
      await runPeer(
        'skopeo',
        [
          'copy',
          '--all',
          '--src-tls-verify=false',
          `docker://${hello()}`,
          'oci:all',
        ],
        { cwd: place.directory },
      );
    };
    const pull = async (reference: string, platform?: string) => {
      const target = join(place.directory, 'ours.wasm');
      const pulled = await client().pull(reference, target, {
        maxBytes: 1_000_000,
        platform,
      });
      return { pulled, bytes: readFileSync(target) };
    };

    /** A server for two processors, as `docker buildx` and ko make one. */
    async function pushServer(reference: string) {
      writeFileSync(join(place.directory, 'server'), 'server');
      spawnSync('tar', ['-cf', 'server.tar', 'server'], {
        cwd: place.directory,
      });
      const images = [];
      for (const architecture of ['amd64', 'arm64']) {
        const image = `${place.host}/team/${architecture}:${tag}`;
        await crane(
          'append',
          '-f',
          'server.tar',
          '-t',
          image,
          '--oci-empty-base',
        );
        await crane(
          'mutate',
          image,
          '-t',
          image,
          '--set-platform',
          `linux/${architecture}`,
        );
        images.push('-m', image);
      }
      await crane('index', 'append', ...images, '-t', reference);
    }

    /** A server that ko builds from Go. */
    async function koBuild() {
      const source = join(place.directory, 'source');
      mkdirSync(source);
      writeFileSync(
        join(source, 'go.mod'),
        'module example.com/hello\n\ngo 1.22\n',
      );
      writeFileSync(
        join(source, 'main.go'),
        'package main\n\nfunc main() {}\n',
      );
      await pushServer(`${place.host}/team/base:${tag}`);
      const go = (name: string) =>
        spawnSync('go', ['env', name]).stdout.toString().trim();
      await runPeer(
        'ko',
        [
          'build',
          '--bare',
          '--tags',
          tag,
          '--sbom=none',
          '--insecure-registry',
          '--platform=linux/amd64,linux/arm64',
          '.',
        ],
        {
          cwd: source,
          env: {
            KO_DOCKER_REPO: `${place.host}/team/hello`,
            KO_DEFAULTBASEIMAGE: `${place.host}/team/base:${tag}`,
            GOCACHE: go('GOCACHE'),
            GOMODCACHE: go('GOMODCACHE'),
            GOFLAGS: '-mod=mod',
          },
        },
      );
    }

    (hasGo ? itWith('ko', 'crane', 'skopeo') : it.skip)(
      'a module is put beside the images that ko built, which stay as they are',
      async () => {
        await koBuild();
        const before = await manifestOf(hello());
        expect(linux(before)).toHaveLength(2);
        const { bytes, pushed } = await push('index');

        const after = await manifestOf(hello());
        expect(after.mediaType).toBe(before.mediaType);
        expect(linux(after)).toEqual(linux(before));
        expect(
          after.manifests.map(({ platform }: Entry) =>
            [platform.os, platform.architecture].join('/'),
          ),
        ).toEqual(['linux/amd64', 'linux/arm64', 'wasi/wasm', 'wasip2/wasm']);
        await validate();
        const { pulled, bytes: ours } = await pull(hello());
        expect(pulled).toMatchObject({
          format: 'wasm',
          platform: 'wasip2/wasm',
          manifestDigest: pushed.runnerImage!.split('@')[1],
        });
        expect(ours.equals(bytes)).toBe(true);
        results.pushed('index', 'ko');
      },
    );

    itWith('crane', 'skopeo')(
      'a module is put beside the platforms of another image, whose layers come along',
      async () => {
        await pushServer(`${place.host}/other/server:${tag}`);
        const module = writeKind(place.directory, 'component');
        const options = {
          ...module,
          reference: hello(),
          format: 'index' as const,
          beside: { image: `${place.host}/other/server:${tag}` },
          annotations: {},
          created: '2026-01-02T03:04:05Z',
        };
        const first = await client().push(options);
        expect(linux(await manifestOf(hello()))).toEqual(
          linux(await manifestOf(`${place.host}/other/server:${tag}`)),
        );
        await validate();
        await expect(
          client().push({ ...options, created: '2027-01-01T00:00:00Z' }),
        ).resolves.toEqual({ ...first, uploadedBytes: 0 });
      },
    );

    itWith('crane', 'skopeo')(
      'an image of one platform becomes an entry beside the module',
      async () => {
        await pushServer(`${place.host}/other/server:${tag}`);
        await crane('copy', `${place.host}/team/arm64:${tag}`, hello());
        await push('index');
        expect(linux(await manifestOf(hello()))).toMatchObject([
          { platform: { os: 'linux', architecture: 'arm64' } },
        ]);
        await validate();
      },
    );

    itWith('crane', 'skopeo')(
      'an index that crane made of our module is read by us',
      async () => {
        const { bytes } = await push('compat');
        await crane(
          'index',
          'append',
          '-m',
          hello(),
          '-t',
          `${place.host}/team/both:${tag}`,
        );
        const { pulled, bytes: ours } = await pull(
          `${place.host}/team/both:${tag}`,
        );
        expect(pulled).toMatchObject({
          format: 'compat',
          platform: 'wasi/wasm',
        });
        expect(ours.equals(bytes)).toBe(true);
        results.pushed('index', 'crane');
      },
    );

    itWith('kpt-calls', 'crane')(
      'ours and the entry that kpt writes take turns at one tag, and others stay',
      async () => {
        await pushServer(hello());
        const before = linux(await manifestOf(hello()));
        await push('kpt');
        const newer = writeKind(place.directory, 'gojs');
        await runPeer('kpt-calls', ['push', 'hello.wasm', hello()], {
          cwd: place.directory,
        });
        const both = await manifestOf(hello());
        expect(linux(both)).toEqual(before);
        expect(both.manifests).toHaveLength(3);
        expect((await pull(hello(), 'js/wasm')).bytes.equals(newer.bytes)).toBe(
          true,
        );

        const ours = await push('kpt');
        await runPeer('kpt-calls', ['pull', hello(), 'pulled'], {
          cwd: place.directory,
        });
        expect(
          readFileSync(join(place.directory, 'pulled')).equals(ours.bytes),
        ).toBe(true);
        expect(linux(await manifestOf(hello()))).toEqual(before);
      },
    );

    it('a single image is not made a list for kpt, which would take it from its users', async () => {
      await push('compat');
      await expect(push('kpt')).rejects.toMatchObject({
        code: 'IMAGE_TAG_TAKEN',
      });
    });

    it('an index without WebAssembly says what it has', async () => {
      const manifest = {
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.index.v1+json',
        manifests: [],
      };
      await fetch(`http://${place.host}/v2/team/hello/manifests/${tag}`, {
        method: 'PUT',
        headers: { 'content-type': manifest.mediaType },
        body: JSON.stringify(manifest),
      });
      await expect(pull(hello())).rejects.toMatchObject({
        code: 'IMAGE_WITHOUT_MODULE',
        message: expect.stringContaining('it has nothing'),
      });
    });
  },
);
