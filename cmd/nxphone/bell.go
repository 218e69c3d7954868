package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"nxphone/audio"
	"nxphone/audio/tone"
	"nxphone/call"
	"nxphone/call/shift"
)

// bell is what sounds outside of a call, where somebody may have taken the
// headset off: on the ringer of the settings. The far end's answer sounds there
// only where a ringer is set, because it is heard in the headset anyway; that a
// rest is over and that a page asks something sound on whatever there is.
type bell struct {
	open    func(ctx context.Context) (audio.OutputDevice, error)
	allowed func() bool // the user wants to be notified
	apart   func() bool // the ringer is another device than the call's
	log     *slog.Logger

	strokes chan tone.Signal
	stop    context.CancelFunc
	wg      sync.WaitGroup
}

// bellTime bounds one stroke, the opening of the device included.
const bellTime = 5 * time.Second

// The strokes: two soft notes, up for "come", down for "it is over".
func strokeUp() tone.Signal   { return stroke(659.26, 880) }
func strokeDown() tone.Signal { return stroke(880, 659.26) }

func stroke(first, second float64) tone.Signal {
	return tone.Signal{Times: 1, Segments: []tone.Segment{
		{F1: first, DB: tone.Level, Dur: 160 * time.Millisecond},
		{Dur: 40 * time.Millisecond},
		{F1: second, DB: tone.Level, Dur: 260 * time.Millisecond},
	}}
}

// openBell lets the phone's bell follow call and shift.
func (p *program) openBell(ph *phone, duty *shift.Shift) *bell {
	b := &bell{
		log: p.log, strokes: make(chan tone.Signal, 1),
		open: func(ctx context.Context) (audio.OutputDevice, error) {
			return ph.host.OpenOutput(ctx, ringer(ph.store.Get())...)
		},
		allowed: func() bool { return ph.store.Get().Notifications },
		apart:   func() bool { return len(ringer(ph.store.Get())) > 1 },
	}
	b.start()
	b.follow(ph.engine, duty)
	return b
}

func (b *bell) start() {
	ctx, stop := context.WithCancel(context.Background())
	b.stop = stop
	b.wg.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case s := <-b.strokes:
				if err := b.play(ctx, s); err != nil && ctx.Err() == nil {
					b.log.Info("the ringer is silent", "error", err)
				}
			}
		}
	})
}

// follow begins to listen to what happens.
func (b *bell) follow(engine *call.Engine, duty *shift.Shift) {
	ctx, stop := context.WithCancel(context.Background())
	before := b.stop
	b.stop = func() { stop(); before() }
	calls := engine.Watch(ctx)
	b.wg.Go(func() {
		for s, cause := range calls {
			if _, ok := cause.(call.Answered); ok && !s.Call.Test && b.apart() {
				b.ring(strokeUp())
			}
		}
	})
	states := duty.Watch(ctx)
	b.wg.Go(func() {
		var last shift.Status
		for s := range states {
			if restOver(last, s) {
				b.ring(strokeDown())
			}
			last = s
		}
	})
}

// restOver reports whether a rest has run out between two moments. One that was
// ended early needs no bell.
func restOver(before, now shift.Status) bool {
	return before.State == shift.Rest && now.State != shift.Rest && !before.Until.IsZero() && !now.Since.Before(before.Until)
}

// ring sounds once; while it sounds further strokes are one.
func (b *bell) ring(s tone.Signal) {
	if b == nil || !b.allowed() {
		return
	}
	select {
	case b.strokes <- s:
	default:
	}
}

func (b *bell) play(ctx context.Context, s tone.Signal) error {
	ctx, cancel := context.WithTimeout(ctx, bellTime)
	defer cancel()
	out, err := b.open(ctx)
	if err != nil {
		return err
	}
	defer out.Close()
	r := &ringing{g: tone.NewGenerator(s), done: cancel, tail: 12}
	_ = audio.Run(ctx, audio.NewNullInput(nil), out, r) // only ends with its context
	return nil
}

// ringing plays a signal and then a little silence, which a device needs to play
// what it has queued.
type ringing struct {
	g    *tone.Generator
	done func()
	tail int
}

// Capture implements audio.Handler.
func (r *ringing) Capture([]int16) {}

// Playout implements audio.Handler.
func (r *ringing) Playout(frame []int16) {
	if r.g.Fill(frame) {
		return
	}
	if r.tail--; r.tail <= 0 {
		r.done()
	}
}

// close ends a stroke that sounds.
func (b *bell) close() {
	b.stop()
	b.wg.Wait()
}
