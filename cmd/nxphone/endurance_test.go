package main

import (
	"context"
	"iter"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"nxphone/assets/text"
	"nxphone/call"
)

// TestManyCalls: two hundred calls in a row, through every layer to the demo
// SBC and back, leave goroutines and memory where they were.
func TestManyCalls(t *testing.T) {
	const warm, calls, room = 20, 200, 5 << 20
	s := newShell(t)
	p := &program{stdout: &s.stdout, stderr: &s.stderr, words: text.For(text.English)}
	o, err := parse([]string{"call", "--demo", "--audio", "null", "600"})
	if err != nil {
		t.Fatal(err)
	}
	p.openSettings(o)
	before := goleak.IgnoreCurrent()
	ph, err := p.openPhone(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	watch, cancel := context.WithCancel(context.Background())
	next, stop := iter.Pull2(ph.engine.Watch(watch))
	one := func() {
		if _, err := ph.engine.Dial(t.Context(), ph.request("600")); err != nil {
			t.Fatal(err)
		}
		until[call.MediaUp](t, next)
		if err := ph.engine.Hangup(t.Context()); err != nil {
			t.Fatal(err)
		}
		until[call.Ended](t, next)
	}
	for range warm {
		one()
	}
	memory, routines := resident(t), runtime.NumGoroutine()
	for range calls {
		one()
	}
	grown, more := resident(t)-memory, runtime.NumGoroutine()-routines
	t.Logf("after %d calls: %+d KiB, %+d goroutines", calls, grown>>10, more)
	if grown > room {
		t.Errorf("%d calls cost %d KiB", calls, grown>>10)
	}
	// The last call may still be saying good-bye.
	if more > 15 {
		t.Errorf("%d goroutines more than before", more)
	}
	if n := ph.demo.Calls(); n > 1 {
		t.Errorf("the SBC holds %d calls", n)
	}
	stop()
	cancel()
	if err := ph.close(); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, before)
}

// until reads causes up to one of type C.
func until[C call.Cause](t *testing.T, next func() (call.Snapshot, call.Cause, bool)) {
	t.Helper()
	for {
		_, cause, ok := next()
		if !ok {
			t.Fatal("the engine has stopped")
		}
		if _, hit := cause.(C); hit {
			return
		}
	}
}

// resident is the memory of this process that is not shared with others, in
// bytes, with nothing in it that the collector could give back.
func resident(t *testing.T) int {
	t.Helper()
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/smaps_rollup")
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) == 3 && f[0] == "Pss_Anon:" {
			kib, err := strconv.Atoi(f[1])
			if err != nil {
				t.Fatal(err)
			}
			total += kib << 10
		}
	}
	if total == 0 {
		t.Fatal("the kernel tells no memory")
	}
	return total
}
