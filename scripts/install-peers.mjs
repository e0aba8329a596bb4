#!/usr/bin/env node
/**
 * Installs the programs that the tests of artifact formats hold ours against:
 *
 *   node scripts/install-peers.mjs [name …]
 *
 * They go to `$WASI_PEERS_DIRECTORY`, or `~/.cache/wasi-functions/peers`. Tests of
 * those that are not there are skipped, and say so. Needs, by program: dpkg-deb
 * (oras), Go (cosign, crane, ko, kpt-calls, istio-pull), Cargo (wkg, runner-pull).
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SOURCES = join(dirname(fileURLToPath(import.meta.url)), 'peers');
const DIRECTORY =
  process.env.WASI_PEERS_DIRECTORY ??
  join(homedir(), '.cache', 'wasi-functions', 'peers');
const BIN = join(DIRECTORY, 'bin');

const ISTIO = 'istio.io/istio@v0.0.0-20260827124520-eed52ebb66ad';

/** What to install, in which version, and how. */
const PEERS = {
  oras: {
    version: '1.3.3-1',
    install: debian({
      url: 'https://deb.debian.org/debian/pool/main/o/oras/oras_1.3.3-1_amd64.deb',
      sha256:
        '474f8451e880a64d7daed412baa52febd1c7d988ed778eadac00bdcbdad53af4',
      file: 'usr/bin/oras',
    }),
  },
  crane: {
    version: '0.21.3',
    install: goInstall(
      'github.com/google/go-containerregistry/cmd/crane@v0.21.3',
    ),
  },
  cosign: {
    version: '2.6.5',
    install: goInstall('github.com/sigstore/cosign/v2/cmd/cosign@v2.6.5'),
  },
  ko: { version: '0.19.1', install: goInstall('github.com/google/ko@v0.19.1') },
  'kpt-calls': { version: '1', install: goBuild('kpt-calls') },
  'istio-pull': {
    version: ISTIO,
    install: goBuild('istio-pull', async directory => {
      // Istio's own file. The module around it needs much that it does not.
      const { stdout } = await run('go', ['mod', 'download', '-json', ISTIO], {
        cwd: tmpdir(),
        timeout: 300_000,
      });
      const file = join(JSON.parse(stdout).Dir, 'pkg/wasm/imagefetcher.go');
      const source = await readFile(file, 'utf8');
      await writeFile(
        join(directory, 'imagefetcher.go'),
        source.replace(/^package wasm$/m, 'package main'),
      );
    }),
  },
  wkg: {
    version: '0.16.1',
    install: async (target, directory) => {
      await run(
        'cargo',
        [
          'install',
          'wkg',
          '--locked',
          '--version',
          '0.16.1',
          '--root',
          directory,
        ],
        { timeout: 3_600_000, maxBuffer: 64 * 1024 * 1024 },
      );
      await copyFile(join(directory, 'bin', 'wkg'), target);
    },
  },
  'runner-pull': {
    version: '1',
    install: async (target, directory) => {
      const options = { cwd: directory, timeout: 3_600_000, maxBuffer: 64e6 };
      await cp(join(SOURCES, 'runner-pull'), directory, { recursive: true });
      await run('cargo', ['build', '--release', '--locked'], options);
      await copyFile(join(directory, 'target/release/runner-pull'), target);
    },
  },
};

function debian({ url, sha256, file }) {
  return async (target, directory) => {
    const response = await fetch(url, { signal: AbortSignal.timeout(120_000) });
    if (!response.ok) {
      throw new Error(`${url} answered ${response.status}`);
    }
    const bytes = Buffer.from(await response.arrayBuffer());
    const actual = createHash('sha256').update(bytes).digest('hex');
    if (actual !== sha256) {
      throw new Error(`${url} has the digest ${actual}, not ${sha256}`);
    }
    await writeFile(join(directory, 'package.deb'), bytes);
    await run('dpkg-deb', ['-x', 'package.deb', 'files'], { cwd: directory });
    await copyFile(join(directory, 'files', file), target);
  };
}

function goInstall(module) {
  return async (target, directory) => {
    await run('go', ['install', module], {
      env: { ...process.env, GOBIN: directory, GOFLAGS: '-trimpath' },
      cwd: directory,
      timeout: 1_800_000,
    });
    const name = module.replace(/@.*$/, '').split('/').pop();
    await copyFile(join(directory, name), target);
  };
}

function goBuild(name, prepare = async () => {}) {
  return async (target, directory) => {
    await cp(join(SOURCES, name), directory, { recursive: true });
    await prepare(directory);
    await run('go', ['build', '-trimpath', '-o', target, '.'], {
      cwd: directory,
      timeout: 1_800_000,
    });
  };
}

async function installPeer(name) {
  const { version, install } = PEERS[name];
  const stamp = join(DIRECTORY, `${name}.version`);
  if ((await readFile(stamp, 'utf8').catch(() => '')) === version) {
    return false;
  }
  await mkdir(BIN, { recursive: true });
  // A neighbour, so that the rename at the end stays on one file system.
  const directory = await mkdtemp(join(DIRECTORY, `.${name}-`));
  try {
    const built = join(directory, `${name}.built`);
    await install(built, directory);
    await rename(built, join(BIN, name));
    await writeFile(stamp, version);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return true;
}

const asked = process.argv.slice(2);
const unknown = asked.filter(name => !(name in PEERS));
if (unknown.length) {
  console.error(
    `There is no ${unknown.join(', ')}; there are ${Object.keys(PEERS).join(
      ', ',
    )}.`,
  );
  process.exit(1);
}
for (const name of asked.length ? asked : Object.keys(PEERS)) {
  try {
    console.log(
      (await installPeer(name))
        ? `Installed ${name} in ${BIN}.`
        : `${name} is there.`,
    );
  } catch (error) {
    // The others are of use without it.
    console.error(
      `${name} was not installed: ${error.message
        .trim()
        .split('\n')
        .slice(-5)
        .join('\n')}`,
    );
    process.exitCode = 1;
  }
}
