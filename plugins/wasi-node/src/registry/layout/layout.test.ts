import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { handmadeTar, handmadeTarGzip } from '../__fixtures__/archives';
import { handmadeLayout } from '../__fixtures__/handmadeLayout';
import {
  configWith,
  writeModule,
  type ModuleOnDisk,
} from '../__fixtures__/modules';
import { createModuleRegistry } from '../createModuleRegistry';
import type { ArtifactLayout } from '../types';

const WASM_LAYER = 'application/wasm';

describe('a layout on disk', () => {
  let directory: string;
  let module: ModuleOnDisk;
  const client = createModuleRegistry(configWith([]));

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'wasi-layout-test-'));
    module = writeModule(50_000);
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
    module.remove();
  });

  const place = (
    kind: ArtifactLayout['kind'] = 'folder',
    reference: string | undefined = '1.0',
  ): ArtifactLayout => ({
    kind,
    path: join(directory, kind === 'folder' ? 'dist' : 'dist.tar'),
    name: kind === 'folder' ? 'oci:dist' : 'oci-archive:dist.tar',
    reference,
  });
  const push = (reference: ArtifactLayout, created = '2026-01-02T03:04:05Z') =>
    client.push({
      path: module.path,
      reference,
      inspection: module.inspection,
      annotations: {},
      created,
    });
  const target = () => join(directory, 'pulled.wasm');
  const pull = (reference: ArtifactLayout) =>
    client.pull(reference, target(), { maxBytes: 1_000_000 });
  const handmade = () => handmadeLayout(join(directory, 'dist'));

  describe.each(['folder', 'archive'] as const)('as %s', kind => {
    it('is made by a push, and read by a pull', async () => {
      const pushed = await push(place(kind));
      expect(pushed).toMatchObject({
        image: `${place(kind).name}@${pushed.digest}`,
        layerDigest: module.inspection.digest,
      });
      await expect(pull(place(kind))).resolves.toEqual({
        digest: module.inspection.digest,
        size: module.bytes.length,
        manifestDigest: pushed.digest,
        format: 'wasm',
      });
      expect(readFileSync(target()).equals(module.bytes)).toBe(true);
    });

    it('keeps what it has, and is the same after an unchanged push', async () => {
      const first = await push(place(kind));
      await push(place(kind, '2.0'));
      const again = await push(place(kind), '2027-01-01T00:00:00Z');
      expect(again).toEqual({ ...first, uploadedBytes: 0 });
      await expect(client.describe(place(kind, '2.0'))).resolves.toMatchObject({
        digest: first.digest,
      });
    });

    it('is named by its digest as well as by its tag, or by neither where it holds one image', async () => {
      const { digest } = await push(place(kind));
      for (const reference of [digest, '1.0', undefined]) {
        await expect(
          client.describe({ ...place(kind), reference }),
        ).resolves.toMatchObject({ digest });
      }
    });

    it('says which images it holds where none is named', async () => {
      await push(place(kind));
      module.remove();
      module = writeModule(60_000);
      await push(place(kind, '2.0'));
      await expect(
        pull({ ...place(kind), reference: undefined }),
      ).rejects.toMatchObject({
        code: 'IMAGE_REFERENCE_INVALID',
        message: `${place(kind).name} holds 2 images: 1.0, 2.0`,
      });
    });

    it('says that a name is not there, and that nothing is', async () => {
      await push(place(kind));
      await expect(pull(place(kind, '9.9'))).rejects.toMatchObject({
        code: 'REGISTRY_NOT_FOUND',
        message: `${place(kind).name} has nothing under 9.9`,
      });
      await expect(
        pull({ ...place(kind), path: join(directory, 'nowhere') }),
      ).rejects.toMatchObject({
        code: 'REGISTRY_NOT_FOUND',
        message: `${place(kind).name} is no OCI image layout`,
      });
    });
  });

  it('is not copied any further when that is cancelled', async () => {
    await push(place());
    await expect(
      client.copy({
        from: place(),
        to: place('archive'),
        referrers: false,
        maxBytes: 1_000_000,
        signal: AbortSignal.abort(),
      }),
    ).rejects.toMatchObject({ code: 'REGISTRY_ABORTED' });
    expect(readdirSync(directory)).toEqual(['dist']);
  });

  it('becomes no archive when the copy into it fails', async () => {
    const layout = handmade();
    const layer = layout.blob('a module', WASM_LAYER);
    layout.name(layout.manifest({ layers: [layer] }));
    writeFileSync(join(layout.blobs, layer.digest.slice(7)), 'A MODULE');
    await expect(
      client.copy({
        from: { ...place(), reference: undefined },
        to: place('archive'),
        referrers: false,
        maxBytes: 1_000_000,
      }),
    ).rejects.toMatchObject({
      code: 'REGISTRY_DIGEST_MISMATCH',
      message: expect.stringContaining('oci:dist has sha256:'),
    });
    expect(readdirSync(directory)).toEqual(['dist']);
  });

  describe('made to harm', () => {
    const secret = () => join(directory, 'secret');

    beforeEach(() => writeFileSync(secret(), '{"schemaVersion":2}'));

    it.each([
      ['index.json', 'one of its files is a link'],
      ['oci-layout', 'one of its files is a link'],
    ])('does not follow %s out of the folder', async (file, why) => {
      const layout = handmade();
      layout.name();
      rmSync(join(directory, 'dist', file));
      symlinkSync(secret(), join(directory, 'dist', file));
      await expect(pull(place())).rejects.toMatchObject({
        code: 'ARCHIVE_INVALID',
        message: `The archive cannot be read: ${why}`,
      });
    });

    it('does not follow a blob out of the folder', async () => {
      const layout = handmade();
      const layer = layout.blob('a module', WASM_LAYER);
      layout.name(layout.manifest({ layers: [layer] }));
      const path = join(layout.blobs, layer.digest.slice(7));
      rmSync(path);
      writeFileSync(secret(), 'a module');
      symlinkSync(secret(), path);
      await expect(
        pull({ ...place(), reference: undefined }),
      ).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
      expect(existsSync(target())).toBe(false);
    });

    it.each(['blobs', 'blobs/sha256'])(
      'neither reads nor writes through a link at %s',
      async folder => {
        const outside = join(directory, 'outside');
        mkdirSync(join(outside, 'sha256'), { recursive: true });
        const layout = handmade();
        layout.name();
        rmSync(join(directory, 'dist', folder), { recursive: true });
        symlinkSync(
          folder === 'blobs' ? outside : join(outside, 'sha256'),
          join(directory, 'dist', folder),
        );
        await expect(push(place())).rejects.toMatchObject({
          code: 'ARCHIVE_INVALID',
        });
        expect(readdirSync(join(outside, 'sha256'))).toEqual([]);
      },
    );

    it('does not wait for a pipe', async () => {
      mkdirSync(join(directory, 'dist'));
      execFileSync('mkfifo', [join(directory, 'dist', 'index.json')]);
      await expect(pull(place())).rejects.toMatchObject({
        code: 'ARCHIVE_INVALID',
      });
    });

    it.each([
      [
        'of another version',
        { 'oci-layout': '{"imageLayoutVersion":"2.0.0"}' },
      ],
      ['without index', { 'oci-layout': '{"imageLayoutVersion":"1.0.0"}' }],
      [
        'with an index of another kind',
        { 'oci-layout': '{"imageLayoutVersion":"1.0.0"}', 'index.json': '[]' },
      ],
      [
        'with an index of millions',
        {
          'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
          'index.json': `{"schemaVersion":2,"manifests":[${'{},'.repeat(
            100_000,
          )}{}]}`,
        },
      ],
      [
        'with an index of 5 MB',
        {
          'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
          'index.json': `{"schemaVersion":2,"x":"${'x'.repeat(5_000_000)}"}`,
        },
      ],
      [
        'with a path for a digest',
        {
          'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
          'index.json':
            '{"schemaVersion":2,"manifests":[{"mediaType":"a","size":1,"digest":"sha256:../../../secret"}]}',
        },
      ],
    ])('is refused %s', async (_, files) => {
      mkdirSync(join(directory, 'dist'));
      for (const [file, content] of Object.entries(files)) {
        writeFileSync(join(directory, 'dist', file), content);
      }
      await expect(pull(place())).rejects.toMatchObject({
        code: 'ARCHIVE_INVALID',
      });
    });

    it('an archive writes nothing but files of a layout, and those once', async () => {
      const layout = {
        'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
        'index.json': '{"schemaVersion":2,"manifests":[]}',
      };
      const archive = (...entries: Parameters<typeof handmadeTar>) =>
        writeFileSync(
          join(directory, 'dist.tar'),
          handmadeTar(
            ...Object.entries(layout).map(([path, content]) => ({
              path,
              content,
            })),
            ...entries,
          ),
        );
      archive(
        { path: '../escaped', content: 'x' },
        { path: '/tmp/wasi-escaped', content: 'x' },
        { path: `blobs/sha256/../../../${'a'.repeat(64)}`, content: 'x' },
        { path: 'blobs', type: 'SymbolicLink', linkpath: directory },
        { path: 'blobs/sha256', type: 'SymbolicLink', linkpath: directory },
        {
          path: `blobs/sha256/${'a'.repeat(64)}`,
          type: 'Link',
          linkpath: secret(),
        },
      );
      await expect(pull(place('archive'))).rejects.toMatchObject({
        code: 'REGISTRY_NOT_FOUND',
      });
      expect(readdirSync(directory).sort()).toEqual(['dist.tar', 'secret']);
      expect(existsSync('/tmp/wasi-escaped')).toBe(false);

      archive({
        path: './index.json',
        content: '{"schemaVersion":2,"manifests":[{}]}',
      });
      await expect(pull(place('archive'))).rejects.toMatchObject({
        message: 'The archive cannot be read: it has index.json twice',
      });
    });

    it('an archive that is packed is told to be unpacked', async () => {
      writeFileSync(
        join(directory, 'dist.tar'),
        handmadeTarGzip({ path: 'index.json' }),
      );
      await expect(pull(place('archive'))).rejects.toMatchObject({
        code: 'ARCHIVE_INVALID',
      });
    });
  });
});
