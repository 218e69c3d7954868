// Package calltest holds doubles of the engine's two ports, for everything
// that touches package call. A double records what the engine asked for, and
// the test says what the network and the sound card answer.
package calltest

import (
	"fmt"
	"sync"
	"testing"

	"nxphone/call"
)

// Script is a log of what the engine asked of both ports, in order. Next waits
// for one entry at a time, so that a test needs no sleep; an entry that nobody
// has read at the end of the test is a failure.
type Script struct {
	t   testing.TB
	log chan string
}

// NewScript makes an empty script that is checked when the test ends.
func NewScript(t testing.TB) *Script {
	s := &Script{t: t, log: make(chan string, 1000)}
	t.Cleanup(func() {
		close(s.log)
		for e := range s.log {
			t.Errorf("the engine also asked for %q", e)
		}
	})
	return s
}

// Expect reads as many entries as are wanted and compares them.
func (s *Script) Expect(want ...string) {
	s.t.Helper()
	for _, w := range want {
		if got := <-s.log; got != w {
			s.t.Fatalf("the engine asked for %q, want %q", got, w)
		}
	}
}

func (s *Script) say(format string, args ...any) { s.log <- fmt.Sprintf(format, args...) }

// Signaling is a call.Signaling whose legs do nothing by themselves.
type Signaling struct {
	Script *Script
	mu     sync.Mutex
	tell   func(call.SignalEvent)
}

// Open records the request.
func (f *Signaling) Open(req call.Request, tell func(call.SignalEvent)) call.Leg {
	f.mu.Lock()
	f.tell = tell
	f.mu.Unlock()
	f.Script.say("open leg %s", req.Tel)
	return leg{f.Script}
}

// Tell speaks for the newest leg.
func (f *Signaling) Tell(ev call.SignalEvent) { f.Teller()(ev) }

// Teller is the newest leg's voice, to be used after it has become stale.
func (f *Signaling) Teller() func(call.SignalEvent) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tell
}

type leg struct{ s *Script }

func (l leg) Invite(offer string)             { l.s.say("invite %s", offer) }
func (l leg) Respond(ref, code int, a string) { l.s.say("respond %d %d %s", ref, code, a) }
func (l leg) Reinvite(offer string)           { l.s.say("reinvite %s", offer) }
func (l leg) SendInfo(d rune)                 { l.s.say("info %c", d) }
func (l leg) Hangup(r call.Reason)            { l.s.say("hangup %s", r.Code) }

// Media is a call.Media whose sessions do nothing by themselves.
type Media struct {
	Script *Script
	// Figures are what sessions have measured; nil is nothing yet.
	Figures func() (call.Stats, bool)
	mu      sync.Mutex
	tell    func(call.MediaEvent)
}

// Open records the session.
func (f *Media) Open(_ call.Request, tell func(call.MediaEvent)) call.Session {
	f.mu.Lock()
	f.tell = tell
	f.mu.Unlock()
	f.Script.say("open media")
	return session{f.Script, f.Figures}
}

// Tell speaks for the newest session.
func (f *Media) Tell(ev call.MediaEvent) {
	f.mu.Lock()
	tell := f.tell
	f.mu.Unlock()
	tell(ev)
}

type session struct {
	s       *Script
	figures func() (call.Stats, bool)
}

func (x session) Answer(sdp string, early bool) { x.s.say("answer %s early=%t", sdp, early) }
func (x session) Acknowledged(sdp string)       { x.s.say("acknowledged %s", sdp) }
func (x session) Refused()                      { x.s.say("refused") }
func (x session) Reoffer(ref int, sdp string)   { x.s.say("reoffer %d %s", ref, sdp) }
func (x session) Mute(on bool)                  { x.s.say("mute %t", on) }
func (x session) Deafen(on bool)                { x.s.say("deafen %t", on) }
func (x session) Hold(on bool)                  { x.s.say("hold %t", on) }
func (x session) Play()                         { x.s.say("play notice") }
func (x session) SendDTMF(digits string)        { x.s.say("digits %s", digits) }
func (x session) Tone(t call.Tone)              { x.s.say("tone %d", t) }
func (x session) Close(last call.Tone)          { x.s.say("close media %d", last) }

func (x session) Stats() (call.Stats, bool) {
	if x.figures == nil {
		return call.Stats{}, false
	}
	return x.figures()
}
