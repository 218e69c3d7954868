package session

import (
	"context"
	"runtime"
)

// What SetThreadExecutionState is asked for (winbase.h).
const (
	esSystemRequired  = 0x00000001
	esDisplayRequired = 0x00000002
	esContinuous      = 0x80000000
)

// hold keeps computer and display awake until Hold says otherwise or ctx ends. The
// wish belongs to the thread that has it, and goes with it.
func (a *Awake) hold(ctx context.Context) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	set := kernel32.NewProc("SetThreadExecutionState")
	before, _, err := set.Call(esContinuous | esSystemRequired | esDisplayRequired)
	var taken []string
	if before == 0 {
		a.env.log().Info("screen saver and sleep are not held off", "error", err)
	} else {
		defer func() { _, _, _ = set.Call(esContinuous) }()
		taken = []string{"execution-state"}
		a.env.log().Info("screen saver and sleep are held off", "by", taken)
	}
	if a.held != nil {
		a.held <- taken
	}
	for a.on.get() {
		select {
		case <-a.on.wake:
		case <-ctx.Done():
			return
		}
	}
}
