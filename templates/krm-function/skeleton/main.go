//go:build !js

// Everywhere but in kpt's host for WebAssembly: the list comes on standard
// input and goes to standard output.
package main

import (
	"fmt"
	"io"
	"os"

	"example.com/krm-function/krm"
)

func main() {
	input, err := io.ReadAll(os.Stdin)
	if err == nil {
		var output []byte
		output, err = krm.Run(input, process)
		os.Stdout.Write(output)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
