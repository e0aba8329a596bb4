import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HTTP_COMPONENT } from './__testUtils__/buildTester';
import { network } from './__testUtils__/network';
import { useWorkspace } from './__testUtils__/useWorkspace';

const workspace = useWorkspace();
const { build } = workspace;

describe('a module of another place', () => {
  const URL = 'https://modules.test/hello.wasm';

  it('downloads from an allowed host into module.wasm', async () => {
    const { fetch } = network({ [URL]: { body: HTTP_COMPONENT } });

    const built = await build('prebuilt-wasi', {
      source: URL,
      allowedHosts: ['modules.test'],
      fetch,
    });

    expect(built.path).toBe(join(workspace.directory, 'module.wasm'));
    expect(await readFile(built.path)).toEqual(HTTP_COMPONENT);
    expect(await readdir(workspace.directory)).toEqual(['module.wasm']);
  });

  it('keeps the query of an address, which may be a signature, out of the log', async () => {
    const source = `${URL}?signature=secret`;
    const { fetch } = network({ [source]: { body: HTTP_COMPONENT } });

    await build('prebuilt-wasi', {
      source,
      allowedHosts: ['modules.test'],
      fetch,
    });

    expect(workspace.log).toContain(`Download ${URL}`);
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
    expect(await readdir(workspace.directory)).toEqual([]);
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

  describe('whose digest func.yaml names', () => {
    const digest = `sha256:${createHash('sha256')
      .update(HTTP_COMPONENT)
      .digest('hex')}`;
    let cache: string;
    beforeEach(async () => {
      cache = await mkdtemp(join(tmpdir(), 'prebuilt-cache-'));
    });
    afterEach(() => rm(cache, { recursive: true, force: true }));

    async function fetchWith(
      options: { digest?: string; source?: string; allowedHosts?: string[] },
      source = options.source ?? URL,
    ) {
      const { fetch, asked } = network({ [source]: { body: HTTP_COMPONENT } });
      const built = await build('prebuilt-wasi', {
        allowedHosts: ['modules.test'],
        ...options,
        source,
        fetch,
        limits: { cache: { directory: cache, maxBytes: 1_000_000 } },
      });
      return { unchanged: built.unchanged, asked, path: built.path };
    }

    it('is downloaded once', async () => {
      expect(await fetchWith({ digest })).toMatchObject({
        unchanged: false,
        asked: [URL],
      });
      const { path, ...again } = await fetchWith({ digest });
      expect(again).toEqual({ unchanged: true, asked: [] });
      expect(await readFile(path)).toEqual(HTTP_COMPONENT);
    });

    it.each([
      ['from another address', { digest, source: `${URL}?v=2` }],
      [
        'where its host is no longer allowed alone',
        {
          digest,
          allowedHosts: ['modules.test', 'else.test'],
        },
      ],
      ['without its digest, which may name another module today', {}],
    ])('is downloaded again %s', async (_, changed) => {
      await fetchWith({ digest });

      expect(await fetchWith(changed)).toMatchObject({
        unchanged: false,
        asked: [expect.stringContaining(URL)],
      });
    });

    it('is not served from here where it may not be downloaded any more', async () => {
      await fetchWith({ digest });

      await expect(
        fetchWith({ digest, allowedHosts: [] }),
      ).rejects.toMatchObject({ code: 'SOURCE_URL_NOT_ALLOWED' });
    });
  });
});
