import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';
import { decodeObject, PROTOBUF_TYPE } from '../protobuf/decodeObject';
import { isObject, type Json, type JsonObject } from '../schema/Schema';
import {
  badRequest,
  bodyTooLarge,
  unsupportedMediaType,
} from '../status/refusals';

/** What Kubernetes accepts in one request. */
const MAXIMUM_BODY_BYTES = 3 * 1024 * 1024;

// Read to its end and dropped, because many clients see a broken connection
// instead of the answer where they are stopped in the middle.
const MAXIMUM_DRAINED_BYTES = 64 * 1024 * 1024;

const JSON_TYPE = 'application/json';
const YAML_TYPES = ['application/yaml', 'application/apply-patch+yaml'];

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

/**
 * Reads an object from JSON, YAML or protobuf.
 *
 * @throws KubernetesStatusError 400, 413, 415
 */
export async function readObject(
  request: IncomingMessage,
): Promise<JsonObject> {
  const type = contentType(request);
  if (![JSON_TYPE, PROTOBUF_TYPE, ...YAML_TYPES].includes(type)) {
    throw unsupportedMediaType([JSON_TYPE, 'application/yaml', PROTOBUF_TYPE]);
  }
  const value = parseBody(await readBody(request), type);
  if (!isObject(value)) {
    throw badRequest('the body of the request is not an object');
  }
  return value;
}

/** @throws KubernetesStatusError 400 */
export function parseBody(body: Buffer, type: string): Json {
  if (type === PROTOBUF_TYPE) {
    return decodeObject(body);
  }
  const text = body.toString('utf8');
  try {
    return YAML_TYPES.includes(type)
      ? // Aliases are bounded by the library, so that a small body stays small.
        (parse(text, { maxAliasCount: 100 }) as Json)
      : (JSON.parse(text) as Json);
  } catch (error) {
    throw badRequest(
      `the body of the request cannot be read: ${(error as Error).message}`,
    );
  }
}
