import { spawnSync } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { UserError } from './UserError.mjs';

const MINIMUM_NODE = [20, 19];
const INSTALL_BYTES = 3 * 1024 ** 3;
const GIGABYTE = 1024 ** 3;

/** Refuses a Node.js that is too old. */
export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  const [wantedMajor, wantedMinor] = MINIMUM_NODE;
  if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor)) {
    throw new UserError(
      `Node.js ${MINIMUM_NODE.join(
        '.',
      )} or newer is needed, this is ${version}: install 22 from https://nodejs.org and try again.`,
    );
  }
}

/** Refuses a machine that cannot compile SQLite, and names all that is missing. */
export function checkCompiler(works = runs) {
  const missing = [
    ['python3', ['python3']],
    ['make', ['make', 'gmake']],
    ['g++', ['g++', 'c++', 'clang++']],
  ]
    .filter(([, commands]) => !commands.some(works))
    .map(([name]) => name);
  if (missing.length > 0) {
    throw new UserError(
      `${missing.join(', ')} ${
        missing.length === 1 ? 'is' : 'are'
      } missing, needed once to compile SQLite: install with "apt-get install python3 make g++" (Debian, Ubuntu) or "xcode-select --install" (macOS) and try again.`,
    );
  }
}

/** Refuses to start a first install on a disk that would fill up. */
export async function checkDisk(folder, readSpace = statfs) {
  const { bavail, bsize } = await readSpace(folder);
  const free = bavail * bsize;
  if (free < INSTALL_BYTES) {
    throw new UserError(
      `Only ${(free / GIGABYTE).toFixed(
        1,
      )} GB are free at ${folder}, the first install needs ${
        INSTALL_BYTES / GIGABYTE
      } GB: free some space and try again.`,
    );
  }
}

function runs(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}
