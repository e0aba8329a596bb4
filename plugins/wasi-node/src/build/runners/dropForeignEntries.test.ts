import { execFileSync } from 'node:child_process';
import {
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
import { join } from 'node:path';
import { dropForeignEntries } from './dropForeignEntries';

it('leaves of what a tool put in the place of our files those that are its own', async () => {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'foreign-')));
  const scratch = join(root, 'build');
  await mkdir(join(scratch, 'source'), { recursive: true });
  await writeFile(join(root, 'app-config.yaml'), 'secret');
  await writeFile(join(scratch, 'module.wasm'), '');
  await symlink('module.wasm', join(scratch, 'within'));
  await symlink('../app-config.yaml', join(scratch, 'request.json'));
  await symlink(root, join(scratch, 'wit'));
  await symlink('nowhere', join(scratch, 'result.json'));
  execFileSync('mkfifo', [join(scratch, 'refusal.json')]);
  await dropForeignEntries(scratch);

  expect((await readdir(scratch)).sort()).toEqual([
    'module.wasm',
    'source',
    'within',
  ]);
  expect(await readFile(join(root, 'app-config.yaml'), 'utf8')).toBe('secret');
  await rm(root, { recursive: true });
});
