//go:build js && wasm

// A function that does what its functionConfig asks for, as far as it can.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall/js"
)

func main() {
	last := ""
	js.Global().Set("processResourceList", js.FuncOf(func(_ js.Value, args []js.Value) any {
		list := args[0].String()
		for name, work := range works {
			if strings.Contains(list, "work: "+name+"\n") {
				fmt.Println("working on", name)
				answer := work()
				last = "errors of " + name
				if answer != "" {
					return answer
				}
			}
		}
		return strings.ReplaceAll(list, "colour: green", "colour: größer 😀")
	}))
	js.Global().Set("processResourceListErrors", js.FuncOf(func(js.Value, []js.Value) any {
		return last
	}))
	<-make(chan bool)
}

var works = map[string]func() string{
	"read": func() string {
		_, err := os.ReadFile("/etc/passwd")
		_, listError := os.ReadDir("/")
		writeError := os.WriteFile("/tmp/written", []byte("x"), 0o600)
		return fmt.Sprint(err, "; ", listError, "; ", writeError)
	},
	"environment": func() string {
		return fmt.Sprintln(os.Environ(), os.Args, os.Getpid(), js.Global().Get("process").Get("env").Type())
	},
	"network": func() string {
		_, err := net.Dial("tcp", "127.0.0.1:7007")
		return fmt.Sprint(err, "; ", js.Global().Get("fetch").Type(), http.MethodGet)
	},
	"start": func() string { return fmt.Sprint(exec.Command("id").Run()) },
	"globals": func() string {
		said := []string{}
		for _, name := range []string{"require", "eval", "Function", "WebAssembly", "globalThis", "constructor", "__proto__", "import", "Worker", "setTimeout"} {
			said = append(said, js.Global().Get(name).Type().String())
		}
		return strings.Join(said, " ")
	},
	"prototypes": func() string {
		said := []string{}
		for _, value := range []js.Value{
			js.Global(), js.Global().Get("Object"), js.Global().Get("Array").New(),
			js.Global().Get("Uint8Array").New(3), js.Global().Get("fs").Get("write"),
			js.Global().Get("Date").New(), js.ValueOf(map[string]any{"a": 1}),
			js.FuncOf(func(js.Value, []js.Value) any { return nil }).Value,
		} {
			for _, name := range []string{"constructor", "__proto__", "prototype", "buffer", "call", "properties"} {
				if got := value.Get(name); !got.IsUndefined() {
					said = append(said, name+" "+got.Type().String())
				}
			}
		}
		return "found: " + strings.Join(said, ", ")
	},
	"call": func() (answer string) {
		defer func() { answer = fmt.Sprint(recover()) }()
		js.Global().Get("Object").Call("constructor", "return process")
		return "not refused"
	},
	"panic": func() string { panic("out of paint") },
	"exit":  func() string { os.Exit(3); return "" },
	"loop": func() string {
		for {
		}
	},
	"memory": func() string {
		kept := [][]byte{}
		for {
			kept = append(kept, make([]byte, 1<<20))
			kept[len(kept)-1][1] = 1
		}
	},
	"arrays": func() (answer string) {
		defer func() { answer = fmt.Sprint(recover()) }()
		for {
			js.Global().Get("Uint8Array").New(1 << 24)
		}
	},
	"strings": func() string {
		text := js.ValueOf(strings.Repeat("x", 1<<23))
		list := js.Global().Get("Array").New()
		for index := 0; ; index++ {
			list.SetIndex(index, text.String()+fmt.Sprint(index))
		}
	},
	"flood": func() string {
		for {
			fmt.Println(strings.Repeat("paint ", 1000))
		}
	},
}
