import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../scripts/lib/root.mjs';

const execute = promisify(execFile);
const WORKSPACES = [
  'package.json',
  'packages/*/package.json',
  'plugins/*/package.json',
];

/**
 * Copies what git knows of the working tree, committed or not, so that nothing is built
 * in it; with its dependencies, as hard links.
 *
 * @param {string} sources
 */
export async function copySources(sources) {
  const all = await list(['--cached', '--others', '--exclude-standard']);
  for (const path of all) {
    // Deleted, and not committed yet.
    if (existsSync(join(root, path))) {
      await mkdir(dirname(join(sources, path)), { recursive: true });
      await cp(join(root, path), join(sources, path));
    }
  }
  for (const manifest of await list(WORKSPACES)) {
    const modules = join(dirname(manifest), 'node_modules');
    if (existsSync(join(root, modules))) {
      await execute('cp', ['-al', join(root, modules), join(sources, modules)]);
    }
  }
}

/** @param {string[]} args */
async function list(args) {
  const { stdout } = await execute('git', ['ls-files', '-z', ...args], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.split('\0').filter(Boolean);
}
