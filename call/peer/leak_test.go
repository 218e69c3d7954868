package peer

import (
	"context"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/call"
)

// wired is a whole phone: the real engine on a session, with a leg that ends
// in the test.
type wired struct {
	*call.Engine
	t      *testing.T
	rig    *rig
	far    *farEnd
	tell   func(call.SignalEvent)
	offers chan string
	causes chan call.Cause
}

func (w *wired) Open(_ call.Request, tell func(call.SignalEvent)) call.Leg {
	w.tell = tell
	return wiredLeg{w}
}

// wiredLeg is its leg.
type wiredLeg struct{ w *wired }

func (l wiredLeg) Invite(offer string)      { l.w.offers <- offer }
func (l wiredLeg) Reinvite(offer string)    { l.w.offers <- offer }
func (l wiredLeg) Respond(int, int, string) {}
func (l wiredLeg) SendInfo(rune)            {}
func (l wiredLeg) Hangup(r call.Reason)     { l.w.tell(call.LegEnded{Reason: r}) }

// wire places a call that is answered and heard both ways.
func wire(t *testing.T, change func(*Engine)) (w *wired, answer string) {
	t.Helper()
	r := &rig{t: t, dev: newDevice(ourTone)}
	r.eng = New(Options{Sound: r.dev.open, Settings: func(call.Request) Settings { return Settings{IncludeLoopback: true} }})
	change(r.eng)
	w = &wired{t: t, rig: r, far: newFarEnd(t, farOptions{freq: theirTone}), offers: make(chan string, 8), causes: make(chan call.Cause, 1000)}
	w.Engine = call.New(call.Options{Signaling: w, Media: r.eng})
	ctx, stop := context.WithCancel(context.Background())
	watched := make(chan struct{})
	seq := w.Watch(context.Background())
	go func() {
		defer close(watched)
		for _, c := range seq {
			if c != nil {
				w.causes <- c
			}
		}
	}()
	go w.Run(ctx)
	t.Cleanup(func() {
		stop()
		<-w.Done()
		<-watched
		r.close()
	})
	req := call.Request{Realm: "example.net", DN: "1000", Tel: "600", URL: "ws://127.0.0.1:6080"}
	if _, err := w.Dial(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	answer = w.far.answer(<-w.offers)
	w.tell(call.Accepted{SDP: answer})
	r.hears(theirTone)
	w.far.hears(ourTone)
	return w, answer
}

// await reads causes until one of type C comes.
func awaitCause[C call.Cause](w *wired) C {
	w.t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case c := <-w.causes:
			if c, ok := c.(C); ok {
				return c
			}
		case <-limit:
			var none C
			w.t.Fatalf("no %T", none)
		}
	}
}

func (w *wired) do(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// TestLeak: a gate that does not shut is found by what is measured behind it,
// shown for the rest of the call, and the microphone is shut at its source; the
// user can still open it.
func TestLeak(t *testing.T) {
	t.Parallel()
	w, _ := wire(t, func(e *Engine) { e.silence = func([]int16) {} })
	w.do(w.Mute(t.Context(), true))
	awaitCause[call.MuteLeaked](w)
	if c := w.Snapshot().Call; !c.MuteLeak || !c.Mute.On {
		t.Errorf("leak %v, mute %+v", c.MuteLeak, c.Mute)
	}
	w.far.getsSilence()
	w.do(w.Mute(t.Context(), false))
	w.far.hears(ourTone)
	if !w.Snapshot().Call.MuteLeak {
		t.Error("forgotten")
	}
	w.do(w.Mute(t.Context(), true))
	eventually(t, "it is shut at its source again", func() bool { return quiet(w.far.heard(window)) })
}

// TestNoLeak: a gate that works is never said to leak, however the mute falls
// into the intervals of the measurement, and what is said before it is known.
func TestNoLeak(t *testing.T) {
	t.Parallel()
	w, answer := wire(t, func(*Engine) {})
	end := time.After(5 * time.Second)
	for i := 0; ; i++ {
		w.do(w.Mute(t.Context(), i%2 == 0))
		from := w.far.samples()
		eventually(t, "some 100 ms pass", func() bool { return w.far.samples() > from+(i%14)*window })
		select {
		case <-end:
			w.do(w.Mute(t.Context(), true))
			for range 3 {
				was := w.Snapshot().Call.Stats.PacketsSent
				eventually(t, "statistics", func() bool { return w.Snapshot().Call.Stats.PacketsSent > was })
			}
			st := w.Snapshot().Call.Stats
			if st.LevelIn != audio.Silence || st.LevelMic < -20 || st.LevelOut < -20 {
				t.Errorf("levels %v behind the gate, %v before it, %v of the far end", st.LevelIn, st.LevelMic, st.LevelOut)
			}
			if w.Snapshot().Call.MuteLeak {
				t.Error("a leak was told of")
			}
			_ = answer
			return
		default:
		}
	}
}

// TestLevels: three meters, and silence where there is no call.
func TestLevels(t *testing.T) {
	t.Parallel()
	w, _ := wire(t, func(*Engine) {})
	eng := w.rig.eng
	near := func(x float64) bool { return x > -15 && x < -9 } // the tones have -12
	eventually(t, "all three move", func() bool { l := eng.Levels(); return near(l.Mic) && near(l.Sent) && near(l.Far) })
	w.do(w.Mute(t.Context(), true))
	eventually(t, "the mute shows", func() bool { l := eng.Levels(); return near(l.Mic) && l.Sent == audio.Silence })
	w.do(w.Deafen(t.Context(), true))
	eventually(t, "a deaf user sees who talks", func() bool { return near(eng.Levels().Far) })
	w.do(w.Hangup(t.Context()))
	eventually(t, "silence after the call", func() bool { return eng.Levels() == quietLevels() })
	if New(Options{}).Levels() != quietLevels() {
		t.Error("levels without a call")
	}
}

// TestWholeFarewell: hold, resume and a lawful ending by the engine's commands.
func TestWholeFarewell(t *testing.T) {
	t.Parallel()
	w, answer := wire(t, func(e *Engine) { e.opts.Notice = noticeOf(audio.Rate) })
	held := make(chan error)
	go func() { held <- w.Hold(t.Context(), true) }()
	<-w.offers
	w.tell(call.PeerAnswer{SDP: directs(answer, "recvonly")})
	w.do(<-held)
	w.far.getsSilence()
	ended := make(chan error)
	go func() { ended <- w.Farewell(t.Context()) }()
	<-w.offers
	from := w.far.samples()
	w.tell(call.PeerAnswer{SDP: answer})
	w.do(<-ended)
	if c := w.Snapshot().Call; c.Farewell.IsZero() || !c.Mute.On || c.Hold.On {
		t.Errorf("farewell at %v, mute %+v, hold %+v", c.Farewell, c.Mute, c.Hold)
	}
	if err := w.Mute(t.Context(), false); call.CodeOf(err) != call.CodeEnding {
		t.Errorf("Mute: %v", err)
	}
	e := awaitCause[call.Ended](w)
	if e.Reason != (call.Reason{Code: call.CodeFarewell, Local: true}) || !e.Reason.OK() {
		t.Errorf("ended with %+v", e.Reason)
	}
	if got := w.far.got(from, noticeTone); got < 970*time.Millisecond {
		t.Errorf("the far end heard %v of a second", got)
	}
	if w.Snapshot().Call.MuteLeak {
		t.Error("the notice was taken for a leak")
	}
}
