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
	// The original's memory serves again.
	return strings.Clone(unsafe.String(memoryAt(pair[0]), pair[1]))
}

func memoryAt(address uint32) *byte {
	return (*byte)(unsafe.Pointer(uintptr(address)))
}

const arenaSize = 128 * 1024

// arena is where the host writes strings and lists.
var arena struct{ start, next, end uintptr }

func init() {
	// What was given before stays with the adapter to WASI 0.1.
	arena.start, arena.next, arena.end = 0, 0, 0
}

// release takes back what the host was given; all of it was copied.
func release() {
	arena.next = arena.start
}

//go:linkname sbrk runtime.sbrk
func sbrk(size uintptr) unsafe.Pointer

// allocate is called by the host for memory. It takes none of Go's own: it is
// called before Go's runtime has started, too, and a collection that began here
// would ask the host for the time, who allows no calls meanwhile.
//
//go:wasmexport cabi_realloc
func allocate(_ unsafe.Pointer, _, align, size uint32) unsafe.Pointer {
	start := aligned(arena.next, align)
	if start+uintptr(size) > arena.end {
		length := uintptr(max(arenaSize, size+align))
		arena.start = uintptr(sbrk(length))
		arena.end = arena.start + length
		start = aligned(arena.start, align)
	}
	arena.next = start + uintptr(size)
	return unsafe.Pointer(start)
}

func aligned(address uintptr, align uint32) uintptr {
	return address + -address%uintptr(align)
}
