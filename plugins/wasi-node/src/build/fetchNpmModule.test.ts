import { readdir, readFile } from 'node:fs/promises';
import { HTTP_COMPONENT } from './__testUtils__/buildTester';
import { packageMetadata, tarball } from './__testUtils__/npmPackage';
import { network } from './__testUtils__/network';
import { useWorkspace } from './__testUtils__/useWorkspace';

const workspace = useWorkspace();
const { build } = workspace;

describe('a module of a package of npm', () => {
  const METADATA = 'https://registry.npmjs.org/@acme%2fhello/1.2.3';
  const TARBALL = 'https://registry.npmjs.org/@acme/hello/-/hello-1.2.3.tgz';

  const HELLO = { path: 'package/dist/hello.wasm', content: HTTP_COMPONENT };

  const packageOf = (archive: Buffer, metadata?: object) =>
    network({
      [METADATA]: {
        body: Buffer.from(
          JSON.stringify(metadata ?? packageMetadata(TARBALL, archive)),
        ),
      },
      [TARBALL]: { body: archive },
    }).fetch;

  const request = {
    source: 'npm:@acme/hello@1.2.3/dist/hello.wasm',
    allowedHosts: ['registry.npmjs.org'],
  };

  it('takes one file of a package', async () => {
    const archive = tarball([
      { path: 'package/package.json', content: Buffer.from('{}') },
      HELLO,
    ]);

    const built = await build('prebuilt-wasi', {
      ...request,
      fetch: packageOf(archive),
    });

    expect(await readFile(built.path)).toEqual(HTTP_COMPONENT);
  });

  it.each([
    [
      'without that file',
      packageOf(tarball([{ ...HELLO, path: 'package/other.wasm' }])),
      'SOURCE_MISSING',
    ],
    [
      'with another digest than the registry vouches for',
      packageOf(tarball([HELLO]), {
        dist: {
          tarball: TARBALL,
          integrity: `sha512-${Buffer.alloc(64).toString('base64')}`,
        },
      }),
      'SOURCE_DIGEST_MISMATCH',
    ],
    [
      'that is no archive',
      packageOf(Buffer.from('nothing')),
      'SOURCE_DOWNLOAD_FAILED',
    ],
    [
      'that unpacks to far more than a module may have',
      packageOf(
        tarball([{ path: 'package/big', content: Buffer.alloc(2_000_000) }]),
      ),
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
    expect(await readdir(workspace.directory)).toEqual([]);
  });
});
