import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRegistry, type RunningRegistry } from '../registry';
import { pullArtifact } from './pullArtifact';
import { RunnerFailure } from './RunnerFailure';

const WASM = 'application/wasm';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const component = Buffer.from('\0asm\x0d\0\x01\0');

describe('pullArtifact', () => {
  let directory: string;
  let registry: RunningRegistry;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'wasi-pull-test-'));
    registry = await startRegistry({ directory: join(directory, 'registry') });
  });
  afterAll(async () => {
    await registry.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function blob(content: Buffer) {
    const digest = digestOf(content);
    const start = await fetch(
      `http://${registry.host}/v2/test/module/blobs/uploads/`,
      { method: 'POST' },
    );
    const location = new URL(
      start.headers.get('location')!,
      `http://${registry.host}`,
    );
    location.searchParams.set('digest', digest);
    await fetch(location, { method: 'PUT', body: content });
    return { digest, size: content.length };
  }

  async function manifest(
    tag: string,
    layers: object[],
    mediaType = MANIFEST,
  ): Promise<string> {
    const body = Buffer.from(
      JSON.stringify(
        mediaType === INDEX
          ? { schemaVersion: 2, mediaType, manifests: layers }
          : {
              schemaVersion: 2,
              mediaType,
              config: {
                mediaType: 'application/vnd.wasm.config.v0+json',
                ...(await blob(Buffer.from('{}'))),
              },
              layers,
            },
      ),
    );
    const answer = await fetch(
      `http://${registry.host}/v2/test/module/manifests/${tag}`,
      { method: 'PUT', headers: { 'content-type': mediaType }, body },
    );
    expect(answer.status).toBe(201);
    return digestOf(body);
  }

  const pull = (image: string, insecure = [registry.host]) =>
    pullArtifact(image, {
      directory: join(directory, 'modules'),
      insecureRegistries: insecure,
      checked: new Set(),
      signal: new AbortController().signal,
    });

  async function failure(image: string, insecure?: string[]) {
    try {
      return await pull(image, insecure);
    } catch (error) {
      return error instanceof RunnerFailure
        ? error.message.replaceAll(registry.host, 'HOST')
        : error;
    }
  }

  it.each([
    WASM,
    'application/vnd.wasm.content.layer.v1+wasm',
    'application/vnd.module.wasm.content.layer.v1+wasm',
  ])('takes one layer of type %s', async mediaType => {
    await manifest('good', [{ mediaType, ...(await blob(component)) }]);
    const { path, digest } = await pull(
      `oci://${registry.host}/test/module:good`,
    );
    expect(digest).toBe(digestOf(component));
    expect(await readFile(path)).toEqual(component);
  });

  it('refuses what the real runner refuses, in its words', async () => {
    const layer = { mediaType: WASM, ...(await blob(component)) };
    const tar = 'application/vnd.oci.image.layer.v1.tar+gzip';
    await manifest('none', []);
    await manifest('two', [layer, layer]);
    await manifest('foreign', [{ ...layer, mediaType: tar }]);
    const digest = await manifest('good', [layer]);
    await manifest('index', [{ mediaType: MANIFEST, digest, size: 1 }], INDEX);
    const image = `${registry.host}/test/module`;
    expect({
      none: await failure(`${image}:none`),
      two: await failure(`${image}:two`),
      foreign: await failure(`${image}:foreign`),
      index: await failure(`${image}:index`),
      absent: await failure(`${image}:absent`),
      reference: await failure('Not/A:Reference'),
    }).toEqual({
      none: 'No layers to pull',
      two: 'expected to have one layer, got 2',
      foreign: `Incompatible layer media type: ${tar}`,
      index:
        "Image manifest not found: no entry found in image index manifest matching client's default platform",
      absent:
        'Registry error: url http://HOST/v2/test/module/manifests/absent, envelope: OCI API errors: [OCI API error: manifest unknown]',
      reference: expect.stringMatching(/^invalid reference format: /),
    });
  });

  it('has no credentials', async () => {
    const closed = await startRegistry({
      directory: join(directory, 'closed'),
      credentials: { username: 'user', password: 'secret' },
    });
    try {
      const message = await failure(`${closed.host}/test/module:v1`, [
        closed.host,
      ]);
      expect(message).toBe(
        `Not authorized: url http://${closed.host}/v2/test/module/manifests/v1`,
      );
    } finally {
      await closed.close();
    }
  });

  it('fetches a module again whose file is not what its name says', async () => {
    const layer = { mediaType: WASM, ...(await blob(component)) };
    const digest = await manifest('damaged', [layer]);
    const image = `${registry.host}/test/module@${digest}`;
    const { path } = await pull(image);
    await writeFile(path, 'damaged');
    expect(await pull(image)).toEqual({ path, digest: digestOf(component) });
    expect(await readFile(path)).toEqual(component);
  });

  it('asks the registry no more for a digest that it has', async () => {
    const other = await startRegistry({
      directory: join(directory, 'registry'),
    });
    const { host } = other;
    const digest = await manifest('known', [
      { mediaType: WASM, ...(await blob(component)) },
    ]);
    const image = `${host}/test/module@${digest}`;
    const first = await pull(image, [host]);
    await other.close();
    expect(await pull(image, [host])).toEqual(first);
  });
});

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
