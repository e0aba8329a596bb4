package wasi

import (
	"errors"
	"io"
	"strings"
	"unsafe"
)

const (
	readAtOnce  = 64 * 1024
	writeAtOnce = 4096
	otherMethod = 9
)

// methods are in the order of the variant `method` in wit/.
var methods = []string{
	"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
}

func answer(incoming, out resource) {
	response := handler(readRequest(incoming))

	headers := newFields()
	for name, value := range response.Header {
		appendField(headers, name, value, result)
	}
	outgoing := newResponse(headers)
	setStatus(outgoing, uint32(response.Status))
	responseBody(outgoing, result)
	body := resultNumber(4)
	// Handed over first, written to afterwards.
	setResponse(out, 0, outgoing, 0, 0, 0, 0, 0, 0)

	bodyWrite(body, result)
	stream := outputStream(resultNumber(4))
	if response.Body != nil {
		_, err := io.CopyBuffer(stream, response.Body, make([]byte, readAtOnce))
		if err != nil && !errors.Is(err, errClosed) {
			// A body that ends early must not look whole.
			panic(err)
		}
	}
	// The stream goes before the body: the host traps where a parent goes before its child.
	dropOutput(uint32(stream))
	bodyFinish(body, 0, 0, result)
}

func readRequest(incoming resource) *Request {
	request := &Request{}
	requestMethod(incoming, result)
	if method := resultByte(0); method == otherMethod {
		request.Method = resultText(4)
	} else {
		request.Method = methods[method]
	}
	requestPath(incoming, result)
	if resultByte(0) == 1 {
		request.Path, request.Query, _ = strings.Cut(resultText(4), "?")
	}
	request.Header = readFields(requestHeaders(incoming))
	requestBody(incoming, result)
	request.Body = readBody(resultNumber(4))
	return request
}

func readFields(fields resource) map[string]string {
	header := map[string]string{}
	fieldEntries(fields, result)
	for name, value := range resultPairs() {
		name = strings.ToLower(name)
		if earlier, ok := header[name]; ok {
			value = earlier + ", " + value
		}
		header[name] = value
	}
	dropFields(fields)
	return header
}

func readBody(body resource) io.Reader {
	bodyStream(body, result)
	return &inputStream{stream: resultNumber(4)}
}

type inputStream struct {
	stream resource
}

func (s *inputStream) Read(buffer []byte) (int, error) {
	if len(buffer) == 0 {
		return 0, nil
	}
	release()
	streamRead(s.stream, uint64(len(buffer)), result)
	if resultByte(0) == 1 {
		if resultByte(4) == 1 {
			return 0, io.EOF
		}
		return 0, errors.New("wasi: the body broke off")
	}
	length := resultNumber(8)
	copy(buffer, unsafe.Slice(memoryAt(resultNumber(4)), length))
	return int(length), nil
}

var errClosed = errors.New("wasi: nobody reads the response any more")

type outputStream resource

func (s outputStream) Write(text []byte) (int, error) {
	for written := 0; written < len(text); written += writeAtOnce {
		part := text[written:min(written+writeAtOnce, len(text))]
		streamWrite(uint32(s), unsafe.Pointer(&part[0]), uint32(len(part)), result)
		if resultByte(0) == 1 {
			return written, errClosed
		}
	}
	return len(text), nil
}
