//go:build js

// In kpt's host for WebAssembly: it calls two functions on the global object.
package main

import (
	"syscall/js"

	"example.com/krm-function/krm"
)

func main() {
	failure := ""
	js.Global().Set("processResourceList", js.FuncOf(func(_ js.Value, args []js.Value) any {
		output, err := krm.Run([]byte(args[0].String()), process)
		failure = ""
		if err != nil {
			// What is no resource list tells kpt to ask for the error.
			failure = err.Error()
			return "failed: " + failure
		}
		return string(output)
	}))
	js.Global().Set("processResourceListErrors", js.FuncOf(func(js.Value, []js.Value) any {
		return failure
	}))
	select {}
}
