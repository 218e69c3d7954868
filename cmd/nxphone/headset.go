package main

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"sync"
	"time"

	"nxphone/audio/headset"
	"nxphone/call"
	"nxphone/call/profile"
	"nxphone/ui"
	"nxphone/ui/present"
)

// buttonTime is how long a command of a button may take.
const buttonTime = 5 * time.Second

// buttonPhone is the engine as the buttons of a headset need it.
type buttonPhone interface {
	Hangup(ctx context.Context) error
	Mute(ctx context.Context, on bool) error
	Watch(ctx context.Context) iter.Seq2[call.Snapshot, call.Cause]
}

// headsetLink is *headset.Link.
type headsetLink interface {
	Run(ctx context.Context) error
	Update(headset.Phone)
	Commands() <-chan headset.Command
	Watch(ctx context.Context) iter.Seq[[]headset.Status]
}

// buttons let headsets work the phone while the setting "headset" is on, and
// tell the window what is plugged in. Whatever becomes of them, a call goes on.
type buttons struct {
	phone   buttonPhone
	store   *profile.Store
	log     *slog.Logger
	newLink func() headsetLink

	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu      sync.Mutex
	best    present.Headset
	cannot  bool          // this system's headsets cannot be reached
	changed chan struct{} // closed by the next change of these
}

var _ ui.Headset = (*buttons)(nil)

// openButtons begins to follow headsets, until close.
func (p *program) openButtons(ph *phone) *buttons {
	b := newButtons(ph.engine, ph.store, p.log, func() headsetLink {
		return headset.New(headset.Options{Logger: p.log})
	})
	b.start()
	return b
}

func newButtons(phone buttonPhone, store *profile.Store, log *slog.Logger, newLink func() headsetLink) *buttons {
	return &buttons{phone: phone, store: store, log: log, newLink: newLink, changed: make(chan struct{})}
}

func (b *buttons) start() {
	var ctx context.Context
	ctx, b.cancel = context.WithCancel(context.Background())
	b.wg.Go(func() { b.follow(ctx) })
}

// close puts the lights out and lets go of the headsets.
func (b *buttons) close() {
	b.cancel()
	b.wg.Wait()
}

// follow runs a link while the setting is on.
func (b *buttons) follow(ctx context.Context) {
	settings, unwatch := b.store.Watch()
	defer unwatch()
	stop := func() {}
	defer func() { stop() }()
	running := false
	for {
		if want := b.store.Get().Headset; want != running {
			stop()
			if running, stop = want, func() {}; want {
				stop = b.run(ctx)
			}
		}
		select {
		case <-settings:
		case <-ctx.Done():
			return
		}
	}
}

// run starts a link; stop ends it and waits.
func (b *buttons) run(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	link := b.newLink()
	var wg sync.WaitGroup
	wg.Go(func() {
		err := link.Run(ctx)
		if errors.Is(err, headset.ErrUnsupported) {
			b.change(func() { b.cannot = true })
		}
		if err != nil {
			b.log.Info("no headset buttons", "reason", err)
		}
	})
	wg.Go(func() {
		for snap := range b.phone.Watch(ctx) {
			link.Update(forHeadset(snap))
		}
	})
	wg.Go(func() {
		for list := range link.Watch(ctx) {
			b.change(func() { b.best = shownHeadset(list) })
		}
	})
	wg.Go(func() {
		for c := range link.Commands() {
			wg.Go(func() { b.press(ctx, c) })
		}
	})
	return func() {
		cancel()
		wg.Wait()
		b.change(func() { b.best = present.Headset{} })
	}
}

// press carries out what a button asks for. It has a goroutine of its own: a
// mute that waits for its confirmation must not keep a hang-up waiting.
func (b *buttons) press(ctx context.Context, c headset.Command) {
	ctx, cancel := context.WithTimeout(ctx, buttonTime)
	defer cancel()
	var err error
	switch c {
	case headset.HangUp:
		err = b.phone.Hangup(ctx)
	case headset.Mute, headset.Unmute:
		err = b.phone.Mute(ctx, c == headset.Mute)
	}
	b.log.Info("a headset's button", "command", c.String(), "error", err)
}

// forHeadset is the phone as a headset sees it. While a call is being cleared
// the microphone is shut already, and the headset may go on-hook.
func forHeadset(s call.Snapshot) headset.Phone {
	switch s.State {
	case call.Connecting, call.Trying, call.Ringing, call.InCall:
		return headset.Phone{Call: true, Answered: s.State == call.InCall, Muted: s.Call.Mute.On, Held: s.Call.Hold.On}
	}
	return headset.Phone{}
}

// shownHeadset is the one of several that the window tells of: the one in the
// worst trouble, else the first that has a mute.
func shownHeadset(list []headset.Status) present.Headset {
	var best present.Headset
	most := -1
	for _, s := range list {
		trouble, weight := forWindow(s.Trouble)
		if s.HasMute {
			weight++
		}
		if weight > most {
			most = weight
			best = present.Headset{Name: s.Name, Present: true, HasMute: s.HasMute, Muted: s.Muted, Trouble: trouble}
		}
	}
	return best
}

// forWindow is a headset's trouble in the window's words, and how much it
// matters.
func forWindow(t headset.Trouble) (present.HeadsetTrouble, int) {
	switch t {
	case headset.TroubleMuted:
		return present.HeadsetMuted, 8
	case headset.TroubleOpen:
		return present.HeadsetOpen, 6
	case headset.TroubleRestless:
		return present.HeadsetRestless, 4
	case headset.TroubleAccess:
		return present.HeadsetAccess, 2
	}
	return "", 0
}

// Watch implements ui.Headset.
func (b *buttons) Watch(ctx context.Context) iter.Seq[present.Headset] {
	return func(yield func(present.Headset) bool) {
		for {
			b.mu.Lock()
			shown, changed := b.best, b.changed
			shown.Unsupported = b.cannot
			b.mu.Unlock()
			if !yield(shown) {
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}
}

// change changes what the window is shown and tells it.
func (b *buttons) change(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
	close(b.changed)
	b.changed = make(chan struct{})
}
