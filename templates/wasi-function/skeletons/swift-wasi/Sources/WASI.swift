// Between Handler.swift and WASI: the interfaces of wasi:http as the component model
// lowers them to functions of integers. Larger answers come by a pointer, the last
// argument; offsets in them follow from the types in the WIT.
//
// https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md

typealias Handle = Int32
typealias Pointer = UnsafeMutableRawPointer

@_extern(wasm, module: "wasi:http/types@0.2.3", name: "[constructor]fields") @_extern(c)
private func fieldsNew() -> Handle
@_extern(wasm, module: "wasi:http/types@0.2.3", name: "[method]fields.append") @_extern(c)
private func fieldsAppend(
  _: Handle, _: UnsafeRawPointer, _: Int, _: UnsafeRawPointer, _: Int, _: Pointer)

@_extern(wasm, module: "wasi:http/types@0.2.3", name: "[method]incoming-request.method")
@_extern(c)
private func requestMethod(_: Handle, _: Pointer)
@_extern(
  wasm, module: "wasi:http/types@0.2.3", name: "[method]incoming-request.path-with-query")
@_extern(c)
private func requestPath(_: Handle, _: Pointer)
@_extern(wasm, module: "wasi:http/types@0.2.3", name: "[method]incoming-request.consume")
@_extern(c)
private func requestConsume(_: Handle, _: Pointer)
@_extern(wasm, module: "wasi:http/types@0.2.3", name: "[resource-drop]incoming-request")
@_extern(c)
private func requestDrop(_: Handle)

@_extern(wasm, module: "wasi:http/types@0.2.3", name: "[method]incoming-body.stream")
@_extern(c)
private func bodyStream(_: Handle, _: Pointer)
@_extern(wasm, module: "wasi:http/types@0.2.3", name: "[resource-drop]incoming-body")
@_extern(c)
private func bodyDrop(_: Handle)

@_extern(wasm, module: "wasi:http/types@0.2.3", name: "[constructor]outgoing-response")
@_extern(c)
private func responseNew(_ headers: Handle) -> Handle
@_extern(
  wasm, module: "wasi:http/types@0.2.3", name: "[method]outgoing-response.set-status-code")
@_extern(c)
private func responseSetStatus(_: Handle, _: Int32) -> Int32
@_extern(wasm, module: "wasi:http/types@0.2.3", name: "[method]outgoing-response.body")
@_extern(c)
private func responseBody(_: Handle, _: Pointer)
@_extern(wasm, module: "wasi:http/types@0.2.3", name: "[method]outgoing-body.write")
@_extern(c)
private func bodyWrite(_: Handle, _: Pointer)
@_extern(wasm, module: "wasi:http/types@0.2.3", name: "[static]outgoing-body.finish")
@_extern(c)
private func bodyFinish(_: Handle, _ hasTrailers: Int32, _ trailers: Handle, _: Pointer)
@_extern(wasm, module: "wasi:http/types@0.2.3", name: "[static]response-outparam.set")
@_extern(c)
private func outparamSet(
  _: Handle, _ error: Int32, _ response: Handle, _: Int32, _: Int64, _: Int32, _: Int32,
  _: Int32, _: Int32)

@_extern(wasm, module: "wasi:http/types@0.2.3", name: "[constructor]outgoing-request")
@_extern(c)
private func outgoingNew(_ headers: Handle) -> Handle
@_extern(wasm, module: "wasi:http/types@0.2.3", name: "[method]outgoing-request.set-scheme")
@_extern(c)
private func outgoingSetScheme(
  _: Handle, _ some: Int32, _ scheme: Int32, _: UnsafeRawPointer?, _: Int) -> Int32
@_extern(wasm, module: "wasi:http/types@0.2.3", name: "[method]outgoing-request.set-authority")
@_extern(c)
private func outgoingSetAuthority(_: Handle, _ some: Int32, _: UnsafeRawPointer, _: Int) -> Int32
@_extern(
  wasm, module: "wasi:http/types@0.2.3", name: "[method]outgoing-request.set-path-with-query")
@_extern(c)
private func outgoingSetPath(_: Handle, _ some: Int32, _: UnsafeRawPointer, _: Int) -> Int32
@_extern(wasm, module: "wasi:http/types@0.2.3", name: "[resource-drop]outgoing-request")
@_extern(c)
private func outgoingDrop(_: Handle)
@_extern(wasm, module: "wasi:http/outgoing-handler@0.2.3", name: "handle") @_extern(c)
private func outgoingHandle(
  _ request: Handle, _ hasOptions: Int32, _ options: Handle, _: Pointer)

@_extern(
  wasm, module: "wasi:http/types@0.2.3", name: "[method]future-incoming-response.subscribe")
@_extern(c)
private func futureSubscribe(_: Handle) -> Handle
@_extern(wasm, module: "wasi:http/types@0.2.3", name: "[method]future-incoming-response.get")
@_extern(c)
private func futureGet(_: Handle, _: Pointer)
@_extern(
  wasm, module: "wasi:http/types@0.2.3", name: "[resource-drop]future-incoming-response")
@_extern(c)
private func futureDrop(_: Handle)
@_extern(wasm, module: "wasi:http/types@0.2.3", name: "[method]incoming-response.status")
@_extern(c)
private func incomingStatus(_: Handle) -> Int32
@_extern(wasm, module: "wasi:http/types@0.2.3", name: "[method]incoming-response.consume")
@_extern(c)
private func incomingConsume(_: Handle, _: Pointer)
@_extern(wasm, module: "wasi:http/types@0.2.3", name: "[resource-drop]incoming-response")
@_extern(c)
private func incomingDrop(_: Handle)

@_extern(wasm, module: "wasi:io/poll@0.2.3", name: "[method]pollable.block") @_extern(c)
private func pollableBlock(_: Handle)
@_extern(wasm, module: "wasi:io/poll@0.2.3", name: "[resource-drop]pollable") @_extern(c)
private func pollableDrop(_: Handle)
@_extern(wasm, module: "wasi:io/streams@0.2.3", name: "[method]input-stream.blocking-read")
@_extern(c)
private func streamRead(_: Handle, _: Int64, _: Pointer)
@_extern(wasm, module: "wasi:io/streams@0.2.3", name: "[resource-drop]input-stream")
@_extern(c)
private func inputDrop(_: Handle)
@_extern(
  wasm, module: "wasi:io/streams@0.2.3",
  name: "[method]output-stream.blocking-write-and-flush")
@_extern(c)
private func streamWrite(_: Handle, _: UnsafeRawPointer, _: Int, _: Pointer)
@_extern(wasm, module: "wasi:io/streams@0.2.3", name: "[resource-drop]output-stream")
@_extern(c)
private func outputDrop(_: Handle)
@_extern(wasm, module: "wasi:io/error@0.2.3", name: "[resource-drop]error") @_extern(c)
private func errorDrop(_: Handle)

@_extern(wasm, module: "wasi:cli/environment@0.2.3", name: "get-environment") @_extern(c)
private func getEnvironment(_: Pointer)

/// Gives back what the host has passed in: see runtime.c.
@_extern(c, "release")
private func release(_: Pointer)

/// One write takes no more.
private let writeBytes = 4096
private let readBytes: Int64 = 65536

/// Where a function leaves a larger answer; wasi:http's own are the largest.
private struct Answer {
  let memory = Pointer.allocate(byteCount: 56, alignment: 8)

  func byte(_ offset: Int) -> UInt8 {
    memory.load(fromByteOffset: offset, as: UInt8.self)
  }

  func handle(_ offset: Int) -> Handle {
    memory.load(fromByteOffset: offset, as: Handle.self)
  }

  /// A string or list, which is ours from now on.
  func bytes(_ offset: Int) -> [UInt8] {
    takeBytes(memory + offset)
  }

  /// Of a stream that failed or is at its end: whether it is at its end.
  func closed() -> Bool {
    if byte(4) == 0 {
      errorDrop(handle(8))
      return false
    }
    return true
  }
}

private func takeBytes(_ place: Pointer) -> [UInt8] {
  let length = place.load(fromByteOffset: 4, as: Int.self)
  // Nothing may have been allocated for what is empty.
  guard length > 0 else { return [] }
  let start = place.load(as: Pointer.self)
  let bytes = [UInt8](UnsafeRawBufferPointer(start: start, count: length))
  release(start)
  return bytes
}

private func withAnswer<Result>(_ body: (Answer) -> Result) -> Result {
  let answer = Answer()
  defer { answer.memory.deallocate() }
  return body(answer)
}

/// Reads a body to its end; nil where it breaks off. Takes the body.
private func readBody(_ body: Handle, _ answer: Answer) -> [UInt8]? {
  defer { bodyDrop(body) }
  bodyStream(body, answer.memory)
  guard answer.byte(0) == 0 else { return nil }
  let stream = answer.handle(4)
  defer { inputDrop(stream) }
  var content: [UInt8] = []
  while true {
    streamRead(stream, readBytes, answer.memory)
    if answer.byte(0) != 0 {
      return answer.closed() ? content : nil
    }
    content += answer.bytes(4)
  }
}

private func writeBody(_ body: Handle, _ content: [UInt8], _ answer: Answer) {
  bodyWrite(body, answer.memory)
  let stream = answer.handle(4)
  content.withUnsafeBytes { bytes in
    var written = 0
    while written < bytes.count {
      let length = min(bytes.count - written, writeBytes)
      streamWrite(stream, bytes.baseAddress! + written, length, answer.memory)
      if answer.byte(0) != 0 {
        // Nobody listens any more.
        _ = answer.closed()
        return
      }
      written += length
    }
  }
  // Before the body, its parent, is finished.
  outputDrop(stream)
  bodyFinish(body, 0, 0, answer.memory)
}

private func readRequest(_ handle: Handle, _ answer: Answer) -> Request {
  let methods = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
  ]
  requestMethod(handle, answer.memory)
  let tag = Int(answer.byte(0))
  let method =
    tag < methods.count
    ? methods[tag] : String(decoding: answer.bytes(4), as: UTF8.self)

  requestPath(handle, answer.memory)
  let target = answer.byte(0) == 0 ? [UInt8(ascii: "/")] : answer.bytes(4)
  let path = target.prefix { $0 != UInt8(ascii: "?") }
  let query = target.dropFirst(path.count + 1)

  requestConsume(handle, answer.memory)
  let body = answer.byte(0) == 0 ? readBody(answer.handle(4), answer) : nil
  return Request(
    method: method,
    path: String(decoding: path, as: UTF8.self),
    query: String(decoding: query, as: UTF8.self),
    body: body ?? [])
}

private func send(_ response: Response, _ outparam: Handle, _ answer: Answer) {
  let name: StaticString = "content-type"
  let value: StaticString = "text/plain; charset=utf-8"
  let headers = fieldsNew()
  fieldsAppend(
    headers, name.utf8Start, name.utf8CodeUnitCount, value.utf8Start, value.utf8CodeUnitCount,
    answer.memory)
  let handle = responseNew(headers)
  _ = responseSetStatus(handle, Int32(response.status))
  responseBody(handle, answer.memory)
  let body = answer.handle(4)
  // Set before anything is written: who asked may read along.
  outparamSet(outparam, 0, handle, 0, 0, 0, 0, 0, 0)
  writeBody(body, response.body, answer)
}

/// Fills in a request to a URL; false where it is none of http or https.
private func setUrl(_ request: Handle, _ url: String) -> Bool {
  let schemes: [StaticString] = ["http://", "https://"]
  let bytes = Array(url.utf8.prefix { $0 != UInt8(ascii: "#") })
  for (scheme, prefix) in schemes.enumerated() {
    let start = UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount)
    guard bytes.starts(with: start) else { continue }
    let rest = bytes.dropFirst(start.count)
    let authority = Array(
      rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") })
    var path = Array(rest.dropFirst(authority.count))
    if path.first != UInt8(ascii: "/") {
      path.insert(UInt8(ascii: "/"), at: 0)
    }
    return outgoingSetScheme(request, 1, Int32(scheme), nil, 0) == 0
      && outgoingSetAuthority(request, 1, authority, authority.count) == 0
      && outgoingSetPath(request, 1, path, path.count) == 0
  }
  return false
}

private func fetch(_ url: String) -> Response? {
  let request = outgoingNew(fieldsNew())
  guard setUrl(request, url) else {
    outgoingDrop(request)
    return nil
  }
  return withAnswer { answer in
    outgoingHandle(request, 0, 0, answer.memory)
    guard answer.byte(0) == 0 else { return nil }
    let future = answer.handle(8)
    defer { futureDrop(future) }
    let pollable = futureSubscribe(future)
    pollableBlock(pollable)
    pollableDrop(pollable)

    // An option of a result of a result, each aligned to 8.
    futureGet(future, answer.memory)
    guard answer.byte(0) == 1, answer.byte(8) == 0, answer.byte(16) == 0 else { return nil }
    let incoming = answer.handle(24)
    defer { incomingDrop(incoming) }
    incomingConsume(incoming, answer.memory)
    guard answer.byte(0) == 0, let body = readBody(answer.handle(4), answer) else { return nil }
    return Response(body, status: Int(incomingStatus(incoming)))
  }
}

private func setting(_ name: String) -> String? {
  withAnswer { answer in
    getEnvironment(answer.memory)
    let count = answer.memory.load(fromByteOffset: 4, as: Int.self)
    guard count > 0 else { return nil }
    let variables = answer.memory.load(as: Pointer.self)
    defer { release(variables) }
    var found: [UInt8] = []
    for index in 0..<count {
      let value = takeBytes(variables + index * 16 + 8)
      if takeBytes(variables + index * 16).elementsEqual(name.utf8) {
        found = value
      }
    }
    return found.isEmpty ? nil : String(decoding: found, as: UTF8.self)
  }
}

@_expose(wasm, "wasi:http/incoming-handler@0.2.3#handle") @_cdecl("incoming_handler")
func incomingHandler(_ handleOfRequest: Handle, _ outparam: Handle) {
  withAnswer { answer in
    let request = readRequest(handleOfRequest, answer)
    send(handle(request, Host(setting: setting, fetch: fetch)), outparam, answer)
  }
  requestDrop(handleOfRequest)
}
