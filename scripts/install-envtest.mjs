#!/usr/bin/env node
/**
 * Builds a real kube-apiserver and etcd, for the tests that compare the local platform with them:
 *
 *   node scripts/install-envtest.mjs
 *
 * What is built stands in test/envtest/go.mod. It goes to WASI_ENVTEST_DIRECTORY, else to the
 * user's cache. Does nothing where it is there already. The last line is KUBEBUILDER_ASSETS=<folder>.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { root } from './lib/root.mjs';
import { UserError } from './lib/UserError.mjs';

const SOURCE = join(root, 'test', 'envtest');
const PROGRAMS = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
};
const VERSION_PACKAGE = 'k8s.io/component-base/version';

try {
  console.log(`KUBEBUILDER_ASSETS=${await installEnvtest()}`);
} catch (error) {
  if (!(error instanceof UserError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}

/** Answers the folder that holds both programs. */
async function installEnvtest() {
  const goMod = await readFile(join(SOURCE, 'go.mod'), 'utf8');
  const version = /\bk8s\.io\/kubernetes (v\d+\.\d+\.\d+)/.exec(goMod)[1];
  const cache = cacheDirectory();
  const target = join(
    cache,
    `kubernetes-${version}-${process.platform}-${process.arch}`,
  );
  if (existsSync(target)) {
    return target;
  }
  requireGo(/^go (\S+)$/m.exec(goMod)[1]);
  await mkdir(cache, { recursive: true });
  // A neighbour, renamed at the end: the folder is there only when it is complete.
  const incoming = await mkdtemp(join(cache, '.incoming-'));
  try {
    for (const [name, path] of Object.entries(PROGRAMS)) {
      console.log(`Building ${name} for Kubernetes ${version} …`);
      await build(path, join(incoming, name), version);
    }
    await rename(incoming, target);
  } finally {
    await rm(incoming, { recursive: true, force: true });
  }
  return target;
}

function cacheDirectory() {
  return resolve(
    process.env.WASI_ENVTEST_DIRECTORY ??
      join(
        process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
        'wasi-functions',
        'envtest',
      ),
  );
}

function requireGo(minimum) {
  const { error, stdout } = spawnSync('go', ['env', 'GOVERSION'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (error) {
    throw new UserError(
      `Go is missing, which kube-apiserver and etcd are compiled with: install Go ${minimum} or newer from https://go.dev/dl and try again.`,
    );
  }
  const [major, minor] = stdout
    .trim()
    .replace(/^go/, '')
    .split('.')
    .map(Number);
  const [wantedMajor, wantedMinor] = minimum.split('.').map(Number);
  if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor)) {
    throw new UserError(
      `Go ${minimum} or newer is needed, this is ${stdout.trim()}: install it from https://go.dev/dl and try again.`,
    );
  }
}

async function build(path, output, version) {
  const [major, minor] = version.slice(1).split('.');
  // What `/version` answers, which clients compare themselves with.
  const stamps = Object.entries({
    gitVersion: version,
    gitMajor: major,
    gitMinor: minor,
  }).map(([name, value]) => `-X ${VERSION_PACKAGE}.${name}=${value}`);
  const child = spawn(
    'go',
    [
      'build',
      '-trimpath',
      '-mod=readonly',
      `-ldflags=-s -w ${stamps.join(' ')}`,
      '-o',
      output,
      path,
    ],
    {
      cwd: SOURCE,
      env: { ...process.env, CGO_ENABLED: '0' },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  const code = await new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', done);
  });
  if (code !== 0) {
    throw new UserError(
      `${path} could not be built: go ended with ${code}, its output is above. Where it names a download, check the network and \`go env GOPROXY\`, then try again.`,
    );
  }
}
