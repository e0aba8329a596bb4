package wasi

import (
	"os"
	"unsafe"
)

//go:wasmimport wasi:cli/environment@0.2.3 get-environment
func getEnvironment(result unsafe.Pointer)

// Go asks by WASI 0.1, whose adapter runs variables together after one that is
// empty, on hosts that ask for no memory for an empty string.
func init() {
	os.Clearenv()
	getEnvironment(result)
	for name, value := range resultPairs() {
		os.Setenv(name, value)
	}
}
