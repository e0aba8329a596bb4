import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  digestOf,
  document,
  MANIFEST,
  RegistryUnderTest,
  withDigest,
} from '../__conformance__/RegistryUnderTest';
import { startRegistry, type RunningRegistry } from './startRegistry';

jest.setTimeout(120_000);

/** What a client was told is stored. */
interface Acknowledged {
  blobs: string[];
  manifests: { tag: string; bytes: Buffer }[];
}

const subject = digestOf(Buffer.from('what all of them refer to'));

describe('a registry that is killed', () => {
  let directory: string;
  const name = 'team/app';
  let pushed: Acknowledged;
  let onPushed: () => void;
  let registry: RunningRegistry | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'wasi-registry-kill-'));
    pushed = { blobs: [], manifests: [] };
    onPushed = () => {};
    registry = undefined;
  });

  afterEach(async () => {
    await registry?.close();
    await rm(directory, { recursive: true, force: true });
  });

  // Files appear by renames only: each of a push is a point to die at.
  it.each([
    { point: 'before the blob is in its place', rename: 1 },
    { point: 'between the blob and its repository', rename: 2 },
    { point: 'between the blob and its manifest', rename: 3 },
    { point: 'between the manifest and its subject', rename: 4 },
    { point: 'between the manifest and what is known of it', rename: 5 },
    { point: 'between the manifest and its tag', rename: 6 },
    { point: 'in the second push', rename: 9 },
  ])(
    '$point, has nothing in part and nothing left over',
    async ({ rename }) => {
      const child = await startChild(`${rename}`);
      await expect(pushForEver(child.client)).rejects.toThrow('fetch failed');
      await child.ended;

      await expectWholeAfterRestart();
      expect(pushed.manifests).toHaveLength(rename > 6 ? 1 : 0);
    },
  );

  it('anywhere in those of many clients, has all it acknowledged', async () => {
    const child = await startChild();
    const openUpload = await child.client.beginUpload(name);
    await child.client.call('PATCH', openUpload, { body: randomBytes(1000) });
    const pushes = Array.from({ length: 6 }, () => pushForEver(child.client));
    await Promise.race([acknowledged(8), ...pushes]);
    child.kill();
    await Promise.allSettled(pushes);
    await child.ended;

    const client = await expectWholeAfterRestart();
    expect(pushed.manifests.length).toBeGreaterThanOrEqual(8);
    // The specification lets sessions go; the client is told to begin anew.
    const gone = await client.call('GET', openUpload);
    expect([gone.status, gone.json().errors[0].code]).toEqual([
      404,
      'BLOB_UPLOAD_UNKNOWN',
    ]);
  });

  async function startChild(...args: string[]) {
    const child = spawn(
      process.execPath,
      [join(__dirname, '__fixtures__/registryProcess.js'), directory, ...args],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ended = once(child, 'exit');
    const [host] = await once(child.stdout, 'data');
    return {
      client: new RegistryUnderTest({
        url: `http://${String(host).trim()}`,
        close: async () => {},
      }),
      kill: () => child.kill('SIGKILL'),
      ended,
    };
  }

  async function expectWholeAfterRestart(): Promise<RegistryUnderTest> {
    registry = await startRegistry({ directory });
    const client = new RegistryUnderTest({
      url: `http://${registry.host}`,
      close: registry.close,
    });
    await expectWhole(client);
    return client;
  }

  /** Resolves once so many manifests were acknowledged. */
  function acknowledged(count: number): Promise<void> {
    return new Promise(resolve => {
      onPushed = () => {
        if (pushed.manifests.length >= count) {
          resolve();
        }
      };
    });
  }

  async function pushForEver(client: RegistryUnderTest): Promise<never> {
    for (;;) {
      const layer = randomBytes(200_000);
      const digest = digestOf(layer);
      const begun = await client.call('POST', `${name}/blobs/uploads/`);
      const location = begun.header('location')!;
      await client.call('PATCH', location, {
        body: layer.subarray(0, 120_000),
      });
      const put = await client.call('PUT', withDigest(location, digest), {
        body: layer.subarray(120_000),
      });
      expect(put.status).toBe(201);
      pushed.blobs.push(digest);

      const descriptor = { mediaType: 'a/b', digest, size: layer.length };
      const bytes = document({
        config: descriptor,
        layers: [descriptor],
        subject: { mediaType: MANIFEST, digest: subject, size: 1 },
      });
      const tag = `t-${digest.slice(7, 27)}`;
      const stored = await client.call('PUT', `${name}/manifests/${tag}`, {
        body: bytes,
        headers: { 'content-type': MANIFEST },
      });
      expect(stored.status).toBe(201);
      pushed.manifests.push({ tag, bytes });
      onPushed();
    }
  }

  async function expectWhole(client: RegistryUnderTest): Promise<void> {
    const answer = await client.call('GET', `${name}/tags/list`);
    const tags: string[] = answer.status === 200 ? answer.json().tags : [];
    expect(tags).toEqual(
      expect.arrayContaining(pushed.manifests.map(({ tag }) => tag)),
    );
    for (const { tag, bytes } of pushed.manifests) {
      const stored = await client.call('GET', `${name}/manifests/${tag}`);
      expect(stored.body.equals(bytes)).toBe(true);
    }
    const referrers: string[] = (
      await client.call('GET', `${name}/referrers/${subject}`)
    )
      .json()
      .manifests.map(({ digest }: { digest: string }) => digest);
    expect(referrers).toEqual(
      expect.arrayContaining(
        pushed.manifests.map(({ bytes }) => digestOf(bytes)),
      ),
    );

    // Also those whose acknowledgement never reached a client.
    for (const reference of [...tags, ...referrers]) {
      const manifest = await client.call(
        'GET',
        `${name}/manifests/${reference}`,
      );
      expect(manifest.status).toBe(200);
      const digest: string = manifest.json().layers[0].digest;
      const blob = await client.call('GET', `${name}/blobs/${digest}`);
      expect(digestOf(blob.body)).toBe(digest);
    }
    for (const digest of pushed.blobs) {
      const blob = await client.call('HEAD', `${name}/blobs/${digest}`);
      expect(blob.status).toBe(200);
    }

    expect(readdirSync(join(directory, 'temporary'))).toEqual([]);
    const files = hexNames('blobs');
    for (const hex of files) {
      const bytes = readFileSync(join(directory, 'blobs/sha256', hex));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(hex);
    }
    expect(files).toEqual(hexNames(`repositories/${name}/_blobs`));
    const manifests = hexNames(`repositories/${name}/_manifests`);
    expect(manifests.filter(file => !file.endsWith('.json'))).toEqual(
      manifests
        .filter(file => file.endsWith('.json'))
        .map(file => file.slice(0, -'.json'.length)),
    );
  }

  function hexNames(folder: string): string[] {
    const path = join(directory, folder, 'sha256');
    return existsSync(path) ? readdirSync(path).sort() : [];
  }
});
