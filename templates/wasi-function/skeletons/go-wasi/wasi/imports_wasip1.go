package wasi

import "unsafe"

// The imports and the export of the component, as the canonical ABI of the
// interfaces in wit/ has them. A resource is a number that the host gave. What
// does not fit in one number is written to where the last parameter points.

type resource = uint32

//go:wasmimport wasi:http/types@0.2.3 [method]incoming-request.method
func requestMethod(request resource, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.2.3 [method]incoming-request.path-with-query
func requestPath(request resource, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.2.3 [method]incoming-request.headers
func requestHeaders(request resource) resource

//go:wasmimport wasi:http/types@0.2.3 [method]incoming-request.consume
func requestBody(request resource, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.2.3 [method]incoming-body.stream
func bodyStream(body resource, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.2.3 [constructor]fields
func newFields() resource

//go:wasmimport wasi:http/types@0.2.3 [method]fields.append
func appendField(fields resource, name, value string, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.2.3 [method]fields.entries
func fieldEntries(fields resource, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.2.3 [resource-drop]fields
func dropFields(fields resource)

//go:wasmimport wasi:http/types@0.2.3 [constructor]outgoing-response
func newResponse(headers resource) resource

//go:wasmimport wasi:http/types@0.2.3 [method]outgoing-response.set-status-code
func setStatus(response resource, status uint32) uint32

//go:wasmimport wasi:http/types@0.2.3 [method]outgoing-response.body
func responseBody(response resource, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.2.3 [static]response-outparam.set
func setResponse(out resource, isError uint32, response resource, _ uint32, _ uint64, _, _, _, _ uint32)

//go:wasmimport wasi:http/types@0.2.3 [method]outgoing-body.write
func bodyWrite(body resource, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.2.3 [static]outgoing-body.finish
func bodyFinish(body resource, hasTrailers uint32, trailers resource, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.2.3 [constructor]outgoing-request
func newRequest(headers resource) resource

//go:wasmimport wasi:http/types@0.2.3 [method]outgoing-request.set-scheme
func setScheme(request resource, isSome, scheme uint32, other string) uint32

//go:wasmimport wasi:http/types@0.2.3 [method]outgoing-request.set-authority
func setAuthority(request resource, isSome uint32, authority string) uint32

//go:wasmimport wasi:http/types@0.2.3 [method]outgoing-request.set-path-with-query
func setPath(request resource, isSome uint32, path string) uint32

//go:wasmimport wasi:http/outgoing-handler@0.2.3 handle
func send(request resource, hasOptions uint32, options resource, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.2.3 [method]future-incoming-response.subscribe
func futureSubscribe(future resource) resource

//go:wasmimport wasi:http/types@0.2.3 [method]future-incoming-response.get
func futureGet(future resource, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.2.3 [method]incoming-response.status
func responseStatus(response resource) uint32

//go:wasmimport wasi:http/types@0.2.3 [method]incoming-response.headers
func responseHeaders(response resource) resource

//go:wasmimport wasi:http/types@0.2.3 [method]incoming-response.consume
func incomingResponseBody(response resource, result unsafe.Pointer)

//go:wasmimport wasi:io/poll@0.2.3 [method]pollable.block
func block(pollable resource)

//go:wasmimport wasi:io/poll@0.2.3 [resource-drop]pollable
func dropPollable(pollable resource)

//go:wasmimport wasi:io/streams@0.2.3 [method]input-stream.blocking-read
func streamRead(stream resource, most uint64, result unsafe.Pointer)

//go:wasmimport wasi:io/streams@0.2.3 [method]output-stream.blocking-write-and-flush
func streamWrite(stream resource, text unsafe.Pointer, length uint32, result unsafe.Pointer)

//go:wasmimport wasi:io/streams@0.2.3 [resource-drop]output-stream
func dropOutput(stream resource)

//go:wasmexport wasi:http/incoming-handler@0.2.3#handle
func serve(request, out resource) {
	answer(request, out)
}
