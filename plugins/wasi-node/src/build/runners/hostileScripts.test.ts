import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { homedir, networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import type { Tool } from '../../toolchains';
import {
  describeWithSandbox,
  isOnPath,
  tool,
  usePlaces,
} from './__testUtils__/usePlaces';

jest.setTimeout(120_000);

const SYSTEM_FILES = [
  '/etc/written-by-a-build',
  '/usr/bin/written-by-a-build',
  '/written-by-a-build',
  '/dev/written-by-a-build',
  '/proc/sys/kernel/domainname',
];
/** The tool is missing. */
const skipped = it.skip;
const SECRET = 'hunter2-of-the-backend';
const places = usePlaces();
let backend: ChildProcess;
let port: number;

beforeEach(async () => {
  backend = fork(join(__dirname, '__fixtures__/backend.cjs'), [], {
    env: { BACKEND_SECRET: SECRET },
    execArgv: [],
  });
  [{ port }] = await once(backend, 'message');
  for (const name of [
    'portal/app-config.yaml',
    'workspaces/other-task/secret.txt',
    'home/.docker/config.json',
    'home/.ssh/id_ed25519',
    'home/.cargo/credentials.toml',
  ]) {
    const path = join(places.root, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, SECRET);
  }
});

afterEach(async () => {
  const gone = once(backend, 'exit');
  backend.kill('SIGKILL');
  await gone;
});

interface Way {
  way: string;
  tool: string;
  args: string[];
  files: Record<string, string>;
}

const ways: Way[] = [
  {
    way: 'a lifecycle script of npm',
    tool: 'npm',
    args: ['install', '--offline', '--no-audit', '--no-fund'],
    files: {
      'package.json': JSON.stringify({
        name: 'hostile',
        version: '1.0.0',
        scripts: { preinstall: 'node spy.cjs' },
      }),
    },
  },
  {
    way: 'setup.py',
    tool: 'python3',
    args: ['setup.py', 'build'],
    files: {
      'setup.py': `import subprocess\nsubprocess.run(['node', 'spy.cjs'], check=True)\n`,
    },
  },
  {
    way: 'a Makefile',
    tool: 'make',
    args: ['all'],
    files: { Makefile: 'all:\n\tnode spy.cjs\n' },
  },
  {
    way: 'build.rs',
    tool: 'cargo',
    args: ['build', '--offline'],
    files: {
      'Cargo.toml': '[package]\nname = "hostile"\nversion = "1.0.0"\n',
      'src/lib.rs': '',
      'build.rs':
        'fn main() { std::process::Command::new("node").arg("spy.cjs").status().unwrap(); }',
    },
  },
];

/** What the script got hold of. */
async function spy(
  runner: 'host' | 'sandbox',
  { files, args }: Way,
  program: Tool,
  network = false,
) {
  const spyProgram = join(__dirname, '__fixtures__/spy.cjs');
  await places.write('spy.cjs', await readFile(spyProgram, 'utf8'));
  for (const [name, text] of Object.entries(files)) {
    await places.write(name, text);
  }
  const own = Object.values(networkInterfaces())
    .flatMap(entries => entries ?? [])
    .filter(({ family }) => family === 'IPv4')
    .map(({ address }) => address);
  await places.write(
    'targets.json',
    JSON.stringify({
      secret: SECRET,
      pid: backend.pid,
      files: [
        join(places.root, 'portal/app-config.yaml'),
        join(places.root, 'workspaces/other-task/secret.txt'),
        join(places.root, 'home/.docker/config.json'),
        join(places.root, 'home/.ssh/id_ed25519'),
        join(places.root, 'home/.cargo/credentials.toml'),
        '/etc/shadow',
        join(homedir(), '.npmrc'),
      ],
      writes: [
        join(places.root, 'portal/written'),
        join(places.root, 'workspaces/other-task/written'),
        join(places.root, 'toolchains/written'),
        // On the host they would be written.
        ...(runner === 'sandbox' ? SYSTEM_FILES : []),
      ],
      urls: [
        ...own.map(address => `http://${address}:${port}/`),
        'http://169.254.169.254/',
      ],
      proxied: [
        `127.0.0.1:${port}`,
        `localhost:${port}`,
        ...own.map(address => `${address}:${port}`),
        '169.254.169.254:443',
        'metadata.google.internal:443',
        'kubernetes.default.svc:443',
        'evil.example:443',
      ],
      socket: `\0wasi-backend-${backend.pid}`,
    }),
  );
  await mkdir(join(places.root, 'toolchains'), { recursive: true });
  const rustup = join(homedir(), '.rustup');
  await places.run({
    runner,
    tool: program,
    args,
    network,
    env: existsSync(rustup) ? { RUSTUP_HOME: rustup } : {},
    limits: { allowedHosts: ['registry.npmjs.org', `localhost:${port}`] },
  });
  return JSON.parse(await readFile(join(places.source, 'report.json'), 'utf8'));
}

describeWithSandbox('a hostile build script in a sandbox (bubblewrap)', () => {
  it.each(ways.filter(way => isOnPath(way.tool)))(
    'gets nothing of the portal by $way ($tool)',
    async way => {
      const report = await spy('sandbox', way, (await tool(way.tool))!);

      expect(report).toEqual({ got: {}, uid: 1000, cwd: places.source });
      expect(await readdir(join(places.root, 'portal'))).toEqual([
        'app-config.yaml',
      ]);
    },
  );

  for (const way of ways.filter(({ tool: name }) => !isOnPath(name))) {
    skipped(`gets nothing of the portal by ${way.way} (${way.tool})`, () => {});
  }

  it('gets no more where it has a network', async () => {
    const { got } = await spy('sandbox', ways[0], (await tool('npm'))!, true);

    expect(got).toEqual({});
    expect(places.log).toContain(
      'No connection to evil.example:443: wasi.build.allowedHosts does not list this host.',
    );
    expect(places.log).toContain(
      `No connection to localhost:${port}: it is an address that builds may not reach.`,
    );
  });
});

describe('a hostile build script on the host', () => {
  it('has the rights of the backend, which is why its source must be trusted', async () => {
    const { got } = await spy('host', ways[0], (await tool('npm'))!);
    const config = join(places.root, 'portal/app-config.yaml');

    expect(got).toMatchObject({
      [`reads ${config}`]: SECRET,
      [`writes ${join(places.root, 'portal/written')}`]: 'yes',
      [`answers from http://127.0.0.1:${port}/`]: 'answer of the backend',
    });
    // Its own environment alone is the build's.
    expect(got).not.toHaveProperty('the environment it was given');
  });
});
