import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path';
import { isChildPath } from '@backstage/backend-plugin-api';
import type { Tool } from '../../../toolchains';

/**
 * What a tool needs to read beside the system: the folder that it is installed
 * in, those that its environment names, and the interpreter of a Python
 * environment.
 *
 * A home, the folder we run in and all above them are never among them: a tool
 * that lies there is readable alone.
 *
 * @internal
 */
export function toolFolders(
  tool: Tool,
  env: Readonly<Record<string, string>>,
): string[] {
  const named = Object.values(env).flatMap(value =>
    value.split(delimiter).filter(isAbsolute),
  );
  const installed = [tool.path, tool.command]
    .filter(isAbsolute)
    .flatMap(path => [path, real(path)])
    .flatMap(installation);
  return [...new Set([...named, ...installed])].filter(
    path => existsSync(path) && !isTooMuch(path),
  );
}

/** Programs of others that lie beside each other, or data of their user. */
const SHARED = [
  ...['/', '/usr', '/usr/local', '/opt', '/home', '/root', '/srv', '/mnt'],
  ...['/etc', '/proc', '/sys', '/dev', '/run', '/var'],
];
/** Where beside `bin` lie credentials. */
const PRIVATE = ['.cargo', '.local'];

/** Of `…/bin/tool`: all of `…`, and the Python that `…` was made for. */
function installation(path: string): string[] {
  const modules = path.indexOf('/node_modules/');
  if (modules !== -1) {
    return [join(path.slice(0, modules), 'node_modules')];
  }
  const folder = dirname(path);
  if (basename(folder) !== 'bin') {
    return [folder, path];
  }
  const prefix = dirname(folder);
  if (PRIVATE.includes(basename(prefix))) {
    return [folder];
  }
  const python = readIfThere(join(prefix, 'pyvenv.cfg'));
  const home = /^home\s*=\s*(\/.*)$/m.exec(python)?.[1].trim();
  return [prefix, ...(home ? [dirname(home), dirname(real(home))] : []), path];
}

function isTooMuch(path: string): boolean {
  const actual = real(path);
  return SHARED.concat([homedir(), process.cwd(), tmpdir()].map(real)).some(
    forbidden => isChildPath(actual, forbidden),
  );
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Nothing is there; then nothing is bound either.
    return path;
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // No Python environment.
    return '';
  }
}
