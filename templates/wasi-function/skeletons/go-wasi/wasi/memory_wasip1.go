package wasi

import (
	"iter"
	"strings"
	"unsafe"
)

// results is where the host writes what a call returns; it is read at once.
var results [8]uint64

var result = unsafe.Pointer(&results)

func resultByte(offset int) byte {
	return *(*byte)(unsafe.Add(result, offset))
}

func resultNumber(offset int) uint32 {
	return *(*uint32)(unsafe.Add(result, offset))
}

// resultText reads a string or a list of bytes: its address, then its length.
func resultText(offset int) string {
	return textAt(unsafe.Add(result, offset))
}

// resultPairs reads a list of pairs of strings; each string is two numbers.
func resultPairs() iter.Seq2[string, string] {
	const size = 16
	start, count := memoryAt(resultNumber(0)), int(resultNumber(4))
	return func(yield func(string, string) bool) {
		for index := range count {
			pair := unsafe.Add(unsafe.Pointer(start), index*size)
			if !yield(textAt(pair), textAt(unsafe.Add(pair, size/2))) {
				return
			}
		}
	}
}

func textAt(address unsafe.Pointer) string {
	pair := *(*[2]uint32)(address)
	// The original goes when the request ends.
	return strings.Clone(unsafe.String(memoryAt(pair[0]), pair[1]))
}

func memoryAt(address uint32) *byte {
	return (*byte)(unsafe.Pointer(uintptr(address)))
}

// held keeps what the host was given for its strings and lists, until the request ends.
var held [][]byte

// started is set once Go's runtime is able to allocate.
var started bool

func init() {
	started = true
}

//go:linkname sbrk runtime.sbrk
func sbrk(size uintptr) unsafe.Pointer

// allocate is called by the host for memory. It does so before Go's runtime
// has started, too; then only the runtime's lowest layer can give any.
//
//go:wasmexport cabi_realloc
func allocate(_ unsafe.Pointer, _, align, size uint32) unsafe.Pointer {
	if size == 0 {
		return unsafe.Pointer(uintptr(align))
	}
	var start unsafe.Pointer
	if started {
		piece := make([]byte, size+align)
		held = append(held, piece)
		start = unsafe.Pointer(&piece[0])
	} else {
		start = sbrk(uintptr(size + align))
	}
	missing := -uintptr(start) % uintptr(align)
	return unsafe.Add(start, missing)
}
