// Package features stands in for Istio's, of which its fetcher takes one number.
package features

// MaxWasmBinarySizeBytes is Istio's default.
const MaxWasmBinarySizeBytes = 256 * 1024 * 1024
