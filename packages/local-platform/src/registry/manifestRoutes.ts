import type { IncomingMessage } from 'node:http';
import type { ManifestStore } from './ManifestStore';
import { RegistryError } from './RegistryError';
import {
  methodNotAllowed,
  sendEmpty,
  type RegistryExchange,
} from './RegistryExchange';

const maxManifestBytes = 4 * 1024 * 1024;

/**
 * Pulls, pushes and deletes a manifest or tag.
 *
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
 *
 * @internal
 */
export async function handleManifest(
  exchange: RegistryExchange,
  manifests: ManifestStore,
  target: { name: string; reference: string },
): Promise<void> {
  const { name, reference } = target;
  switch (exchange.method) {
    case 'GET':
    case 'HEAD': {
      const manifest = await manifests.get(name, reference);
      if (!manifest) {
        throw unknownManifest();
      }
      exchange.response.writeHead(200, {
        'content-type': manifest.mediaType,
        'content-length': String(manifest.bytes.length),
        'docker-content-digest': manifest.digest,
        etag: `"${manifest.digest}"`,
      });
      exchange.response.end(
        exchange.method === 'HEAD' ? undefined : manifest.bytes,
      );
      return;
    }
    case 'PUT': {
      const { digest, subject } = await manifests.put({
        name,
        reference,
        bytes: await readManifest(exchange.request),
        contentType: exchange.request.headers['content-type'],
      });
      sendEmpty(exchange, 201, {
        location: `/v2/${name}/manifests/${digest}`,
        'docker-content-digest': digest,
        ...(subject && { 'oci-subject': subject }),
      });
      return;
    }
    case 'DELETE':
      if (!(await manifests.remove(name, reference))) {
        throw unknownManifest();
      }
      sendEmpty(exchange, 202);
      return;
    default:
      throw methodNotAllowed('GET, HEAD, PUT, DELETE');
  }
}

async function readManifest(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Not destroyed on return: the refusal still goes out over the same connection.
  const body: AsyncIterable<Buffer> = request.iterator({
    destroyOnReturn: false,
  });
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxManifestBytes) {
      throw new RegistryError(
        413,
        'SIZE_INVALID',
        `a manifest may have at most ${maxManifestBytes} bytes`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function unknownManifest(): RegistryError {
  return new RegistryError(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
}
