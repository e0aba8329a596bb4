import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import { runCommand } from '../process';
import { assetPath } from './assetPath';
import type { PreparedModule } from './types';

const TIMEOUT_MS = 120_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;
const MAX_HEAP_MB = 2048;

const descriptionSchema = z.object({
  imports: z.array(z.string()),
  exports: z.array(z.string()),
  /** SHA-256 of each file, by which a damaged one is found. */
  files: z.record(z.string(), z.string()),
});
type Description = z.infer<typeof descriptionSchema>;

/**
 * Translates a component for this machine's engine, or finds it translated.
 *
 * @param options - `jco`: folder of the jco package. `version`: of jco; another
 * one translates again. `checked`: folders that need not be read again; filled here.
 * @throws `WasiError` MODULE_NOT_WASM, MODULE_IS_CORE, MODULE_FAILED_TO_COMPILE.
 * @internal
 */
export async function prepareModule(options: {
  modulePath: string;
  digest: string;
  cacheDirectory: string;
  jco: string;
  version: string;
  checked: Set<string>;
}): Promise<PreparedModule> {
  const { modulePath, digest, cacheDirectory, jco, version, checked } = options;
  const directory = join(
    cacheDirectory,
    `${digest.replace(':', '-')}-${version}`,
  );
  const known = await readDescription(directory);
  if (known && (checked.has(directory) || (await isWhole(directory, known)))) {
    checked.add(directory);
    return toPrepared(directory, digest, known);
  }
  await rm(directory, { recursive: true, force: true });
  await checkPreamble(modulePath);
  await mkdir(cacheDirectory, { recursive: true });
  const draft = join(cacheDirectory, `.${randomUUID()}`);
  try {
    const { exitCode, tail } = await runCommand({
      command: process.execPath,
      args: [
        `--max-old-space-size=${MAX_HEAP_MB}`,
        '--no-warnings',
        assetPath('transpile.mjs'),
        jco,
        modulePath,
        draft,
      ],
      cwd: cacheDirectory,
      env: {},
      timeoutMs: TIMEOUT_MS,
      maxOutputBytes: MAX_OUTPUT_BYTES,
    });
    const made = exitCode === 0 ? await readDescription(draft) : undefined;
    if (!made) {
      throw new WasiError('MODULE_FAILED_TO_COMPILE', {
        message: `The component ${digest} could not be compiled: ${
          tail.slice(-3).join(' ') || `exit code ${exitCode}`
        }`,
      });
    }
    await moveIntoPlace(draft, directory);
    checked.add(directory);
    return toPrepared(directory, digest, made);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

function toPrepared(
  directory: string,
  digest: string,
  { imports, exports }: Description,
): PreparedModule {
  return { directory, digest, imports, exports };
}

async function readDescription(
  directory: string,
): Promise<Description | undefined> {
  try {
    const text = await readFile(join(directory, 'component.json'), 'utf8');
    return descriptionSchema.safeParse(JSON.parse(text)).data;
  } catch {
    // Not there yet, or damaged: the caller makes it.
    return undefined;
  }
}

async function isWhole(
  directory: string,
  { files }: Description,
): Promise<boolean> {
  for (const [name, digest] of Object.entries(files)) {
    const bytes = await readFile(join(directory, name)).catch(() => undefined);
    if (!bytes || createHash('sha256').update(bytes).digest('hex') !== digest) {
      return false;
    }
  }
  return true;
}

async function checkPreamble(modulePath: string): Promise<void> {
  const file = await open(modulePath);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0);
    if (bytesRead < 8 || buffer.readUInt32LE(0) !== 0x6d736100) {
      throw new WasiError('MODULE_NOT_WASM', {
        message: 'The file does not start like WebAssembly.',
      });
    }
    if (buffer.readUInt16LE(6) === 0) {
      // The runner's own words, by which its failures are recognised.
      throw new WasiError('MODULE_IS_CORE', {
        message: 'attempted to parse a wasm module with a component parser',
      });
    }
  } finally {
    await file.close();
  }
}

async function moveIntoPlace(draft: string, directory: string): Promise<void> {
  try {
    await rename(draft, directory);
  } catch (error) {
    // Another process made the same from the same bytes, and was first.
    if (!(await readDescription(directory))) {
      throw error;
    }
  }
}
