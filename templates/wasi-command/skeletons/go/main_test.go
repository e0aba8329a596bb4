package main

import "testing"

func TestCountsLineEnds(t *testing.T) {
	for text, want := range map[string]int{"": 0, "a": 0, "a\nb\n": 2} {
		if got := lines([]byte(text)); got != want {
			t.Errorf("%q has %d lines, not %d", text, got, want)
		}
	}
}
