import { randomBytes } from 'node:crypto';
import {
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  digestOf,
  RegistryUnderTest,
} from '../__conformance__/RegistryUnderTest';
import {
  canMountSmallDisk,
  fillDisk,
  mountSmallDisk,
  unmount,
} from './__fixtures__/smallDisk';
import { startRegistry, type RunningRegistry } from './startRegistry';

jest.setTimeout(60_000);

describe('the disk of the registry', () => {
  let directory: string;
  let registry: RunningRegistry;
  let client: RegistryUnderTest;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'wasi-registry-disk-'));
    await start();
  });

  afterEach(async () => {
    await registry.close();
    rmSync(directory, { recursive: true, force: true });
    jest.restoreAllMocks();
  });

  async function start() {
    registry = await startRegistry({ directory });
    client = new RegistryUnderTest({
      url: `http://${registry.host}`,
      close: registry.close,
    });
  }

  async function restart() {
    const { name } = client;
    await registry.close();
    await start();
    return name;
  }

  const blobFile = (digest: string) =>
    join(directory, 'blobs', ...digest.split(':'));

  const filesOf = (folder: string) => {
    const path = join(directory, folder, 'sha256');
    return readdirSync(path).map(hex => `sha256:${hex}`);
  };

  const statusOf = async (method: string, path: string) =>
    (await client.call(method, path)).status;

  it('gets back the room of a blob that the last repository deletes', async () => {
    const bytes = randomBytes(1000);
    const digest = await client.pushBlob(bytes);
    await client.pushBlob(bytes, client.otherName);

    await client.call('DELETE', `${client.name}/blobs/${digest}`);
    expect(filesOf('blobs')).toEqual([digest]);
    await client.call('DELETE', `${client.otherName}/blobs/${digest}`);
    expect(filesOf('blobs')).toEqual([]);
  });

  it('gets back at the start the room of blobs that no manifest has named for a day', async () => {
    const old = await client.pushBlob(randomBytes(10));
    const fresh = await client.pushBlob(randomBytes(10));
    const manifest = await client.composeManifest();
    await client.putManifest('v1', manifest);
    const { config, layers } = JSON.parse(manifest.toString('utf8'));
    const named: string[] = [config.digest, layers[0].digest];
    const links = join(directory, 'repositories', client.name, '_blobs');
    const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 60 * 60;
    for (const digest of [old, ...named]) {
      utimesSync(join(links, ...digest.split(':')), twoDaysAgo, twoDaysAgo);
    }

    const name = await restart();

    expect(filesOf('blobs').sort()).toEqual([fresh, ...named].sort());
    expect(await statusOf('HEAD', `${name}/blobs/${old}`)).toBe(404);
    for (const digest of [fresh, ...named]) {
      expect(await statusOf('HEAD', `${name}/blobs/${digest}`)).toBe(200);
    }
  });

  it('may damage a blob: nobody gets it, and a push heals it', async () => {
    const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const bytes = randomBytes(1000);
    const digest = await client.pushBlob(bytes);
    const { name } = client;
    await registry.close();
    writeFileSync(blobFile(digest), bytes.subarray(0, 999));
    await start();

    // The question that clients ask before they push.
    expect(await statusOf('HEAD', `${name}/blobs/${digest}`)).toBe(404);
    expect(await statusOf('GET', `${name}/blobs/${digest}`)).toBe(404);
    expect(said.mock.calls).toEqual([
      [
        `registry: ${digest} is damaged on disk and no longer served; push it again.\n`,
      ],
    ]);

    await client.pushBlob(bytes, name);
    const healed = await client.call('GET', `${name}/blobs/${digest}`);
    expect(healed.body.equals(bytes)).toBe(true);
  });

  (canMountSmallDisk() ? describe : describe.skip)(
    'that is full (needs root, to mount a small one)',
    () => {
      beforeEach(async () => {
        await registry.close();
        mountSmallDisk(directory);
        await start();
      });

      afterEach(async () => {
        await registry.close();
        unmount(directory);
        // For the hook of all tests.
        await start();
      });

      const free = () => {
        const { bavail, bsize } = statfsSync(directory);
        return bavail * bsize;
      };

      const expectRefused = (answer: { status: number; json(): unknown }) =>
        expect([answer.status, answer.json()]).toEqual([
          507,
          {
            errors: [
              {
                code: 'UNKNOWN',
                message:
                  "the registry's disk is full: free some space there and push again",
              },
            ],
          },
        ]);

      it.each([
        { what: 'much', excess: 1_000_000 },
        // The last write then stores a part only, and is no error by itself.
        { what: 'a little', excess: 1000 },
      ])(
        'says so when a blob is $what too large, and gives the room back',
        async ({ excess }) => {
          const before = free();
          const bytes = randomBytes(before + excess);
          const digest = digestOf(bytes);
          expectRefused(
            await client.call(
              'POST',
              `${client.name}/blobs/uploads/?digest=${digest}`,
              { body: bytes },
            ),
          );
          const location = await client.beginUpload();
          expectRefused(await client.call('PATCH', location, { body: bytes }));

          expect(await statusOf('GET', location)).toBe(404);
          expect(await statusOf('HEAD', `${client.name}/blobs/${digest}`)).toBe(
            404,
          );
          expect(readdirSync(join(directory, 'temporary'))).toEqual([]);
          expect(free()).toBe(before);
          const small = await client.pushBlob(randomBytes(1000));
          expect(await statusOf('GET', `${client.name}/blobs/${small}`)).toBe(
            200,
          );
        },
      );

      it('refuses a manifest whole, and keeps the one before', async () => {
        const [before, after] = [
          await client.composeManifest(),
          await client.composeManifest({
            annotations: { long: 'x'.repeat(5000) },
          }),
        ];
        await client.putManifest('v1', before);
        fillDisk(directory);

        expectRefused(await client.putManifest('v1', after));

        expect((await client.getManifest('v1')).body.equals(before)).toBe(true);
        expect((await client.getManifest(digestOf(after))).status).toBe(404);
        expect(readdirSync(join(directory, 'temporary'))).toEqual([]);
      });
    },
  );
});
