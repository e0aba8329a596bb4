import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import type { WasiConfig } from '../config';
import { inspectModule } from '../inspect';
import * as encode from '../inspect/__testUtils__/encode';
import { buildFunction, HTTP_COMPONENT } from './__testUtils__/buildTester';
import type { FetchFile } from './fetchFile';
import type { BuildOptions } from './types';

const ROOT = resolve(__dirname, '../../../..');
const SKELETONS = join(ROOT, 'templates/wasi-function/skeletons');
const TOOLCHAINS =
  process.env.WASI_TOOLCHAINS_DIRECTORY ?? join(ROOT, '.toolchains');
const describeWithJco = existsSync(join(TOOLCHAINS, 'jco/node_modules'))
  ? describe
  : describe.skip;

let workspace: string;
let log: string[];

beforeEach(async () => {
  workspace = await realpath(await mkdtemp(join(tmpdir(), 'build-test-')));
  log = [];
});

afterEach(async () => {
  await rm(workspace, { recursive: true, force: true });
});

function build(
  runtime: string,
  options: {
    source?: string;
    digest?: string;
    allowedHosts?: string[];
    limits?: Partial<WasiConfig['build']>;
    toolchainsDirectory?: string;
    fetch?: FetchFile;
    signal?: AbortSignal;
    log?: BuildOptions['log'];
  } = {},
) {
  const { source, digest, ...rest } = options;
  return buildFunction({
    directory: workspace,
    runtime,
    toolchainsDirectory: TOOLCHAINS,
    log: line => log.push(line),
    build: {
      ...(source !== undefined && { source }),
      ...(digest !== undefined && { digest }),
    },
    ...rest,
  });
}

const write = async (name: string, content: string | Uint8Array) => {
  await mkdir(join(workspace, name, '..'), { recursive: true });
  await writeFile(join(workspace, name), content);
};

describe('createModuleBuilder', () => {
  it('takes a module of the repository where it lies', async () => {
    await write('lib/hello.wasm', HTTP_COMPONENT);

    expect(await build('prebuilt-wasi', { source: 'lib/hello.wasm' })).toEqual({
      path: join(workspace, 'lib/hello.wasm'),
      size: HTTP_COMPONENT.length,
      durationMs: expect.any(Number),
      tools: {},
      unchanged: false,
    });
    expect(await readdir(workspace)).toEqual(['lib']);
  });

  it('names everything that is missing on this machine', async () => {
    await expect(
      build('js-wasi', { toolchainsDirectory: join(workspace, 'none') }),
    ).rejects.toMatchObject({
      code: 'TOOLCHAIN_MISSING',
      message:
        'JavaScript modules cannot be built on this machine: jco is missing.',
      remedy: expect.stringContaining('npm install'),
      findings: [{ code: 'TOOLCHAIN_MISSING', message: 'jco is missing.' }],
    });
  });

  it('refuses a runtime that it has no recipe for', async () => {
    await expect(build('rust-wasi')).rejects.toMatchObject({
      code: 'BUILD_NOT_SUPPORTED',
      name: 'NotImplementedError',
    });
    await expect(build('cobol-wasi')).rejects.toMatchObject({
      code: 'RUNTIME_UNKNOWN',
    });
  });

  it.each([
    ['a path out of the folder', '../outside.wasm', 'SOURCE_PATH_ESCAPES'],
    ['an absolute path', '/etc/hostname', 'SOURCE_PATH_ESCAPES'],
    ['a link out of the folder', 'link.wasm', 'SOURCE_PATH_ESCAPES'],
    ['a file that is not there', 'none.wasm', 'SOURCE_MISSING'],
    ['a folder', 'folder', 'SOURCE_MISSING'],
    ['another scheme', 'file:///etc/hostname', 'SOURCE_URL_NOT_ALLOWED'],
    ['plain http', 'http://modules.test/a.wasm', 'SOURCE_URL_NOT_ALLOWED'],
    [
      'a host that is not allowed',
      'https://x.test/a',
      'SOURCE_URL_NOT_ALLOWED',
    ],
    ['an npm package without a version', 'npm:pkg/a.wasm', 'INPUT_INVALID'],
  ])('refuses %s as a source', async (_, source, code) => {
    await mkdir(join(workspace, 'folder'));
    await symlink('/etc/hostname', join(workspace, 'link.wasm'));

    await expect(
      build('prebuilt-wasi', { source, allowedHosts: ['modules.test'] }),
    ).rejects.toMatchObject({ code });
  });

  it.each([
    ['text', Buffer.from('hello'), 'MODULE_NOT_WASM'],
    [
      'a truncated module',
      HTTP_COMPONENT.subarray(0, HTTP_COMPONENT.length - 3),
      'MODULE_TRUNCATED',
    ],
    [
      'a component that answers no HTTP',
      Buffer.from(encode.component()),
      'MODULE_NOT_HTTP',
    ],
    [
      'a core module that is a command',
      Buffer.from(
        encode.coreModule(encode.coreTypes, encode.coreExports('_start')),
      ),
      'MODULE_IS_CORE',
    ],
    [
      'a core module whose world is not that of HTTP',
      Buffer.from(
        encode.coreModule(
          encode.custom('component-type:other'),
          encode.coreTypes,
          encode.coreExports('fd_write'),
        ),
      ),
      'MODULE_IS_CORE',
    ],
    [
      'a module for kpt',
      Buffer.from(
        encode.coreModule(
          encode.coreTypes,
          encode.coreImports(['gojs', 'runtime.wasmExit']),
        ),
      ),
      'MODULE_IS_CORE',
    ],
  ])('refuses %s, and leaves the folder as it was', async (_, bytes, code) => {
    await write('module.wasm', bytes);

    await expect(build('prebuilt-wasi')).rejects.toMatchObject({ code });
    expect(await readdir(workspace)).toEqual(['module.wasm']);
    expect(await readFile(join(workspace, 'module.wasm'))).toEqual(bytes);
  });

  it('refuses a module that is larger than configured', async () => {
    await write('module.wasm', HTTP_COMPONENT);

    await expect(
      build('prebuilt-wasi', { limits: { maxModuleBytes: 20 } }),
    ).rejects.toMatchObject({ code: 'MODULE_TOO_LARGE' });
  });

  it('takes a module only with the digest that func.yaml names', async () => {
    await write('module.wasm', HTTP_COMPONENT);
    const digest = `sha256:${createHash('sha256')
      .update(HTTP_COMPONENT)
      .digest('hex')}`;

    await expect(build('prebuilt-wasi', { digest })).resolves.toMatchObject({
      size: HTTP_COMPONENT.length,
    });
    await expect(
      build('prebuilt-wasi', { digest: `sha256:${'0'.repeat(64)}` }),
    ).rejects.toMatchObject({
      code: 'SOURCE_DIGEST_MISMATCH',
      message: expect.stringContaining(digest),
    });
  });
});

describe('createModuleBuilder with a download', () => {
  type Answer = { status?: number; location?: string; body?: Uint8Array };

  /** A network of a few addresses; anything else is a mistake of the test. */
  function network(answers: Record<string, Answer>): {
    fetch: FetchFile;
    asked: string[];
  } {
    const asked: string[] = [];
    return {
      asked,
      async fetch(url) {
        asked.push(url);
        const answer = answers[url];
        if (!answer) {
          throw new TypeError('fetch failed', {
            cause: new Error(`connect ECONNREFUSED ${url}`),
          });
        }
        const { status = 200, location, body } = answer;
        return new Response(body && Uint8Array.from(body), {
          status,
          headers: location ? { location } : {},
        });
      },
    };
  }

  const URL = 'https://modules.test/hello.wasm';

  it('downloads from an allowed host into module.wasm', async () => {
    const { fetch } = network({ [URL]: { body: HTTP_COMPONENT } });

    const built = await build('prebuilt-wasi', {
      source: URL,
      allowedHosts: ['modules.test'],
      fetch,
    });

    expect(built.path).toBe(join(workspace, 'module.wasm'));
    expect(await readFile(built.path)).toEqual(HTTP_COMPONENT);
    expect(await readdir(workspace)).toEqual(['module.wasm']);
  });

  it('keeps the query of an address, which may be a signature, out of the log', async () => {
    const source = `${URL}?signature=secret`;
    const { fetch } = network({ [source]: { body: HTTP_COMPONENT } });

    await build('prebuilt-wasi', {
      source,
      allowedHosts: ['modules.test'],
      fetch,
    });

    expect(log).toEqual([`Download ${URL}`]);
  });

  it('follows a redirect to an allowed host only', async () => {
    const { fetch, asked } = network({
      [URL]: { status: 302, location: 'https://files.test/hello.wasm' },
      'https://files.test/hello.wasm': { body: HTTP_COMPONENT },
    });
    const request = { source: URL, fetch };

    await expect(
      build('prebuilt-wasi', { ...request, allowedHosts: ['modules.test'] }),
    ).rejects.toMatchObject({
      code: 'SOURCE_URL_NOT_ALLOWED',
      message: 'Modules may not be downloaded from files.test.',
    });
    expect(asked).toEqual([URL]);
    await expect(
      build('prebuilt-wasi', {
        ...request,
        allowedHosts: ['modules.test', 'files.test'],
      }),
    ).resolves.toMatchObject({ size: HTTP_COMPONENT.length });
  });

  it.each([
    ['it answered 404', { [URL]: { status: 404 } }],
    [
      'it redirected more than 5 times',
      { [URL]: { status: 302, location: URL } },
    ],
    ['connect ECONNREFUSED', {}],
  ])('tells why a download fails: %s', async (why, answers) => {
    await expect(
      build('prebuilt-wasi', {
        source: URL,
        allowedHosts: ['modules.test'],
        fetch: network(answers).fetch,
      }),
    ).rejects.toMatchObject({
      code: 'SOURCE_DOWNLOAD_FAILED',
      message: expect.stringContaining(why),
    });
    expect(await readdir(workspace)).toEqual([]);
  });

  it('stops a download that is larger than configured', async () => {
    await expect(
      build('prebuilt-wasi', {
        source: URL,
        allowedHosts: ['modules.test'],
        limits: { maxModuleBytes: HTTP_COMPONENT.length - 1 },
        fetch: network({ [URL]: { body: HTTP_COMPONENT } }).fetch,
      }),
    ).rejects.toMatchObject({ code: 'MODULE_TOO_LARGE' });
  });

  describe('from npm', () => {
    const METADATA = 'https://registry.npmjs.org/@acme%2fhello/1.2.3';
    const TARBALL = 'https://registry.npmjs.org/@acme/hello/-/hello-1.2.3.tgz';

    function tarball(files: Record<string, Buffer>): Buffer {
      const blocks = Object.entries(files).flatMap(([path, content]) => {
        const header = new Header({
          path: `package/${path}`,
          size: content.length,
          type: 'File',
          mode: 0o644,
        });
        header.encode();
        return [
          header.block as Buffer,
          content,
          Buffer.alloc((512 - (content.length % 512)) % 512),
        ];
      });
      return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
    }

    const packageOf = (archive: Buffer, integrity?: string) =>
      network({
        [METADATA]: {
          body: Buffer.from(
            JSON.stringify({
              dist: {
                tarball: TARBALL,
                integrity:
                  integrity ??
                  `sha512-${createHash('sha512')
                    .update(archive)
                    .digest('base64')}`,
              },
            }),
          ),
        },
        [TARBALL]: { body: archive },
      }).fetch;

    const request = {
      source: 'npm:@acme/hello@1.2.3/dist/hello.wasm',
      allowedHosts: ['registry.npmjs.org'],
    };

    it('takes one file of a package', async () => {
      const archive = tarball({
        'package.json': Buffer.from('{}'),
        'dist/hello.wasm': HTTP_COMPONENT,
      });

      const built = await build('prebuilt-wasi', {
        ...request,
        fetch: packageOf(archive),
      });

      expect(await readFile(built.path)).toEqual(HTTP_COMPONENT);
    });

    it.each([
      [
        'without that file',
        packageOf(tarball({ 'other.wasm': HTTP_COMPONENT })),
        'SOURCE_MISSING',
      ],
      [
        'with another digest than the registry vouches for',
        packageOf(
          tarball({ 'dist/hello.wasm': HTTP_COMPONENT }),
          `sha512-${Buffer.alloc(64).toString('base64')}`,
        ),
        'SOURCE_DIGEST_MISMATCH',
      ],
      [
        'that is no archive',
        packageOf(Buffer.from('nothing')),
        'SOURCE_DOWNLOAD_FAILED',
      ],
      [
        'that unpacks to far more than a module may have',
        packageOf(tarball({ big: Buffer.alloc(2_000_000) })),
        'MODULE_TOO_LARGE',
      ],
      ['that is not there', network({}).fetch, 'SOURCE_DOWNLOAD_FAILED'],
    ])('refuses a package %s', async (_, fetch, code) => {
      await expect(
        build('prebuilt-wasi', {
          ...request,
          fetch,
          limits: { maxModuleBytes: 100_000 },
        }),
      ).rejects.toMatchObject({ code });
      expect(await readdir(workspace)).toEqual([]);
    });
  });
});

describeWithJco('createModuleBuilder with jco', () => {
  jest.setTimeout(180_000);

  // Runs while it is compiled, and does something that a bundler has to keep.
  const ENDLESS = 'let n = 0; while (n < 1e15) n += 1; console.log(n);';

  it('builds the JavaScript skeleton into a component that answers HTTP', async () => {
    await cp(join(SKELETONS, 'js-wasi'), workspace, { recursive: true });
    const before = await readdir(workspace);

    const built = await build('js-wasi');

    expect(built).toEqual({
      path: join(workspace, 'module.wasm'),
      size: expect.any(Number),
      durationMs: expect.any(Number),
      tools: { jco: '1.34.0' },
      unchanged: false,
    });
    expect(await inspectModule(built.path)).toMatchObject({
      kind: 'component',
      entry: 'http',
      wasi: '0.2',
      size: built.size,
      exports: ['wasi:http/incoming-handler@0.2.3'],
    });
    expect(log[0]).toBe('Compile JavaScript to a component: handler.js');
    expect(log.join('\n')).not.toContain(tmpdir());
    expect((await readdir(workspace)).sort()).toEqual(
      [...before, 'module.wasm'].sort(),
    );
  });

  it('builds TypeScript, and without definitions of its own', async () => {
    await write(
      'src/index.ts',
      `import { text } from './text';
       addEventListener('fetch', (event: any) =>
         event.respondWith(new Response(text as string)));`,
    );
    await write('src/text.ts', `export const text: string = 'hello';`);

    const built = await build('js-wasi');

    expect(await inspectModule(built.path)).toMatchObject({ entry: 'http' });
  });

  it('builds the WebAssembly text skeleton into a component that answers HTTP', async () => {
    await cp(join(SKELETONS, 'wat-wasi'), workspace, { recursive: true });

    const built = await build('wat-wasi');

    expect(await inspectModule(built.path)).toMatchObject({
      kind: 'component',
      entry: 'http',
      wasiVersion: '0.2.3',
      capabilities: [],
      exports: ['wasi:http/incoming-handler@0.2.3'],
    });
    expect(built.size).toBeLessThan(10_000);
  });

  it('makes a component of a core module that exports the handler, beside it', async () => {
    await cp(join(SKELETONS, 'wat-wasi/module.wat'), join(workspace, 'a.wat'));
    await build('wat-wasi');

    expect(await inspectModule(join(workspace, 'module.wasm'))).toMatchObject({
      entry: 'http',
      imports: expect.arrayContaining(['wasi:http/types@0.2.3']),
    });
  });

  it.each([
    [
      'js-wasi',
      'handler.js',
      'const a = 1;\nfunction (',
      'handler.js',
      2,
      10,
      /handler\.js:2:10 Identifier expected/,
    ],
    [
      'wat-wasi',
      'module.wat',
      '(module\n  (func $a (resut i32)))',
      'module.wat',
      2,
      13,
      /module\.wat:2:13 unknown operator or unexpected token/,
    ],
  ])(
    'shows where the source of a %s function has a mistake',
    async (runtime, file, text, path, line, column, message) => {
      await write(file, text);

      await expect(build(runtime)).rejects.toMatchObject({
        code: 'BUILD_FAILED',
        name: 'InputError',
        message: expect.stringMatching(message),
        findings: expect.arrayContaining([
          expect.objectContaining({ path, line, column }),
        ]),
      });
      expect(await readdir(workspace)).toEqual([file]);
      expect(log.at(-1)).toMatch(new RegExp(`^${path}:\\d+:\\d+ `));
    },
  );

  it.each([
    ["import '/etc/hostname';", 'SOURCE_PATH_ESCAPES'],
    ["import '../outside.js';", 'SOURCE_PATH_ESCAPES'],
    ["export * from './link.json';", 'SOURCE_PATH_ESCAPES'],
    ["import('./none.js');", 'SOURCE_MISSING'],
  ])('refuses a source with %s', async (text, code) => {
    await write('handler.js', text);
    await symlink('/etc/hostname', join(workspace, 'link.json'));

    await expect(build('js-wasi')).rejects.toMatchObject({
      code,
      findings: [expect.objectContaining({ path: 'handler.js', line: 1 })],
    });
  });

  it('refuses definitions that are a link out of the folder', async () => {
    await write('handler.js', '1;');
    await mkdir(join(workspace, 'wit'));
    await symlink('/etc', join(workspace, 'wit', 'deps'));

    await expect(build('js-wasi')).rejects.toMatchObject({
      code: 'SOURCE_PATH_ESCAPES',
    });
  });

  it('shows what a source throws while it is compiled', async () => {
    await write('handler.js', `throw new Error('no luck today');`);

    await expect(build('js-wasi')).rejects.toMatchObject({
      code: 'BUILD_FAILED',
      message: expect.stringContaining('no luck today'),
    });
  });

  it('tells that a command cannot be served', async () => {
    await write(
      'module.wat',
      '(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))) (func (export "_start")))',
    );

    await expect(build('wat-wasi')).rejects.toMatchObject({
      code: 'MODULE_IS_CORE',
      message: expect.stringContaining('it is a command'),
    });
  });

  it('stops when its time is up, and leaves nothing', async () => {
    await write('handler.js', ENDLESS);

    await expect(
      build('js-wasi', { limits: { timeoutMs: 3_000 } }),
    ).rejects.toMatchObject({ code: 'BUILD_TIMEOUT' });
    expect(await readdir(workspace)).toEqual(['handler.js']);
  });

  it('stops when cancelled, and leaves nothing', async () => {
    await write('handler.js', ENDLESS);
    const controller = new AbortController();

    await expect(
      build('js-wasi', {
        signal: controller.signal,
        log: line => line.includes('Falling back') && controller.abort(),
      }),
    ).rejects.toMatchObject({ code: 'BUILD_ABORTED' });
    expect(await readdir(workspace)).toEqual(['handler.js']);
  });
});
