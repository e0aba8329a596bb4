import type { IncomingMessage } from 'node:http';
import type { Writable } from 'node:stream';

const MORE = 0;
const END = 1;
const GONE = 2;

/**
 * Sends the body of a request as the host process takes it: id, what kind of
 * piece, length, bytes.
 *
 * @returns Ends it where it is, which the guest sees as a caller that left.
 * @internal
 */
export function sendBody(
  pipe: Writable,
  exchange: { id: number; request: IncomingMessage },
): () => void {
  const { id, request } = exchange;
  let ended = false;

  function send(kind: number, bytes: Buffer = Buffer.alloc(0)): boolean {
    const header = Buffer.alloc(9);
    header.writeUInt32LE(id, 0);
    header[4] = kind;
    header.writeUInt32LE(bytes.length, 5);
    return pipe.write(Buffer.concat([header, bytes]));
  }
  const resume = () => request.resume();
  const onData = (bytes: Buffer) => {
    if (!send(MORE, bytes)) {
      request.pause();
      pipe.once('drain', resume);
    }
  };
  const finish = (kind: number) => {
    if (!ended) {
      ended = true;
      request.off('data', onData);
      pipe.off('drain', resume);
      send(kind);
    }
  };
  if (request.readableEnded) {
    finish(END);
  } else if (request.destroyed) {
    finish(GONE);
  } else {
    request.on('data', onData);
    request.once('end', () => finish(END));
    request.once('close', () => finish(GONE));
  }
  return () => finish(GONE);
}
