import { open, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { BlobStore } from './BlobStore';
import { RegistryError } from './RegistryError';
import { isMissing } from './RegistryFolder';
import {
  methodNotAllowed,
  sendEmpty,
  type RegistryExchange,
} from './RegistryExchange';

// With the default of 64 KiB, a pull is mostly waiting.
const chunkBytes = 256 * 1024;

/**
 * Pulls, looks for and deletes a blob.
 *
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs
 *
 * @internal
 */
export async function handleBlob(
  exchange: RegistryExchange,
  blobs: BlobStore,
  target: { name: string; digest: string },
): Promise<void> {
  const { name, digest } = target;
  switch (exchange.method) {
    case 'GET':
    case 'HEAD':
      await sendBlob(exchange, blobs, target);
      return;
    case 'DELETE':
      if (!(await blobs.remove(name, digest))) {
        throw unknownBlob();
      }
      sendEmpty(exchange, 202);
      return;
    default:
      throw methodNotAllowed('GET, HEAD, DELETE');
  }
}

async function sendBlob(
  { request, response, method }: RegistryExchange,
  blobs: BlobStore,
  { name, digest }: { name: string; digest: string },
): Promise<void> {
  const blob = await blobs.find(name, digest);
  if (!blob) {
    throw unknownBlob();
  }
  const range = readRange(request.headers.range, blob.size);
  const { first, last } = range ?? { first: 0, last: blob.size - 1 };
  // Opened before the answer begins: from then on nobody can delete it under us.
  const file = await openBlob(blob.path);
  response.writeHead(range ? 206 : 200, {
    'content-type': 'application/octet-stream',
    'content-length': String(last - first + 1),
    'docker-content-digest': digest,
    'accept-ranges': 'bytes',
    etag: `"${digest}"`,
    ...(range && { 'content-range': `bytes ${first}-${last}/${blob.size}` }),
  });
  if (method === 'HEAD' || last < first) {
    await file.close();
    response.end();
    return;
  }
  await pipeline(
    file.createReadStream({
      start: first,
      end: last,
      highWaterMark: chunkBytes,
    }),
    response,
  );
}

async function openBlob(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw isMissing(error) ? unknownBlob() : error;
  }
}

// One range of RFC 9110; several at once are answered with the whole, as it allows.
function readRange(
  header: string | undefined,
  size: number,
): { first: number; last: number } | undefined {
  const match = header && /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  if (!match || (match[1] === '' && match[2] === '')) {
    return undefined;
  }
  const [, from, to] = match;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last =
    from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (first >= size || (from === '' && Number(to) === 0)) {
    throw new RegistryError(416, 'SIZE_INVALID', 'range not satisfiable', {
      'content-range': `bytes */${size}`,
    });
  }
  return last < first ? undefined : { first, last };
}

function unknownBlob(): RegistryError {
  return new RegistryError(404, 'BLOB_UNKNOWN', 'blob unknown to registry');
}
