import { lookup } from 'node:dns/promises';
import { rmdirSync, unlinkSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { Socket } from 'node:net';
import { dirname } from 'node:path';
import { PassThrough, Readable } from 'node:stream';

const REPORTS = 3;
const MEMORY_INTERVAL_MS = 20;
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Runs inside the I/O worker of preview2-shim, so it keeps serving while the
 * guest blocks the main thread. The main thread fetches one request at a time.
 */
export default function createRequestServer(context) {
  const open = new Map();
  const waiting = [];
  let requestCount = 0;
  let wake = () => {};

  const server = createServer((request, response) => {
    const id = ++requestCount;
    open.set(id, { request, response });
    response.once('close', () => open.delete(id));
    waiting.push(id);
    wake();
  });
  // Deadlines are the parent's: it knows how long this module may take.
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  server.keepAliveTimeout = 0;

  const arrival = () =>
    new Promise(resolve => {
      wake = resolve;
    });

  async function nextId() {
    for (;;) {
      const id = waiting.shift();
      if (id === undefined) {
        await arrival();
      } else if (open.has(id)) {
        return id;
      } else {
        // Its caller left before its turn; the parent counts it all the same.
        report({ type: 'served', id, outcome: 'failed' });
      }
    }
  }

  const bodies = new Map();
  const memory = watchMemory();
  const operations = {
    configuration: () =>
      readConfiguration(() => removeSocket(server.address())),

    limitMemory(bytes) {
      memory.limit(bytes);
    },

    listen: path =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(path, () => resolve(server.address()));
      }),

    async next(names) {
      memory.rest();
      const id = await nextId();
      const { request } = open.get(id);
      memory.watch();
      return {
        id,
        method: request.method,
        path: request.url,
        authority: request.headers.host,
        rawHeaders: request.rawHeaders,
        addresses: await resolveNames(names),
      };
    },

    openRequestBody(id) {
      return context.createReadableStream(
        open.get(id)?.request ?? Readable.from([]),
      );
    },

    createResponseBody(id, contentLength) {
      const stream = new PassThrough({ highWaterMark: 64 * 1024 });
      const body = { stream, contentLength, written: 0 };
      bodies.set(id, body);
      stream.on('data', chunk => {
        body.written += chunk.byteLength;
      });
      stream.pause();
      return context.createWritableStream(stream);
    },

    respond(id, status, headers) {
      const response = open.get(id)?.response;
      const body = bodies.get(id);
      if (!response || response.destroyed) {
        // The caller has gone; the guest is told by its next write.
        body?.stream.destroy();
        return;
      }
      response.statusCode = status;
      for (const [name, value] of headers) {
        if (!HOP_BY_HOP.has(name.toLowerCase())) {
          response.appendHeader(name, Buffer.from(value).toString('latin1'));
        }
      }
      response.flushHeaders();
      if (!body) {
        return;
      }
      response.once('close', () => {
        // Its caller has gone: the guest is told by its next write, as in the real runner.
        body.stream.unpipe(response);
        body.stream.destroy();
      });
      body.stream.pipe(response, { end: false });
    },

    finishResponseBody(id, trailers) {
      const body = bodies.get(id);
      bodies.delete(id);
      const response = open.get(id)?.response;
      const end = () => {
        const complete =
          body.contentLength === undefined ||
          body.contentLength === body.written;
        if (!response || response.destroyed) {
          return;
        }
        if (!complete && response.req.method !== 'HEAD') {
          response.destroy();
          return;
        }
        if (trailers.length > 0) {
          response.addTrailers(
            trailers.map(([name, value]) => [
              name,
              Buffer.from(value).toString('latin1'),
            ]),
          );
        }
        response.end();
      };
      if (body.stream.destroyed && !body.stream.readableEnded) {
        return;
      }
      if (body.stream.readableEnded) {
        // The guest dropped its stream first, as it must, and all of it is through.
        end();
        return;
      }
      body.stream.once('end', end);
      body.stream.end();
    },

    fail(id, status, message) {
      bodies.delete(id);
      const response = open.get(id)?.response;
      if (!response || response.destroyed) {
        return;
      }
      if (response.headersSent) {
        // A half-sent answer must not look like a whole one.
        response.destroy();
        return;
      }
      response.writeHead(status, { 'content-type': 'text/plain' });
      response.end(`${message}\n`);
    },

    emptyInput: () => context.createReadableStream(Readable.from([])),

    resourceCounts: () => context.resourceCounts(),
  };
  return (operation, args) => operations[operation](...args);
}

/**
 * Ends the process once it holds more than its limit over what the host itself
 * takes. Looks only while the guest has the main thread: it cannot grow otherwise.
 */
function watchMemory() {
  const own = process.memoryUsage.rss();
  let limit = Infinity;
  let timer;
  const look = () => {
    if (process.memoryUsage.rss() - own > limit) {
      report({ type: 'out-of-memory', limitBytes: limit });
      process.kill(process.pid, 'SIGKILL');
    }
  };
  const watch = () => {
    timer ??= setInterval(look, MEMORY_INTERVAL_MS);
  };
  return {
    limit(bytes) {
      limit = bytes;
      watch();
    },
    watch,
    rest() {
      look();
      clearInterval(timer);
      timer = undefined;
    },
  };
}

function report(message) {
  writeSync(REPORTS, `${JSON.stringify(message)}\n`);
}

// One JSON line on stdin; its end means that the parent has gone, and with it the reason to live.
function readConfiguration(beforeLeaving) {
  return new Promise(resolve => {
    const input = new Socket({ fd: 0, readable: true, writable: false });
    let text = '';
    input.setEncoding('utf8');
    input.on('data', chunk => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end !== -1) {
        resolve(JSON.parse(text.slice(0, end)));
        text = '';
      }
    });
    const leave = () => {
      beforeLeaving();
      process.kill(process.pid, 'SIGKILL');
    };
    input.once('end', leave);
    input.once('error', leave);
  });
}

// The parent made its folder for us, and cannot remove it any more.
function removeSocket(path) {
  try {
    unlinkSync(path);
    rmdirSync(dirname(path));
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
  return Object.fromEntries(names.map((name, index) => [name, answers[index]]));
}
