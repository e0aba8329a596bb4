import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type LocalPlatform, startLocalPlatform } from './startLocalPlatform';

const anyPort = { kubernetes: 0, registry: 0, git: 0 };

// Keys are made, and the command compiles its sources.
jest.setTimeout(60_000);

let directory: string;
let running: LocalPlatform[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'local-platform-'));
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map(platform => platform.close()));
  await rm(directory, { recursive: true, force: true });
});

async function start(ports = anyPort) {
  const platform = await startLocalPlatform({
    directory,
    toolchainsDirectory: join(directory, 'toolchains'),
    ports,
  });
  running.push(platform);
  return platform;
}

/** Asks the Kubernetes API over TLS, trusting only the CA that was written down. */
async function askKubernetes(url: string, ca: Buffer, token: string) {
  const asked = request(url, {
    ca,
    headers: { authorization: `Bearer ${token}` },
  });
  asked.end();
  const [response] = await once(asked, 'response');
  response.resume();
  return response.statusCode;
}

describe('what it writes', () => {
  it('leads to a Kubernetes API, a registry and a git host that answer', async () => {
    await start();
    const file = JSON.parse(
      await readFile(join(directory, 'platform.json'), 'utf8'),
    );
    expect(file).toMatchObject({
      version: 1,
      pid: process.pid,
      runner: { ports: { first: 7500, last: 7999 } },
    });

    const { git, kubernetes, registry } = file;
    const login = Buffer.from(`${git.username}:${git.password}`);
    const user = await fetch(`${git.baseUrl}/api/v1/user`, {
      headers: { authorization: `Basic ${login.toString('base64')}` },
    });
    expect(user.status).toBe(200);
    expect((await fetch(`http://${registry.host}/v2/`)).status).toBe(200);

    const ca = await readFile(kubernetes.caFile);
    const portal = (await readFile(kubernetes.tokenFile, 'utf8')).trim();
    const modules = `${kubernetes.server}/apis/wasm.serving.knative.dev/v1alpha1/wasmmodules`;
    const secrets = `${kubernetes.server}/api/v1/secrets`;
    expect(await askKubernetes(modules, ca, portal)).toBe(200);
    expect(await askKubernetes(secrets, ca, portal)).toBe(403);
    expect(await askKubernetes(modules, ca, 'wrong')).toBe(401);
  });

  it('gives kubectl an administrator in the namespace default', async () => {
    const { file } = await start();
    const config = parse(await readFile(file.kubernetes.kubeconfig, 'utf8'));
    expect(config).toMatchObject({
      'current-context': 'local',
      contexts: [{ context: { namespace: 'default' } }],
    });
    const ca = await readFile(file.kubernetes.caFile);
    const { token } = config.users[0].user;
    const { server } = config.clusters[0].cluster;
    const url = `${server}/api/v1/namespaces/default`;
    expect(await askKubernetes(url, ca, token)).toBe(200);
  });

  it.each(['platform.json', 'kubeconfig', 'git-password'])(
    'keeps %s from everybody else on the machine',
    async name => {
      await start();
      const { mode } = await stat(join(directory, name));
      // eslint-disable-next-line no-bitwise
      expect(mode & 0o077).toBe(0);
    },
  );
});

describe('when it ends', () => {
  it('takes its addresses away and keeps its state', async () => {
    const first = await start();
    await first.close();
    expect(existsSync(join(directory, 'platform.json'))).toBe(false);
    await expect(fetch(first.file.git.baseUrl)).rejects.toThrow('fetch failed');
    const second = await start();
    expect(second.file.git.password).toBe(first.file.git.password);
  });
});

describe('when it cannot start', () => {
  it('refuses a folder that another one uses, and names the process', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({
      code: 'LOCAL_PLATFORM_RUNNING',
      message: `A local platform runs already on ${directory} (process ${process.pid}).`,
    });
  });

  it('takes a folder over that a killed one left locked', async () => {
    await writeFile(
      join(directory, 'platform.lock'),
      JSON.stringify({ pid: process.pid, started: 'before the restart' }),
    );
    const { file } = await start();
    expect(file.pid).toBe(process.pid);
  });

  it('names a port that is taken, and leaves nothing behind', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await expect(start({ ...anyPort, git: port })).rejects.toMatchObject({
      code: 'LOCAL_PORT_TAKEN',
      message: `Port ${port} for the git host is taken.`,
    });
    other.close();
    await once(other, 'close');
    expect(existsSync(join(directory, 'platform.json'))).toBe(false);
    expect(existsSync(join(directory, 'platform.lock'))).toBe(false);
    expect((await start({ ...anyPort, git: port })).file.git.baseUrl).toBe(
      `http://localhost:${port}`,
    );
  });
});

describe('the command', () => {
  const command = join(__dirname, '../bin/wasi-local-platform.js');

  function run(...args: string[]) {
    const child = spawn(process.execPath, [command, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { text: '' };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', chunk => {
        output.text += chunk;
      });
    }
    return { child, output };
  }

  async function untilReady(child: ChildProcess, output: { text: string }) {
    while (!output.text.includes('kubectl')) {
      await Promise.race([
        once(child.stdout!, 'data'),
        once(child, 'close').then(() => {
          throw new Error(output.text);
        }),
      ]);
    }
  }

  it('serves until it is told to end, and then cleans up', async () => {
    const { child, output } = run(
      ...['--directory', directory],
      ...['--kubernetes-port', '0', '--registry-port', '0', '--git-port', '0'],
    );
    const closed = once(child, 'close');
    await untilReady(child, output);
    const path = join(directory, 'platform.json');
    expect(JSON.parse(await readFile(path, 'utf8')).pid).toBe(child.pid);
    child.kill('SIGTERM');
    expect(await closed).toEqual([0, null]);
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    { args: ['--git-port', 'x'], says: '--git-port "x" is not a port' },
    { args: ['--unknown'], says: "Unknown option '--unknown'" },
  ])(
    'refuses $args with a sentence',
    async ({ args, says }) => {
      const { child, output } = run(...args);
      expect(await once(child, 'close')).toEqual([1, null]);
      expect(output.text).toContain(says);
      expect(output.text).not.toContain('    at ');
    },
    60_000,
  );
});
