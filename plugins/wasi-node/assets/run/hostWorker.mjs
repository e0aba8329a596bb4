import { lookup } from 'node:dns/promises';
import { rmdirSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { answerBuffer, sharedAnswerBuffer } from './answerBuffer.mjs';

const REPORTS = 3;
const BODIES = 5;
const BODY_HEADER_BYTES = 9;
const WATCH_INTERVAL_MS = 20;
/** So many looks without a request in between, and the watch rests. */
const IDLE_LOOKS = 50;

/** Places in the shared state. */
export const STATE = {
  /** The last request whose caller has left. */
  cancelled: 0,
  /** 1 while the guest has a request. */
  serving: 1,
  /** 1 while the worker looks after the guest. */
  watched: 2,
};

/**
 * Runs inside the I/O worker of preview2-shim, so it goes on while the guest
 * blocks the main thread: hears of callers that leave, takes in the bodies of
 * requests, and ends the process when it holds too much or its parent has gone.
 */
export default function createHostWorker(context) {
  /** What both threads look at, by {@link STATE}. */
  const state = new Int32Array(
    new SharedArrayBuffer(4 * Int32Array.BYTES_PER_ELEMENT),
  );
  const shared = sharedAnswerBuffer();
  const { flushIfFree } = answerBuffer(shared);
  const watch = watchGuest(state, flushIfFree);
  const bodies = receiveBodies();
  const operations = {
    configuration: folder =>
      readLines(folder, id => Atomics.store(state, STATE.cancelled, id)),
    shared: () => ({ state, answers: shared }),
    limitMemory: bytes => watch.limit(bytes),
    watch: () => watch.start(),
    resolveNames,
    openRequestBody: id => context.createReadableStream(bodies.open(id)),
    emptyInput: () => context.createReadableStream(Readable.from([])),
    resourceCounts: () => context.resourceCounts(),
  };
  return (operation, args) => operations[operation](...args);
}

/**
 * Ends the process once it holds more than its limit over what the host itself
 * takes, and sends what a guest that computes or waits has answered so far.
 * Rests while no request comes.
 */
function watchGuest(state, flushAnswer) {
  const own = process.memoryUsage.rss();
  let limit = Infinity;
  let timer;
  let idle = 0;
  function look() {
    flushAnswer();
    if (process.memoryUsage.rss() - own > limit) {
      report({ type: 'out-of-memory', limitBytes: limit });
      process.kill(process.pid, 'SIGKILL');
    }
    idle = Atomics.load(state, STATE.serving) ? 0 : idle + 1;
    if (idle > IDLE_LOOKS) {
      clearInterval(timer);
      timer = undefined;
      Atomics.store(state, STATE.watched, 0);
      // A request that came in between took the watch for awake.
      if (Atomics.load(state, STATE.serving)) {
        start();
      }
    }
  }

  function start() {
    idle = 0;
    timer ??= setInterval(look, WATCH_INTERVAL_MS);
    Atomics.store(state, STATE.watched, 1);
  }

  return {
    limit(bytes) {
      limit = bytes;
      start();
    },
    start,
  };
}

/**
 * Bodies arrive in pieces: the id of the request, how it goes on (0: with
 * bytes, 1: it ends, 2: its caller left), a length, the bytes.
 */
function receiveBodies() {
  let socket;
  let current;
  let received = Buffer.alloc(0);

  function newBody(id) {
    current?.stream.destroy();
    const stream = new Readable({ read: () => socket?.resume() });
    // A guest that reads no body is not told that there was more of it.
    stream.on('error', () => {});
    current = { id, stream };
    socket?.resume();
    return current;
  }

  function take(id, kind, bytes) {
    if (current && id < current.id) {
      return;
    }
    const { stream } = current?.id === id ? current : newBody(id);
    if (stream.destroyed) {
      return;
    }
    if (kind === 2) {
      stream.destroy(new Error('the caller has gone'));
    } else if (!stream.push(kind === 1 ? null : bytes) && kind === 0) {
      socket.pause();
    }
  }

  function receive(chunk) {
    received = received.length > 0 ? Buffer.concat([received, chunk]) : chunk;
    while (received.length >= BODY_HEADER_BYTES) {
      const end = BODY_HEADER_BYTES + received.readUInt32LE(5);
      if (received.length < end) {
        return;
      }
      take(
        received.readUInt32LE(0),
        received[4],
        received.subarray(BODY_HEADER_BYTES, end),
      );
      received = received.subarray(end);
    }
  }

  return {
    open(id) {
      if (!socket) {
        socket = new Socket({ fd: BODIES, readable: true, writable: false });
        socket.on('data', receive);
        // The parent has gone; whoever reads the configuration ends the process.
        socket.on('error', () => {});
      }
      return (current?.id === id ? current : newBody(id)).stream;
    },
  };
}

function report(message) {
  writeSync(REPORTS, `${JSON.stringify(message)}\n`);
}

// Lines on stdin: the configuration, then ids of requests whose callers left.
// Its end means that the parent has gone, and with it the reason to live.
function readLines(folder, onCancelled) {
  return new Promise(resolve => {
    const input = new Socket({ fd: 0, readable: true, writable: false });
    let text = '';
    let configured = false;
    input.setEncoding('utf8');
    input.on('data', chunk => {
      const lines = (text + chunk).split('\n');
      text = lines.pop();
      for (const line of lines) {
        if (configured) {
          onCancelled(Number(line));
        } else {
          configured = true;
          resolve(JSON.parse(line));
        }
      }
    });
    const leave = () => {
      removeFolder(folder);
      process.kill(process.pid, 'SIGKILL');
    };
    input.once('end', leave);
    input.once('error', leave);
  });
}

// The parent made its folder for us, and cannot remove it any more.
function removeFolder(folder) {
  try {
    rmdirSync(folder);
  } catch {
    // Another process removes it later: it is named after the parent.
  }
}

async function resolveNames(names) {
  const answers = await Promise.all(
    names.map(name =>
      lookup(name, { all: true, verbatim: true }).then(
        found => found.map(({ address }) => address),
        // A name that does not resolve matches nothing until the next request.
        () => [],
      ),
    ),
  );
  return new Map(names.map((name, index) => [name, answers[index]]));
}
