/* eslint-disable no-throw-literal -- what is thrown is the error case of a WIT result */
/**
 * The server's half of wasi:http/types: preview2-shim keeps the constructors
 * of its own classes to itself, and its server loses repeated headers and
 * trailers and ends the process when a guest answers with an error.
 *
 * `call` reaches the request server in the I/O worker; the other arguments are
 * the shim's types and stream constructors.
 */
export function createIncomingHttp({ types, streams, call }) {
  const ShimOutgoingResponse = types.OutgoingResponse;
  const textEncoder = new TextEncoder();

  class ServedIncomingBody extends types.IncomingBody {
    #stream;
    constructor(id) {
      super();
      this.#stream = streams.input(call('openRequestBody', id));
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
      return new ServedIncomingBody(this.#request.id);
    }
  }

  class ServedOutgoingBody extends types.OutgoingBody {
    #id;
    #stream;
    finished = false;
    constructor(id, contentLength) {
      super();
      this.#id = id;
      this.#stream = streams.output(
        call('createResponseBody', id, contentLength),
      );
    }
    write() {
      if (!this.#stream) {
        throw undefined;
      }
      const stream = this.#stream;
      this.#stream = undefined;
      return stream;
    }
    finish(trailers) {
      this.finished = true;
      call('finishResponseBody', this.#id, trailers?.entries() ?? []);
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
      this.#body = new ServedOutgoingBody(
        current.id,
        contentLengthOf(this.#headers),
      );
      current.body = this.#body;
      return this.#body;
    }
  }

  class ResponseOutparam {
    static set(_param, response) {
      if (response.tag === 'err') {
        current.error = response.val;
        return;
      }
      current.answered = true;
      const { val } = response;
      call('respond', current.id, val.statusCode(), val.headers().entries());
      if (!current.body) {
        call('createResponseBody', current.id, undefined);
        call('finishResponseBody', current.id, []);
      }
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
      current = { id: request.id };
      handler.handle(IncomingRequest.create(request), new ResponseOutparam());
      if (current.error !== undefined) {
        throw new Error(
          `guest answered with an error: ${describeError(current.error)}`,
        );
      }
      if (!current.answered) {
        throw new Error('guest never invoked `response-outparam::set` method');
      }
      if (current.body && !current.body.finished) {
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
