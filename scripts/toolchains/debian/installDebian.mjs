import { mkdir, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { download } from '../download.mjs';
import { runProgram } from '../runProgram.mjs';
import { unpackDeb } from './unpackDeb.mjs';

const LIBRARIES = 'usr/lib/x86_64-linux-gnu';
const LOADER = `${LIBRARIES}/ld-linux-x86-64.so.2`;

/**
 * Unpacks the packages of a lock to the folder `root` and makes their programs run
 * there, with the libraries beside them: neither root nor a Debian is needed.
 *
 * @param {object} options
 * @param {URL | string} options.lock
 * @param {string} options.incoming Folder to fill.
 * @param {string} options.target What it is called afterwards.
 * @param {Record<string, string>} options.programs Path in `root` of each program, by
 * the name that it gets in `bin`; programs that they start have a name, too.
 * @param {string[]} [options.exclude] Patterns of files that nothing here needs.
 */
export async function installDebian({
  lock,
  incoming,
  target,
  programs,
  exclude = [],
}) {
  if (`${process.platform} ${process.arch}` !== 'linux x64') {
    throw new Error('this is for Linux on x64');
  }
  const root = join(incoming, 'root');
  await mkdir(root);
  await unpackAll(lock, root, exclude);

  const patchelf = (...args) =>
    // Itself not yet patched.
    runProgram(join(root, LOADER), [
      '--library-path',
      join(root, LIBRARIES),
      join(root, 'usr/bin/patchelf'),
      ...args,
    ]);
  const patched = new Set();
  await mkdir(join(incoming, 'bin'));
  for (const [name, path] of Object.entries(programs)) {
    const real = await realpath(join(root, path));
    if (!patched.has(real)) {
      patched.add(real);
      const up = relative(join(real, '..'), root);
      const own = await patchelf('--print-rpath', real);
      await patchelf(
        '--set-interpreter',
        join(target, 'root', LOADER),
        // Of the whole process: libraries look for theirs as their program does.
        '--force-rpath',
        '--set-rpath',
        [...own, `$ORIGIN/${up}/${LIBRARIES}`].join(':'),
        real,
      );
    }
    // Called by this name: compilers tell from it what to do.
    await symlink(`../root/${path}`, join(incoming, 'bin', name));
  }
}

async function unpackAll(lock, root, exclude) {
  const { snapshot, packages } = JSON.parse(await readFile(lock, 'utf8'));
  const queue = [...packages];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      await unpackDeb(
        await download(
          [
            `https://deb.debian.org/debian/${next.path}`,
            // What Debian has replaced since.
            `https://snapshot.debian.org/archive/debian/${snapshot}/${next.path}`,
          ],
          next.sha256,
        ),
        root,
        exclude,
      );
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}
