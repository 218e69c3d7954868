package call

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestStepWalks: whatever happens in whatever order, every command is answered
// exactly once by the time the call has ended; a call begins and ends once, its
// session is closed once and asked for nothing behind that; and what is shown
// of the switches is over with the call.
func TestStepWalks(t *testing.T) {
	const walks, length = 1500, 60
	r := rand.New(rand.NewPCG(4, 11))
	names := slices.Sorted(maps.Keys(tableInputs()))
	for walk := range walks {
		w := walker{t: t, m: machine{cfg: timing{ring: time.Minute, clear: clearTime, notice: noticeTime}}, replies: map[token]int{}}
		w.now = t0
		for range length {
			w.take(names[r.IntN(len(names))])
			w.now = w.now.Add(time.Duration(r.IntN(1500)) * time.Millisecond)
		}
		w.take("stop")
		w.take("ended-local")
		for tok := token(1); tok <= w.last; tok++ {
			if n := w.replies[tok]; n != 1 {
				t.Errorf("a command was answered %d times", n)
			}
		}
		if w.m.snap.State != Idle || w.open || w.began != w.over {
			t.Errorf("in the end: %v, session open %v, %d calls began and %d ended", w.m.snap.State, w.open, w.began, w.over)
		}
		if c := w.m.snap.Call; c.Hold != (Switch{}) || c.Deaf != (Switch{}) || c.Mute != (Switch{}) || c.RemoteHold {
			t.Errorf("after the call: hold %+v, deaf %+v, mute %+v, held %v", c.Hold, c.Deaf, c.Mute, c.RemoteHold)
		}
		if t.Failed() {
			t.Fatalf("walk %d: %v", walk, w.trail)
		}
	}
}

// walker is a machine on a random walk.
type walker struct {
	t           *testing.T
	m           machine
	now         time.Time
	trail       []string
	last        token
	replies     map[token]int
	open        bool // a session is
	began, over int
}

// take is one step. Events belong to the call that is up.
func (w *walker) take(name string) {
	in := tableInputs()[name]
	w.trail = append(w.trail, name)
	id := w.m.snap.Call.ID
	next := func() token { w.last++; return w.last }
	switch x := in.(type) {
	case dial:
		x.token = next()
		in = x
	case hangup:
		in = hangup{next()}
	case mute:
		in = mute{next(), x.on}
	case muteVideo:
		in = muteVideo{next(), x.on}
	case deafen:
		in = deafen{next(), x.on}
	case hold:
		in = hold{next(), x.on}
	case farewell:
		in = farewell{next()}
	case sendDTMF:
		in = sendDTMF{next(), x.digits}
	case signal:
		in = signal{id + x.call - 7, x.ev}
	case media:
		in = media{id + x.call - 7, x.ev}
	case ringTimeout:
		in = ringTimeout{id}
	case clearTimeout:
		in = clearTimeout{id}
	case noticeTimeout:
		in = noticeTimeout{id}
	case stop:
		if w.trail[len(w.trail)-1] == "stop" && len(w.trail) <= 60 {
			return // only at the end: nothing would follow
		}
	}
	m, effects := step(w.m, in, w.now)
	w.m = m
	for _, e := range effects {
		w.perform(e)
	}
}

func (w *walker) perform(e effect) {
	switch e := e.(type) {
	case reply:
		w.replies[e.token]++
	case publish:
		switch e.cause.(type) {
		case Began:
			w.began++
		case Ended:
			w.over++
		}
	case openMedia:
		w.session(e, false)
		w.open = true
	case closeMedia:
		w.session(e, true)
		w.open = false
	case giveAnswer, giveAck, reoffer, offerRefused, setMute, setDeaf, setHold, playNotice, playDigits, playTone:
		w.session(e, true)
	}
}

// session checks that there is one where there must be, and none where not.
func (w *walker) session(e effect, want bool) {
	if w.open != want {
		w.t.Errorf("%T with a session open: %v", e, w.open)
	}
}
