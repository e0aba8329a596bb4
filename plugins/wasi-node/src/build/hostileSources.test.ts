import {
  mkdir,
  mkdtemp,
  readdir,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describeWithJco, TOOLCHAINS } from '../__testUtils__/jco';
import { buildFunction } from './__testUtils__/buildTester';

jest.setTimeout(120_000);

let root: string;
let workspace: string;
let log: string[];

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'hostile-sources-')));
  workspace = join(root, 'workspace');
  await mkdir(workspace);
  await writeFile(join(root, 'secret.json'), '{ "token": "hunter2" }');
  await writeFile(join(root, 'secret.js'), 'export default "hunter2";');
  log = [];
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function build(files: Record<string, string>) {
  for (const [name, text] of Object.entries(files)) {
    const path = join(workspace, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text.replaceAll('<root>', root));
  }
  return buildFunction({
    directory: workspace,
    runtime: 'js-wasi',
    toolchainsDirectory: TOOLCHAINS,
    log: line => log.push(line),
  });
}

const USE = 'console.log(s);';

describeWithJco('a JavaScript source, built with jco', () => {
  it.each<{ way: string; files: Record<string, string> }>([
    {
      way: 'the entry of a package',
      files: {
        'handler.js': `import s from 'evil'; ${USE}`,
        'node_modules/evil/package.json': '{ "main": "../../../secret.js" }',
      },
    },
    {
      way: 'a path through a package',
      files: {
        'handler.js': `import s from 'a/../../../secret.json'; ${USE}`,
        'node_modules/a/package.json': '{}',
      },
    },
    {
      way: 'a package that imports by path',
      files: {
        'handler.js': `import s from 'a'; ${USE}`,
        'node_modules/a/index.js': `export { default } from '<root>/secret.json';`,
      },
    },
    {
      way: 'a file that does not look like JavaScript',
      files: {
        'handler.js': `import s from './payload.foo'; ${USE}`,
        'payload.foo': `export { default } from '<root>/secret.json';`,
      },
    },
    {
      way: 'a module within a data: address',
      files: {
        'handler.js': `import s from 'data:text/javascript,export { default } from "<root>/secret.json"'; ${USE}`,
      },
    },
    {
      way: 'the paths of tsconfig.json',
      files: {
        'handler.ts': `import s from 'secret'; ${USE}`,
        'tsconfig.json':
          '{ "compilerOptions": { "paths": { "secret": ["<root>/secret.js"] } } }',
      },
    },
  ])('cannot reach a file of this machine by $way', async ({ files }) => {
    const error = await build(files).catch(e => e);

    expect({ name: error.name, code: error.code }).toEqual({
      name: 'InputError',
      // A path from the function's folder leads nowhere from its copy.
      code: expect.stringMatching(/^(SOURCE_PATH_ESCAPES|BUILD_FAILED)$/),
    });
    expect(`${error.message} ${log.join('\n')}`).not.toContain('hunter2');
    expect((await readdir(workspace)).includes('module.wasm')).toBe(false);
  });

  it('is told which import leaves the folder, where no other check saw it', async () => {
    const message = `payload.foo imports '${root}/secret.json', which leaves the workspace.`;

    await expect(
      build({
        'handler.js': `import s from './payload.foo'; ${USE}`,
        'payload.foo': `export { default } from '<root>/secret.json';`,
      }),
    ).rejects.toMatchObject({
      code: 'SOURCE_PATH_ESCAPES',
      message,
      remedy: 'Use a path inside the workspace.',
      findings: [{ path: 'payload.foo', severity: 'error', message }],
    });
  });

  it.each([
    ['a folder', (path: string) => symlink('..', path)],
    [
      'a chain of links',
      async (path: string) => {
        await symlink('..', join(workspace, 'first'));
        await symlink('first', path);
      },
    ],
  ])('cannot reach out through a link: %s', async (_, link) => {
    await link(join(workspace, 'out'));

    await expect(
      build({ 'handler.js': `import s from './out/secret.json'; ${USE}` }),
    ).rejects.toMatchObject({
      code: 'SOURCE_PATH_ESCAPES',
      findings: [{ path: 'handler.js', line: 1 }],
    });
  });

  it('may import its own packages and what links within the folder lead to', async () => {
    await mkdir(join(workspace, 'shared'));
    await symlink('shared', join(workspace, 'linked'));

    await expect(
      build({
        'handler.js': `import a from 'a'; import b from './linked/b.js';
          addEventListener('fetch', event => event.respondWith(new Response(a + b)));`,
        'node_modules/a/package.json': '{ "main": "index.js" }',
        'node_modules/a/index.js': 'export default "a";',
        'shared/b.js': 'export default "b";',
      }),
    ).resolves.toMatchObject({ unchanged: false });
  });
});
