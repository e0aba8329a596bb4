import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fetch } from 'undici';
import { buildFunction, HTTP_COMPONENT } from './__testUtils__/buildTester';
import {
  packageMetadata,
  tarball,
  type ArchiveEntry,
} from './__testUtils__/npmPackage';
import type { FetchFile } from './fetchFile';

jest.setTimeout(60_000);

const originalTmpdir = process.env.TMPDIR;
let root: string;
let server: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'download-test-')));
  await mkdir(join(root, 'workspace'));
  await mkdir(join(root, 'tmp'));
  process.env.TMPDIR = join(root, 'tmp');
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
});

afterEach(async () => {
  process.env.TMPDIR = originalTmpdir;
  if (originalTmpdir === undefined) {
    delete process.env.TMPDIR;
  }
  server.closeAllConnections();
  await new Promise(done => server.close(done));
  await rm(root, { recursive: true, force: true });
});

/** Every host is our server, without its TLS; all else of the way is real. */
const fetchHere: FetchFile = (url, init) => {
  const { port } = server.address() as AddressInfo;
  const { pathname } = new URL(url);
  return fetch(`http://127.0.0.1:${port}${pathname}`, init);
};

const build = (
  options: { source?: string; digest?: string; timeoutMs?: number } = {},
) =>
  buildFunction({
    directory: join(root, 'workspace'),
    runtime: 'prebuilt-wasi',
    toolchainsDirectory: join(root, 'none'),
    log: () => {},
    build: {
      source: options.source ?? 'https://modules.test/a.wasm',
      digest: options.digest,
    },
    allowedHosts: [
      'modules.test',
      'registry.npmjs.org',
      '127.0.0.1',
      'localhost',
    ],
    limits: {
      maxModuleBytes: 100_000,
      timeoutMs: options.timeoutMs ?? 60_000,
    },
    fetch: fetchHere,
  });

async function expectNothingLeft() {
  expect(await readdir(join(root, 'workspace'))).toEqual([]);
  expect(await readdir(join(root, 'tmp'))).toEqual([]);
}

describe('a download', () => {
  it.each<{
    what: string;
    how: typeof answer;
    code: string;
    message: RegExp;
    timeoutMs?: number;
  }>([
    {
      what: 'sends a byte now and then',
      how: (_, response) => {
        const timer = setInterval(() => response.write('x'), 50);
        response.on('close', () => clearInterval(timer));
      },
      timeoutMs: 1_000,
      code: 'SOURCE_DOWNLOAD_FAILED',
      message:
        /^The module could not be downloaded from modules\.test: it took too long\.$/,
    },
    {
      what: 'never answers',
      how: () => {},
      timeoutMs: 1_000,
      code: 'SOURCE_DOWNLOAD_FAILED',
      message: /from modules\.test: it took too long\.$/,
    },
    {
      what: 'announces more than is allowed',
      how: (_, response) => {
        response.setHeader('content-length', 1_000_000);
        response.write(HTTP_COMPONENT);
      },
      code: 'MODULE_TOO_LARGE',
      message: /more than 100000 bytes/,
    },
    {
      what: 'sends without end and announces nothing',
      how: (_, response) => {
        const more = () =>
          response.write(Buffer.alloc(10_000)) && setImmediate(more);
        response
          .on('drain', more)
          .on('close', () => response.off('drain', more));
        more();
      },
      code: 'MODULE_TOO_LARGE',
      message: /more than 100000 bytes/,
    },
    {
      what: 'sends little that unpacks to much',
      how: (_, response) => {
        response.setHeader('content-encoding', 'gzip');
        response.end(gzipSync(Buffer.alloc(50_000_000)));
      },
      code: 'MODULE_TOO_LARGE',
      message: /more than 100000 bytes/,
    },
    {
      what: 'breaks off before the length that it announced',
      how: (_, response) => {
        response.setHeader('content-length', HTTP_COMPONENT.length);
        response.write(HTTP_COMPONENT.subarray(0, 10), () =>
          response.destroy(),
        );
      },
      code: 'SOURCE_DOWNLOAD_FAILED',
      message: /from modules\.test: /,
    },
    {
      what: 'announces less than the module has',
      how: (_, response) => {
        response.setHeader('content-length', HTTP_COMPONENT.length - 3);
        response.end(HTTP_COMPONENT.subarray(0, HTTP_COMPONENT.length - 3));
      },
      code: 'MODULE_TRUNCATED',
      message: /\S/,
    },
    {
      what: 'redirects to this machine',
      how: (_, response) => {
        response.writeHead(302, { location: 'https://127.0.0.1/a.wasm' }).end();
      },
      code: 'SOURCE_URL_NOT_ALLOWED',
      message: /^Modules may not be downloaded from 127\.0\.0\.1\.$/,
    },
    {
      what: 'redirects to the metadata service of a cloud',
      how: (_, response) => {
        response.writeHead(307, { location: 'https://169.254.169.254/' }).end();
      },
      code: 'SOURCE_URL_NOT_ALLOWED',
      message: /from 169\.254\.169\.254\.$/,
    },
    {
      what: 'redirects to plain http',
      how: (_, response) => {
        response.writeHead(302, { location: 'http://modules.test/' }).end();
      },
      code: 'SOURCE_URL_NOT_ALLOWED',
      message: /begins with http:\/\/modules\.test\.$/,
    },
    {
      what: 'redirects to a file',
      how: (_, response) => {
        response.writeHead(302, { location: 'file:///etc/passwd' }).end();
      },
      code: 'SOURCE_URL_NOT_ALLOWED',
      message: /begins with file:\/\/\.$/,
    },
  ])(
    'that $what is refused and leaves nothing',
    async ({ how, code, message, timeoutMs }) => {
      answer = how;

      await expect(build({ timeoutMs })).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(/\S/),
      });
      await expectNothingLeft();
    },
  );

  it('from this machine is refused even where the host is allowed', async () => {
    answer = () => {
      throw new Error('It was asked.');
    };
    for (const host of ['127.0.0.1', 'localhost']) {
      await expect(
        build({ source: `https://${host}/a.wasm` }),
      ).rejects.toMatchObject({ code: 'SOURCE_URL_NOT_ALLOWED' });
    }
  });

  it('with another digest than func.yaml names is refused and leaves nothing', async () => {
    answer = (_, response) => response.end(HTTP_COMPONENT);

    await expect(
      build({ digest: `sha256:${'0'.repeat(64)}` }),
    ).rejects.toMatchObject({
      code: 'SOURCE_DIGEST_MISMATCH',
      message: expect.stringContaining(
        `func.yaml expects sha256:${'0'.repeat(64)}`,
      ),
    });
    await expectNothingLeft();
  });
});

describe('a package of npm', () => {
  const serve = (archive: Buffer) => {
    answer = (request, response) => {
      response.end(
        request.url?.endsWith('.tgz')
          ? archive
          : JSON.stringify(
              packageMetadata(
                'https://registry.npmjs.org/a/-/a-1.0.0.tgz',
                archive,
              ),
            ),
      );
    };
  };

  it.each<[string, ArchiveEntry]>([
    [
      'a symbolic link',
      { path: 'package/a.wasm', type: 'SymbolicLink', linkpath: '/etc/passwd' },
    ],
    [
      'a hard link',
      { path: 'package/a.wasm', type: 'Link', linkpath: '/etc/passwd' },
    ],
    ['a device', { path: 'package/a.wasm', type: 'CharacterDevice' }],
    ['a pipe', { path: 'package/a.wasm', type: 'FIFO' }],
    [
      'a path out of it',
      { path: '../a.wasm/../../a.wasm', content: HTTP_COMPONENT },
    ],
    ['an absolute path', { path: '/package/a.wasm', content: HTTP_COMPONENT }],
  ])(
    'in which the module is %s is refused, and nothing is unpacked',
    async (_, entry) => {
      serve(tarball([entry]));

      await expect(
        build({ source: 'npm:a@1.0.0/a.wasm' }),
      ).rejects.toMatchObject({
        code: 'SOURCE_MISSING',
        message: 'The package a@1.0.0 holds no file a.wasm.',
      });
      await expectNothingLeft();
      expect(await readdir(root)).toEqual(['tmp', 'workspace']);
    },
  );

  it('gives the module alone, whatever else lies in it', async () => {
    serve(
      tarball([
        { path: '../../pwned', content: Buffer.from('x') },
        { path: 'package/link', type: 'SymbolicLink', linkpath: '../..' },
        { path: 'package/link/pwned', content: Buffer.from('x') },
        { path: 'package/a.wasm', content: HTTP_COMPONENT },
      ]),
    );

    await build({ source: 'npm:a@1.0.0/a.wasm' });

    expect(await readdir(join(root, 'workspace'))).toEqual(['module.wasm']);
    expect(await readdir(join(root, 'tmp'))).toEqual([]);
    expect(await readdir(root)).toEqual(['tmp', 'workspace']);
  });
});
