package main

import (
	"runtime/debug"
	"testing"
)

func TestSaveMemory(t *testing.T) {
	const own = 100
	before := debug.SetGCPercent(own)
	defer debug.SetGCPercent(before)
	for _, tt := range []struct {
		gogc string
		want int
	}{{"", heapGrowth}, {"200", own}, {"off", own}} {
		debug.SetGCPercent(own)
		saveMemory(func(string) string { return tt.gogc })
		if got := debug.SetGCPercent(own); got != tt.want {
			t.Errorf("GOGC=%q: %d, want %d", tt.gogc, got, tt.want)
		}
	}
}
