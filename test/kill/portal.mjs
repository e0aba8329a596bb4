import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopChildren } from '../../scripts/lib/children.mjs';
import { recordStart } from '../../scripts/lib/earlierStart.mjs';
import { checkPorts } from '../../scripts/lib/ports.mjs';
import {
  portalEnvironment,
  startBackend,
  startPlatform,
} from '../../scripts/lib/startPortal.mjs';
import { descendants, killOne } from './processes.mjs';

const ports = {
  portal: 24000,
  backend: 28007,
  kubernetes: 28443,
  registry: 28450,
  git: 28460,
};

/** A backend and a local platform on ports of their own, each of which can be killed. */
export async function openPortal() {
  const directory = await mkdtemp(join(tmpdir(), 'wasi-kill-'));
  await checkPorts(ports);
  const { temporary, end } = await recordStart(directory);
  const environment = {
    ...process.env,
    WASI_MODULE_PORTS: '28500-28699',
  };
  const parts = {};
  const seen = new Map();
  const starters = {
    'local platform': () =>
      startPlatform({ directory, temporary, ports, environment }),
    backend: async () =>
      startBackend({
        directory,
        temporary,
        ports,
        env: await portalEnvironment({
          directory,
          platform: portal.platform,
          ports,
          environment,
        }),
      }),
  };

  async function start(name) {
    const part = await starters[name]();
    parts[name] = part;
    const ended = part.exited.then(code => {
      throw new Error(
        `The ${name} ended (${code}) while it started:\n${part
          .tail()
          .join('\n')}`,
      );
    });
    ended.catch(() => {});
    const ready = await Promise.race([part.ready(), ended]);
    if (name === 'local platform') {
      portal.platform = ready;
    }
  }

  const portal = {
    directory,
    temporary,
    backendUrl: `http://localhost:${ports.backend}`,
    platform: undefined,
    pid: name => parts[name].pid,
    /** What killed parts had started, by process number. */
    orphans: () => seen,
    async kill(name) {
      for (const [pid, started] of descendants(parts[name].pid)) {
        seen.set(pid, started);
      }
      killOne(parts[name].pid);
      await parts[name].exited;
      return true;
    },
    restart: start,
    async stop() {
      for (const name of Object.keys(parts)) {
        for (const [pid, started] of descendants(parts[name].pid)) {
          seen.set(pid, started);
        }
      }
      await stopChildren();
      await end();
    },
    async destroy() {
      await stopChildren();
      await end();
      if (!process.env.WASI_KEEP) {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
  try {
    await start('local platform');
    await start('backend');
  } catch (error) {
    await portal.destroy();
    throw error;
  }
  return portal;
}
