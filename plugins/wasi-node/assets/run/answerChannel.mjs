import { readSync } from 'node:fs';

const CHANNEL = 4;
const HEADER_BYTES = 5;

/**
 * The guest's side of the pipe that requests and answers take: read and written
 * by the main thread itself, which has nothing else to do while it waits.
 * A pipe that is full holds the guest up until its caller has read.
 *
 * A request is its length in 4 bytes, then JSON. A piece of an answer is a
 * letter, its length in 4 bytes, then JSON, or bytes where the letter is `b`.
 */
export function createAnswerChannel(buffer) {
  const send = (letter, bytes) => {
    const piece = Buffer.allocUnsafe(HEADER_BYTES + bytes.byteLength);
    piece.write(letter, 0, 'latin1');
    piece.writeUInt32LE(bytes.byteLength, 1);
    piece.set(bytes, HEADER_BYTES);
    buffer.add(piece);
  };
  const sendJson = (letter, value) =>
    send(letter, Buffer.from(JSON.stringify(value)));

  return {
    /** Waits for a request; `undefined` once the parent has gone. */
    nextRequest() {
      const length = read(4)?.readUInt32LE(0);
      const text = length === undefined ? undefined : read(length);
      return text && JSON.parse(text.toString());
    },
    /** Asks for the body of the request; it comes by a pipe of its own. */
    openBody() {
      sendJson('o', {});
      buffer.flush();
    },
    head: (status, headers) => sendJson('h', { status, headers }),
    body: bytes => send('b', bytes),
    end: trailers => sendJson('e', { trailers }),
    /** The answer ends before it is whole. */
    cut: () => sendJson('c', {}),
    fail: message => sendJson('f', { message }),
    /** The guest is done with its request. */
    served(outcome) {
      sendJson('s', { outcome });
      buffer.flush();
    },
  };
}

function read(length) {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; ) {
    const count = readSync(CHANNEL, bytes, at, length - at, null);
    if (count === 0) {
      return undefined;
    }
    at += count;
  }
  return bytes;
}
