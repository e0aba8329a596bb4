package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"function/wasi"
)

func ask(t *testing.T, method, target, body string) string {
	t.Helper()
	path, query, _ := strings.Cut(target, "?")
	response := handle(&wasi.Request{
		Method: method,
		Path:   path,
		Query:  query,
		Body:   strings.NewReader(body),
	})
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d %s", response.Status, answer)
}

func expect(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestGreetsTheWorld(t *testing.T) {
	expect(t, ask(t, "GET", "/", ""), "200 Hello, world!\n")
}

func TestGreetsWhoIsNamedAsGreetingSays(t *testing.T) {
	t.Setenv("GREETING", "Moi")
	expect(t, ask(t, "GET", "/?name=Ada%20Lovelace", ""), "200 Moi, Ada Lovelace!\n")
}

func TestTellsWhatItWasAsked(t *testing.T) {
	expect(t, ask(t, "POST", "/echo?a=1&b=2", "some text"),
		"200 method: POST\npath: /echo\nquery: a=1&b=2\nbody: some text\n")
}

func TestCallsItsUpstreamWhileThereIsOne(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(
		func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusCreated)
			io.WriteString(w, "ready")
		}))
	defer upstream.Close()
	t.Setenv("UPSTREAM_URL", upstream.URL)
	expect(t, ask(t, "GET", "/upstream", ""), "200 upstream: 201\nready")

	upstream.Close()
	expect(t, ask(t, "GET", "/upstream", ""), "502 upstream failed\n")
}

func TestTellsThatNoUpstreamIsSet(t *testing.T) {
	t.Setenv("UPSTREAM_URL", "")
	expect(t, ask(t, "GET", "/upstream", ""), "503 UPSTREAM_URL is not set\n")
}

func TestKnowsNoOtherPath(t *testing.T) {
	expect(t, ask(t, "GET", "/nowhere", ""), "404 Not found\n")
	expect(t, ask(t, "POST", "/", ""), "404 Not found\n")
}
