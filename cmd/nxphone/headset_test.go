package main

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/audio/headset"
	"nxphone/call"
	"nxphone/call/profile"
	"nxphone/ui/present"
	"nxphone/ui/uitest"
)

// fakeLink is a headset made of memory.
type fakeLink struct {
	err      error // what Run returns at once; nil: it runs
	commands chan headset.Command
	status   chan []headset.Status
	updates  chan headset.Phone // every Update, where somebody looks

	mu     sync.Mutex
	phones []headset.Phone
	dark   bool // Run has ended
}

func newFakeLink() *fakeLink {
	return &fakeLink{commands: make(chan headset.Command), status: make(chan []headset.Status)}
}

func (f *fakeLink) Run(ctx context.Context) error {
	defer close(f.commands)
	if f.err != nil {
		return f.err
	}
	<-ctx.Done()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dark = true
	return nil
}

func (f *fakeLink) Update(p headset.Phone) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.phones = append(f.phones, p)
	select {
	case f.updates <- p:
	default:
	}
}

func (f *fakeLink) Commands() <-chan headset.Command { return f.commands }

func (f *fakeLink) Watch(ctx context.Context) iter.Seq[[]headset.Status] {
	return func(yield func([]headset.Status) bool) {
		for {
			select {
			case s := <-f.status:
				if !yield(s) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

func (f *fakeLink) told() (last headset.Phone, dark bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.phones) > 0 {
		last = f.phones[len(f.phones)-1]
	}
	return last, f.dark
}

// buttonRig is buttons over a phone and a headset in memory, in a bubble.
type buttonRig struct {
	*buttons
	phone *uitest.Phone
	links []*fakeLink
}

func newButtonRig(t *testing.T, err error) *buttonRig {
	t.Helper()
	store, fault := profile.Open(profile.Options{Path: filepath.Join(t.TempDir(), "settings.json"), Lookup: func(string) (string, bool) { return "", false }})
	if fault != nil {
		t.Fatal(fault)
	}
	r := &buttonRig{phone: uitest.NewPhone()}
	r.buttons = newButtons(r.phone, store, slog.New(slog.DiscardHandler), func() headsetLink {
		f := newFakeLink()
		f.err = err
		r.links = append(r.links, f)
		return f
	})
	r.start()
	synctest.Wait()
	return r
}

func (r *buttonRig) seen(t *testing.T) present.Headset {
	t.Helper()
	synctest.Wait()
	for h := range r.Watch(t.Context()) {
		return h
	}
	return present.Headset{}
}

func TestButtonsWorkThePhone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newButtonRig(t, nil)
		link := r.links[0]
		r.phone.Push(call.Snapshot{State: call.InCall, Call: call.Call{ID: 1, Tel: "600", Mute: call.Switch{On: true}, Hold: call.Switch{On: true}}})
		synctest.Wait()
		if got, _ := link.told(); got != (headset.Phone{Call: true, Answered: true, Muted: true, Held: true}) {
			t.Errorf("the headset was told %+v", got)
		}
		for _, c := range []headset.Command{headset.Mute, headset.Unmute, headset.HangUp} {
			link.commands <- c
			synctest.Wait()
		}
		if got, want := r.phone.Commands(), []string{"mute true", "mute false", "hangup"}; !slices.Equal(got, want) {
			t.Errorf("commands %q, want %q", got, want)
		}
		// The number that was typed is not dialled by a headset that is taken
		// up: there is no command for it.
		for _, s := range []call.State{call.Clearing, call.Idle} {
			r.phone.Push(call.Snapshot{State: s, Call: call.Call{ID: 1}})
			synctest.Wait()
			if got, _ := link.told(); got != (headset.Phone{}) {
				t.Errorf("%v: the headset was told %+v", s, got)
			}
		}
		r.close()
		if _, dark := link.told(); !dark {
			t.Error("the link still runs")
		}
	})
}

// TestButtonsInACall: a real call through the demo SBC, muted and ended by a
// headset, whose lights follow what the engine has confirmed.
func TestButtonsInACall(t *testing.T) {
	ph := openTestPhone(t, "--demo")
	link := newFakeLink()
	link.updates = make(chan headset.Phone, 64)
	b := newButtons(ph.engine, ph.store, slog.New(slog.DiscardHandler), func() headsetLink { return link })
	b.start()
	defer b.close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	lights := func(want headset.Phone) {
		t.Helper()
		for {
			select {
			case got := <-link.updates:
				if got == want {
					return
				}
			case <-ctx.Done():
				t.Fatalf("the headset was never told %+v", want)
			}
		}
	}
	press := func(c headset.Command) {
		t.Helper()
		select {
		case link.commands <- c:
		case <-ctx.Done():
			t.Fatalf("nobody takes %v", c)
		}
	}
	if _, err := ph.engine.Dial(ctx, ph.request("600")); err != nil {
		t.Fatal(err)
	}
	lights(headset.Phone{Call: true})
	lights(headset.Phone{Call: true, Answered: true})
	press(headset.Mute)
	lights(headset.Phone{Call: true, Answered: true, Muted: true})
	if err := ph.engine.Mute(ctx, false); err != nil { // in the window
		t.Fatal(err)
	}
	lights(headset.Phone{Call: true, Answered: true})
	if err := ph.engine.Hold(ctx, true); err != nil {
		t.Fatal(err)
	}
	lights(headset.Phone{Call: true, Answered: true, Held: true})
	press(headset.HangUp)
	lights(headset.Phone{})
}

// TestButtonsStuckMute: a mute that is never confirmed keeps no hang-up waiting.
func TestButtonsStuckMute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newButtonRig(t, nil)
		stuck := stuckPhone{Phone: r.phone}
		r.buttons.phone = stuck
		r.links[0].commands <- headset.Mute
		r.links[0].commands <- headset.HangUp
		synctest.Wait()
		if got := r.phone.Commands(); !slices.Equal(got, []string{"hangup"}) {
			t.Errorf("commands %q", got)
		}
		began := time.Now()
		r.close()
		if took := time.Since(began); took > buttonTime {
			t.Errorf("the end took %v", took)
		}
	})
}

type stuckPhone struct{ *uitest.Phone }

func (stuckPhone) Mute(ctx context.Context, _ bool) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestButtonsSetting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newButtonRig(t, nil)
		r.links[0].status <- []headset.Status{{Name: "Jabra", HasHook: true, HasMute: true}}
		if got := r.seen(t); got != (present.Headset{Name: "Jabra", Present: true, HasMute: true}) {
			t.Errorf("%+v", got)
		}
		if err := r.store.Set(func(s *profile.Settings) { s.Headset = false }); err != nil {
			t.Fatal(err)
		}
		if got := r.seen(t); got != (present.Headset{}) {
			t.Errorf("switched off: %+v", got)
		}
		if _, dark := r.links[0].told(); !dark {
			t.Error("switched off, and the link still runs")
		}
		if err := r.store.Set(func(s *profile.Settings) { s.Headset = true }); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if len(r.links) != 2 {
			t.Errorf("%d links", len(r.links))
		}
		r.close()
	})
}

func TestButtonsUnsupported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newButtonRig(t, headset.ErrUnsupported)
		if got := r.seen(t); got != (present.Headset{Unsupported: true}) {
			t.Errorf("%+v", got)
		}
		r.close()
	})
	synctest.Test(t, func(t *testing.T) {
		r := newButtonRig(t, errors.New("headset: something"))
		if got := r.seen(t); got != (present.Headset{}) {
			t.Errorf("%+v", got)
		}
		r.close()
	})
	if !strings.Contains(headset.ErrUnsupported.Error(), "not supported on this system yet") {
		t.Errorf("not clear: %v", headset.ErrUnsupported)
	}
}

func TestShownHeadset(t *testing.T) {
	plain := headset.Status{Name: "plain", HasHook: true}
	mutes := headset.Status{Name: "mutes", HasMute: true, Muted: true}
	shut := headset.Status{Name: "shut", Trouble: headset.TroubleAccess}
	wild := headset.Status{Name: "wild", HasMute: true, Trouble: headset.TroubleRestless}
	open := headset.Status{Name: "open", HasMute: true, Trouble: headset.TroubleOpen}
	dumb := headset.Status{Name: "dumb", HasMute: true, Muted: true, Trouble: headset.TroubleMuted}
	tests := []struct {
		list []headset.Status
		want present.Headset
	}{
		{nil, present.Headset{}},
		{[]headset.Status{plain}, present.Headset{Name: "plain", Present: true}},
		{[]headset.Status{plain, mutes}, present.Headset{Name: "mutes", Present: true, HasMute: true, Muted: true}},
		{[]headset.Status{mutes, shut}, present.Headset{Name: "shut", Present: true, Trouble: present.HeadsetAccess}},
		{[]headset.Status{shut, wild}, present.Headset{Name: "wild", Present: true, HasMute: true, Trouble: present.HeadsetRestless}},
		{[]headset.Status{wild, open}, present.Headset{Name: "open", Present: true, HasMute: true, Trouble: present.HeadsetOpen}},
		{[]headset.Status{open, dumb, shut}, present.Headset{Name: "dumb", Present: true, HasMute: true, Muted: true, Trouble: present.HeadsetMuted}},
	}
	for _, tt := range tests {
		if got := shownHeadset(tt.list); got != tt.want {
			t.Errorf("%+v: %+v", tt.list, got)
		}
	}
}
