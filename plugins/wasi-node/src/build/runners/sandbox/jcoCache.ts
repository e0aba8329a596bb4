import {
  cp,
  mkdir,
  mkdtemp,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Toolchains } from '../../../toolchains';
import { prepareWit } from '../../prepareWit';
import type { BuildPlace } from '../types';

/** Below the home that the sandbox's `passwd` names. */
const CACHE = '.cache';
const WARM_UP_TIMEOUT_MS = 600_000;
const SOURCE = `addEventListener('fetch', event =>
  event.respondWith(new Response('warm')));
`;

/**
 * What jco compiles once and keeps: the JavaScript engine, to machine code.
 *
 * Builds may read it and not write it: what one of them left there, the next
 * would run. So it is made by a build of our own source, in a sandbox.
 *
 * @internal
 */
export interface JcoCache {
  /** Folder of the cache, once it is made; undefined where that failed. */
  folder(): Promise<string | undefined>;
}

/**
 * A cache that is made when it is first asked for, and kept beside the toolchains.
 *
 * @param options - `open`: makes a sandbox around a folder whose `tmp` is the home.
 * @internal
 */
export function createJcoCache(options: {
  toolchains: Toolchains;
  /** `wasi.toolchains.directory`. */
  directory: string;
  open: (scratch: string) => Promise<BuildPlace>;
}): JcoCache {
  const { toolchains, directory, open } = options;
  let made: Promise<string | undefined> | undefined;

  async function find(): Promise<string | undefined> {
    const [jco, tool] = await Promise.all([
      toolchains.jco(),
      toolchains.find('jco'),
    ]);
    if (!jco || !tool) {
      // Whoever installs it should not have to restart the backend.
      made = undefined;
      return undefined;
    }
    const kept = join(directory, 'jco', `cache-${jco.version}`);
    if (await isFolder(kept)) {
      return kept;
    }
    const scratch = await mkdtemp(join(tmpdir(), 'wasi-warm-'));
    const place = await open(scratch);
    try {
      // As in a build, not the folder that is TMPDIR: jco finds nothing there.
      const cwd = join(scratch, 'source');
      await mkdir(cwd);
      const source = join(cwd, 'warm.js');
      await writeFile(source, SOURCE);
      const wit = await prepareWit({
        jco,
        place,
        folder: join(scratch, 'wit'),
      });
      const { exitCode } = await place.run({
        tool,
        args: [
          ...['componentize', source, '--bundle', '-w', wit, '-n', 'function'],
          ...['-o', join(scratch, 'warm.wasm')],
        ],
        cwd,
        env: toolchains.environment({ home: scratch, tools: [tool] }),
        timeoutMs: WARM_UP_TIMEOUT_MS,
        maxOutputBytes: 1024 * 1024,
      });
      const warm = join(scratch, 'tmp', CACHE);
      return exitCode === 0 && (await isFolder(warm))
        ? await keep(warm, kept)
        : undefined;
    } catch {
      // Builds are slower without it, and right.
      return undefined;
    } finally {
      await place.close();
      await rm(scratch, { recursive: true, force: true });
    }
  }

  return { folder: () => (made ??= find()) };
}

/** Beside the toolchain, where it outlives us; else for this process alone. */
async function keep(warm: string, kept: string): Promise<string> {
  const draft = `${kept}.${randomUUID()}`;
  try {
    await cp(warm, draft, { recursive: true });
    await rename(draft, kept);
    return kept;
  } catch {
    await rm(draft, { recursive: true, force: true });
    if (await isFolder(kept)) {
      // Another backend was quicker.
      return kept;
    }
  }
  const own = await mkdtemp(join(tmpdir(), 'wasi-cache-'));
  process.once('exit', () => rmSync(own, { recursive: true, force: true }));
  await cp(warm, own, { recursive: true });
  return own;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
