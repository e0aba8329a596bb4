import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { posix } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { toWritingFailure } from '../downloadBlob';
import { gunzipChunks } from '../tar/gunzipChunks';
import { readTar, type TarEntry } from '../tar/readTar';

const MAGIC = Buffer.from([0x00, 0x61, 0x73, 0x6d]);
/** Of the directory of a layer: what is not below it was there in a lower one. */
const OPAQUE = '.wh..wh..opq';

/** What to look for in a layer. */
export interface LayerSearch {
  /** Absolute, within the image. */
  entrypoint?: string;
  anyFile: boolean;
}

/**
 * Looks through a layer for the module, and writes it to a file.
 *
 * Only the content of one entry is written, to the path that the caller names:
 * no name in the layer says where.
 *
 * @returns undefined where the layer does not have it; `hidden` where it says
 * that lower ones do not count
 * @throws WasiError `ARCHIVE_INVALID`, `MODULE_TOO_LARGE`, `IMAGE_WITHOUT_MODULE`
 */
export async function extractModule(options: {
  layerPath: string;
  search: LayerSearch;
  targetPath: string;
  maxBytes: number;
  /** For messages. */
  name: string;
}): Promise<
  { path: string; digest: string; size: number } | 'hidden' | undefined
> {
  const { search, layerPath, name } = options;
  const limit = { maxBytes: 2 * options.maxBytes + 1024 * 1024 };
  // What the plugin is called is sure; what comes first is a guess.
  const searches = search.entrypoint
    ? [(path: string) => path === search.entrypoint]
    : [
        (path: string) => posix.basename(path) === 'plugin.wasm',
        ...(search.anyFile ? [() => true] : []),
      ];
  let isHidden = false;
  for (const isWanted of searches) {
    for await (const entry of readTar(await openLayer(layerPath, limit))) {
      const path = posix.resolve('/', entry.path);
      if (isWanted(path)) {
        if (entry.type === 'file') {
          return { path, ...(await writeModule(entry, options)) };
        }
        if (search.entrypoint) {
          throw new WasiError('IMAGE_WITHOUT_MODULE', {
            message: `${path} in ${name} is a link or no file`,
            remedy: 'Have the image run the file itself.',
          });
        }
      }
      // What hides a file of lower layers may stand before one of this layer.
      isHidden ||= !!search.entrypoint && hides(path, search.entrypoint);
    }
  }
  return isHidden ? 'hidden' : undefined;
}

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#whiteouts */
function hides(path: string, wanted: string): boolean {
  const folder = posix.dirname(path);
  const marker = posix.basename(path);
  if (!marker.startsWith('.wh.')) {
    return false;
  }
  const hidden =
    marker === OPAQUE ? folder : posix.join(folder, marker.slice(4));
  return (
    wanted === hidden || wanted.startsWith(hidden === '/' ? '/' : `${hidden}/`)
  );
}

async function openLayer(
  path: string,
  limit: { maxBytes: number },
): Promise<AsyncIterable<Uint8Array>> {
  const file = await open(path);
  let start: Buffer;
  try {
    ({ buffer: start } = await file.read(Buffer.alloc(2), 0, 2, 0));
  } finally {
    await file.close();
  }
  const chunks = createReadStream(path);
  // Some write the wrong type; the bytes do not lie.
  return start[0] === 0x1f && start[1] === 0x8b
    ? gunzipChunks(chunks, limit)
    : chunks;
}

async function writeModule(
  entry: TarEntry,
  options: { targetPath: string; maxBytes: number; name: string },
): Promise<{ digest: string; size: number }> {
  const { targetPath, maxBytes, name } = options;
  if (entry.size > maxBytes) {
    throw new WasiError('MODULE_TOO_LARGE', {
      message: `The module of ${name} has ${entry.size} bytes, and ${maxBytes} are allowed`,
    });
  }
  const partialPath = `${targetPath}.${randomUUID()}.partial`;
  const hash = createHash('sha256');
  let start = Buffer.alloc(0);
  try {
    const file = await open(partialPath, 'wx');
    try {
      for await (const chunk of entry.content()) {
        if (start.length < MAGIC.length) {
          start = Buffer.concat([start, chunk.subarray(0, MAGIC.length)]);
        }
        hash.update(chunk);
        await file.writeFile(chunk);
      }
    } finally {
      await file.close();
    }
    if (!start.subarray(0, MAGIC.length).equals(MAGIC)) {
      throw new WasiError('IMAGE_WITHOUT_MODULE', {
        message: `${JSON.stringify(
          entry.path.slice(0, 200),
        )} in ${name} is not WebAssembly`,
      });
    }
    await rename(partialPath, targetPath);
  } catch (error) {
    await rm(partialPath, { force: true });
    throw toWritingFailure(error, targetPath);
  }
  return { digest: `sha256:${hash.digest('hex')}`, size: entry.size };
}
