import { spawn, spawnSync } from 'node:child_process';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const SCRIPTS = resolve(__dirname, '../../../../scripts');
const COMPILERS = ['python3', 'make', 'g++'];

/** A repository with nothing in it but the scripts, on a machine with the tools that a test puts there. */
let root: string;
let servers: Server[];

beforeEach(async () => {
  servers = [];
  root = await realpath(await mkdtemp(join(tmpdir(), 'start-test-')));
  await cp(SCRIPTS, join(root, 'scripts'), { recursive: true });
  for (const folder of ['node_modules', 'packages', 'plugins', 'bin']) {
    await mkdir(join(root, folder));
  }
});

afterEach(async () => {
  await Promise.all(
    servers.map(server => new Promise(done => server.close(done))),
  );
  await rm(root, { recursive: true, force: true });
});

async function install(...tools: string[]): Promise<void> {
  for (const tool of tools) {
    await installAs(tool, '');
  }
}

async function installAs(tool: string, program: string): Promise<void> {
  const path = join(root, 'bin', tool);
  await writeFile(path, `#!${process.execPath}\n${program}`);
  await chmod(path, 0o755);
}

async function listen(): Promise<number> {
  const server = createServer();
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

/** Ports that were free a moment ago. */
async function freePorts(): Promise<Record<string, string>> {
  const names = ['PORTAL', 'BACKEND', 'KUBE', 'REGISTRY', 'GIT'];
  const ports = await Promise.all(names.map(listen));
  await Promise.all(
    servers.splice(0).map(server => new Promise(done => server.close(done))),
  );
  return Object.fromEntries(
    names.map((name, index) => [`WASI_${name}_PORT`, `${ports[index]}`]),
  );
}

/** Runs the command of `npm start` to its end. */
async function start(
  environment: Record<string, string> = {},
): Promise<{ exitCode: number | null; output: string; errors: string }> {
  const child = spawn(process.execPath, [join(root, 'scripts/start.mjs')], {
    env: {
      PATH: join(root, 'bin'),
      WASI_LOCAL_DIRECTORY: join(root, '.local'),
      ...(await freePorts()),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', chunk => {
    output += chunk;
  });
  child.stderr.on('data', chunk => {
    errors += chunk;
  });
  const exitCode = await new Promise<number | null>(done =>
    child.on('close', done),
  );
  return { exitCode, output, errors: errors.trim() };
}

describe('npm start', () => {
  it('names every port that is taken, who wants it, and how to choose another, before it installs anything', async () => {
    const portal = await listen();
    const git = await listen();
    const taken = [...servers];
    servers = [];

    const run = await start({
      WASI_PORTAL_PORT: `${portal}`,
      WASI_GIT_PORT: `${git}`,
    });
    servers.push(...taken);

    expect(run).toEqual({
      exitCode: 1,
      output: '',
      errors: [
        `Port ${portal} for the portal is taken: end the program that uses it ("lsof -i :${portal}" names it), or choose another port with WASI_PORTAL_PORT=<port> npm start.`,
        `Port ${git} for the local platform's git host is taken: end the program that uses it ("lsof -i :${git}" names it), or choose another port with WASI_GIT_PORT=<port> npm start.`,
      ].join('\n'),
    });
  });

  it.each(['0', '65536', 'eighty', ''])(
    'refuses "%s" as a port',
    async text => {
      expect(await start({ WASI_KUBE_PORT: text })).toEqual({
        exitCode: 1,
        output: '',
        errors: `WASI_KUBE_PORT is "${text}", which is not a port: use a number from 1 to 65535.`,
      });
    },
  );

  it('refuses a second start on the same folder, and tells how to end the first', async () => {
    const first = spawn(
      process.execPath,
      ['-e', 'process.stdin.resume()', 'wasi-local-platform'],
      { stdio: ['pipe', 'ignore', 'inherit'] },
    );
    try {
      await mkdir(join(root, '.local'));
      await writeFile(
        join(root, '.local/platform.json'),
        JSON.stringify({ pid: first.pid }),
      );

      expect(await start()).toEqual({
        exitCode: 1,
        output: '',
        errors: `A local platform runs already on ${join(
          root,
          '.local',
        )} (process ${
          first.pid
        }): end it with Ctrl-C where it was started, or with "kill ${
          first.pid
        }".`,
      });
    } finally {
      first.kill();
    }
  });

  it.each([
    [[], 'python3, make, g++ are'],
    [['python3', 'make'], 'g++ is'],
  ])(
    'with the tools %j names those that are missing, and how to install them',
    async (present, missing) => {
      await install(...present);

      expect(await start()).toEqual({
        exitCode: 1,
        output: '',
        errors: `${missing} missing, needed once to compile SQLite: install with "apt-get install python3 make g++" (Debian, Ubuntu) or "xcode-select --install" (macOS) and try again.`,
      });
    },
  );

  it('takes gmake and clang++ for make and g++', async () => {
    await install('python3', 'gmake', 'clang++');
    await installAs('npx', 'process.exitCode = 1');

    expect((await start()).errors).toMatch(/^The install failed/);
  });

  it('shows the last lines of an install that failed, and where the rest is', async () => {
    await install(...COMPILERS);
    await installAs(
      'npx',
      `console.log('┌ Fetch step'); console.log('no route to the registry'); process.exitCode = 1;`,
    );

    const run = await start();

    const log = join(root, '.local/logs/install.log');
    expect(run).toEqual({
      exitCode: 1,
      output:
        'Installing dependencies (the first time takes some minutes) …\n  Fetch step …\n',
      errors: `The install failed, its last lines were:\n  ┌ Fetch step\n  no route to the registry\nThe whole output is in ${log}.`,
    });
    expect(await readFile(log, 'utf8')).toBe(
      '┌ Fetch step\nno route to the registry\n',
    );
  });

  it('says so when the disk is full in the middle of an install', async () => {
    await install(...COMPILERS);
    await installAs(
      'npx',
      `console.error('ENOSPC: no space left on device, write'); process.exitCode = 1;`,
    );

    expect(await start()).toMatchObject({
      exitCode: 1,
      errors: `The disk of ${root} is full: free some space and try again.`,
    });
  });
});

describe('what npm start needs', () => {
  /** What a check says; it runs in plain Node.js, as it does before anything is installed. */
  function refusal(call: string): string {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import { checkDisk, checkNode } from ${JSON.stringify(
          pathToFileURL(join(SCRIPTS, 'lib/prerequisites.mjs')).href,
        )};
         try { await ${call}; console.log('fine'); }
         catch (error) { console.log(error.name + ': ' + error.message); }`,
      ],
      { encoding: 'utf8' },
    );
    return (stdout + stderr).trim();
  }

  it.each(['16.20.2', '18.20.8', '20.18.3'])(
    'is a newer Node.js than %s',
    version => {
      expect(refusal(`checkNode('${version}')`)).toBe(
        `UserError: Node.js 20.19 or newer is needed, this is ${version}: install 22 from https://nodejs.org and try again.`,
      );
    },
  );

  it.each(['20.19.0', '22.0.0', '24.1.0'])('is met by Node.js %s', version => {
    expect(refusal(`checkNode('${version}')`)).toBe('fine');
  });

  it.each([
    [
      1.25,
      'UserError: Only 1.3 GB are free at /home/me, the first install needs 3 GB: free some space and try again.',
    ],
    [3, 'fine'],
  ])(
    'are 3 GB of disk for the first install; %d GB are there',
    (free, answer) => {
      expect(
        refusal(
          `checkDisk('/home/me', async () => ({ bavail: ${
            free * 1024 ** 2
          }, bsize: 1024 }))`,
        ),
      ).toBe(answer);
    },
  );
});
