package ui

import (
	"context"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"

	"nxphone/assets/text"
	"nxphone/ui/present"
)

// fakeUpdates notes what the window asks for.
type fakeUpdates struct{ asked []string }

func (f *fakeUpdates) Watch(context.Context) iter.Seq[present.Update] {
	return func(func(present.Update) bool) {}
}
func (f *fakeUpdates) Go()      { f.asked = append(f.asked, "go") }
func (f *fakeUpdates) PutAway() { f.asked = append(f.asked, "away") }

// TestUpdateBanner: it is told on the dial screen only, a yes is one tap there,
// and closing it puts that version away.
func TestUpdateBanner(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		v := testLine()
		v.Lang = text.English
		u := &fakeUpdates{}
		r := newRig(t, Options{Updates: u}, v)
		r.d.pump.run(func() {
			r.d.updateChanged(present.Update{Version: "1.3.0", Kind: "msi-user", CanLoad: true, Stage: present.UpdateReady})
		})
		r.settle()
		if b := r.d.banner; !b.panel.Visible() || !b.act.Visible() || !strings.Contains(b.title.Text(), "1.3.0") {
			t.Fatalf("%+v", r.d.view.Banner)
		}
		r.state("incall")
		if r.d.banner.panel.Visible() {
			t.Error("it is told in a call")
		}
		r.d.goOnUpdate()
		if len(u.asked) != 0 {
			t.Errorf("in a call: %q", u.asked)
		}
		r.state("ended")
		r.tap(r.d.banner.dismiss) // the end of the call
		if len(u.asked) != 0 {
			t.Errorf("%q", u.asked)
		}
		r.tap(r.d.banner.act)
		r.tap(r.d.banner.dismiss)
		if !slices.Equal(u.asked, []string{"go", "away"}) {
			t.Errorf("%q", u.asked)
		}
	})
}

// TestBoothKnowsNoUpdates: there is no way to hand any to a booth's window.
func TestBoothKnowsNoUpdates(t *testing.T) {
	booth := reflect.TypeFor[KioskOptions]()
	for i := range booth.NumField() {
		if booth.Field(i).Type == reflect.TypeFor[Updates]() {
			t.Errorf("a booth is told of newer versions by %s", booth.Field(i).Name)
		}
	}
	if _, ok := reflect.TypeFor[Options]().FieldByName("Updates"); !ok {
		t.Error("the window has no field Updates")
	}
}
