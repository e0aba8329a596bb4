import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  catalogue,
  isWasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import fc from 'fast-check';
import { fuzzing } from '../../__testUtils__/fuzzing';
import { handmadeTarGzip } from '../__fixtures__/archives';
import { handmadeLayout } from '../__fixtures__/handmadeLayout';
import { configWith } from '../__fixtures__/modules';
import { digestOf } from '../__fixtures__/scriptedRegistry';
import { createModuleRegistry } from '../createModuleRegistry';
import type { ArtifactLayout } from '../types';
import { packLayout } from './layoutArchive';

jest.setTimeout(120_000);

const WASM = Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
const TAR = 'application/vnd.oci.image.layer.v1.tar+gzip';

/** JSON as nobody would write it, with words that mean something here. */
const anyJson = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    '',
    '../../etc/passwd',
    'sha256:../x',
    `sha256:${'0'.repeat(64)}`,
    'application/wasm',
    'application/vnd.oci.image.index.v1+json',
    -1,
    1e308,
    Number.MAX_SAFE_INTEGER,
    [],
    [null],
    {},
    { os: 'wasi', architecture: 'wasm' },
    ['/hello.wasm'],
    ['../../hello.wasm#main'],
  ),
);
const path = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 5 });

/** Puts a value somewhere into a document. */
function replaceAt(document: any, steps: readonly number[], value: unknown) {
  const keys = Object.keys(document);
  const key = keys[steps[0] % (keys.length || 1)];
  if (key === undefined) {
    return;
  }
  const inner = document[key];
  if (steps.length > 1 && inner && typeof inner === 'object') {
    replaceAt(inner, steps.slice(1), value);
  } else {
    document[key] = value;
  }
}

describe('layouts and archives that are made at random', () => {
  let directory: string;
  const client = createModuleRegistry(configWith([]));

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'wasi-layout-fuzz-'));
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  const ends = { right: 0, failed: 0 };
  const layer = handmadeTarGzip(
    { path: 'etc/', type: 'Directory' },
    { path: 'hello.wasm', content: WASM },
  );

  /** A pull ends well or with a reason that we know, and leaves its target or nothing. */
  async function pull(kind: ArtifactLayout['kind'], from: string) {
    const folder = join(directory, 'target');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const target = join(folder, 'module.wasm');
    const before = readdirSync(directory).sort();
    const [pulled, error] = await client
      .pull({ kind, path: from, name: 'oci:fuzz' }, target, {
        maxBytes: 100_000,
      })
      .then(
        value => [value, undefined] as const,
        reason => [undefined, reason] as const,
      );
    if (pulled) {
      ends.right++;
      expect(digestOf(readFileSync(target))).toBe(pulled.digest);
    } else {
      ends.failed++;
      if (!isWasiError(error)) {
        throw error;
      }
      expect(Object.keys(catalogue)).toContain(error.code);
      expect(error.remedy).not.toBe('');
    }
    expect(readdirSync(folder)).toEqual(pulled ? ['module.wasm'] : []);
    expect(readdirSync(directory).sort()).toEqual(before);
  }

  function writeGood(name: string) {
    const layout = handmadeLayout(join(directory, name));
    const manifest = layout.manifest({
      config: {
        os: 'wasi',
        architecture: 'wasm',
        config: { Entrypoint: ['/hello.wasm'] },
      },
      layers: [layout.blob(layer, TAR)],
    });
    layout.name(manifest);
    return layout;
  }

  it('end well, or with a reason and a next step, whatever bytes an archive has', async () => {
    writeGood('good');
    await packLayout(join(directory, 'good'), join(directory, 'good.tar'));
    const good = readFileSync(join(directory, 'good.tar'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 })),
          {
            maxLength: 6,
          },
        ),
        fc.option(fc.nat({ max: good.length })),
        async (changes, length) => {
          const bytes = Buffer.from(good);
          for (const [position, value] of changes) {
            bytes[position] = value;
          }
          const file = join(directory, 'fuzz.tar');
          writeFileSync(file, bytes.subarray(0, length ?? undefined));
          await pull('archive', file);
        },
      ),
      fuzzing(100),
    );
    // Else the fuzz would show nothing.
    expect(Math.min(ends.right, ends.failed)).toBeGreaterThan(0);
  });

  it('end well, or with a reason and a next step, whatever documents a layout has', async () => {
    ends.right = 0;
    ends.failed = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('index', 'manifest', 'config'),
        path,
        anyJson,
        async (which, steps, value) => {
          const name = 'documents';
          rmSync(join(directory, name), { recursive: true, force: true });
          const layout = handmadeLayout(join(directory, name));
          const config: any = {
            os: 'wasi',
            architecture: 'wasm',
            config: { Entrypoint: ['/hello.wasm'], WorkingDir: '/' },
          };
          if (which === 'config') {
            replaceAt(config, steps, value);
          }
          const manifest: any = {
            schemaVersion: 2,
            mediaType: 'application/vnd.oci.image.manifest.v1+json',
            config: layout.blob(
              config,
              'application/vnd.oci.image.config.v1+json',
            ),
            layers: [{ ...layout.blob(layer, TAR), annotations: {} }],
            annotations: { a: 'b' },
          };
          if (which === 'manifest') {
            replaceAt(manifest, steps, value);
          }
          const index: any = {
            schemaVersion: 2,
            manifests: [layout.blob(manifest, manifest.mediaType)],
          };
          if (which === 'index') {
            replaceAt(index, steps, value);
          }
          writeFileSync(
            join(directory, name, 'index.json'),
            JSON.stringify(index),
          );
          await pull('folder', join(directory, name));
        },
      ),
      fuzzing(150),
    );
    expect(Math.min(ends.right, ends.failed)).toBeGreaterThan(0);
  });

  it('end well, or with a reason and a next step, whatever a layer unpacks to', async () => {
    ends.right = 0;
    ends.failed = 0;
    const entry = fc.record({
      path: fc.constantFrom(
        'hello.wasm',
        './hello.wasm',
        '../hello.wasm',
        '/etc/passwd',
        'plugin.wasm',
        '.wh.hello.wasm',
        '.wh..wh..opq',
        'x'.repeat(99),
      ),
      type: fc.constantFrom(
        'File',
        'File',
        'File',
        'Directory',
        'SymbolicLink',
        'Link',
        'CharacterDevice',
        'FIFO',
      ),
      linkpath: fc.constantFrom('/etc/passwd', '../..', 'hello.wasm'),
      content: fc.constantFrom(WASM, Buffer.from('text'), Buffer.alloc(3000)),
      size: fc.option(fc.constantFrom(0, 1, 513, 8_000_000_000), {
        nil: undefined,
        freq: 5,
      }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { maxLength: 5 }),
        fc.constantFrom<object>({}, { Entrypoint: ['/hello.wasm'] }),
        async (entries, config) => {
          const name = 'layers';
          rmSync(join(directory, name), { recursive: true, force: true });
          const layout = handmadeLayout(join(directory, name));
          layout.name(
            layout.manifest({
              config: { os: 'wasi', architecture: 'wasm', config },
              layers: [
                layout.blob(handmadeTarGzip(...(entries as never[])), TAR),
              ],
            }),
          );
          await pull('folder', join(directory, name));
        },
      ),
      fuzzing(120),
    );
    expect(Math.min(ends.right, ends.failed)).toBeGreaterThan(0);
    expect(existsSync('/etc/hello.wasm')).toBe(false);
  });
});
