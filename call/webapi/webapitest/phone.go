package webapitest

import (
	"context"
	"sync"
	"testing"

	"nxphone/call"
)

// Phone is a real engine whose network and sound card are made of memory: what
// the far end does is said by the test, and the rest answers by itself (an
// offer is there at once, a hang-up is answered, digits go out, the microphone
// confirms its Mutes unless it is told to wait).
type Phone struct {
	*call.Engine

	mu     sync.Mutex
	signal func(call.SignalEvent)
	media  func(call.MediaEvent)
	stuck  bool   // the capture path does not confirm
	asked  []bool // what it was asked while stuck
}

// NewPhone runs a phone until the test ends.
func NewPhone(t testing.TB) *Phone {
	ctx, cancel := context.WithCancel(context.Background())
	p, done := RunPhone(ctx)
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return p
}

// RunPhone runs a phone until ctx ends; done is closed when it has.
func RunPhone(ctx context.Context) (p *Phone, done <-chan struct{}) {
	p = &Phone{}
	p.Engine = call.New(call.Options{Signaling: signaling{p}, Media: media{p}})
	go p.Run(ctx)
	return p, p.Done()
}

// Signal says what the far end or the server does in the newest call.
func (p *Phone) Signal(ev call.SignalEvent) {
	p.mu.Lock()
	tell := p.signal
	p.mu.Unlock()
	if tell != nil {
		tell(ev)
	}
}

// Media says what the sound of the newest call does.
func (p *Phone) Media(ev call.MediaEvent) {
	p.mu.Lock()
	tell := p.media
	p.mu.Unlock()
	if tell != nil {
		tell(ev)
	}
}

// Ring takes the newest call (100) and rings (180).
func (p *Phone) Ring() {
	p.Signal(call.Provisional{Code: 100})
	p.Signal(call.Provisional{Code: 180})
}

// Answer answers the newest call.
func (p *Phone) Answer() { p.Signal(call.Accepted{SDP: "answer"}) }

// HangUp ends the newest call from the far end.
func (p *Phone) HangUp() { p.Signal(call.LegEnded{Reason: call.Reason{Code: call.CodeRemoteHangup}}) }

// Stick makes the capture path keep its confirmations to itself, or give them
// all.
func (p *Phone) Stick(on bool) {
	p.mu.Lock()
	p.stuck = on
	asked, tell := p.asked, p.media
	if !on {
		p.asked = nil
	}
	p.mu.Unlock()
	if !on {
		for _, a := range asked {
			tell(call.MuteConfirmed{On: a})
		}
	}
}

// Asked is what the capture path was asked and has not confirmed.
func (p *Phone) Asked() []bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]bool(nil), p.asked...)
}

type signaling struct{ p *Phone }

func (s signaling) Open(_ call.Request, tell func(call.SignalEvent)) call.Leg {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.p.signal = tell
	return leg{tell}
}

type leg struct{ tell func(call.SignalEvent) }

func (l leg) Invite(string)             {}
func (l leg) Respond(int, int, string)  {}
func (l leg) Reinvite(string)           {}
func (l leg) SendInfo(rune)             {}
func (l leg) Hangup(reason call.Reason) { l.tell(call.LegEnded{Reason: reason}) }

type media struct{ p *Phone }

func (m media) Open(_ call.Request, tell func(call.MediaEvent)) call.Session {
	m.p.mu.Lock()
	m.p.media = tell
	m.p.mu.Unlock()
	tell(call.OfferReady{SDP: "offer"})
	return session{m.p, tell}
}

type session struct {
	p    *Phone
	tell func(call.MediaEvent)
}

func (s session) Answer(string, bool) {}
func (s session) Refused()            {}
func (s session) Acknowledged(string) {}
func (s session) Reoffer(int, string) {}
func (s session) Tone(call.Tone)      {}
func (s session) Close(call.Tone)     {}
func (s session) Deafen(on bool)      { s.tell(call.DeafConfirmed{On: on}) }
func (s session) Hold(on bool)        { s.tell(call.HoldConfirmed{On: on}) }

// Play is a notice of no length.
func (s session) Play() {
	s.tell(call.MuteConfirmed{On: true})
	s.tell(call.NoticeBegan{})
	s.tell(call.NoticeEnded{})
}

func (s session) Stats() (call.Stats, bool) { return call.Stats{}, false }

func (s session) Mute(on bool) {
	s.p.mu.Lock()
	stuck := s.p.stuck
	if stuck {
		s.p.asked = append(s.p.asked, on)
	}
	s.p.mu.Unlock()
	if !stuck {
		s.tell(call.MuteConfirmed{On: on})
	}
}

func (s session) SendDTMF(digits string) {
	for _, d := range digits {
		s.tell(call.DTMFSent{Digit: d})
	}
}
