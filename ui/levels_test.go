package ui

import (
	"sync/atomic"
	"testing"
	"time"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/ui/present"
)

// TestLevelsAreWatchedWhileSeen: nobody looks at the levels unless a call shows
// them, or is muted.
func TestLevelsAreWatchedWhileSeen(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		var looks atomic.Int64
		v := testLine()
		v.Meters = true
		r := newRig(t, Options{Lang: text.English, Levels: func() call.Levels {
			looks.Add(1)
			return call.Levels{Mic: -20, Sent: -20, Far: -30}
		}}, v)
		looked := func(want bool) {
			t.Helper()
			looks.Store(0)
			r.pass(time.Second)
			r.settle()
			if n := looks.Load(); (n > 0) != want || n > 5 {
				t.Errorf("%d looks in a second", n)
			}
		}
		looked(false)
		r.state("incall")
		looked(true)
		if r.d.card.meters.own.Step() == 0 || r.d.card.meters.far.Step() == 0 {
			t.Error("the meters stand still")
		}
		r.d.open(pageSettings)
		looked(false)
		r.d.close()
		r.d.resize(present.Compact)
		looked(false)
		r.state("muted") // somebody may be talking
		looked(true)
		r.state("remote")
		looked(false)
	})
}
