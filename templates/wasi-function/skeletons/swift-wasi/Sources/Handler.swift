/// Answers one request. Every request meets a fresh instance of the module:
/// what must last belongs elsewhere.
func handle(_ request: Request, _ host: Host) -> Response {
  switch (request.method, request.path) {
  case ("GET", "/"):
    return greet(request, host)
  case (_, "/echo"):
    return echo(request)
  case ("GET", "/upstream"):
    return callUpstream(host)
  default:
    return Response("Not found\n", status: 404)
  }
}

private func greet(_ request: Request, _ host: Host) -> Response {
  let greeting = host.setting("GREETING") ?? "Hello"
  let name = queryValue(request.query, "name") ?? "world"
  return Response("\(greeting), \(name)!\n")
}

private func echo(_ request: Request) -> Response {
  let head = """
    method: \(request.method)
    path: \(request.path)
    query: \(request.query)
    body:\u{20}
    """
  return Response(Array(head.utf8) + request.body + [UInt8(ascii: "\n")])
}

private func callUpstream(_ host: Host) -> Response {
  guard let url = host.setting("UPSTREAM_URL") else {
    return Response("UPSTREAM_URL is not set\n", status: 503)
  }
  guard let answer = host.fetch(url) else {
    return Response("upstream failed\n", status: 502)
  }
  return Response(Array("upstream: \(answer.status)\n".utf8) + answer.body)
}
