import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { startChild } from './children.mjs';
import { checkCompiler, checkDisk, checkNode } from './prerequisites.mjs';
import { root } from './root.mjs';
import { UserError } from './UserError.mjs';

// No Yarn is on a fresh machine; this one comes from the npm registry.
const YARN = '@yarnpkg/cli-dist@4.13.0';
const STAMP = join(root, 'node_modules', '.wasi-install.json');
const SQLITE = join(
  root,
  'node_modules/better-sqlite3/build/Release/better_sqlite3.node',
);

/** Installs the dependencies unless what is installed fits the lockfile and this Node.js. */
export async function ensureInstalled({
  log = console.log,
  logDirectory = join(root, '.local', 'logs'),
} = {}) {
  checkNode();
  const wanted = await fingerprint();
  const found = await readStamp();
  if (
    existsSync(SQLITE) &&
    found?.sources === wanted.sources &&
    found?.runtime === wanted.runtime
  ) {
    return;
  }
  if (!existsSync(SQLITE)) {
    checkCompiler();
  }
  if (!existsSync(join(root, 'node_modules'))) {
    await checkDisk(root);
  }
  await rm(STAMP, { force: true });
  log('Installing dependencies (the first time takes some minutes) …');
  await yarn(['install', '--immutable'], {
    log,
    logFile: join(logDirectory, 'install.log'),
  });
  if (found && found.runtime !== wanted.runtime) {
    checkCompiler();
    log(`Compiling SQLite for Node.js ${process.versions.node} …`);
    await yarn(['rebuild', 'better-sqlite3'], {
      log,
      logFile: join(logDirectory, 'rebuild.log'),
    });
  }
  await mkdir(dirname(STAMP), { recursive: true });
  await writeFile(STAMP, JSON.stringify(wanted));
}

async function yarn(args, { log, logFile }) {
  const child = startChild({
    command: 'npx',
    args: ['-y', YARN, ...args],
    cwd: root,
    env: yarnEnvironment(),
    logFile,
    // Yarn's steps begin with ┌; everything else is for the log.
    onLine: line => {
      const step = /┌ (.+)$/.exec(line);
      if (step) {
        log(`  ${step[1]} …`);
      }
    },
  });
  if ((await child.exited) !== 0) {
    const tail = child.tail();
    const isFull = tail.some(line => line.includes('ENOSPC'));
    throw new UserError(
      isFull
        ? `The disk of ${root} is full: free some space and try again.`
        : `The install failed, its last lines were:\n  ${tail.join(
            '\n  ',
          )}\nThe whole output is in ${logFile}.`,
    );
  }
}

function yarnEnvironment() {
  const environment = {
    ...process.env,
    FORCE_COLOR: '0',
    YARN_ENABLE_TELEMETRY: '0',
    YARN_ENABLE_COLORS: '0',
  };
  // Headers beside the running Node spare node-gyp a download, which may not be possible.
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  if (existsSync(join(prefix, 'include', 'node', 'node.h'))) {
    environment.npm_config_nodedir = prefix;
  }
  return environment;
}

/** What an install depends on: the sources of the dependency tree, and the Node.js it is compiled for. */
async function fingerprint() {
  const hash = createHash('sha256');
  const manifests = ['package.json', 'yarn.lock', '.yarnrc.yml'];
  for (const folder of ['packages', 'plugins']) {
    for (const name of (await readdir(join(root, folder))).sort()) {
      manifests.push(join(folder, name, 'package.json'));
    }
  }
  for (const manifest of manifests) {
    const path = join(root, manifest);
    hash.update(manifest).update(existsSync(path) ? await readFile(path) : '');
  }
  return {
    sources: hash.digest('hex'),
    runtime: `${process.platform}-${process.arch}-${process.versions.modules}`,
  };
}

async function readStamp() {
  try {
    return JSON.parse(await readFile(STAMP, 'utf8'));
  } catch {
    // None yet, or half written: install again.
    return undefined;
  }
}
