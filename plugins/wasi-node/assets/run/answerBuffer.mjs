import { writeSync } from 'node:fs';

const CHANNEL = 4;
const SIZE = 64 * 1024;
/** Places in the state: who writes holds the lock, and how much is kept. */
const LOCK = 0;
const LENGTH = 1;

/** What {@link answerBuffer} works on, for both threads. */
export function sharedAnswerBuffer() {
  return {
    state: new Int32Array(
      new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT),
    ),
    bytes: new Uint8Array(new SharedArrayBuffer(SIZE)),
  };
}

/**
 * Gathers the pieces of an answer, since each write costs as much as a small
 * answer altogether. The main thread adds and flushes; the worker flushes what
 * a guest that computes or waits has left.
 */
export function answerBuffer({ state, bytes }) {
  function writeOut() {
    writeAll(bytes, Atomics.load(state, LENGTH));
    Atomics.store(state, LENGTH, 0);
  }

  function locked(work) {
    while (Atomics.compareExchange(state, LOCK, 0, 1) !== 0) {
      Atomics.wait(state, LOCK, 1);
    }
    try {
      work();
    } finally {
      unlock();
    }
  }

  function unlock() {
    Atomics.store(state, LOCK, 0);
    Atomics.notify(state, LOCK);
  }

  return {
    add: piece =>
      locked(() => {
        if (Atomics.load(state, LENGTH) + piece.length > SIZE) {
          writeOut();
        }
        if (piece.length > SIZE) {
          writeAll(piece, piece.length);
        } else {
          bytes.set(piece, Atomics.load(state, LENGTH));
          Atomics.add(state, LENGTH, piece.length);
        }
      }),
    flush: () => locked(writeOut),
    /** For the worker, which waits for nobody. */
    flushIfFree() {
      if (
        Atomics.load(state, LENGTH) > 0 &&
        Atomics.compareExchange(state, LOCK, 0, 1) === 0
      ) {
        try {
          writeOut();
        } finally {
          unlock();
        }
      }
    },
  };
}

function writeAll(bytes, length) {
  for (let at = 0; at < length; ) {
    at += writeSync(CHANNEL, bytes, at, length - at);
  }
}
