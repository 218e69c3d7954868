package ui

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"nxphone/assets/text"
	"nxphone/ui/present"
)

// fakeDoctor finds what the test says.
type fakeDoctor struct {
	mu       sync.Mutex
	tell     func(present.Finding)
	done     chan string
	left     int
	runs     int
	reported []string
	fault    error
}

func newFakeDoctor() *fakeDoctor { return &fakeDoctor{done: make(chan string)} }

func (f *fakeDoctor) Examine(ctx context.Context, words *text.Catalogue, tell func(present.Finding)) string {
	f.mu.Lock()
	f.tell = tell
	f.runs++
	f.mu.Unlock()
	select {
	case s := <-f.done:
		return s
	case <-ctx.Done():
		f.mu.Lock()
		f.left++
		f.mu.Unlock()
		return ""
	}
}

func (f *fakeDoctor) Report(_ context.Context, _ *text.Catalogue, path string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reported = append(f.reported, path)
	return f.fault
}

func (f *fakeDoctor) ReportName(time.Time) string { return "r.zip" }

func (f *fakeDoctor) say(r *rig, all ...present.Finding) {
	f.mu.Lock()
	tell := f.tell
	f.mu.Unlock()
	for _, one := range all {
		tell(one)
	}
	r.settle()
}

// findings are good and bad news.
func findings() []present.Finding {
	return []present.Finding{
		{Role: present.Good, Title: "Settings", What: "The settings can be read and are complete."},
		{Role: present.Neutral, Title: "Browsers", What: "Nothing to look at."},
		{Role: present.Warn, Title: "Clock", What: "This computer's clock and the server's differ by 3 minutes.", Todo: "Let a time server set the clock."},
		{Role: present.Bad, Title: "Encryption", What: "The certificate of sbc.helpline.example was issued by somebody whom this computer does not know.",
			Todo: "Name the organisation's certificate file in the settings (ca). If it is there, the server may not send its intermediate certificate."},
	}
}

// TestDoctorPage: it begins by itself, shows what is found as it comes, and what
// is wrong first at the end.
func TestDoctorPage(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		f := newFakeDoctor()
		r := newRig(t, Options{Lang: text.English, Doctor: f}, testLine())
		r.state("idle")
		r.d.open(pageSettings)
		r.d.settings.enter("about")
		r.d.turnTo(pageDoctor)
		r.settle()
		p := r.d.doctor
		if p == nil || !p.now.Running || p.again.Face().Label != "Stop" || !p.write.Face().Disabled {
			t.Fatalf("it does not run: %+v", p)
		}
		f.say(r, findings()...)
		if n := len(p.list.Objects); n != 3 {
			t.Errorf("%d findings are shown, want 3", n)
		}
		f.done <- "Something does not work."
		r.settle()
		if p.title.Text() != "Something does not work." || p.again.Face().Label != "Examine again" || p.write.Face().Disabled {
			t.Errorf("at the end: %q, %q", p.title.Text(), p.again.Face().Label)
		}
		if first := p.now.Shown()[0]; first.Role != present.Bad {
			t.Errorf("first comes %+v", first)
		}
		p.reportTo("/x/r.zip")
		r.settle()
		if len(f.reported) != 1 || !strings.Contains(p.told.Text(), "/x/r.zip") {
			t.Errorf("%v, %q", f.reported, p.told.Text())
		}
		f.mu.Lock()
		f.fault = errors.New("full")
		f.mu.Unlock()
		p.reportTo("/x/r.zip")
		r.settle()
		if p.told.Text() != "The report could not be saved. Choose another folder." {
			t.Errorf("%q", p.told.Text())
		}
	})
}

// TestDoctorIsLeft: leaving the page ends the examination, and in a call none
// begins.
func TestDoctorIsLeft(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		f := newFakeDoctor()
		r := newRig(t, Options{Lang: text.English, Doctor: f}, testLine())
		r.state("idle")
		r.d.turnTo(pageDoctor)
		r.settle()
		r.key(fyne.KeyEscape)
		r.settle()
		if r.d.doctor != nil || r.d.page != pageNone || f.left != 1 {
			t.Errorf("page %v, left %d times", r.d.page, f.left)
		}
		r.state("incall")
		r.d.turnTo(pageDoctor)
		r.settle()
		if p := r.d.doctor; f.runs != 1 || !p.again.Face().Disabled || p.title.Text() != "In a call nothing can be examined. Open this page again after the call." {
			t.Errorf("%d runs, %q", f.runs, p.title.Text())
		}
	})
}

// doctorScreen shows the page as it is after an examination, or in the middle of
// one that has found the first thing.
func doctorScreen(summary string, found ...string) func(*rig) {
	return func(r *rig) {
		f := newFakeDoctor()
		r.d.opts.Doctor = f
		r.d.turnTo(pageDoctor)
		r.settle()
		for _, name := range found {
			f.say(r, doctorFinding(r.d.texts, name))
		}
		if summary != "" {
			f.done <- r.d.texts.Text(summary)
		}
		r.settle()
	}
}

// doctorFinding is a finding in the words that people read.
func doctorFinding(words *text.Catalogue, name string) present.Finding {
	area, code, _ := strings.Cut(name, "/")
	f := present.Finding{Role: present.Good, Title: words.Text("doctor.area." + area)}
	f.What = words.Text("doctor."+code, "days", "61", "minutes", "3", "host", "sbc.helpline.example", "rtt", "23", "loss", "0.1")
	grade := map[string]string{"clock-off": "warning", "tls-authority": "error"}[code]
	if grade != "" {
		f.Title += " · " + words.Text("doctor.grade."+grade)
		f.Todo = words.Text("doctor." + code + ".help")
		f.Role = map[string]present.Role{"warning": present.Warn, "error": present.Bad}[grade]
	}
	return f
}

func doctorScreens(line Values) []screen {
	good := []string{
		"settings/settings-ok", "clock/clock-ok", "encryption/tls-ok", "sip/sip-ok", "call/call-ok",
	}
	bad := []string{"settings/settings-ok", "clock/clock-off", "encryption/tls-authority"}
	return []screen{
		{name: "doctor-running", state: "idle", values: line, act: doctorScreen("", good[:2]...)},
		{name: "doctor-good", state: "idle", values: line, act: doctorScreen("doctor.all-well", good...)},
		{name: "doctor-bad", state: "idle", values: line, act: doctorScreen("doctor.some-errors", bad...)},
		{name: "doctor-busy", state: "incall", values: line, act: doctorScreen("")},
	}
}
