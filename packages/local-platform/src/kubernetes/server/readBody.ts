import type { IncomingMessage } from 'node:http';
import { bodyTooLarge } from '../status/refusals';

/** What Kubernetes accepts in one request. */
const MAXIMUM_BODY_BYTES = 3 * 1024 * 1024;

// Read to its end and dropped, because many clients see a broken connection
// instead of the answer where they are stopped in the middle.
const MAXIMUM_DRAINED_BYTES = 64 * 1024 * 1024;

export const JSON_TYPE = 'application/json';

/** @throws KubernetesStatusError 413 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= MAXIMUM_BODY_BYTES) {
      chunks.push(chunk);
    } else if (length > MAXIMUM_DRAINED_BYTES) {
      break;
    }
  }
  if (length > MAXIMUM_BODY_BYTES) {
    throw bodyTooLarge(MAXIMUM_BODY_BYTES);
  }
  return Buffer.concat(chunks);
}

/** Type of a body without its parameters; JSON where none is named. */
export function contentType(request: IncomingMessage): string {
  const [type] = (request.headers['content-type'] || JSON_TYPE).split(';');
  return type.trim().toLowerCase();
}
