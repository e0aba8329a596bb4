import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { handmadeTar, handmadeTarGzip } from '../__fixtures__/archives';
import { handmadeLayout } from '../__fixtures__/handmadeLayout';
import { configWith } from '../__fixtures__/modules';
import { digestOf } from '../__fixtures__/scriptedRegistry';
import { createModuleRegistry } from '../createModuleRegistry';

const WASM = Buffer.concat([
  Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]),
  Buffer.from('a module'),
]);
const TAR = 'application/vnd.oci.image.layer.v1.tar';
const TAR_GZIP = `${TAR}+gzip`;
const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';

describe('a pull of any format', () => {
  let directory: string;
  let layout: ReturnType<typeof handmadeLayout>;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'wasi-pull-test-'));
    mkdirSync(join(directory, 'target'));
    layout = handmadeLayout(join(directory, 'layout'));
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  const target = () => join(directory, 'target', 'module.wasm');
  const pull = (options: { platform?: string; maxBytes?: number } = {}) =>
    createModuleRegistry(configWith([])).pull(
      { kind: 'folder', path: join(directory, 'layout'), name: 'oci:layout' },
      target(),
      { maxBytes: 10_000, ...options },
    );
  const image = (run: object, ...layers: Buffer[]) =>
    layout.manifest({
      config: { os: 'wasi', architecture: 'wasm', config: run },
      layers: layers.map(bytes =>
        layout.blob(bytes, bytes[0] === 0x1f ? TAR_GZIP : TAR),
      ),
    });
  const refused = async (code: string, message: unknown) => {
    await expect(pull()).rejects.toMatchObject({ code, message });
    expect(readdirSync(join(directory, 'target'))).toEqual([]);
  };

  it.each([
    ['its entrypoint', { Entrypoint: ['/app/hello.wasm', 'serve'] }],
    ['its command', { Cmd: ['/app/hello.wasm'] }],
    [
      'a path below its folder',
      { Entrypoint: ['hello.wasm'], WorkingDir: '/app' },
    ],
    ['a function of it, for runwasi', { Entrypoint: ['/app/hello.wasm#main'] }],
  ])('takes the file that an image runs, by %s', async (_, run) => {
    const layer = handmadeTarGzip(
      { path: './', type: 'Directory' },
      { path: 'plugin.wasm', content: 'another' },
      { path: './app/hello.wasm', content: WASM },
    );
    const manifest = image(run, layer);
    layout.name(manifest);
    await expect(pull()).resolves.toEqual({
      digest: digestOf(WASM),
      size: WASM.length,
      manifestDigest: manifest.digest,
      format: 'compat',
      file: '/app/hello.wasm',
    });
    expect(readFileSync(target()).equals(WASM)).toBe(true);
    expect(readdirSync(join(directory, 'target'))).toEqual(['module.wasm']);
  });

  it('takes the file from the uppermost layer that has it', async () => {
    const old = Buffer.concat([WASM, Buffer.from('old')]);
    layout.name(
      image(
        { Entrypoint: ['/hello.wasm'] },
        handmadeTar({ path: 'hello.wasm', content: old }),
        handmadeTarGzip({ path: 'hello.wasm', content: WASM }),
        handmadeTar({ path: 'readme', content: 'x' }),
      ),
    );
    await expect(pull()).resolves.toMatchObject({ digest: digestOf(WASM) });
  });

  it.each(['.wh.hello.wasm', '.wh..wh..opq'])(
    'does not find a file that an upper layer removed by %s',
    async marker => {
      layout.name(
        image(
          { Entrypoint: ['/hello.wasm'] },
          handmadeTar({ path: 'hello.wasm', content: WASM }),
          handmadeTar({ path: marker }),
        ),
      );
      await refused(
        'IMAGE_WITHOUT_MODULE',
        expect.stringContaining(
          'has no file "/hello.wasm", which it says it runs',
        ),
      );
    },
  );

  it.each(['.wh.hello.wasm', '.wh..wh..opq'])(
    'finds a file behind %s in the same layer, which only hides lower ones',
    async marker => {
      layout.name(
        image(
          { Entrypoint: ['/hello.wasm'] },
          handmadeTar({ path: 'hello.wasm', content: 'another' }),
          handmadeTar({ path: marker }, { path: 'hello.wasm', content: WASM }),
        ),
      );
      await expect(pull()).resolves.toMatchObject({ digest: digestOf(WASM) });
    },
  );

  it.each([
    ['a symbolic link', { type: 'SymbolicLink', linkpath: '/etc/passwd' }],
    ['a hard link', { type: 'Link', linkpath: 'other' }],
    ['a device', { type: 'CharacterDevice' }],
    ['a pipe', { type: 'FIFO' }],
  ] as const)('does not follow %s', async (_, entry) => {
    layout.name(
      image(
        { Entrypoint: ['/hello.wasm'] },
        handmadeTar({ path: 'hello.wasm', ...entry }),
      ),
    );
    await refused(
      'IMAGE_WITHOUT_MODULE',
      expect.stringContaining('is a link or no file'),
    );
  });

  it('writes nowhere but to the target, whatever a file is called', async () => {
    layout.name(
      image(
        { Entrypoint: ['/../../escaped.wasm'] },
        handmadeTar(
          { path: `${'../'.repeat(20)}tmp/escaped.wasm`, content: WASM },
          { path: '/etc/escaped.wasm', content: WASM },
          { path: '../../escaped.wasm', content: WASM },
        ),
      ),
    );
    await expect(pull()).resolves.toMatchObject({ file: '/escaped.wasm' });
    expect(readdirSync(directory).sort()).toEqual(['layout', 'target']);
    expect(readdirSync(join(directory, 'target'))).toEqual(['module.wasm']);
  });

  it.each([
    ['a plugin for Istio', 'istio-compat', 'deep/plugin.wasm'],
    ['the first file, as kpt does', 'kpt', 'anything'],
  ])('without an entrypoint, takes %s', async (_, format, path) => {
    layout.name(
      image(
        {},
        handmadeTarGzip(
          { path: 'd/', type: 'Directory' },
          { path, content: WASM },
        ),
      ),
    );
    await expect(pull()).resolves.toMatchObject({ format, file: `/${path}` });
  });

  it('refuses a container image for linux by what it runs', async () => {
    layout.name(
      layout.manifest({
        config: {
          os: 'linux',
          architecture: 'amd64',
          config: { Cmd: ['/bin/sh'] },
        },
        layers: [
          layout.blob(handmadeTar({ path: 'bin/sh', content: 'elf' }), TAR),
        ],
      }),
    );
    await refused(
      'IMAGE_WITHOUT_MODULE',
      expect.stringMatching(
        /is a container image for linux\/amd64 that runs "\/bin\/sh"$/,
      ),
    );
  });

  it('refuses a file that is no WebAssembly', async () => {
    layout.name(
      image(
        { Entrypoint: ['/hello.wasm'] },
        handmadeTar({ path: 'hello.wasm', content: '#!/bin/sh' }),
      ),
    );
    await refused(
      'IMAGE_WITHOUT_MODULE',
      expect.stringContaining('is not WebAssembly'),
    );
  });

  it.each([
    [
      'a file that is larger than allowed',
      'MODULE_TOO_LARGE',
      () =>
        image(
          { Entrypoint: ['/m.wasm'] },
          handmadeTarGzip({ path: 'm.wasm', content: Buffer.alloc(20_000) }),
        ),
    ],
    [
      'a layer that unpacks to gigabytes',
      'ARCHIVE_INVALID',
      () =>
        image(
          { Entrypoint: ['/m.wasm'] },
          handmadeTarGzip({ path: 'zeros', content: Buffer.alloc(8_000_000) }),
        ),
    ],
    [
      'layers that are too large to be looked through',
      'MODULE_TOO_LARGE',
      () =>
        layout.manifest({
          config: { config: { Entrypoint: ['/m.wasm'] } },
          layers: [
            {
              mediaType: TAR,
              digest: `sha256:${'0'.repeat(64)}`,
              size: 5_000_000_000,
            },
          ],
        }),
    ],
    [
      'a layer that is no archive',
      'ARCHIVE_INVALID',
      () =>
        image({ Entrypoint: ['/m.wasm'] }, Buffer.from('<html>'.repeat(500))),
    ],
    [
      'a layer of a kind that is no archive',
      'IMAGE_LAYOUT_UNSUPPORTED',
      () => layout.manifest({ layers: [layout.blob('x', `${TAR}+zstd`)] }),
    ],
    [
      'two modules',
      'IMAGE_LAYOUT_UNSUPPORTED',
      () =>
        layout.manifest({
          layers: [
            layout.blob(WASM, 'application/wasm'),
            layout.blob('b', 'application/wasm'),
          ],
        }),
    ],
    [
      'a config of many megabytes',
      'REGISTRY_UNEXPECTED',
      () =>
        layout.manifest({
          config: { padding: 'x'.repeat(2_000_000) },
          layers: [layout.blob(handmadeTar({ path: 'a' }), TAR)],
        }),
    ],
  ])('refuses %s', async (_, code, make) => {
    layout.name(make());
    await refused(code, expect.any(String));
  });

  it('tells Spin and runwasi from what they are made of', async () => {
    const component = 'application/vnd.wasm.content.layer.v1+wasm';
    const formatOf = async (types: string[]) => {
      layout.name(
        layout.manifest({
          configType: OCI_CONFIG,
          layers: types.map((type, position) =>
            layout.blob(position ? 'x' : WASM, type),
          ),
        }),
      );
      return (await pull()).format;
    };
    const formats = [
      await formatOf([
        component,
        'application/vnd.fermyon.spin.application.v1+config',
      ]),
      await formatOf([
        component,
        'application/vnd.wasm.content.bundle.v1.tar+gzip',
      ]),
      await formatOf([
        'application/vnd.bytecodealliance.wasm.component.layer.v0+wasm',
      ]),
      await formatOf(['application/vnd.module.wasm.content.layer.v1+wasm']),
      await formatOf([component]),
    ];
    expect(formats).toEqual(['spin', 'spin', 'runwasi', 'wasm', 'krustlet']);
  });

  describe('from an index', () => {
    const bare = (content: Buffer) =>
      layout.manifest({ layers: [layout.blob(content, 'application/wasm')] });
    const entry = (content: Buffer, os?: string, architecture = 'wasm') => ({
      ...bare(content),
      ...(os && { platform: { os, architecture } }),
    });
    const other = Buffer.from('another module');

    it.each([
      { entries: ['linux', 'js', 'wasip2', 'wasi'], taken: 'wasip2/wasm' },
      { entries: ['js', 'linux', 'wasi'], taken: 'wasi/wasm' },
      { entries: ['linux', 'js'], taken: 'js/wasm' },
    ])('takes $taken of $entries', async ({ entries, taken }) => {
      layout.name(
        layout.index(
          ...entries.map(os =>
            entry(
              `${os}/wasm` === taken ? WASM : other,
              os,
              os === 'linux' ? 'amd64' : 'wasm',
            ),
          ),
        ),
      );
      await expect(pull()).resolves.toMatchObject({
        platform: taken,
        digest: digestOf(WASM),
      });
    });

    it('takes the platform that is asked for, and refuses one that is not there', async () => {
      layout.name(layout.index(entry(other, 'wasip2'), entry(WASM, 'js')));
      await expect(pull({ platform: 'js/wasm' })).resolves.toMatchObject({
        digest: digestOf(WASM),
      });
      await expect(pull({ platform: 'linux/arm64' })).rejects.toMatchObject({
        code: 'IMAGE_WITHOUT_MODULE',
        message: expect.stringContaining(
          'is an index without linux/arm64; it has wasip2/wasm, js/wasm',
        ),
      });
    });

    it('says which platforms there are where none is WebAssembly', async () => {
      layout.name(
        layout.index(
          entry(other, 'linux', 'amd64'),
          entry(other, 'unknown', 'unknown'),
        ),
      );
      await refused(
        'IMAGE_WITHOUT_MODULE',
        expect.stringContaining(
          'is an index without a WebAssembly platform; it has linux/amd64, unknown/unknown',
        ),
      );
    });

    it('takes a single entry that says no platform', async () => {
      layout.name(layout.index(entry(WASM)));
      await expect(pull()).resolves.toMatchObject({ digest: digestOf(WASM) });
    });

    it('refuses an index in an index', async () => {
      layout.name(
        layout.index({
          ...layout.index(entry(WASM, 'wasi')),
          platform: { os: 'wasi', architecture: 'wasm' },
        }),
      );
      await refused(
        'IMAGE_LAYOUT_UNSUPPORTED',
        expect.stringContaining('is an index of indexes'),
      );
    });
  });

  it('refuses bytes that are not what their name says', async () => {
    const layer = layout.blob(WASM, 'application/wasm');
    layout.name(layout.manifest({ layers: [layer] }));
    writeFileSync(
      join(layout.blobs, layer.digest.slice(7)),
      Buffer.alloc(WASM.length),
    );
    await refused(
      'REGISTRY_DIGEST_MISMATCH',
      expect.stringContaining('oci:layout has sha256:'),
    );
  });
});
