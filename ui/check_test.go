package ui

import (
	"context"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/call/check"
	"nxphone/ui/present"
)

// fakeCheck is a check that goes as the test says.
type fakeCheck struct {
	mu    sync.Mutex
	parts []check.Parts
	tell  func(check.Progress)
	done  chan check.Result
	left  int
}

func newFakeCheck() *fakeCheck { return &fakeCheck{done: make(chan check.Result)} }

func (f *fakeCheck) Run(ctx context.Context, parts check.Parts, tell func(check.Progress)) check.Result {
	f.mu.Lock()
	f.parts, f.tell = append(f.parts, parts), tell
	f.mu.Unlock()
	r := check.Result{Interrupted: true}
	select {
	case r = <-f.done:
	case <-ctx.Done():
		f.mu.Lock()
		f.left++
		f.mu.Unlock()
	}
	tell(check.Progress{Step: check.Done, Result: r})
	return r
}

func (f *fakeCheck) say(r *rig, p check.Progress) {
	f.mu.Lock()
	tell := f.tell
	f.mu.Unlock()
	tell(p)
	r.settle()
}

func (f *fakeCheck) end(r *rig, res check.Result) {
	f.done <- res
	r.settle()
}

func TestCheckPage(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		f := newFakeCheck()
		r := newRig(t, Options{Lang: text.English, Check: f}, testLine())
		r.state("idle")
		r.d.openCheck()
		p := r.d.checking
		if p == nil || p.title.Text() != "Fifteen seconds before your shift" {
			t.Fatalf("the page says %q", p.title.Text())
		}
		r.tap(p.start)
		f.say(r, check.Progress{Step: check.Speak, Left: 3 * time.Second, Level: -24})
		if !p.meter.Visible() || p.meter.Step() == 0 || p.parts.Visible() || p.start.Face().Label != "Stop" {
			t.Errorf("speak: meter %v at %v, %q", p.meter.Visible(), p.meter.Step(), p.start.Face().Label)
		}
		f.end(r, check.Result{Microphone: check.MicQuiet, Speaker: check.SpeakerOK, Line: check.LineOK})
		if p.meter.Visible() || !p.yes.Visible() || p.start.Face().Label != "Check again" {
			t.Errorf("done: %q, %q", p.title.Text(), p.start.Face().Label)
		}
		r.tap(p.yes)
		if p.yes.Visible() || p.title.Text() != "You can call, but something could be better" || p.rows[0].title.Text() != "Your voice is faint" {
			t.Errorf("verdict: %q, %q", p.title.Text(), p.rows[0].title.Text())
		}
		if len(f.parts) != 1 || f.parts[0] != check.All {
			t.Errorf("asked for %v", f.parts)
		}
	})
}

// TestCheckIsLeft: with the page the check goes, and Escape is the way out.
func TestCheckIsLeft(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		f := newFakeCheck()
		r := newRig(t, Options{Lang: text.English, Check: f}, testLine())
		r.state("idle")
		r.d.openCheck()
		r.tap(r.d.checking.start)
		r.key(fyne.KeyEscape)
		if r.d.checking != nil || r.d.page != pageNone || f.left != 1 {
			t.Errorf("page %v, left %d times", r.d.page, f.left)
		}
		r.d.openCheck()
		r.tap(r.d.checking.start)
		r.after(time.Second)      // a button that has just changed takes no tap
		r.tap(r.d.checking.start) // "Stop"
		if f.left != 2 || r.d.checking.title.Text() != "The check was not finished" {
			t.Errorf("left %d times: %q", f.left, r.d.checking.title.Text())
		}
	})
}

// TestNoCheckInACall: a call that is not the check's own keeps it from starting.
func TestNoCheckInACall(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		f := newFakeCheck()
		r := newRig(t, Options{Lang: text.English, Check: f}, testLine())
		r.state("incall")
		r.d.openCheck()
		p := r.d.checking
		if !p.start.Face().Disabled {
			t.Error("a check can be started in a call")
		}
		r.d.checking.begin(check.PartVoice)
		if len(f.parts) != 0 {
			t.Error("it was started")
		}
		r.state("idle")
		r.tap(p.start)
		if len(f.parts) != 1 {
			t.Error("it cannot be started after the call")
		}
		r.push(call.Snapshot{State: call.Connecting, Call: call.Call{ID: 9, Test: true}})
		if p.facts.InCall || r.d.checking != p {
			t.Error("the check's own call is taken for somebody's")
		}
	})
}

// checkScreen shows the page after a check, or in the middle of one.
func checkScreen(g check.Progress, h present.Heard) func(*rig) {
	return func(r *rig) {
		r.d.turnTo(pageCheck)
		p := r.d.checking
		p.facts = present.CheckFacts{Running: g.Step != check.Done, Parts: check.All, Progress: g, Heard: h}
		if p.facts.Running {
			p.stop = func() {}
		}
		p.draw()
	}
}

func checkScreens(line Values) []screen {
	found := check.Result{Microphone: check.MicQuiet, Speaker: check.SpeakerOK, Line: check.LineLoss}
	good := check.Result{Microphone: check.MicOK, Speaker: check.SpeakerOK, Line: check.LineOK, Stats: call.Stats{RTT: 23 * time.Millisecond}}
	return []screen{
		{name: "check", state: "idle", values: line, act: func(r *rig) { r.d.turnTo(pageCheck) }},
		{name: "check-speak", state: "idle", values: line, act: checkScreen(check.Progress{Step: check.Speak, Left: 3 * time.Second, Level: -22}, 0)},
		{name: "check-line", state: "idle", values: line, act: checkScreen(check.Progress{Step: check.Dial, Left: 3 * time.Second,
			Result: check.Result{Microphone: check.MicOK, Speaker: check.SpeakerOK}}, 0)},
		{name: "check-heard", state: "idle", values: line, act: checkScreen(check.Progress{Step: check.Done, Result: good}, 0)},
		{name: "check-good", state: "idle", values: line, act: checkScreen(check.Progress{Step: check.Done, Result: good}, present.HeardYes)},
		{name: "check-bad", state: "idle", values: line, act: checkScreen(check.Progress{Step: check.Done, Result: found}, present.HeardNo)},
	}
}
