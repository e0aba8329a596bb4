/// Path and query are as they were sent; the query is empty where there is none.
struct Request {
  var method: String
  var path: String
  var query = ""
  var body: [UInt8] = []
}

struct Response {
  var status: Int
  var body: [UInt8]

  init(_ text: String, status: Int = 200) {
    self.init(Array(text.utf8), status: status)
  }

  init(_ body: [UInt8], status: Int = 200) {
    self.status = status
    self.body = body
  }
}

/// What the function may ask of where it runs.
struct Host {
  /// An environment variable; nil where it is empty or not set.
  var setting: (_ name: String) -> String?
  /// Asks another server by GET; nil where no whole answer came.
  var fetch: (_ url: String) -> Response?
}

/// The value of a name in a query, decoded.
func queryValue(_ query: String, _ name: String) -> String? {
  for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
    let parts = pair.split(
      separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
    if parts[0].elementsEqual(name.utf8) {
      return parts.count > 1 ? decode(parts[1]) : ""
    }
  }
  return nil
}

private func decode(_ encoded: Substring.UTF8View) -> String {
  let bytes = Array(encoded)
  var decoded: [UInt8] = []
  var next = 0
  while next < bytes.count {
    if bytes[next] == UInt8(ascii: "%"), next + 2 < bytes.count,
      let high = hexDigit(bytes[next + 1]), let low = hexDigit(bytes[next + 2])
    {
      decoded.append(high << 4 | low)
      next += 3
    } else {
      decoded.append(bytes[next] == UInt8(ascii: "+") ? UInt8(ascii: " ") : bytes[next])
      next += 1
    }
  }
  return String(decoding: decoded, as: UTF8.self)
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): return byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): return byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): return byte - UInt8(ascii: "A") + 10
  default: return nil
  }
}
