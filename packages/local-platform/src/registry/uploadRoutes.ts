import type { BlobStore } from './BlobStore';
import { RegistryError } from './RegistryError';
import {
  methodNotAllowed,
  sendEmpty,
  type RegistryExchange,
} from './RegistryExchange';
import { checkedDigest, checkedName } from './registryPath';
import type { UploadSession, UploadSessions } from './UploadSessions';

/** @internal */
export interface UploadStores {
  blobs: BlobStore;
  uploads: UploadSessions;
}

/**
 * Begins an upload, stores a blob sent at once, or mounts one of another repository.
 *
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs
 *
 * @internal
 */
export async function handleUploads(
  exchange: RegistryExchange,
  stores: UploadStores,
  name: string,
): Promise<void> {
  if (exchange.method !== 'POST') {
    throw methodNotAllowed('POST');
  }
  const { query } = exchange;
  const mount = query.get('mount');
  const from = query.get('from');
  if (mount && from) {
    const digest = checkedDigest(mount);
    if (await stores.blobs.mount({ name, from: checkedName(from), digest })) {
      sendCreated(exchange, name, digest);
      return;
    }
  }
  const digest = query.get('digest');
  const session = await stores.uploads.begin(name);
  if (digest) {
    try {
      await finishUpload(exchange, stores, session);
    } catch (error) {
      // The client never learned of the session, so nobody goes on with it.
      await stores.uploads.cancel(session);
      throw error;
    }
    return;
  }
  sendEmpty(exchange, 202, sessionHeaders(session));
}

/**
 * Goes on with an upload, tells its state, closes or cancels it.
 *
 * @internal
 */
export async function handleUpload(
  exchange: RegistryExchange,
  stores: UploadStores,
  target: { name: string; session: string },
): Promise<void> {
  const session = stores.uploads.get(target.name, target.session);
  switch (exchange.method) {
    case 'GET':
      sendEmpty(exchange, 204, sessionHeaders(session));
      return;
    case 'PATCH':
      checkRange(exchange, session);
      await stores.uploads.append(session, exchange.request);
      sendEmpty(exchange, 202, sessionHeaders(session));
      return;
    case 'PUT':
      checkRange(exchange, session);
      await finishUpload(exchange, stores, session);
      return;
    case 'DELETE':
      await stores.uploads.cancel(session);
      sendEmpty(exchange, 204);
      return;
    default:
      throw methodNotAllowed('GET, PATCH, PUT, DELETE');
  }
}

async function finishUpload(
  exchange: RegistryExchange,
  { blobs, uploads }: UploadStores,
  session: UploadSession,
): Promise<void> {
  const requested = exchange.query.get('digest');
  if (!requested) {
    throw new RegistryError(400, 'DIGEST_INVALID', 'digest is missing');
  }
  const digest = checkedDigest(requested);
  await uploads.append(session, exchange.request);
  const finished = uploads.finish(session);
  try {
    await blobs.adopt({ name: session.name, digest, ...finished });
  } catch (error) {
    await uploads.cancel(session);
    throw error;
  }
  sendCreated(exchange, session.name, digest);
}

// A chunk must begin where the last one ended.
function checkRange(exchange: RegistryExchange, session: UploadSession): void {
  const header = exchange.request.headers['content-range'];
  if (header === undefined) {
    return;
  }
  const match = /^(\d+)-(\d+)$/.exec(header);
  const length = exchange.request.headers['content-length'];
  const [first, last] = match ? [Number(match[1]), Number(match[2])] : [];
  if (
    first !== session.size ||
    last === undefined ||
    (length !== undefined && last - first + 1 !== Number(length))
  ) {
    throw new RegistryError(
      416,
      'BLOB_UPLOAD_INVALID',
      `the next chunk must begin at ${session.size}`,
      sessionHeaders(session),
    );
  }
}

function sessionHeaders(session: UploadSession): Record<string, string> {
  return {
    location: `/v2/${session.name}/blobs/uploads/${session.id}`,
    // There is no way to write an empty range; the distribution project says 0-0 as well.
    range: `0-${Math.max(0, session.size - 1)}`,
    'docker-upload-uuid': session.id,
  };
}

function sendCreated(
  exchange: RegistryExchange,
  name: string,
  digest: string,
): void {
  sendEmpty(exchange, 201, {
    location: `/v2/${name}/blobs/${digest}`,
    'docker-content-digest': digest,
  });
}
