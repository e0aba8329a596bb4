#include <cstdlib>
#include <iostream>
#include <map>

#include "../function.hpp"

// In place of wasi.cpp: what the tests answer.
namespace {

std::map<std::string, std::string, std::less<>> settings;
std::optional<Response> upstream;
int failures = 0;

void expect(const Request &request, int status, std::string_view body) {
  Response response = handle(request);
  if (response.status != status || response.body != body) {
    failures++;
    std::cerr << request.method << ' ' << request.path << '?' << request.query
              << ": expected " << status << ' ' << body << ", got "
              << response.status << ' ' << response.body << '\n';
  }
}

} // namespace

std::optional<Response> fetch(std::string_view) { return upstream; }

std::optional<std::string> setting(std::string_view name) {
  auto found = settings.find(name);
  return found == settings.end() ? std::nullopt
                                 : std::optional(found->second);
}

int main() {
  expect({"GET", "/"}, 200, "Hello, world!\n");
  expect({"GET", "/", "a=b&name=Ada%20Lovelace"}, 200,
         "Hello, Ada Lovelace!\n");
  expect({"GET", "/", "name=100%"}, 200, "Hello, 100%!\n");
  settings["GREETING"] = "Moi";
  expect({"GET", "/", "name=Ada"}, 200, "Moi, Ada!\n");

  expect({"POST", "/echo", "a=1", "text"}, 200,
         "method: POST\npath: /echo\nquery: a=1\nbody: text\n");

  expect({"GET", "/upstream"}, 503, "UPSTREAM_URL is not set\n");
  settings["UPSTREAM_URL"] = "http://localhost";
  expect({"GET", "/upstream"}, 502, "upstream failed\n");
  upstream = Response{201, "from far\n"};
  expect({"GET", "/upstream"}, 200, "upstream: 201\nfrom far\n");

  expect({"GET", "/nowhere"}, 404, "Not found\n");
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
