// Package wasi answers HTTP requests, and makes some, by wasi:http of WASI 0.2.
package wasi

import "io"

// Request is a request that came in.
type Request struct {
	Method string
	// Path as it was sent, without the query.
	Path string
	// Query is what follows the question mark, as it was sent.
	Query string
	// Header has names in lower case; values of the same name are joined by ", ".
	Header map[string]string
	Body   io.Reader
}

// Response is what goes out, or what an upstream answered.
type Response struct {
	Status int
	Header map[string]string
	Body   io.Reader
}

var handler func(*Request) Response

// Handle takes the function that answers requests. Call it from an init function.
func Handle(handle func(*Request) Response) {
	handler = handle
}
