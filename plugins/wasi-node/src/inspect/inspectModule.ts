import { createHash } from 'node:crypto';
import { constants, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import {
  WasiError,
  type ModuleInspection,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { describeWorld } from './describeWorld';
import { detectToolchain } from './detectToolchain';
import { readBinary, type Binary } from './readBinary';
import { capabilitiesOf, parseWasiInterface, wasiOf } from './wasiInterfaces';

const DEFAULT_MAX_BYTES = 100 * 1024 * 1024;
const MAX_REMEMBERED = 1_000;
/** By digest: a module is looked at more than once. */
const gzipSizes = new Map<string, number>();

/**
 * Tells what a .wasm file is: its kind, sizes, imports, exports, producers and
 * what it asks the host for. The file is read, never run.
 *
 * @param options - `maxBytes`: size beyond which the file is refused unread. Default: 100 MiB.
 * `measureGzip`: also tell its compressed size, which takes ten times as long as all else.
 * @throws `WasiError` SOURCE_MISSING, MODULE_TOO_LARGE, MODULE_NOT_WASM or MODULE_TRUNCATED.
 * @public
 */
export async function inspectModule(
  path: string,
  options: { maxBytes?: number; measureGzip?: boolean } = {},
): Promise<ModuleInspection> {
  const bytes = await readModuleFile(path, options.maxBytes);
  const inspection = describeModule(bytes, readBinary(bytes));
  return options.measureGzip
    ? { ...inspection, gzipSize: await gzipSizeOf(bytes, inspection.digest) }
    : inspection;
}

/**
 * {@link inspectModule} for bytes that are in memory.
 *
 * @public
 */
export function inspectBytes(bytes: Uint8Array): ModuleInspection {
  return describeModule(bytes, readBinary(bytes));
}

/**
 * Reads a module file whose size is known to be bearable.
 *
 * @internal
 */
export async function readModuleFile(
  path: string,
  maxBytes: number = DEFAULT_MAX_BYTES,
): Promise<Uint8Array> {
  const name = basename(path);
  let file;
  try {
    // A pipe without a writer would keep us waiting; it is no file, which the next lines tell.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new WasiError('SOURCE_MISSING', {
      message: `The module ${name} cannot be opened.`,
      cause: error,
    });
  }
  try {
    const { size, isFile } = await file
      .stat()
      .then(stat => ({ size: stat.size, isFile: stat.isFile() }));
    if (!isFile) {
      throw new WasiError('MODULE_NOT_WASM', {
        message: `The module ${name} is not a file.`,
      });
    }
    if (size > maxBytes) {
      throw new WasiError('MODULE_TOO_LARGE', {
        message: `The module ${name} has ${size} bytes; at most ${maxBytes} are accepted.`,
      });
    }
    // A fixed size: a file that grows meanwhile cannot take more memory than was agreed.
    const bytes = new Uint8Array(size);
    let length = 0;
    while (length < size) {
      const { bytesRead } = await file.read(
        bytes,
        length,
        size - length,
        length,
      );
      if (bytesRead === 0) {
        break;
      }
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await file.close();
  }
}

async function gzipSizeOf(bytes: Uint8Array, digest: string): Promise<number> {
  const size = gzipSizes.get(digest) ?? (await measureGzip(bytes));
  gzipSizes.set(digest, size);
  if (gzipSizes.size > MAX_REMEMBERED) {
    const [oldest] = gzipSizes.keys();
    gzipSizes.delete(oldest);
  }
  return size;
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Counts what comes out and keeps nothing of it. */
async function measureGzip(bytes: Uint8Array): Promise<number> {
  let size = 0;
  await pipeline([bytes], createGzip(), async compressed => {
    for await (const { length } of compressed) {
      size += length;
    }
  });
  return size;
}

/**
 * What is told of a file that was read.
 *
 * @internal
 */
export function describeModule(
  bytes: Uint8Array,
  binary: Binary,
): ModuleInspection {
  const imports = binary.imports.map(({ name }) => name);
  const exports = binary.exports.map(({ name }) => name);
  return {
    kind: binary.kind,
    ...wasiOf([...imports, ...exports]),
    size: bytes.length,
    digest: digestOf(bytes),
    sections: binary.sections,
    imports,
    exports,
    ...(binary.kind === 'component' && {
      world: describeWorld(binary.imports, binary.exports),
    }),
    producers: binary.producers,
    ...detectToolchain(binary),
    capabilities: capabilitiesOf(imports),
    entry: entryOf(binary.kind, exports),
  };
}

function entryOf(
  kind: Binary['kind'],
  exports: string[],
): ModuleInspection['entry'] {
  if (kind === 'module') {
    return exports.includes('_start') ? 'command' : 'none';
  }
  const interfaces = exports.flatMap(name => parseWasiInterface(name) ?? []);
  const has = (packageName: string, name: string, minors: string[]) =>
    interfaces.some(
      item =>
        item.package === packageName &&
        item.interface === name &&
        minors.includes(item.minor),
    );
  if (has('http', 'incoming-handler', ['0.2'])) {
    return 'http';
  }
  return has('cli', 'run', ['0.2', '0.3']) ? 'command' : 'none';
}
