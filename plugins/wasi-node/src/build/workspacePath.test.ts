import {
  mkdir,
  mkdtemp,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveInWorkspace } from './workspacePath';

let root: string;
let workspace: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'workspace-path-')));
  workspace = join(root, 'workspace');
  await mkdir(join(workspace, 'folder'), { recursive: true });
  await writeFile(join(root, 'secret'), '');
  const links = {
    file: '../secret',
    absolute: join(root, 'secret'),
    up: '..',
    dangling: '../none',
    first: 'second',
    second: '../secret',
    round: 'round',
    within: 'folder',
    later: 'folder/none',
  };
  for (const [name, text] of Object.entries(links)) {
    await symlink(text, join(workspace, name));
  }
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

describe('resolveInWorkspace', () => {
  it.each([
    '..',
    '../workspace2/x',
    'folder/../../secret',
    '/etc/passwd',
    'file',
    'absolute',
    'up/secret',
    'up/none/x',
    'dangling',
    'dangling/x',
    'first',
    'round',
    'a\0b',
    'x'.repeat(5_000),
  ])('refuses %j', path => {
    expect(() => resolveInWorkspace(workspace, path)).toThrow(
      expect.objectContaining({
        code: 'SOURCE_PATH_ESCAPES',
        name: 'InputError',
        message: expect.stringMatching(
          /^The path ".*" leads out of the workspace\.$/,
        ),
        remedy: 'Use a path inside the workspace, without links out of it.',
      }),
    );
  });

  it.each([
    '.',
    '',
    'folder',
    'none/x',
    'within/x',
    'later',
    '--help',
    '$(id)',
  ])('takes %j', path => {
    expect(resolveInWorkspace(workspace, path)).toBe(join(workspace, path));
  });

  it('takes a workspace that is behind a link itself', async () => {
    await symlink('workspace', join(root, 'alias'));

    expect(resolveInWorkspace(join(root, 'alias'), 'folder')).toBe(
      join(root, 'alias', 'folder'),
    );
    expect(() => resolveInWorkspace(join(root, 'alias'), 'file')).toThrow();
  });
});
