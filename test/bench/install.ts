import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort, root, run } from './programs';
import type { Result } from './report';

const FIRST_BAR = 150;
const SECOND_BAR = 25;
const SIZE_BAR = 1.2;

export const title = 'From a clone to the portal';

/** `npm start` in a fresh clone, and again; with warm caches of npm and Yarn. */
export async function measure(): Promise<Result[]> {
  const directory = await mkdtemp(join(tmpdir(), 'wasi-bench-'));
  const clone = join(directory, 'clone');
  try {
    const cloned = performance.now();
    await run('git', ['clone', '--quiet', root, clone]);
    const first = (await start(clone, cloned)) / 1000;
    const second = (await start(clone, performance.now())) / 1000;
    const megabytes = async (...folder: string[]) =>
      Number.parseInt(await run('du', ['-sm', join(clone, ...folder)]), 10);
    const all = (await megabytes()) / 1024;
    const parts = [
      `node_modules ${await megabytes('node_modules')} MiB`,
      `.toolchains ${await megabytes('.toolchains')} MiB`,
    ];
    return [
      {
        what: 'clone, install, start: the portal answers',
        measured: `${first.toFixed(0)} s`,
        bar: `≤ ${FIRST_BAR} s`,
        met: first <= FIRST_BAR,
      },
      {
        what: 'second start',
        measured: `${second.toFixed(0)} s`,
        bar: `≤ ${SECOND_BAR} s`,
        met: second <= SECOND_BAR,
      },
      {
        what: 'size on disk',
        measured: `${all.toFixed(2)} GiB: ${parts.join(', ')}`,
        bar: `≤ ${SIZE_BAR} GiB`,
        met: all <= SIZE_BAR,
      },
    ];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Milliseconds from `since` until the portal answers; then it is stopped. */
async function start(clone: string, since: number): Promise<number> {
  const environment: NodeJS.ProcessEnv = { ...process.env };
  delete environment.WASI_TOOLCHAINS_DIRECTORY;
  const portal = spawn('npm', ['start'], {
    cwd: clone,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...environment,
      WASI_PORTAL_PORT: `${await freePort()}`,
      WASI_BACKEND_PORT: `${await freePort()}`,
      WASI_KUBE_PORT: `${await freePort()}`,
      WASI_REGISTRY_PORT: `${await freePort()}`,
      WASI_GIT_PORT: `${await freePort()}`,
      WASI_MODULE_PORTS: '31600-31699',
    },
  });
  const ended = once(portal, 'exit');
  let answered: number | undefined;
  for await (const line of createInterface({ input: portal.stdout })) {
    if (line.startsWith('The portal answers')) {
      answered = performance.now() - since;
      portal.kill('SIGTERM');
    }
  }
  await ended;
  if (answered === undefined) {
    throw new Error('npm start ended before the portal answered.');
  }
  return answered;
}
