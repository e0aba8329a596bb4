#!/usr/bin/env node
/**
 * Installs the toolchains that are too large to be dependencies:
 *
 *   node scripts/install-toolchains.mjs [directory]
 *
 * jco goes to `<directory>/jco`; the default directory is `.toolchains` at the
 * root. Does nothing where the right version is there already.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import {
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const SCRIPTS = dirname(fileURLToPath(import.meta.url));
const TOOLCHAINS = ['jco'];
/** Written last: says which lockfile the folder was installed from. */
const STAMP = '.installed';
const TAIL_LINES = 20;

/**
 * Installs every toolchain that is not there in its pinned version.
 *
 * @param {object} options
 * @param {string} options.directory Folder with one sub-folder per toolchain.
 * @param {(line: string) => void} [options.log]
 * @param {string[]} [options.npm] Command that stands in for npm.
 * @returns {Promise<string[]>} Names of those that were installed now.
 */
async function installToolchains({
  directory,
  log = () => {},
  npm = findNpm(),
}) {
  const installed = [];
  for (const name of TOOLCHAINS) {
    if (await installToolchain({ name, directory, log, npm })) {
      installed.push(name);
    }
  }
  return installed;
}

async function installToolchain({ name, directory, log, npm }) {
  const source = join(SCRIPTS, 'toolchains', name);
  const target = join(directory, name);
  const wanted = await fingerprint(source);
  if ((await readStamp(target)) === wanted) {
    return false;
  }

  log(`Installing ${name} (about 340 MB, once) into ${target}`);
  await mkdir(directory, { recursive: true });
  // A neighbour, so that the rename at the end stays on one file system.
  const incoming = await mkdtemp(join(directory, `.${name}-`));
  let child;
  const endOnExit = () => {
    child?.kill();
    rmSync(incoming, { recursive: true, force: true });
  };
  process.once('exit', endOnExit);
  try {
    for (const file of ['package.json', 'package-lock.json']) {
      await copyFile(join(source, file), join(incoming, file));
    }
    const start = (...args) => {
      child = spawn(npm[0], [...npm.slice(1), ...args], {
        cwd: incoming,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      return ended(child);
    };
    // Not `ci`: the lockfile cannot hold native packages of platforms that its registry
    // did not have, and `ci` refuses where another registry has them. What it holds,
    // version and digest, counts here as well.
    const install = [
      'install',
      '--no-save',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ];
    // One question first: without a registry, an install tries each package for minutes.
    const unreachable = await start(
      'view',
      '@bytecodealliance/jco@1.34.0',
      'version',
      '--fetch-retries=1',
      '--fetch-retry-mintimeout=1000',
      '--fetch-timeout=20000',
      '--loglevel=error',
    ).then(
      () => undefined,
      error => error,
    );
    if (unreachable) {
      // npm's cache may hold everything.
      await start(...install, '--offline').catch(() => {
        throw unreachable;
      });
    } else {
      await start(...install);
    }
    await writeFile(join(incoming, STAMP), wanted);
    await rm(target, { recursive: true, force: true });
    await rename(incoming, target);
    log(`Installed ${name}.`);
    return true;
  } catch (error) {
    throw explain(name, error);
  } finally {
    process.off('exit', endOnExit);
    await rm(incoming, { recursive: true, force: true });
  }
}

/** The lockfile and the platform: its optional packages are native. */
async function fingerprint(source) {
  const hash = createHash('sha256');
  hash.update(await readFile(join(source, 'package-lock.json')));
  hash.update(`${process.platform} ${process.arch}`);
  return hash.digest('hex');
}

async function readStamp(target) {
  try {
    return await readFile(join(target, STAMP), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

/** npm beside this Node, run by this Node: no shell, and no `.cmd` on Windows. */
function findNpm() {
  return process.env.npm_execpath &&
    /npm-cli\.js$/.test(process.env.npm_execpath)
    ? [process.execPath, process.env.npm_execpath]
    : ['npm'];
}

function ended(child) {
  return new Promise((resolvePromise, reject) => {
    const tail = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', text => {
        tail.push(...text.split('\n').filter(Boolean));
        tail.splice(0, tail.length - TAIL_LINES);
      });
    }
    child.once('error', reject);
    child.once('close', code =>
      code === 0
        ? resolvePromise()
        : reject(Object.assign(new Error(`npm ended with ${code}`), { tail })),
    );
  });
}

/** One sentence on what to do, for the failures that are met. */
function explain(name, error) {
  const output = (error.tail ?? []).join('\n');
  const known = [
    [
      error.code === 'ENOENT' && error.syscall?.startsWith('spawn'),
      'npm was not found. Install Node with npm from nodejs.org.',
    ],
    [
      error.code === 'ENOSPC' || /ENOSPC/.test(output),
      'the disk is full. About 400 MB are needed.',
    ],
    [
      error.code === 'EACCES' || /EACCES|EPERM/.test(output),
      "a folder may not be written to. Check who owns the toolchains folder and npm's cache.",
    ],
    [
      /E40[13]/.test(output),
      'the npm registry refused the request. Check `npm config get registry` and its login.',
    ],
    [
      /E404|ETARGET/.test(output),
      'the npm registry does not have a package of the pinned version. Check `npm config get registry`.',
    ],
    [
      /EINTEGRITY/.test(output),
      'a package is not the one that the lockfile names. Check the npm registry, and run `npm cache verify`.',
    ],
    [
      /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|UNABLE_TO|CERT/.test(
        output,
      ),
      'the npm registry cannot be reached. Check the network, the proxy and `npm config get registry`, then start again.',
    ],
  ].find(([applies]) => applies);
  const reason = known ? known[1] : `${error.message}.`;
  return new Error(
    `${name} could not be installed: ${reason}${output ? `\n${output}` : ''}`,
    { cause: error },
  );
}

if (
  process.argv[1] &&
  resolve(process.argv[1]) === fileURLToPath(import.meta.url)
) {
  // Without a listener, an interrupt ends us before we can clean up.
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ]) {
    process.once(signal, () => process.exit(code));
  }
  try {
    await installToolchains({
      directory: resolve(process.argv[2] ?? join(SCRIPTS, '..', '.toolchains')),
      log: line => console.log(line),
    });
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
