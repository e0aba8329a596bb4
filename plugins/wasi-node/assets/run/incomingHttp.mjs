/* eslint-disable no-throw-literal -- what is thrown is the error case of a WIT result */
const WRITE_AHEAD_BYTES = 65536n;

/**
 * The server's half of wasi:http/types: preview2-shim keeps the constructors
 * of its own classes to itself, and its server loses repeated headers and
 * trailers and ends the process when a guest answers with an error.
 *
 * `channel` takes the answer, `openBody` gives the stream of a request's body,
 * `isCancelled` tells whether a request's caller has left; `wasi` is the shim.
 */
export function createIncomingHttp({ wasi, channel, openBody, isCancelled }) {
  const { types } = wasi.http;
  const ShimOutgoingResponse = types.OutgoingResponse;
  const textEncoder = new TextEncoder();

  class ServedIncomingBody extends types.IncomingBody {
    #stream;
    constructor(request) {
      super();
      this.#stream = openBody(request);
    }
    stream() {
      if (!this.#stream) {
        throw undefined;
      }
      const stream = this.#stream;
      this.#stream = undefined;
      return stream;
    }
  }

  class IncomingRequest extends types.IncomingRequest {
    #request;
    #headers;
    #consumed = false;
    static create(request) {
      const created = new IncomingRequest();
      created.#request = request;
      created.#headers = incomingHeaders(request.rawHeaders);
      return created;
    }
    method() {
      return methodOf(this.#request.method);
    }
    pathWithQuery() {
      return this.#request.path;
    }
    scheme() {
      // As the real runner: http, whatever the outside speaks.
      return { tag: 'HTTP' };
    }
    authority() {
      return this.#request.authority;
    }
    headers() {
      return this.#headers;
    }
    consume() {
      if (this.#consumed) {
        throw undefined;
      }
      this.#consumed = true;
      return new ServedIncomingBody(this.#request);
    }
  }

  /** Writes to the channel, which blocks while the caller does not read: so it is ready always. */
  class AnswerStream extends wasi.io.streams.OutputStream {
    #answer;
    static create(answer) {
      const stream = new AnswerStream();
      stream.#answer = answer;
      return stream;
    }
    checkWrite() {
      this.#answer.throwIfClosed();
      return WRITE_AHEAD_BYTES;
    }
    write(bytes) {
      this.#answer.write(bytes);
    }
    blockingWriteAndFlush(bytes) {
      this.#answer.write(bytes);
    }
    flush() {
      this.#answer.throwIfClosed();
    }
    blockingFlush() {
      this.#answer.throwIfClosed();
    }
    writeZeroes(length) {
      this.#answer.write(new Uint8Array(Number(length)));
    }
    blockingWriteZeroesAndFlush(length) {
      this.writeZeroes(length);
    }
    splice(source, length) {
      return this.#take(source.read(length));
    }
    blockingSplice(source, length) {
      return this.#take(source.blockingRead(length));
    }
    subscribe() {
      return wasi.clocks.monotonicClock.subscribeDuration(0n);
    }
    #take(bytes) {
      this.#answer.write(bytes);
      return BigInt(bytes.byteLength);
    }
  }

  class ServedOutgoingBody extends types.OutgoingBody {
    #answer;
    #opened = false;
    static create(answer) {
      const body = new ServedOutgoingBody();
      body.#answer = answer;
      return body;
    }
    write() {
      if (this.#opened) {
        throw undefined;
      }
      this.#opened = true;
      return AnswerStream.create(this.#answer);
    }
    finish(trailers) {
      this.#answer.finish(trailers?.entries() ?? []);
    }
  }

  /** What goes out, in the order of HTTP whatever the guest's order is. */
  class Answer {
    #request;
    #begun = false;
    #early = [];
    #written = 0;
    #trailers;
    #contentLength;
    hasBody = false;
    constructor(request) {
      this.#request = request;
    }
    get begun() {
      return this.#begun;
    }
    get finished() {
      return this.#trailers !== undefined;
    }
    openBody(contentLength) {
      this.hasBody = true;
      this.#contentLength = contentLength;
      return ServedOutgoingBody.create(this);
    }
    begin(status, headers) {
      this.#begun = true;
      channel.head(status, latin1(headers));
      this.#early.splice(0).forEach(bytes => channel.body(bytes));
      if (!this.hasBody) {
        channel.end([]);
      } else if (this.finished) {
        this.#end();
      }
    }
    throwIfClosed() {
      if (this.finished || isCancelled(this.#request.id)) {
        throw { tag: 'closed' };
      }
    }
    write(bytes) {
      this.throwIfClosed();
      this.#written += bytes.byteLength;
      if (this.#begun) {
        channel.body(bytes);
      } else {
        this.#early.push(bytes.slice());
      }
    }
    finish(trailers) {
      this.#trailers = trailers;
      if (this.#begun) {
        this.#end();
      }
    }
    #end() {
      const whole =
        this.#contentLength === undefined ||
        this.#contentLength === this.#written ||
        this.#request.method === 'HEAD';
      if (whole) {
        channel.end(latin1(this.#trailers));
      } else {
        channel.cut();
      }
    }
  }

  let current;

  class OutgoingResponse {
    #status = 200;
    #headers;
    #body;
    constructor(headers) {
      this.#headers = locked(headers);
    }
    statusCode() {
      return this.#status;
    }
    setStatusCode(status) {
      if (status < 100 || status > 999) {
        throw undefined;
      }
      this.#status = status;
    }
    headers() {
      return this.#headers;
    }
    body() {
      if (this.#body) {
        throw undefined;
      }
      this.#body = current.answer.openBody(contentLengthOf(this.#headers));
      return this.#body;
    }
  }

  class ResponseOutparam {
    static set(_param, response) {
      if (response.tag === 'err') {
        current.error = response.val;
        return;
      }
      const { val } = response;
      current.answer.begin(val.statusCode(), val.headers().entries());
    }
  }

  const finishOutgoingBody = types.OutgoingBody.finish;
  types.OutgoingBody.finish = function finish(body, trailers) {
    if (body instanceof ServedOutgoingBody) {
      body.finish(trailers);
      return;
    }
    finishOutgoingBody.call(types.OutgoingBody, body, trailers);
  };

  return {
    types: { ...types, IncomingRequest, OutgoingResponse, ResponseOutparam },
    /** Lets a guest answer one request; throws what the guest throws, or why there is no answer. */
    serve(request, handler) {
      const answer = new Answer(request);
      current = { answer };
      handler.handle(IncomingRequest.create(request), new ResponseOutparam());
      if (current.error !== undefined) {
        throw new Error(
          `guest answered with an error: ${describeError(current.error)}`,
        );
      }
      if (!answer.begun) {
        throw new Error('guest never invoked `response-outparam::set` method');
      }
      if (answer.hasBody && !answer.finished) {
        throw new Error('guest dropped the response body before finishing it');
      }
    },
  };

  // Locking is private to the shim, except that a response locks its headers.
  function locked(fields) {
    void new ShimOutgoingResponse(fields);
    return fields;
  }

  function incomingHeaders(rawHeaders) {
    const fields = new types.Fields();
    for (let index = 0; index < rawHeaders.length; index += 2) {
      try {
        fields.append(
          rawHeaders[index].toLowerCase(),
          textEncoder.encode(rawHeaders[index + 1]),
        );
      } catch {
        // `connection`, `keep-alive` and `host` stay with the host, as in wasmtime-wasi-http.
      }
    }
    return locked(fields);
  }
}

function contentLengthOf(headers) {
  const [value] = headers.get('content-length');
  return value === undefined
    ? undefined
    : Number(new TextDecoder().decode(value));
}

// Header values are bytes; JSON carries each as the character of its number.
function latin1(entries) {
  return entries.map(([name, value]) => [
    name,
    Buffer.from(value).toString('latin1'),
  ]);
}

const standardMethods = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
]);

function methodOf(method) {
  return standardMethods.has(method)
    ? { tag: method.toLowerCase() }
    : { tag: 'other', val: method };
}

function describeError(error) {
  return error.val === undefined
    ? error.tag
    : `${error.tag} ${JSON.stringify(error.val, (_key, value) =>
        typeof value === 'bigint' ? String(value) : value,
      )}`;
}
