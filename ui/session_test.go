package ui

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"testing"

	"fyne.io/fyne/v2"

	"nxphone/ui/present"
)

// fakeSession is a desktop made of memory, which notes what it is told.
type fakeSession struct {
	mu    sync.Mutex
	shown present.Outside
	told  []string
	keep  bool
	last  string
	sizes map[string][2]float32
}

func (s *fakeSession) tell(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, fmt.Sprintf(format, args...))
}

// take gives what was told since the last time.
func (s *fakeSession) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	told := s.told
	s.told = nil
	return told
}

func (s *fakeSession) Show(o present.Outside) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown = o
}

func (s *fakeSession) outside() present.Outside {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown
}

func (s *fakeSession) KeepInTray() bool        { return s.keep }
func (s *fakeSession) Requests() <-chan string { return nil }
func (s *fakeSession) Opened(uintptr)          {}
func (s *fakeSession) Raise()                  { s.tell("raise") }
func (s *fakeSession) Last() string            { return s.last }
func (s *fakeSession) Sit(name string)         { s.tell("sit %s", name) }
func (s *fakeSession) Seat(name string) (width, height float32) {
	return s.sizes[name][0], s.sizes[name][1]
}
func (s *fakeSession) Rise(name string, width, height float32) {
	s.tell("rise %s %vx%v", name, width, height)
}

func (s *fakeSession) Faults(ctx context.Context) iter.Seq[present.HotkeyFaults] {
	return func(yield func(present.HotkeyFaults) bool) {
		if yield(present.HotkeyFaults{}) {
			<-ctx.Done()
		}
	}
}

func newSessionRig(t *testing.T) (*rig, *fakeSession) {
	t.Helper()
	s := &fakeSession{}
	r := newRig(t, Options{Session: s}, testLine())
	return r, s
}

func TestWhatIsAskedForOutside(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r, s := newSessionRig(t)
		r.state("incall")
		if o := s.outside(); o.Tray.State != present.TrayCall || o.Call.Title == "" {
			t.Errorf("outside: %+v", o)
		}
		if title := r.win.Title(); title != s.outside().Tray.Title+" · nxphone" {
			t.Errorf("the window's title is %q", title)
		}
		r.d.front(true)
		r.settle()
		if o := s.outside(); o.Call.Title != "" {
			t.Errorf("told of what is in front: %+v", o.Call)
		}
		r.d.requested(RequestMute)
		r.settle()
		r.expect("mute true")
		r.d.requested(RequestHangup)
		r.settle()
		r.expect("mute true", "hangup")
		if s.take(); r.quits != 0 {
			t.Error("ended")
		}
		r.d.requested(RequestShow)
		r.settle()
		if told := s.take(); !slices.Equal(told, []string{"raise"}) {
			t.Errorf("to the front: %q", told)
		}
		// In a call the end is asked about, and that is to be seen.
		r.d.requested(RequestQuit)
		r.settle()
		if r.quits != 0 || r.d.page != pageClose || !slices.Equal(s.take(), []string{"raise"}) {
			t.Errorf("%d quits, page %v", r.quits, r.d.page)
		}
		r.d.requested("nonsense")
		r.state("remote")
		r.d.requested(RequestQuit)
		if r.quits != 1 {
			t.Error("not ended without a call")
		}
		if title := r.win.Title(); title != "nxphone" {
			t.Errorf("the window's title is %q", title)
		}
	})
}

func TestClosingIntoTheTray(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r, s := newSessionRig(t)
		r.d.takeSeat("phone", fyne.NewSize(300, 600))
		r.settle()
		s.take()
		s.keep = true
		r.state("incall")
		r.d.front(true)
		r.d.closeAsked()
		r.settle()
		if r.quits != 0 || r.d.page != pageNone || r.d.facts.Front {
			t.Errorf("%d quits, page %v, front %v", r.quits, r.d.page, r.d.facts.Front)
		}
		if told := s.take(); len(told) == 0 || told[0] != fmt.Sprintf("rise phone %vx%v", r.win.Canvas().Size().Width, r.win.Canvas().Size().Height) {
			t.Errorf("before it went: %q", told)
		}
		s.keep = false // no tray any more
		r.d.closeAsked()
		if r.d.page != pageClose {
			t.Error("a window that nobody could bring back was hidden")
		}
	})
}

func TestSeatsAreTakenInOrder(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r, s := newSessionRig(t)
		s.sizes = map[string][2]float32{"full": {900, 700}}
		if got := r.d.seatOf("full", fyne.NewSize(1, 2)); got != fyne.NewSize(900, 700) {
			t.Errorf("the user's size is %v", got)
		}
		if got := r.d.seatOf("phone", fyne.NewSize(1, 2)); got != fyne.NewSize(1, 2) {
			t.Errorf("the usual size is %v", got)
		}
		r.d.takeSeat("phone", r.d.windowSize())
		r.settle()
		if told := s.take(); !slices.Equal(told, []string{"sit phone"}) {
			t.Errorf("at the start: %q", told)
		}
		before := r.win.Canvas().Size()
		r.d.resize(present.Full)
		r.settle()
		want := []string{fmt.Sprintf("rise phone %vx%v", before.Width, before.Height), "sit full"}
		if told := s.take(); !slices.Equal(told, want) {
			t.Errorf("another size: %q, want %q", told, want)
		}
	})
}

func TestTheLastSizeComesBack(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		for _, c := range []struct {
			setting, last string
			want          present.Size
		}{{"", "", present.Phone}, {"", "full", present.Full}, {"", "nonsense", present.Phone}, {"compact", "full", present.Compact}} {
			v := testLine()
			v.WindowSize = c.setting
			if r := newRig(t, Options{Session: &fakeSession{last: c.last}}, v); r.d.facts.Size != c.want {
				t.Errorf("%+v gives %v", c, r.d.facts.Size)
			}
		}
	})
}

func TestHotkeyFaultIsTold(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r, _ := newSessionRig(t)
		f := present.HotkeyFaults{Mute: present.HotkeyTaken, MuteKey: "Ctrl+Shift+F9", HangupKey: "Ctrl+Shift+F10"}
		r.d.hotkeysChanged(f)
		r.settle()
		if b := r.d.view.Banner; !b.Show || !b.Settings {
			t.Errorf("the banner: %+v", b)
		}
		r.d.dismiss()
		r.d.hotkeysChanged(f) // known
		r.settle()
		if r.d.view.Banner.Title != "" && r.d.view.Banner.Settings {
			t.Errorf("told twice: %+v", r.d.view.Banner)
		}
	})
}
