import { constants } from 'node:fs';
import { access, open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, delimiter, isAbsolute, join, resolve } from 'node:path';
import { runCommand } from '../process';
import type { Tool } from './types';

const RUSTUP = 'rustup';
const RUSTUP_TIMEOUT_MS = 20_000;

/**
 * Looks for a tool: where the configuration says, in the toolchains folder, in
 * wasi-sdk, on the PATH; the first that can be started is taken.
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
    /** Folder of wasi-sdk, as its users name it. */
    wasiSdk?: string;
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
        ...(options.wasiSdk ? [join(options.wasiSdk, 'bin', name)] : []),
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
    if (basename(path) === RUSTUP && name !== RUSTUP) {
      return await throughRustup(name, path);
    }
  } catch {
    // Not there, or not for us: the next place may have it.
    return undefined;
  }
  // Not the real path: compilers such as clang++ tell from the name they are called by what to do.
  return { name, path: candidate, command: candidate, args: [] };
}

/**
 * The tool itself in place of rustup, which stands for it by a link: a build has a
 * home of its own, where rustup knows of no toolchain.
 */
async function throughRustup(
  name: string,
  rustup: string,
): Promise<Tool | undefined> {
  const { HOME = '', PATH = '', RUSTUP_HOME } = process.env;
  const { exitCode, tail } = await runCommand({
    command: rustup,
    args: ['which', name],
    cwd: '/',
    env: { HOME, PATH, ...(RUSTUP_HOME !== undefined && { RUSTUP_HOME }) },
    timeoutMs: RUSTUP_TIMEOUT_MS,
    maxOutputBytes: 10_000,
  });
  const path = exitCode === 0 ? tail.at(-1)?.trim() : undefined;
  return path ? { name, path, command: path, args: [] } : undefined;
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
