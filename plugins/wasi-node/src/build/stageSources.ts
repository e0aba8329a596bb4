import { createHash, type Hash } from 'node:crypto';
import {
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { isChildPath } from '@backstage/backend-plugin-api';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';

const MAX_FILES = 50_000;

/** Of the function's folder alone: what a build leaves there, and what is read elsewhere. */
const NOT_SOURCE = ['func.yaml', 'module.wasm'];

/** At any depth: what tools keep for themselves, and no two builds leave alike. */
const NEVER_SOURCE = ['.git', '__pycache__', '.DS_Store'];

/** Output of a build beside the file that tells whose; a tool would take the old for the new. */
const OUTPUTS: { folder: string; beside: RegExp }[] = [
  { folder: 'target', beside: /^Cargo\.toml$/ },
  { folder: '.build', beside: /^Package\.swift$/ },
  { folder: 'bin', beside: /\.csproj$/ },
  { folder: 'obj', beside: /\.csproj$/ },
];

/**
 * Copies a function's folder to one where a build may do as it likes, and
 * hashes what it copies: what is built is what was hashed.
 *
 * Links stay links; those that lead out of the folder lead out of the copy, too,
 * so that whoever reads them refuses them. Devices, pipes and sockets are left out.
 *
 * @param options - `directory`: real path of the function's folder. `target`: the
 * folder to make.
 * @returns `digest`: sha256 of names, contents and what may be executed, in hex.
 * @throws `WasiError` BUILD_DISK_LIMIT
 * @internal
 */
export async function stageSources(options: {
  directory: string;
  target: string;
  maxBytes: number;
}): Promise<{ digest: string; files: number; bytes: number }> {
  const { directory, target, maxBytes } = options;
  const hash = createHash('sha256');
  let entries = 0;
  let files = 0;
  let bytes = 0;
  await copyFolder('');
  return { digest: hash.digest('hex'), files, bytes };

  async function copyFolder(folder: string): Promise<void> {
    await mkdir(join(target, folder));
    const names = await readdir(join(directory, folder));
    const sources = names.filter(name => isSource(name, { folder, names }));
    for (const name of sources.sort()) {
      entries += 1;
      if (entries > MAX_FILES) {
        throw tooLarge(`holds more than ${MAX_FILES} files`);
      }
      await copy(join(folder, name));
    }
  }

  async function copy(path: string): Promise<void> {
    const stats = await lstat(join(directory, path));
    if (stats.isDirectory()) {
      add(hash, 'folder', path);
      await copyFolder(path);
    } else if (stats.isSymbolicLink()) {
      const text = await followLink(directory, path);
      add(hash, 'link', path, text);
      await symlink(text, join(target, path));
    } else if (stats.isFile()) {
      // Asked before it is read: one file may be larger than memory.
      if (bytes + stats.size > maxBytes) {
        throw tooLarge(`holds more than ${maxBytes} bytes`);
      }
      const content = await readFile(join(directory, path));
      bytes += content.length;
      files += 1;
      // A script that may not be started is another one for its build.
      add(hash, stats.mode & 0o100 ? 'program' : 'file', path, content);
      await writeFile(join(target, path), content, { mode: stats.mode });
    }
  }
}

function isSource(
  name: string,
  { folder, names }: { folder: string; names: string[] },
): boolean {
  return !(
    NEVER_SOURCE.includes(name) ||
    (folder === '' && NOT_SOURCE.includes(name)) ||
    OUTPUTS.some(
      output =>
        output.folder === name &&
        names.some(other => output.beside.test(other)),
    )
  );
}

/** What a copy of the link must say to lead to the same place. */
async function followLink(directory: string, path: string): Promise<string> {
  const text = await readlink(join(directory, path));
  const wanted = resolve(directory, dirname(path), text);
  let real: string;
  try {
    real = await realpath(wanted);
  } catch {
    // It leads nowhere, or round in a circle; where it points to is all there is.
    real = wanted;
  }
  if (!isChildPath(directory, real)) {
    return real;
  }
  return isAbsolute(text) || !isChildPath(directory, wanted)
    ? relative(join(directory, dirname(path)), real) || '.'
    : text;
}

/** Lengths first, so that no two folders are written alike. */
function add(hash: Hash, ...parts: (string | Buffer)[]): void {
  for (const part of parts) {
    hash.update(`${Buffer.byteLength(part)}:`).update(part);
  }
}

function tooLarge(why: string): WasiError {
  return new WasiError('BUILD_DISK_LIMIT', {
    message: `The function's folder ${why}.`,
  });
}
