package wasi

import (
	"errors"
	"fmt"
	"strings"
)

// schemes are in the order of the variant `scheme` in wit/.
var schemes = []string{"http", "https"}

// Get fetches what is at an http or https address.
func Get(address string) (*Response, error) {
	request, err := outgoingRequest(address)
	if err != nil {
		return nil, err
	}
	send(request, 0, 0, result)
	if resultByte(0) == 1 {
		return nil, fmt.Errorf("wasi: %s was not asked: error code %d", address, resultByte(8))
	}
	future := resultNumber(8)
	pollable := futureSubscribe(future)
	block(pollable)
	dropPollable(pollable)
	// An option of a result of a result; each begins eight bytes after the one around it.
	futureGet(future, result)
	if resultByte(8) == 1 || resultByte(16) == 1 {
		return nil, fmt.Errorf("wasi: %s did not answer: error code %d", address, resultByte(24))
	}
	response := resultNumber(24)
	header := readFields(responseHeaders(response))
	incomingResponseBody(response, result)
	return &Response{
		Status: int(responseStatus(response)),
		Header: header,
		Body:   readBody(resultNumber(4)),
	}, nil
}

func outgoingRequest(address string) (resource, error) {
	for scheme, name := range schemes {
		rest, ok := strings.CutPrefix(address, name+"://")
		if !ok {
			continue
		}
		authority, path, _ := strings.Cut(rest, "/")
		request := newRequest(newFields())
		if setScheme(request, 1, uint32(scheme), "") == 1 ||
			setAuthority(request, 1, authority) == 1 ||
			setPath(request, 1, "/"+path) == 1 {
			break
		}
		return request, nil
	}
	return 0, errors.New("wasi: " + address + " is no http or https address")
}
