#!/usr/bin/env node
/**
 * Installs the toolchains that are too large to be dependencies:
 *
 *   node scripts/install-toolchains.mjs [directory] [names…]
 *
 * Each goes to `<directory>/<name>`; the default directory is `.toolchains` at the
 * root, the default name is jco. Does nothing where the right version is there already.
 */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installers } from './toolchains/installers.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Written last: says which lockfile the folder was installed from. */
const STAMP = '.installed';

/**
 * Installs a toolchain, unless it is there in its pinned version.
 *
 * @param {object} options
 * @param {string} options.name
 * @param {string} options.directory Folder with one sub-folder per toolchain.
 * @param {(line: string) => void} options.log
 */
async function installToolchain({ name, directory, log }) {
  const installer = installers[name];
  const target = join(directory, name);
  const wanted = await fingerprint(installer.pins);
  if ((await readStamp(target)) === wanted) {
    return;
  }

  log(`Installing ${name} (about ${installer.size}, once) into ${target}`);
  await mkdir(directory, { recursive: true });
  // A neighbour, so that the rename at the end stays on one file system.
  const incoming = await mkdtemp(join(directory, `.${name}-`));
  const removeOnExit = () => rmSync(incoming, { recursive: true, force: true });
  process.once('exit', removeOnExit);
  try {
    await installer.install({ incoming, target });
    await writeFile(join(incoming, STAMP), wanted);
    // Made for its owner alone; a portal runs as somebody else.
    await chmod(incoming, 0o755);
    await rm(target, { recursive: true, force: true });
    await rename(incoming, target);
    log(`Installed ${name}.`);
  } catch (error) {
    throw explain(name, installer, error);
  } finally {
    process.off('exit', removeOnExit);
    await rm(incoming, { recursive: true, force: true });
  }
}

/** What is pinned, and the platform: packages are native. */
async function fingerprint(pins) {
  const hash = createHash('sha256');
  for (const pin of pins) {
    hash.update(await readFile(pin));
  }
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

/** One sentence on what to do, for the failures that are met. */
function explain(name, installer, error) {
  const output = (error.tail ?? []).join('\n');
  const seen = `${error.message}\n${output}`;
  const [, reason = `${error.message}.`] =
    [
      ...installer.problems,
      [/ENOSPC/, `the disk is full. About ${installer.size} are needed.`],
      [
        /EACCES|EPERM/,
        "a folder may not be written to. Check who owns the toolchains folder and npm's cache.",
      ],
    ].find(([pattern]) => pattern.test(seen)) ?? [];
  return new Error(
    `${name} could not be installed: ${reason}${output ? `\n${output}` : ''}`,
    { cause: error },
  );
}

// Without a listener, an interrupt ends us before we can clean up.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.once(signal, () => process.exit(code));
}
const [directory = join(ROOT, '.toolchains'), ...names] = process.argv.slice(2);
const unknown = names.filter(name => !Object.hasOwn(installers, name));
if (unknown.length > 0) {
  console.error(
    `There is no toolchain ${unknown.join(', ')}: ${Object.keys(
      installers,
    ).join(', ')} can be installed.`,
  );
  process.exit(2);
}
for (const name of names.length > 0 ? names : ['jco']) {
  try {
    await installToolchain({
      name,
      directory: resolve(directory),
      log: line => console.log(line),
    });
  } catch (error) {
    // The others may be had.
    console.error(error.message);
    process.exitCode = 1;
  }
}
