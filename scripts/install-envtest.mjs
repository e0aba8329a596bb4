#!/usr/bin/env node
/**
 * Builds the real servers that tests compare the local platform with:
 *
 *   node scripts/install-envtest.mjs            kube-apiserver and etcd
 *   node scripts/install-envtest.mjs knative    the controllers of Knative Serving and of Kubernetes
 *
 * What is built stands in test/envtest/go.mod and test/knative/go.mod. It goes to
 * WASI_ENVTEST_DIRECTORY, else to the user's cache. Does nothing where it is there already.
 * The last line is KUBEBUILDER_ASSETS=<folder> or KNATIVE_ASSETS=<folder>.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './lib/root.mjs';
import { testServersDirectory } from './lib/testPrograms.mjs';
import { UserError } from './lib/UserError.mjs';

const KUBERNETES = {
  source: join(root, 'test', 'envtest'),
  module: 'k8s.io/kubernetes',
  /** Where `/version` takes its answer from, which clients compare themselves with. */
  versionPackage: 'k8s.io/component-base/version',
};
const KNATIVE = {
  source: join(root, 'test', 'knative'),
  module: 'knative.dev/serving',
  /** Several run on one machine here, where each has a pod of its own elsewhere. */
  edits: [
    {
      module: 'knative.dev/pkg',
      file: 'injection/health_check.go',
      from: 'HealthCheckDefaultPort = 8080',
      to: 'HealthCheckDefaultPort = 0',
    },
    {
      module: 'knative.dev/serving',
      file: 'cmd/autoscaler/main.go',
      from: 'statsServerAddr = ":8080"',
      to: 'statsServerAddr = ":0"',
    },
  ],
};
const SETS = {
  kubernetes: {
    variable: 'KUBEBUILDER_ASSETS',
    named: KUBERNETES,
    programs: [
      [KUBERNETES, 'etcd', 'go.etcd.io/etcd/server/v3'],
      [KUBERNETES, 'kube-apiserver', 'k8s.io/kubernetes/cmd/kube-apiserver'],
    ],
  },
  knative: {
    variable: 'KNATIVE_ASSETS',
    named: KNATIVE,
    programs: [
      [KNATIVE, 'controller', 'knative.dev/serving/cmd/controller'],
      [KNATIVE, 'autoscaler', 'knative.dev/serving/cmd/autoscaler'],
      [KNATIVE, 'webhook', 'knative.dev/serving/cmd/webhook'],
      [
        KUBERNETES,
        'kube-controller-manager',
        'k8s.io/kubernetes/cmd/kube-controller-manager',
      ],
    ],
    /** What is installed in a cluster, by the module that ships it. */
    manifests: [
      ['knative.dev/serving', 'config/core'],
      ['knative.dev/networking', 'config'],
      ['knative.dev/caching', 'config'],
    ],
  },
};

try {
  const name = process.argv[2] ?? 'kubernetes';
  const set = SETS[name];
  if (!set) {
    throw new UserError(
      `There is no set ${name}: ask for ${Object.keys(SETS).join(' or ')}.`,
    );
  }
  console.log(`${set.variable}=${await install(name, set)}`);
} catch (error) {
  if (!(error instanceof UserError)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}

/** Answers the folder that holds the programs. */
async function install(name, { named, programs, manifests = [] }) {
  const version = await versionOf(named);
  const cache = testServersDirectory(name);
  const target = join(
    cache,
    `${name}-${version}-${process.platform}-${process.arch}`,
  );
  if (existsSync(target)) {
    return target;
  }
  for (const { source } of new Set(programs.map(([built]) => built))) {
    requireGo(/^go (\S+)$/m.exec(await goMod(source))[1]);
  }
  // Whatever else runs on this machine goes first.
  setPriority(10);
  await mkdir(cache, { recursive: true });
  // A neighbour, renamed at the end: the folder is there only when it is complete.
  const incoming = await mkdtemp(join(cache, '.incoming-'));
  try {
    for (const [index, [built, program, path]] of programs.entries()) {
      console.log(
        `Building ${program} of ${built.module} ${await versionOf(built)} (${
          index + 1
        } of ${programs.length}, once for this machine) …`,
      );
      await build(built, path, join(incoming, program));
    }
    for (const [module, folder] of manifests) {
      await copyOf(
        join(directoryOf(module, named.source), folder),
        join(incoming, 'manifests', module),
      );
    }
    await rename(incoming, target);
  } finally {
    await rm(incoming, { recursive: true, force: true });
  }
  return target;
}

function goMod(source) {
  return readFile(join(source, 'go.mod'), 'utf8');
}

async function versionOf({ source, module }) {
  const [, version] = new RegExp(`\\b${module} (v\\d+\\.\\d+\\.\\d+)`).exec(
    await goMod(source),
  );
  return version;
}

function requireGo(minimum) {
  const { error, stdout } = spawnSync('go', ['env', 'GOVERSION'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (error) {
    throw new UserError(
      `Go is missing, which the servers of the tests are compiled with: install Go ${minimum} or newer from https://go.dev/dl and try again.`,
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

/** Where the sources of a module lie, of the version that go.mod pins. */
function directoryOf(module, source) {
  return go(['list', '-m', '-f', '{{.Dir}}', module], source).trim();
}

/** Modules are read-only where Go keeps them; a copy is not, else it could not be removed. */
async function copyOf(original, copy) {
  await cp(original, copy, { recursive: true });
  const inside = await readdir(copy, { recursive: true, withFileTypes: true });
  for (const entry of inside) {
    const path = join(entry.parentPath, entry.name);
    await chmod(path, entry.isDirectory() ? 0o700 : 0o600);
  }
}

function go(args, cwd) {
  const { status, stdout, stderr } = spawnSync('go', args, {
    cwd,
    encoding: 'utf8',
  });
  if (status !== 0) {
    throw new UserError(`go ${args.join(' ')} failed: ${stderr}`);
  }
  return stdout;
}

/** Answers a go.mod that takes copies, which the edits were made in, for the originals. */
async function goModOfEdited({ source, edits }, directory) {
  const replaced = [];
  for (const { module, file, from, to } of edits) {
    const copy = join(directory, module);
    await copyOf(directoryOf(module, source), copy);
    const path = join(copy, file);
    const text = await readFile(path, 'utf8');
    if (!text.includes(from)) {
      throw new UserError(`${module} has no \`${from}\` in ${file} any more.`);
    }
    await writeFile(path, text.replace(from, to));
    replaced.push(`replace ${module} => ${copy}`);
  }
  const path = join(directory, 'go.mod');
  await writeFile(path, [await goMod(source), ...replaced, ''].join('\n'));
  await cp(join(source, 'go.sum'), join(directory, 'go.sum'));
  return path;
}

async function build(built, path, output) {
  if (!built.edits) {
    return goBuild(built, path, { output, flags: [] });
  }
  const directory = await mkdtemp(join(tmpdir(), 'wasi-envtest-'));
  try {
    const flags = [`-modfile=${await goModOfEdited(built, directory)}`];
    return await goBuild(built, path, { output, flags });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function goBuild(built, path, { output, flags }) {
  const { source, versionPackage } = built;
  const version = await versionOf(built);
  const [major, minor] = version.slice(1).split('.');
  const stamps = Object.entries({
    gitVersion: version,
    gitMajor: major,
    gitMinor: minor,
  }).map(([name, value]) => `-X ${versionPackage}.${name}=${value}`);
  const child = spawn(
    'go',
    [
      'build',
      '-trimpath',
      '-mod=readonly',
      ...flags,
      `-ldflags=${['-s -w', ...(versionPackage ? stamps : [])].join(' ')}`,
      '-o',
      output,
      path,
    ],
    {
      cwd: source,
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
