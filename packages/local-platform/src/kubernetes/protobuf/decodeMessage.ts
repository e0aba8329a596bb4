import type { Json, JsonObject } from '../schema/Schema';
import type { Field, Message } from './Message';
import { MessageReader } from './MessageReader';

const KEY_AND_VALUE = {
  text: {
    1: { name: 'key', type: 'text' },
    2: { name: 'value', type: 'text' },
  },
  bytes: {
    1: { name: 'key', type: 'text' },
    2: { name: 'value', type: 'bytes' },
  },
} satisfies Record<string, Message>;

const INSTANT: Message = { 1: { name: 'seconds', type: 'integer' } };

/**
 * Reads one protobuf message as Kubernetes' JSON of it; unknown fields are skipped.
 *
 * Empty texts are left out, because Go writes every text, set or not.
 *
 * @throws RangeError for bytes that are no message.
 */
export function decodeMessage(bytes: Buffer, message: Message): JsonObject {
  const object: JsonObject = {};
  const reader = new MessageReader(bytes);
  while (!reader.atEnd) {
    const { number, wireType } = reader.tag();
    const value = reader.value(wireType);
    const field = Object.hasOwn(message, number) ? message[number] : undefined;
    if (field) {
      assign(object, field, value);
    }
  }
  return object;
}

function assign(
  object: JsonObject,
  field: Field,
  value: Buffer | bigint,
): void {
  if (field.type === 'textMap' || field.type === 'bytesMap') {
    const entry = decodeMessage(
      bytesOf(value),
      KEY_AND_VALUE[field.type === 'textMap' ? 'text' : 'bytes'],
    );
    const map = new Map(
      Object.entries((object[field.name] as JsonObject) ?? {}),
    );
    map.set(String(entry.key ?? ''), entry.value ?? '');
    object[field.name] = Object.fromEntries(map);
    return;
  }
  const decoded = decode(field, value);
  if (field.list) {
    object[field.name] = [...((object[field.name] as Json[]) ?? []), decoded];
  } else if (decoded !== '') {
    object[field.name] = decoded;
  }
}

function decode(field: Field, value: Buffer | bigint): Json {
  switch (field.type) {
    case 'text':
      return bytesOf(value).toString('utf8');
    case 'bytes':
      return bytesOf(value).toString('base64');
    case 'integer':
      return Number(BigInt.asIntN(64, numberOf(value)));
    case 'flag':
      return numberOf(value) !== 0n;
    case 'instant':
      return instant(bytesOf(value));
    case 'message':
      return decodeMessage(bytesOf(value), field.message);
    default:
      throw new RangeError(`field ${field.name} has no type`);
  }
}

/** An instant without content is none. */
function instant(bytes: Buffer): Json {
  const { seconds } = decodeMessage(bytes, INSTANT);
  if (bytes.length === 0 || seconds === undefined) {
    return null;
  }
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}Z`;
}

function bytesOf(value: Buffer | bigint): Buffer {
  if (typeof value === 'bigint') {
    throw new RangeError('a number where bytes are expected');
  }
  return value;
}

function numberOf(value: Buffer | bigint): bigint {
  if (typeof value !== 'bigint') {
    throw new RangeError('bytes where a number is expected');
  }
  return value;
}
