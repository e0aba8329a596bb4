// What handler.cpp is written with. How it meets WASI is in wasi.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Path and query are as they were sent; the query is empty where there is none.
struct Request {
  std::string method;
  std::string path;
  std::string query;
  std::string body;
};

struct Response {
  int status = 200;
  std::string body;
};

/// Answers one request.
Response handle(const Request &request);

/// Asks another server by GET; nothing where no whole answer came.
std::optional<Response> fetch(std::string_view url);

/// An environment variable; nothing where it is empty or not set.
std::optional<std::string> setting(std::string_view name);

/// The value of a name in a query, decoded.
std::optional<std::string> query_value(std::string_view query,
                                       std::string_view name);
