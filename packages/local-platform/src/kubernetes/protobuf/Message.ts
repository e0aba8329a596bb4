/**
 * How one field of a message is written; `list` may repeat.
 *
 * https://protobuf.dev/programming-guides/encoding/
 */
export type Field = { name: string; list?: boolean } & (
  | { type: 'text' | 'bytes' | 'integer' | 'flag' | 'instant' }
  | { type: 'textMap' | 'bytesMap' }
  | { type: 'message'; message: Message }
);

/** Fields of a message by their numbers. */
export type Message = Record<number, Field>;
