import { createHash, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stageSources } from '../../stageSources';
import type { BuildPlace, PlaceCommand } from '../types';

/** Below the home that the sandbox's `passwd` names. */
const CACHE = '.cache';
const WARM_UP_TIMEOUT_MS = 600_000;
const MAX_WIT_BYTES = 16 * 1024 * 1024;
/** Of 20 MB each. */
const MAX_KEPT = 8;
const SOURCE = `addEventListener('fetch', event =>
  event.respondWith(new Response('warm')));
`;

/**
 * What jco compiles once for each WIT world and keeps: its JavaScript engine,
 * to machine code.
 *
 * Builds may read it and not write it: what one of them left there, the next
 * would run. So it is made ahead of them by a build of our own source, with the
 * world of theirs.
 *
 * @internal
 */
export interface JcoCache {
  /** Folder for a command of jco; undefined where the command has no use for one. */
  folderFor(command: PlaceCommand): Promise<string | undefined>;
}

/**
 * A cache that is kept beside the toolchains, or with this process.
 *
 * @param options - `open`: makes a sandbox around a folder whose `tmp` is the home.
 * @internal
 */
export function createJcoCache(options: {
  /** `wasi.toolchains.directory`. */
  directory: string;
  open: (scratch: string) => Promise<BuildPlace>;
}): JcoCache {
  async function make(
    command: PlaceCommand,
    wit: string,
  ): Promise<string | undefined> {
    const scratch = await realpath(await mkdtemp(join(tmpdir(), 'wasi-warm-')));
    try {
      const copy = join(scratch, 'wit');
      const { mtimeMs } = await stat(command.tool.path);
      const key = createHash('sha256')
        .update(
          JSON.stringify([
            command.tool.path,
            mtimeMs,
            await stageSources({
              directory: wit,
              target: copy,
              maxBytes: MAX_WIT_BYTES,
            }),
          ]),
        )
        .digest('hex');
      const parent = await cacheParent(options.directory);
      const kept = join(parent, key);
      if (!(await isFolder(kept))) {
        const warm = await warmUp(command, { scratch, wit: copy });
        if (!warm) {
          return undefined;
        }
        await keep(warm, kept);
      }
      await utimes(kept, new Date(), new Date());
      await dropOldest(parent);
      return kept;
    } catch (error) {
      if (command.signal?.aborted) {
        throw error;
      }
      // Builds are slower without it, and right.
      const { code, message } = error as NodeJS.ErrnoException;
      command.onLine?.(
        `jco's engine could not be compiled ahead of the build: ${
          code ?? message
        }.`,
      );
      return undefined;
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  async function warmUp(
    command: PlaceCommand,
    { scratch, wit }: { scratch: string; wit: string },
  ): Promise<string | undefined> {
    // As in a build, not the folder that is TMPDIR: jco finds nothing there.
    const cwd = join(scratch, 'source');
    await mkdir(cwd);
    const source = join(cwd, 'warm.js');
    await writeFile(source, SOURCE);
    const place = await options.open(scratch);
    try {
      // Whether our source fits the world or not: the engine is compiled before.
      await place.run({
        tool: command.tool,
        args: [
          ...['componentize', source, '--bundle', '-w', wit, '-n', 'function'],
          ...['-o', join(scratch, 'warm.wasm')],
        ],
        cwd,
        env: { ...command.env, HOME: scratch, TMPDIR: scratch },
        timeoutMs: WARM_UP_TIMEOUT_MS,
        maxOutputBytes: 1024 * 1024,
        signal: command.signal,
      });
    } finally {
      await place.close();
    }
    const warm = join(scratch, 'tmp', CACHE);
    return (await isFolder(warm)) ? warm : undefined;
  }

  return {
    async folderFor(command) {
      const { tool, args } = command;
      const wit = args[args.indexOf('-w') + 1];
      if (tool.name !== 'jco' || args[0] !== 'componentize' || !wit) {
        return undefined;
      }
      return make(command, wit);
    },
  };
}

let own: string | undefined;

/** Beside the toolchain, where it outlives us; else of this process alone. */
async function cacheParent(directory: string): Promise<string> {
  const shared = join(directory, 'jco', 'cache');
  try {
    await mkdir(shared, { recursive: true });
    return shared;
  } catch {
    // The toolchains are read-only.
    if (!own) {
      const made = await mkdtemp(join(tmpdir(), 'wasi-cache-'));
      process.once('exit', () =>
        rmSync(made, { recursive: true, force: true }),
      );
      own = made;
    }
    return own;
  }
}

async function keep(warm: string, kept: string): Promise<void> {
  const draft = `${kept}.${randomUUID()}`;
  try {
    await cp(warm, draft, { recursive: true });
    await rename(draft, kept);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another build was quicker: one is as good as the other.
    if (!(await isFolder(kept))) {
      throw error;
    }
  }
}

/** A build that reads one just now has it compiled anew; that is all it loses. */
async function dropOldest(parent: string): Promise<void> {
  const folders = [];
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    const stats = await stat(path).catch(() => undefined);
    if (stats) {
      folders.push({ path, used: stats.mtimeMs });
    }
  }
  folders.sort((a, b) => b.used - a.used);
  for (const { path } of folders.slice(MAX_KEPT)) {
    await rm(path, { recursive: true, force: true });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
