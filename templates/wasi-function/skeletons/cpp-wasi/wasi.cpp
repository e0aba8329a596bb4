// Between handler.cpp and WASI: the interfaces of wasi:http as the component model
// lowers them to functions of integers. Larger answers come by a pointer, the last
// argument; offsets in them follow from the types in the WIT.
//
// https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "function.hpp"

using Handle = std::int32_t;

#define IMPORT(module, name) \
  __attribute__((import_module(module), import_name(name)))
#define TYPES "wasi:http/types@0.2.3"
#define STREAMS "wasi:io/streams@0.2.3"

extern "C" {

IMPORT(TYPES, "[constructor]fields") Handle fields_new();
IMPORT(TYPES, "[method]fields.append")
void fields_append(Handle, const char *, size_t, const char *, size_t, void *);

IMPORT(TYPES, "[method]incoming-request.method")
void request_method(Handle, void *);
IMPORT(TYPES, "[method]incoming-request.path-with-query")
void request_path(Handle, void *);
IMPORT(TYPES, "[method]incoming-request.consume")
void request_consume(Handle, void *);
IMPORT(TYPES, "[resource-drop]incoming-request") void request_drop(Handle);

IMPORT(TYPES, "[method]incoming-body.stream") void body_stream(Handle, void *);
IMPORT(TYPES, "[resource-drop]incoming-body") void body_drop(Handle);

IMPORT(TYPES, "[constructor]outgoing-response")
Handle response_new(Handle headers);
IMPORT(TYPES, "[method]outgoing-response.set-status-code")
std::int32_t response_set_status(Handle, std::int32_t);
IMPORT(TYPES, "[method]outgoing-response.body")
void response_body(Handle, void *);
IMPORT(TYPES, "[method]outgoing-body.write") void body_write(Handle, void *);
IMPORT(TYPES, "[static]outgoing-body.finish")
void body_finish(Handle, std::int32_t has_trailers, Handle trailers, void *);
IMPORT(TYPES, "[static]response-outparam.set")
void outparam_set(Handle, std::int32_t error, Handle response, std::int32_t,
                  std::int64_t, std::int32_t, std::int32_t, std::int32_t,
                  std::int32_t);

IMPORT(TYPES, "[constructor]outgoing-request")
Handle outgoing_new(Handle headers);
IMPORT(TYPES, "[method]outgoing-request.set-scheme")
std::int32_t outgoing_set_scheme(Handle, std::int32_t some, std::int32_t scheme,
                                 const char *, size_t);
IMPORT(TYPES, "[method]outgoing-request.set-authority")
std::int32_t outgoing_set_authority(Handle, std::int32_t some, const char *,
                                    size_t);
IMPORT(TYPES, "[method]outgoing-request.set-path-with-query")
std::int32_t outgoing_set_path(Handle, std::int32_t some, const char *, size_t);
IMPORT(TYPES, "[resource-drop]outgoing-request") void outgoing_drop(Handle);
IMPORT("wasi:http/outgoing-handler@0.2.3", "handle")
void outgoing_handle(Handle request, std::int32_t has_options, Handle options,
                     void *);

IMPORT(TYPES, "[method]future-incoming-response.subscribe")
Handle future_subscribe(Handle);
IMPORT(TYPES, "[method]future-incoming-response.get")
void future_get(Handle, void *);
IMPORT(TYPES, "[resource-drop]future-incoming-response")
void future_drop(Handle);
IMPORT(TYPES, "[method]incoming-response.status")
std::int32_t incoming_status(Handle);
IMPORT(TYPES, "[method]incoming-response.consume")
void incoming_consume(Handle, void *);
IMPORT(TYPES, "[resource-drop]incoming-response") void incoming_drop(Handle);

IMPORT("wasi:io/poll@0.2.3", "[method]pollable.block")
void pollable_block(Handle);
IMPORT("wasi:io/poll@0.2.3", "[resource-drop]pollable")
void pollable_drop(Handle);

IMPORT(STREAMS, "[method]input-stream.blocking-read")
void stream_read(Handle, std::int64_t, void *);
IMPORT(STREAMS, "[resource-drop]input-stream") void input_drop(Handle);
IMPORT(STREAMS, "[method]output-stream.blocking-write-and-flush")
void stream_write(Handle, const char *, size_t, void *);
IMPORT(STREAMS, "[resource-drop]output-stream") void output_drop(Handle);
IMPORT("wasi:io/error@0.2.3", "[resource-drop]error") void error_drop(Handle);

IMPORT("wasi:cli/environment@0.2.3", "get-environment")
void get_environment(void *);

} // extern "C"

namespace {

/// One write takes no more.
constexpr std::size_t write_bytes = 4096;
constexpr std::int64_t read_bytes = 65536;

/// What is dropped when it goes out of scope, children before their parents.
template <void (*drop)(Handle)> class Owned {
public:
  explicit Owned(Handle handle) : handle(handle) {}
  Owned(const Owned &) = delete;
  Owned &operator=(const Owned &) = delete;
  ~Owned() {
    if (handle) {
      drop(*handle);
    }
  }
  Handle get() const { return *handle; }
  /// To somebody who takes it over.
  Handle release() { return *std::exchange(handle, std::nullopt); }

private:
  std::optional<Handle> handle;
};

/// A string or list of bytes that the host has passed in.
struct Bytes {
  char *bytes;
  std::size_t length;

  /// Nothing may have been allocated for what is empty.
  std::string take() const {
    if (length == 0) {
      return {};
    }
    std::string text(bytes, length);
    std::free(bytes);
    return text;
  }
};

/// A result, an option or a variant whose payload is a handle or bytes.
struct Result {
  std::uint8_t tag;
  union {
    Handle handle;
    Bytes bytes;
    struct {
      std::uint8_t closed;
      Handle error;
    } stream;
  };
};

/// A result that may hold wasi:http's error-code: 32 bytes, aligned to 8.
struct HttpResult {
  std::uint8_t failed;
  alignas(8) Handle handle;
  std::uint8_t rest[28];
};

void drop_error(const Result &result) {
  if (!result.stream.closed) {
    error_drop(result.stream.error);
  }
}

/// Reads a body to its end; nothing where it breaks off. Takes the body.
std::optional<std::string> read_body(Handle handle) {
  Owned<body_drop> body(handle);
  Result answer;
  body_stream(body.get(), &answer);
  if (answer.tag) {
    return std::nullopt;
  }
  Owned<input_drop> stream(answer.handle);
  std::string content;
  while (true) {
    stream_read(stream.get(), read_bytes, &answer);
    if (answer.tag) {
      drop_error(answer);
      return answer.stream.closed ? std::optional(content) : std::nullopt;
    }
    content += answer.bytes.take();
  }
}

void write_body(Handle body, std::string_view content) {
  Result answer;
  body_write(body, &answer);
  {
    // Dropped before the body, its parent, is finished.
    Owned<output_drop> stream(answer.handle);
    while (!content.empty()) {
      auto chunk = content.substr(0, write_bytes);
      stream_write(stream.get(), chunk.data(), chunk.size(), &answer);
      if (answer.tag) {
        // Nobody listens any more.
        drop_error(answer);
        break;
      }
      content.remove_prefix(chunk.size());
    }
  }
  HttpResult finished;
  body_finish(body, 0, 0, &finished);
}

Request read_request(Handle handle) {
  static constexpr const char *methods[] = {
      "GET",     "HEAD",    "POST",  "PUT",  "DELETE",
      "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  Request request;
  Result answer;
  request_method(handle, &answer);
  request.method = answer.tag < std::size(methods) ? methods[answer.tag]
                                                   : answer.bytes.take();
  request_path(handle, &answer);
  request.path = answer.tag ? answer.bytes.take() : "/";
  if (auto mark = request.path.find('?'); mark != std::string::npos) {
    request.query = request.path.substr(mark + 1);
    request.path.resize(mark);
  }
  request_consume(handle, &answer);
  if (!answer.tag) {
    request.body = read_body(answer.handle).value_or("");
  }
  return request;
}

void send_response(Handle outparam, const Response &response) {
  constexpr std::string_view name = "content-type";
  constexpr std::string_view value = "text/plain; charset=utf-8";
  Result answer;
  Handle headers = fields_new();
  fields_append(headers, name.data(), name.size(), value.data(), value.size(),
                &answer);
  Handle handle = response_new(headers);
  response_set_status(handle, response.status);
  response_body(handle, &answer);
  // Set before anything is written: who asked may read along.
  outparam_set(outparam, 0, handle, 0, 0, 0, 0, 0, 0);
  write_body(answer.handle, response.body);
}

/// Fills in a request to a URL; false where it is none of http or https.
bool set_url(Handle request, std::string_view url) {
  constexpr std::string_view schemes[] = {"http://", "https://"};
  auto scheme = std::find_if(
      std::begin(schemes), std::end(schemes),
      [&](std::string_view each) { return url.starts_with(each); });
  if (scheme == std::end(schemes)) {
    return false;
  }
  url.remove_prefix(scheme->size());
  url = url.substr(0, url.find('#'));
  auto authority = url.substr(0, url.find_first_of("/?"));
  std::string path(url.substr(authority.size()));
  if (!path.starts_with('/')) {
    path.insert(0, "/");
  }
  return !outgoing_set_scheme(request, 1, scheme - schemes, nullptr, 0) &&
         !outgoing_set_authority(request, 1, authority.data(),
                                 authority.size()) &&
         !outgoing_set_path(request, 1, path.data(), path.size());
}

} // namespace

std::optional<Response> fetch(std::string_view url) {
  Owned<outgoing_drop> request(outgoing_new(fields_new()));
  if (!set_url(request.get(), url)) {
    return std::nullopt;
  }
  HttpResult sent;
  outgoing_handle(request.release(), 0, 0, &sent);
  if (sent.failed) {
    return std::nullopt;
  }

  Owned<future_drop> future(sent.handle);
  {
    Owned<pollable_drop> pollable(future_subscribe(future.get()));
    pollable_block(pollable.get());
  }
  struct {
    std::uint8_t some;
    alignas(8) std::uint8_t taken;
    HttpResult response;
  } got;
  future_get(future.get(), &got);
  if (!got.some || got.taken || got.response.failed) {
    return std::nullopt;
  }

  Owned<incoming_drop> incoming(got.response.handle);
  Result body;
  incoming_consume(incoming.get(), &body);
  auto content = body.tag ? std::nullopt : read_body(body.handle);
  if (!content) {
    return std::nullopt;
  }
  return Response{.status = incoming_status(incoming.get()), .body = *content};
}

std::optional<std::string> setting(std::string_view name) {
  struct Variable {
    Bytes name;
    Bytes value;
  };
  struct {
    Variable *variables;
    std::size_t count;
  } environment;
  get_environment(&environment);
  std::string found;
  for (std::size_t i = 0; i < environment.count; i++) {
    auto &variable = environment.variables[i];
    auto value = variable.value.take();
    if (variable.name.take() == name) {
      found = value;
    }
  }
  if (environment.count > 0) {
    std::free(environment.variables);
  }
  return found.empty() ? std::nullopt : std::optional(found);
}

/// How the host gets memory for what it passes in.
extern "C" __attribute__((export_name("cabi_realloc"))) void *
cabi_realloc(void *old, size_t, size_t, size_t size) {
  void *memory = std::realloc(old, std::max<size_t>(size, 1));
  if (!memory) {
    std::abort();
  }
  return memory;
}

extern "C"
    __attribute__((export_name("wasi:http/incoming-handler@0.2.3#handle"))) void
    incoming_handler(Handle handle_of_request, Handle outparam) {
  Owned<request_drop> request(handle_of_request);
  send_response(outparam, handle(read_request(request.get())));
}
