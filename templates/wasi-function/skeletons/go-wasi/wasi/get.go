//go:build !wasip1

package wasi

import (
	"net/http"
	"strings"
)

// Get fetches what is at an http or https address. This is for tests; the
// module has another.
func Get(address string) (*Response, error) {
	response, err := http.Get(address)
	if err != nil {
		return nil, err
	}
	header := map[string]string{}
	for name := range response.Header {
		header[strings.ToLower(name)] = response.Header.Get(name)
	}
	return &Response{response.StatusCode, header, response.Body}, nil
}
