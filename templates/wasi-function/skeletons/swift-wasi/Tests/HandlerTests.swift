import Testing

@testable import Function

private func ask(
  _ request: Request, settings: [String: String] = [:], upstream: Response? = nil
) -> (status: Int, body: String) {
  let host = Host(setting: { settings[$0] }, fetch: { _ in upstream })
  let response = handle(request, host)
  return (response.status, String(decoding: response.body, as: UTF8.self))
}

@Test(arguments: [
  ("", "Hello, world!\n"),
  ("a=b&name=Ada%20Lovelace", "Hello, Ada Lovelace!\n"),
  ("name=100%", "Hello, 100%!\n"),
])
func greets(query: String, greeting: String) {
  #expect(ask(Request(method: "GET", path: "/", query: query)) == (200, greeting))
}

@Test func greetsAsItIsSet() {
  #expect(
    ask(Request(method: "GET", path: "/"), settings: ["GREETING": "Moi"])
      == (200, "Moi, world!\n"))
}

@Test func tellsWhatItWasAsked() {
  let request = Request(method: "POST", path: "/echo", query: "a=1", body: Array("text".utf8))
  #expect(ask(request) == (200, "method: POST\npath: /echo\nquery: a=1\nbody: text\n"))
}

@Test func callsTheUpstream() {
  let request = Request(method: "GET", path: "/upstream")
  let settings = ["UPSTREAM_URL": "http://localhost"]
  #expect(ask(request) == (503, "UPSTREAM_URL is not set\n"))
  #expect(ask(request, settings: settings) == (502, "upstream failed\n"))
  #expect(
    ask(request, settings: settings, upstream: Response("from far\n", status: 201))
      == (200, "upstream: 201\nfrom far\n"))
}

@Test func knowsNoOtherPath() {
  #expect(ask(Request(method: "GET", path: "/nowhere")) == (404, "Not found\n"))
}
