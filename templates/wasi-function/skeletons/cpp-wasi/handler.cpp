#include "function.hpp"

namespace {

Response greet(const Request &request) {
  return {.body = setting("GREETING").value_or("Hello") + ", " +
                  query_value(request.query, "name").value_or("world") + "!\n"};
}

Response echo(const Request &request) {
  return {.body = "method: " + request.method + "\npath: " + request.path +
                  "\nquery: " + request.query + "\nbody: " + request.body +
                  "\n"};
}

Response call_upstream() {
  auto url = setting("UPSTREAM_URL");
  if (!url) {
    return {.status = 503, .body = "UPSTREAM_URL is not set\n"};
  }
  auto answer = fetch(*url);
  if (!answer) {
    return {.status = 502, .body = "upstream failed\n"};
  }
  return {.body = "upstream: " + std::to_string(answer->status) + "\n" +
                  answer->body};
}

} // namespace

// Every request meets a fresh instance of the module: what must last belongs elsewhere.
Response handle(const Request &request) {
  bool get = request.method == "GET";
  if (get && request.path == "/") {
    return greet(request);
  }
  if (request.path == "/echo") {
    return echo(request);
  }
  if (get && request.path == "/upstream") {
    return call_upstream();
  }
  return {.status = 404, .body = "Not found\n"};
}
