package kiosk

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"time"

	"nxphone/audio"
	"nxphone/call"
)

const (
	// faintBelow is the level (dBFS) under which the speaker's notes are too
	// faint in the microphone to talk by.
	faintBelow = -58
	// The self-test's times: for the echo number to answer, for its sound to
	// come after that, and for the call to be gone.
	answerWithin = 20 * time.Second
	soundWithin  = 5 * time.Second
	goneWithin   = 6 * time.Second
	// settle lets jitter buffer and gain find their places first.
	settle = 500 * time.Millisecond
)

// Tester is the self-test. All its fields but Number and Logger are required.
type Tester struct {
	// Open opens the booth's own speaker and microphone, as a call would, but
	// without anything that takes the speaker's sound out of the microphone
	// (echo cancelling would hide the notes).
	Open func(ctx context.Context) (audio.Duplex, error)
	// Swap has the next call use this sound instead of the devices, until
	// restore.
	Swap func(d audio.Duplex) (restore func())
	// Phone and Request place the call to Number, which echoes. Without a
	// number the line is not tested.
	Phone   Phone
	Request func(tel string) call.Request
	Number  string
	// Logger gets no number. nil logs nothing.
	Logger *slog.Logger
}

// Run tests speaker and microphone, then the line. It returns soon after ctx
// has ended, with everything released.
func (t Tester) Run(ctx context.Context) Report {
	if t.Logger == nil {
		t.Logger = slog.New(slog.DiscardHandler)
	}
	var r Report
	r.Sound, r.Level, r.Delay = t.sound(ctx)
	if t.Number != "" && ctx.Err() == nil {
		r.Line, r.Echo = t.line(ctx)
	}
	r.OK = r.Sound == FindingOK && (r.Line == FindingOK || t.Number == "")
	t.Logger.Info("self-test", "ok", r.OK, "sound", string(r.Sound), "level", math.Round(r.Level), "delay", r.Delay,
		"line", string(r.Line), "echo", r.Echo, "whole", ctx.Err() == nil)
	return r
}

// sound plays notes out of the speaker and listens for them.
func (t Tester) sound(ctx context.Context) (Finding, float64, time.Duration) {
	d, err := t.Open(ctx)
	if err != nil {
		t.Logger.Warn("self-test: no sound device", "error", err)
		return FindingDevice, audio.Silence, 0
	}
	defer d.Close()
	s := newScope()
	// A device that gives no frames at all never fills the recording.
	run, stop := context.WithTimeout(ctx, 2*recordFor())
	defer stop()
	go func() {
		select {
		case <-s.full:
			stop()
		case <-run.Done():
		}
	}()
	_ = audio.Run(run, d, d, (*bothWays)(s)) // ends with run, by full, time or ctx
	f := s.look()
	return f.finding(), f.level, f.delay
}

func (f found) finding() Finding {
	switch {
	case f.dead:
		return FindingSilent
	case !f.heard:
		return FindingUnheard
	case f.level < faintBelow:
		return FindingFaint
	}
	return FindingOK
}

// bothWays is the scope as a call's side: the device is the loop.
type bothWays scope

func (b *bothWays) Capture(frame []int16) { (*scope)(b).take(frame) }
func (b *bothWays) Playout(frame []int16) { (*scope)(b).next(frame) }

// line calls the echo number with the notes in place of the microphone.
func (t Tester) line(ctx context.Context) (Finding, time.Duration) {
	probe := newProbe()
	defer t.Swap(probe)()
	watching, unwatch := context.WithCancel(context.WithoutCancel(ctx))
	defer unwatch()
	news := t.Phone.Watch(watching)
	up, over := make(chan struct{}), make(chan call.Code, 1)
	ready := make(chan int, 1) // the call's ID, once it is known
	var wg sync.WaitGroup
	defer wg.Wait()
	defer unwatch()
	wg.Go(func() {
		id, answered := 0, false
		select {
		case id = <-ready:
		case <-watching.Done():
			return
		}
		for snap := range news {
			if snap.Call.ID != id {
				continue
			}
			if snap.State == call.InCall && snap.Call.MediaUp && !answered {
				answered = true
				close(up)
			}
			if snap.State == call.Idle {
				over <- snap.Call.Reason.Code
				return
			}
		}
	})
	// A Dial that is waited for to its end: one that was given up could leave a
	// call that nobody knows of.
	dialling, cancel := context.WithTimeout(watching, goneWithin)
	defer cancel()
	req := t.Request(t.Number)
	req.Test = true
	id, err := t.Phone.Dial(dialling, req)
	if err != nil {
		t.Logger.Warn("self-test: the call was refused", "code", string(call.CodeOf(err)))
		return FindingNoCall, 0
	}
	ready <- id
	finding, echo, ended := t.converse(ctx, probe, up, over)
	if !ended {
		t.hangUp(ctx, over)
	}
	return finding, echo
}

// converse is the call from its Dial to the echo.
func (t Tester) converse(ctx context.Context, p *probeSound, up <-chan struct{}, over <-chan call.Code) (_ Finding, echo time.Duration, ended bool) {
	wait := func(c <-chan struct{}, d time.Duration) bool {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-c:
			return true
		case code := <-over:
			t.Logger.Warn("self-test: the call ended by itself", "code", string(code))
			ended = true
		case <-timer.C:
		case <-ctx.Done():
		}
		return false
	}
	if !wait(up, answerWithin) {
		return FindingNoCall, 0, ended
	}
	if wait(nil, settle); ended || ctx.Err() != nil {
		return FindingNoCall, 0, ended
	}
	p.arm()
	if !wait(p.scope.full, recordFor()+soundWithin) {
		return FindingNoEcho, 0, ended
	}
	f := p.scope.look()
	if !f.heard {
		return FindingNoEcho, 0, false
	}
	return FindingOK, f.delay, false
}

// hangUp ends the call and waits until it is gone, also for somebody who has
// just pressed the button: the phone takes no second call before.
func (t Tester) hangUp(ctx context.Context, over <-chan call.Code) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goneWithin)
	defer cancel()
	if err := t.Phone.Hangup(ctx); err != nil {
		t.Logger.Info("self-test: hanging up", "error", err)
	}
	select {
	case <-over:
	case <-ctx.Done():
	}
}

// probeSound is a device that is no device: the scope stands where microphone
// and speaker would, once it has been armed.
type probeSound struct {
	in    *audio.NullInput
	out   *audio.NullOutput
	scope *scope
	armed chan struct{}
	once  sync.Once
}

func newProbe() *probeSound {
	return &probeSound{in: audio.NewNullInput(nil), out: audio.NewNullOutput(nil), scope: newScope(), armed: make(chan struct{})}
}

func (p *probeSound) arm() { p.once.Do(func() { close(p.armed) }) }

func (p *probeSound) on() bool {
	select {
	case <-p.armed:
		return true
	default:
		return false
	}
}

// Read implements audio.Input.
func (p *probeSound) Read(frame []int16) bool {
	if !p.in.Read(frame) {
		return false
	}
	if p.on() {
		p.scope.next(frame)
	}
	return true
}

// Room implements audio.Output.
func (p *probeSound) Room() bool { return p.out.Room() }

// Write implements audio.Output.
func (p *probeSound) Write(frame []int16) {
	p.out.Write(frame)
	if p.on() {
		p.scope.take(frame)
	}
}

// Close implements audio.Duplex.
func (p *probeSound) Close() error { return nil }
