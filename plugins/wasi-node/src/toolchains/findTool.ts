import { constants } from 'node:fs';
import { access, open, readdir, realpath, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import type { Tool } from './types';

/**
 * Looks for a tool: where the configuration says, in the toolchains folder, on
 * the PATH; the first that can be started is taken.
 *
 * @internal
 */
export async function findTool(
  name: string,
  options: {
    /** `wasi.toolchains.directory`. */
    directory: string;
    /** `wasi.toolchains.paths`. */
    paths: Record<string, string>;
    /** PATH of the backend. */
    searchPath: string;
  },
): Promise<Tool | undefined> {
  if (!/^[A-Za-z0-9_.+-]+$/.test(name) || /^\.+$/.test(name)) {
    return undefined;
  }
  const configured = Object.hasOwn(options.paths, name)
    ? options.paths[name]
    : undefined;
  const candidates = configured
    ? [resolve(configured)]
    : [
        ...(await installedPlaces(name, options.directory)),
        ...options.searchPath
          .split(delimiter)
          .filter(isAbsolute)
          .map(folder => join(folder, name)),
      ];
  for (const candidate of candidates) {
    const tool = await toTool(name, candidate);
    if (tool) {
      return tool;
    }
  }
  return undefined;
}

/** A toolchain may bring several tools; the one that is called like the tool comes first. */
async function installedPlaces(
  name: string,
  directory: string,
): Promise<string[]> {
  let folders: string[];
  try {
    folders = await readdir(directory);
  } catch {
    // Nothing was ever installed.
    return [];
  }
  return (
    folders
      // An installation that is under way has a dot.
      .filter(folder => !folder.startsWith('.'))
      .sort((a, b) => Number(b === name) - Number(a === name))
      .flatMap(folder => [
        join(directory, folder, 'node_modules', '.bin', name),
        join(directory, folder, 'bin', name),
      ])
  );
}

async function toTool(
  name: string,
  candidate: string,
): Promise<Tool | undefined> {
  let path: string;
  try {
    path = await realpath(candidate);
    if (!(await stat(path)).isFile()) {
      return undefined;
    }
    if (await isNodeScript(path)) {
      // Our own Node rather than the one a `#!` line finds on some PATH.
      return { name, path, command: process.execPath, args: [path] };
    }
    await access(path, constants.X_OK);
  } catch {
    // Not there, or not for us: the next place may have it.
    return undefined;
  }
  // Not the real path: compilers such as clang++ tell from the name they are called by what to do.
  return { name, path: candidate, command: candidate, args: [] };
}

async function isNodeScript(path: string): Promise<boolean> {
  if (/\.[cm]?js$/.test(path)) {
    return true;
  }
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(80), 0, 80, 0);
    return /^#!.*\bnode\s/.test(buffer.toString('latin1', 0, bytesRead));
  } finally {
    await file.close();
  }
}
