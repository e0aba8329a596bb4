/*
 * Between handler.c and WASI: the interfaces of wasi:http as the component model
 * lowers them to functions of integers. Larger answers come by a pointer, the last
 * argument; offsets in them follow from the types in the WIT.
 *
 * https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "function.h"

#define IMPORT(module, name) \
  __attribute__((import_module(module), import_name(name))) extern
#define TYPES "wasi:http/types@0.2.3"
#define STREAMS "wasi:io/streams@0.2.3"

typedef int32_t handle_t;

IMPORT(TYPES, "[constructor]fields") handle_t fields_new(void);
IMPORT(TYPES, "[method]fields.append")
void fields_append(handle_t, const char *, size_t, const char *, size_t, void *);

IMPORT(TYPES, "[method]incoming-request.method")
void request_method(handle_t, void *);
IMPORT(TYPES, "[method]incoming-request.path-with-query")
void request_path(handle_t, void *);
IMPORT(TYPES, "[method]incoming-request.consume")
void request_consume(handle_t, void *);
IMPORT(TYPES, "[resource-drop]incoming-request") void request_drop(handle_t);

IMPORT(TYPES, "[method]incoming-body.stream") void body_stream(handle_t, void *);
IMPORT(TYPES, "[resource-drop]incoming-body") void body_drop(handle_t);

IMPORT(TYPES, "[constructor]outgoing-response")
handle_t response_new(handle_t headers);
IMPORT(TYPES, "[method]outgoing-response.set-status-code")
int32_t response_set_status(handle_t, int32_t);
IMPORT(TYPES, "[method]outgoing-response.body")
void response_body(handle_t, void *);
IMPORT(TYPES, "[method]outgoing-body.write") void body_write(handle_t, void *);
IMPORT(TYPES, "[static]outgoing-body.finish")
void body_finish(handle_t, int32_t has_trailers, handle_t trailers, void *);
IMPORT(TYPES, "[static]response-outparam.set")
void outparam_set(handle_t, int32_t error, handle_t response, int32_t, int64_t,
                  int32_t, int32_t, int32_t, int32_t);

IMPORT(TYPES, "[constructor]outgoing-request")
handle_t outgoing_new(handle_t headers);
IMPORT(TYPES, "[method]outgoing-request.set-scheme")
int32_t outgoing_set_scheme(handle_t, int32_t some, int32_t scheme,
                            const char *, size_t);
IMPORT(TYPES, "[method]outgoing-request.set-authority")
int32_t outgoing_set_authority(handle_t, int32_t some, const char *, size_t);
IMPORT(TYPES, "[method]outgoing-request.set-path-with-query")
int32_t outgoing_set_path(handle_t, int32_t some, const char *, size_t);
IMPORT(TYPES, "[resource-drop]outgoing-request") void outgoing_drop(handle_t);
IMPORT("wasi:http/outgoing-handler@0.2.3", "handle")
void outgoing_handle(handle_t request, int32_t has_options, handle_t options,
                     void *);

IMPORT(TYPES, "[method]future-incoming-response.subscribe")
handle_t future_subscribe(handle_t);
IMPORT(TYPES, "[method]future-incoming-response.get")
void future_get(handle_t, void *);
IMPORT(TYPES, "[resource-drop]future-incoming-response")
void future_drop(handle_t);
IMPORT(TYPES, "[method]incoming-response.status")
int32_t incoming_status(handle_t);
IMPORT(TYPES, "[method]incoming-response.consume")
void incoming_consume(handle_t, void *);
IMPORT(TYPES, "[resource-drop]incoming-response") void incoming_drop(handle_t);

IMPORT("wasi:io/poll@0.2.3", "[method]pollable.block")
void pollable_block(handle_t);
IMPORT("wasi:io/poll@0.2.3", "[resource-drop]pollable")
void pollable_drop(handle_t);

IMPORT(STREAMS, "[method]input-stream.blocking-read")
void stream_read(handle_t, int64_t, void *);
IMPORT(STREAMS, "[resource-drop]input-stream") void input_drop(handle_t);
IMPORT(STREAMS, "[method]output-stream.blocking-write-and-flush")
void stream_write(handle_t, const char *, size_t, void *);
IMPORT(STREAMS, "[resource-drop]output-stream") void output_drop(handle_t);
IMPORT("wasi:io/error@0.2.3", "[resource-drop]error") void error_drop(handle_t);

/* A list of pairs of strings, which come without a NUL. */
struct environment {
  struct variable {
    char *name;
    size_t name_length;
    char *value;
    size_t value_length;
  } *variables;
  size_t count;
};
IMPORT("wasi:cli/environment@0.2.3", "get-environment")
void get_environment(struct environment *);

/* One write takes no more. */
#define WRITE_BYTES 4096
#define READ_BYTES 65536

/* A result, an option or a variant whose payload is a handle, or pointer and length. */
struct result {
  uint8_t tag;
  union {
    handle_t handle;
    char *bytes;
    uint8_t stream_closed;
  };
  union {
    size_t length;
    handle_t stream_error;
  };
};

/* A result that may hold wasi:http's error-code: 32 bytes, aligned to 8. */
struct http_result {
  uint8_t failed;
  _Alignas(8) handle_t handle;
  uint8_t rest[28];
};

/* How the host gets memory for what it passes in. */
__attribute__((export_name("cabi_realloc")))
void *cabi_realloc(void *old, size_t old_size, size_t alignment, size_t size) {
  (void)old_size;
  (void)alignment;
  void *memory = realloc(old, size > 0 ? size : 1);
  if (!memory) {
    abort();
  }
  return memory;
}

/* Nothing may have been allocated for what is empty. */
static void release(void *memory, size_t length) {
  if (length > 0) {
    free(memory);
  }
}

static void drop_error(const struct result *result) {
  if (!result->stream_closed) {
    error_drop(result->stream_error);
  }
}

/* Reads a body to its end; false where it breaks off. Takes the body. */
static bool read_body(handle_t body, struct text *text) {
  struct result stream;
  body_stream(body, &stream);
  bool whole = !stream.tag;
  while (!stream.tag) {
    struct result chunk;
    stream_read(stream.handle, READ_BYTES, &chunk);
    if (chunk.tag) {
      whole = chunk.stream_closed;
      drop_error(&chunk);
      input_drop(stream.handle);
      break;
    }
    add_bytes(text, chunk.bytes, chunk.length);
    release(chunk.bytes, chunk.length);
  }
  body_drop(body);
  return whole;
}

/* The parts of a request, with what they are kept in. */
struct incoming {
  struct text method;
  struct text path;
  struct text body;
};

static void read_request(handle_t handle, struct incoming *incoming) {
  static const char *const methods[] = {"GET",     "HEAD",    "POST",
                                        "PUT",     "DELETE",  "CONNECT",
                                        "OPTIONS", "TRACE",   "PATCH"};
  struct result answer;
  request_method(handle, &answer);
  if (answer.tag < sizeof methods / sizeof *methods) {
    add_text(&incoming->method, methods[answer.tag]);
  } else {
    add_bytes(&incoming->method, answer.bytes, answer.length);
    release(answer.bytes, answer.length);
  }

  request_path(handle, &answer);
  if (answer.tag) {
    add_bytes(&incoming->path, answer.bytes, answer.length);
    release(answer.bytes, answer.length);
  } else {
    add_text(&incoming->path, "/");
  }

  add_bytes(&incoming->body, NULL, 0);
  request_consume(handle, &answer);
  if (!answer.tag) {
    read_body(answer.handle, &incoming->body);
  }
}

static void write_body(handle_t body, const struct text *text) {
  struct result answer;
  body_write(body, &answer);
  handle_t stream = answer.handle;
  for (size_t written = 0; written < text->length;) {
    size_t length = text->length - written;
    length = length < WRITE_BYTES ? length : WRITE_BYTES;
    stream_write(stream, text->bytes + written, length, &answer);
    if (answer.tag) {
      /* Nobody listens any more. */
      drop_error(&answer);
      break;
    }
    written += length;
  }
  /* Before the body is finished: it is the stream's parent. */
  output_drop(stream);
  struct http_result finished;
  body_finish(body, 0, 0, &finished);
}

static void send_response(handle_t outparam, const struct response *response) {
  static const char name[] = "content-type";
  static const char value[] = "text/plain; charset=utf-8";
  struct result answer;
  handle_t headers = fields_new();
  fields_append(headers, name, sizeof name - 1, value, sizeof value - 1, &answer);
  handle_t handle = response_new(headers);
  response_set_status(handle, response->status);
  response_body(handle, &answer);
  /* Set before anything is written: who asked may read along. */
  outparam_set(outparam, 0, handle, 0, 0, 0, 0, 0, 0);
  write_body(answer.handle, &response->body);
}

__attribute__((export_name("wasi:http/incoming-handler@0.2.3#handle")))
void incoming_handler(handle_t handle_of_request, handle_t outparam) {
  struct incoming incoming = {0};
  read_request(handle_of_request, &incoming);
  char *query = strchr(incoming.path.bytes, '?');
  if (query) {
    *query = '\0';
  }
  struct request request = {
      .method = incoming.method.bytes,
      .path = incoming.path.bytes,
      .query = query ? query + 1 : "",
      .body = incoming.body,
  };
  struct response response = {.status = 200};
  handle(&request, &response);
  send_response(outparam, &response);
  free(response.body.bytes);
  free(incoming.method.bytes);
  free(incoming.path.bytes);
  free(incoming.body.bytes);
  request_drop(handle_of_request);
}

const char *setting(const char *name, const char *fallback) {
  struct environment environment;
  get_environment(&environment);
  struct text found = {0};
  for (size_t i = 0; i < environment.count; i++) {
    struct variable *variable = &environment.variables[i];
    if (variable->name_length == strlen(name) &&
        memcmp(variable->name, name, strlen(name)) == 0) {
      add_bytes(&found, variable->value, variable->value_length);
    }
    release(variable->name, variable->name_length);
    release(variable->value, variable->value_length);
  }
  release(environment.variables, environment.count);
  return found.length > 0 ? found.bytes : fallback;
}

/* Fills in a request to a URL; false where it is none of http or https. */
static bool set_url(handle_t request, const char *url) {
  static const char *const schemes[] = {"http://", "https://"};
  for (int scheme = 0; scheme < 2; scheme++) {
    size_t length = strlen(schemes[scheme]);
    if (strncmp(url, schemes[scheme], length) != 0) {
      continue;
    }
    const char *authority = url + length;
    const char *path = authority + strcspn(authority, "/?#");
    struct text target = {0};
    add_text(&target, *path == '/' ? "" : "/");
    add_bytes(&target, path, strcspn(path, "#"));
    bool failed =
        outgoing_set_scheme(request, 1, scheme, NULL, 0) ||
        outgoing_set_authority(request, 1, authority, path - authority) ||
        outgoing_set_path(request, 1, target.bytes, target.length);
    free(target.bytes);
    return !failed;
  }
  return false;
}

bool fetch(const char *url, struct response *response) {
  handle_t request = outgoing_new(fields_new());
  if (!set_url(request, url)) {
    outgoing_drop(request);
    return false;
  }
  struct http_result sent;
  outgoing_handle(request, 0, 0, &sent);
  if (sent.failed) {
    return false;
  }

  handle_t pollable = future_subscribe(sent.handle);
  pollable_block(pollable);
  pollable_drop(pollable);
  struct {
    uint8_t some;
    _Alignas(8) uint8_t taken;
    struct http_result response;
  } got;
  future_get(sent.handle, &got);
  future_drop(sent.handle);
  if (!got.some || got.taken || got.response.failed) {
    return false;
  }

  handle_t incoming = got.response.handle;
  response->status = incoming_status(incoming);
  struct result body;
  incoming_consume(incoming, &body);
  bool whole = !body.tag && read_body(body.handle, &response->body);
  incoming_drop(incoming);
  return whole;
}
