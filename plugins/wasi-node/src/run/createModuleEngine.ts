import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { JcoToolchain } from '../toolchains';
import { HostSupply } from './HostSupply';
import { prepareModule } from './prepareModule';
import { runModuleCommand } from './runModuleCommand';
import { serveModule } from './serveModule';
import type { ModuleEngine, PreparedModule } from './types';

/** Translating takes a processor and up to some hundred megabytes. */
const MAX_PREPARING = 2;

/**
 * Creates an engine that runs components translated by jco, each in processes of its own.
 *
 * @param options - `jco`: where jco is installed, asked when it is needed.
 * `cacheDirectory`: keeps translated components; may be deleted at will.
 * @public
 */
export function createModuleEngine(options: {
  jco: () => Promise<JcoToolchain | undefined>;
  cacheDirectory: string;
}): ModuleEngine {
  const { cacheDirectory } = options;
  const supply = new HostSupply(async () => (await needJco()).directory);
  const checked = new Set<string>();
  const preparing = new Map<string, Promise<PreparedModule>>();
  const turns: Promise<unknown>[] = Array.from({ length: MAX_PREPARING }, () =>
    Promise.resolve(),
  );
  let turn = 0;

  async function needJco(): Promise<JcoToolchain> {
    const jco = await options.jco();
    if (!jco) {
      throw new WasiError('TOOLCHAIN_MISSING', {
        message: 'Components run through jco, which is not installed here.',
        remedy:
          'Install the jco toolchain: `npm start` does it, or set `wasi.toolchains.directory`.',
      });
    }
    return jco;
  }

  async function prepare(
    modulePath: string,
    digest: string,
  ): Promise<PreparedModule> {
    const under = preparing.get(digest);
    if (under) {
      return await under;
    }
    const slot = turn++ % MAX_PREPARING;
    const made = turns[slot].then(async () => {
      const { directory, version } = await needJco();
      return await prepareModule({
        modulePath,
        digest,
        cacheDirectory,
        jco: directory,
        version,
        checked,
      });
    });
    // The next in line starts whether this one succeeds or not; `made` tells its own caller.
    turns[slot] = made.catch(() => undefined);
    preparing.set(digest, made);
    try {
      return await made;
    } finally {
      preparing.delete(digest);
    }
  }

  return {
    prepare,
    serve: serveOptions => serveModule(supply, serveOptions),
    async runCommand(command) {
      if (await isCore(command.modulePath)) {
        return await runModuleCommand(command, { module: command.modulePath });
      }
      const prepared = await prepare(
        command.modulePath,
        await digestOf(command.modulePath),
      );
      if (!prepared.exports.some(name => /^(wasi:cli\/)?run(@|$)/.test(name))) {
        throw new WasiError('MODULE_RUN_FAILED', {
          message:
            'The component is not a command: it exports no wasi:cli/run.',
          remedy: 'Run it as an HTTP module, or export wasi:cli/run.',
        });
      }
      const { directory } = await needJco();
      return await runModuleCommand(command, {
        component: prepared.directory,
        jco: directory,
      });
    },
    close: () => supply.close(),
  };
}

async function isCore(modulePath: string): Promise<boolean> {
  const file = await open(modulePath);
  try {
    const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0);
    return (
      buffer.readUInt32LE(0) === 0x6d736100 && buffer.readUInt16LE(6) === 0
    );
  } finally {
    await file.close();
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return `sha256:${hash.digest('hex')}`;
}
