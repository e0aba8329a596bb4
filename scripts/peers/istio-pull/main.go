// Fetches a plugin as Istio's agent does for a WasmPlugin: by its own
// pkg/wasm/imagefetcher.go, which install-peers.mjs puts beside this file.
//
//	istio-pull REFERENCE FILE
package main

import (
	"context"
	"fmt"
	"os"
)

// What imagefetcher.go logs to.
type silence struct{}

func (silence) Infof(string, ...any)  {}
func (silence) Debugf(string, ...any) {}

var wasmLog silence

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: istio-pull REFERENCE FILE")
		os.Exit(2)
	}
	if err := pull(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func pull(reference, file string) error {
	fetcher := NewImageFetcher(context.Background(), ImageFetcherOption{Insecure: true})
	fetch, _, err := fetcher.PrepareFetch(reference)
	if err != nil {
		return err
	}
	plugin, err := fetch()
	if err != nil {
		return err
	}
	return os.WriteFile(file, plugin, 0o644)
}
