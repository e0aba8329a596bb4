package main

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"function/wasi"
)

func init() {
	wasi.Handle(handle)
}

// Requests begin at handle; the module has nothing to do before.
func main() {}

// handle answers one request. Every request meets a fresh instance of the
// module: what must last belongs elsewhere.
func handle(request *wasi.Request) wasi.Response {
	if request.Path == "/echo" {
		return echo(request)
	}
	switch request.Method + " " + request.Path {
	case "GET /":
		return greet(request)
	case "GET /upstream":
		return callUpstream(os.Getenv("UPSTREAM_URL"))
	default:
		return text(404, "Not found\n")
	}
}

func greet(request *wasi.Request) wasi.Response {
	name := "world"
	// What of a query cannot be read is left out.
	query, _ := url.ParseQuery(request.Query)
	if query.Has("name") {
		name = query.Get("name")
	}
	greeting := cmp.Or(os.Getenv("GREETING"), "Hello")
	return text(200, fmt.Sprintf("%s, %s!\n", greeting, name))
}

func echo(request *wasi.Request) wasi.Response {
	head := fmt.Sprintf("method: %s\npath: %s\nquery: %s\nbody: ",
		request.Method, request.Path, request.Query)
	response := text(200, head)
	response.Body = io.MultiReader(response.Body, request.Body, strings.NewReader("\n"))
	return response
}

func callUpstream(address string) wasi.Response {
	if address == "" {
		return text(503, "UPSTREAM_URL is not set\n")
	}
	upstream, err := wasi.Get(address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return text(502, "upstream failed\n")
	}
	response := text(200, fmt.Sprintf("upstream: %d\n", upstream.Status))
	response.Body = io.MultiReader(response.Body, upstream.Body)
	return response
}

func text(status int, body string) wasi.Response {
	return wasi.Response{
		Status: status,
		Header: map[string]string{"content-type": "text/plain; charset=utf-8"},
		Body:   strings.NewReader(body),
	}
}
