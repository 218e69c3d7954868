package main

import "runtime/debug"

// heapGrowth is by how much of what is in use the heap grows before it is
// collected, in percent, once a window is up. A window's garbage is small and
// comes rarely, and half of Go's own 100 takes 15 MB off the program for no CPU
// that could be measured; before that, in the start, collecting more often would
// cost time.
const heapGrowth = 50

// saveMemory is called when the first frame is on the screen. Whoever has set
// GOGC has decided otherwise.
func saveMemory(getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
}
