import {
  mkdir,
  mkdtemp,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { toolFolders } from './toolFolders';

let root: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'tool-folders-')));
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function install(name: string): Promise<string> {
  const path = join(root, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '');
  return path;
}

const folders = (path: string, env: Record<string, string> = {}) =>
  toolFolders({ name: 'tool', path, command: path, args: [] }, env);

describe('what a tool may read', () => {
  it('is the folder that it is installed in, and what a link leads to', async () => {
    const real = await install('opt/tool-1.0/bin/tool');
    await mkdir(join(root, 'local/bin'), { recursive: true });
    const link = join(root, 'local/bin/tool');
    await symlink(real, link);

    expect(folders(link)).toEqual([
      join(root, 'local'),
      link,
      join(root, 'opt/tool-1.0'),
      real,
    ]);
  });

  it.each(['.cargo', '.local'])(
    'is of %s the programs alone, not the accounts beside them',
    async name => {
      const path = await install(`home/${name}/bin/tool`);
      await install(`home/${name}/credentials.toml`);

      expect(folders(path)).toEqual([join(root, `home/${name}/bin`)]);
    },
  );

  it('is of npm all packages that a script lies among', async () => {
    const path = await install('lib/node_modules/a/dist/tool.js');

    expect(folders(path)).toEqual([join(root, 'lib/node_modules')]);
  });

  it('is what its environment names, and the Python of its own', async () => {
    const python = await install('python-3/bin/python3');
    const path = await install('venv/bin/tool');
    await writeFile(
      join(root, 'venv/pyvenv.cfg'),
      `home = ${dirname(python)}\nversion = 3.12\n`,
    );
    await install('sdk/file');

    expect(
      folders(path, {
        SDK: join(root, 'sdk'),
        PATH: `${join(root, 'venv/bin')}:relative`,
        LANG: 'C',
      }),
    ).toEqual([
      join(root, 'sdk'),
      join(root, 'venv/bin'),
      join(root, 'venv'),
      join(root, 'python-3'),
      path,
    ]);
  });

  it.each([
    ['a home', () => homedir()],
    ['what is above it', () => dirname(homedir())],
    ['where we run', () => process.cwd()],
    ['what is above that', () => dirname(dirname(process.cwd()))],
    ['where all have their temporary files', () => tmpdir()],
    ['all of /etc', () => '/etc'],
    ['everything', () => '/'],
  ])('is never %s', async (_, folder) => {
    const path = await install('opt/bin/tool');

    expect(folders(path, { NAMED: folder() })).not.toContain(folder());
  });
});
