import type { JsonObject } from '../schema/Schema';
import { badRequest, unsupportedMediaType } from '../status/refusals';
import { decodeMessage } from './decodeMessage';
import type { Message } from './Message';
import { messagesByKind } from './messages';

/** Content type of Kubernetes' protobuf. */
export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf';

const MAGIC = Buffer.from('k8s\0', 'latin1');
const UNKNOWN: Message = {
  1: {
    name: 'typeMeta',
    type: 'message',
    message: {
      1: { name: 'apiVersion', type: 'text' },
      2: { name: 'kind', type: 'text' },
    },
  },
  2: { name: 'raw', type: 'bytes' },
};

/**
 * Reads an object that was sent as protobuf, which `kubectl` does for the built-in kinds.
 *
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding-idl
 *
 * @throws KubernetesStatusError 400 for bytes that cannot be read, 415 for a kind that is not known.
 */
export function decodeObject(body: Buffer): JsonObject {
  try {
    if (!body.subarray(0, MAGIC.length).equals(MAGIC)) {
      throw new RangeError('it does not start as Kubernetes writes it');
    }
    const envelope = decodeMessage(body.subarray(MAGIC.length), UNKNOWN);
    const { apiVersion, kind } = (envelope.typeMeta ?? {}) as JsonObject;
    // Every group has delete options of its own, all the same.
    const name =
      kind === 'DeleteOptions' ? `v1/${kind}` : `${apiVersion}/${kind}`;
    const message = Object.hasOwn(messagesByKind, name)
      ? messagesByKind[name]
      : undefined;
    if (!message) {
      throw unsupportedMediaType(['application/json', 'application/yaml']);
    }
    const raw = Buffer.from(String(envelope.raw ?? ''), 'base64');
    return { ...decodeMessage(raw, message), apiVersion, kind };
  } catch (error) {
    if (error instanceof RangeError) {
      throw badRequest(`the protobuf cannot be read: ${error.message}`);
    }
    throw error;
  }
}
