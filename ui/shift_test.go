package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"nxphone/assets/text"
	"nxphone/call/recent"
	"nxphone/call/shift"
	"nxphone/ui/look"
	"nxphone/ui/present"
	"nxphone/ui/uitest"
)

// deskRig is a window with a shift and recent calls.
type deskRig struct {
	*rig
	shift  *uitest.Shift
	recent *uitest.Recent
}

func newDeskRig(t *testing.T, change func(*Values)) *deskRig {
	v := testLine()
	v.RestMinutes = 10
	if change != nil {
		change(&v)
	}
	r := &deskRig{shift: &uitest.Shift{}, recent: &uitest.Recent{}}
	r.rig = newRig(t, Options{Lang: text.English, Shift: r.shift, Recent: r.recent}, v)
	r.state("idle")
	r.is(shift.Status{State: shift.Ready})
	return r
}

// is pushes a status, and lets the buttons stand for a while.
func (r *deskRig) is(st shift.Status) {
	r.d.shiftChanged(st)
	r.settle()
	r.now = r.now.Add(look.SettleTime)
}

func (r *deskRig) wanted(want ...string) {
	r.t.Helper()
	if got := r.shift.Commands(); fmt.Sprint(got) != fmt.Sprint(want) {
		r.t.Errorf("asked of the shift: %q, want %q", got, want)
	}
}

func (r *deskRig) deleted(want ...string) {
	r.t.Helper()
	if got := r.recent.Commands(); fmt.Sprint(got) != fmt.Sprint(want) {
		r.t.Errorf("deleted: %q, want %q", got, want)
	}
}

func TestShiftButtons(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newDeskRig(t, nil)
		v := r.d.shift
		r.tap(v.first)  // away
		r.tap(v.second) // rest
		r.is(shift.Status{State: shift.AfterCall, Since: r.now})
		r.tap(v.first) // ready
		r.is(shift.Status{State: shift.Rest, Until: r.now.Add(time.Minute), Then: shift.AfterCall})
		r.tap(v.first) // ends it, and leads back
		r.wanted("set away", "rest 0s", "set ready", "set after-call")
	})
}

// TestRestBesideHelp: the rest is there while help is asked for, and does not take
// that back.
func TestRestBesideHelp(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newDeskRig(t, nil)
		v := r.d.shift
		if v.ownRow.Visible() {
			t.Error("two lines about one thing")
		}
		r.is(shift.Status{State: shift.AfterCall, Since: r.now, Help: true, HelpCall: 1, Hook: shift.HookTold})
		if !v.ownRow.Visible() || !strings.HasPrefix(v.own.Text(), r.d.texts.Text("shift.is.after", "time", "")[:3]) {
			t.Errorf("%v %q", v.ownRow.Visible(), v.own.Text())
		}
		r.tap(v.ownSecond) // rest
		r.is(shift.Status{State: shift.Rest, Until: r.now.Add(time.Minute), Then: shift.Ready, Help: true, HelpCall: 1, Hook: shift.HookTold})
		r.tap(v.ownFirst) // ends it
		r.tap(v.first)    // takes the request back
		r.is(shift.Status{State: shift.Ready})
		if v.ownRow.Visible() {
			t.Error("the second line stays")
		}
		r.wanted("rest 0s", "set ready", "help false")
	})
}

// TestShiftButtonsThatHaveJustChanged: the second click of a double click was
// not meant for what has come into the place of the first.
func TestShiftButtonsThatHaveJustChanged(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newDeskRig(t, nil)
		r.is(shift.Status{State: shift.AfterCall, Since: r.now})
		r.tap(r.d.shift.first)
		r.d.shiftChanged(shift.Status{State: shift.Ready, Since: r.now})
		r.settle()
		r.tap(r.d.shift.first) // says "Away" now
		r.wanted("set ready")
		r.now = r.now.Add(look.SettleTime)
		r.tap(r.d.shift.first)
		r.wanted("set ready", "set away")
	})
}

// TestHelpByOneKey: it asks at once, in every screen and under a page, says
// nothing aloud, and asks again only where nobody could be told.
func TestHelpByOneKey(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newDeskRig(t, nil)
		r.state("incall")
		press := func() {
			r.win.Canvas().(interface {
				fyne.Canvas
			}).(fyne.Shortcutable).TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyH, Modifier: fyne.KeyModifierShortcutDefault})
			r.settle()
		}
		press()
		r.is(shift.Status{State: shift.Ready, Help: true, HelpCall: 1, Hook: shift.HookSending})
		press() // again: the shift decides that it is the same
		r.d.open(pageSettings)
		press()
		r.d.close()
		r.tap(r.d.shift.first) // takes it back
		r.wanted("help true", "help true", "help true", "help false")
		r.expect()
	})
}

func TestShiftThatRefuses(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newDeskRig(t, nil)
		r.shift.Err = errors.New("ended")
		r.tap(r.d.shift.first)
		if got := r.d.view.Shift; got.Role != present.Warn || got.Sub != r.d.texts.Text("shift.refused") {
			t.Errorf("%+v", got)
		}
		r.is(shift.Status{State: shift.Away})
		if got := r.d.view.Shift.Sub; got != "" {
			t.Errorf("still told: %q", got)
		}
	})
}

// TestCallAgain: a row fills the number in and asks nothing more than Enter.
func TestCallAgain(t *testing.T) {
	for _, size := range []present.Size{present.Phone, present.Full} {
		t.Run(size.String(), func(t *testing.T) {
			onWindow(t, func(t *testing.T) {
				r := newDeskRig(t, func(v *Values) { v.WindowSize = size.String() })
				r.d.recentChanged(recent.State{Entries: uitest.Calls(3, r.now)})
				if size == present.Phone {
					r.tap(r.d.number.recent)
				}
				r.tap(r.d.recent.rows[0].again)
				if r.d.page != pageNone || r.d.facts.Number != "01012345678" {
					t.Errorf("page %v, number %q", r.d.page, r.d.facts.Number)
				}
				r.expect() // nothing was dialled
				r.key(fyne.KeyReturn)
				r.expect("dial 01012345678")
			})
		})
	}
}

func TestDeleteCalls(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newDeskRig(t, nil)
		calls := uitest.Calls(45, r.now)
		push := func(entries []recent.Entry) {
			r.d.recentChanged(recent.State{Mode: recent.Days(30), Entries: entries})
			r.settle()
		}
		push(calls)
		r.d.open(pageRecent)
		v := r.d.recent
		if n := len(v.rows); n != 20 || v.more.Hidden {
			t.Errorf("%d rows at first, more hidden %t", n, v.more.Hidden)
		}
		r.tap(v.more)
		r.tap(v.more)
		if n := len(v.rows); n != 45 || !v.more.Hidden {
			t.Errorf("%d rows, more hidden %t", n, v.more.Hidden)
		}
		r.now = r.now.Add(look.SettleTime)
		r.tap(v.rows[1].delete)
		push(append(append([]recent.Entry{}, calls[:1]...), calls[2:]...))
		r.tap(v.rows[1].delete) // the second click of a double click, on another row
		r.deleted("delete 44")
		r.now = r.now.Add(look.SettleTime)
		r.tap(v.rows[1].delete)
		r.deleted("delete 44", "delete 43")

		r.tap(v.clear)
		if v.ask.Hidden || !v.clear.Hidden {
			t.Error("not asked before all is deleted")
		}
		yes, no := findQuiet(t, v, "recent.clear.yes"), findQuiet(t, v, "recent.clear.no")
		r.tap(no)
		r.tap(v.clear)
		r.tap(yes) // at once: it may have been a double click
		r.deleted("delete 44", "delete 43")
		r.now = r.now.Add(look.SettleTime)
		r.tap(yes)
		r.deleted("delete 44", "delete 43", "clear")
		push(nil)
		for _, row := range v.rows {
			if row.call != (present.RecentRow{}) || row.again.Face().Label != "" {
				t.Errorf("a number is kept in a row that is not shown: %+v", row.call)
			}
		}
	})
}

// findQuiet finds a button of the question by its words.
func findQuiet(t *testing.T, v *recentView, key string) *look.Button {
	t.Helper()
	var found *look.Button
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *look.Button:
			if o.Face().Label == v.d.texts.Text(key) {
				found = o
			}
		case *fyne.Container:
			for _, c := range o.Objects {
				walk(c)
			}
		}
	}
	walk(v.ask)
	walk(v.undo)
	if found == nil {
		t.Fatalf("no button %q", key)
	}
	return found
}

// TestRecentInCall: in a call the list is there to be read, and fills nothing
// in.
func TestRecentInCall(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newDeskRig(t, func(v *Values) { v.WindowSize = "full"; v.MaskNumbers = "last-2" })
		r.d.recentChanged(recent.State{Entries: uitest.Calls(3, r.now)})
		r.state("incall")
		row := r.d.recent.rows[0]
		if f := row.again.Face(); !f.Disabled || f.Label != "***-****-**78" {
			t.Errorf("%+v", f)
		}
		r.tap(row.again)
		if r.d.facts.Number != "" {
			t.Errorf("filled in: %q", r.d.facts.Number)
		}
	})
}

// TestDoubleClickOnHelp: whoever presses twice in need has asked, not taken it
// back.
func TestDoubleClickOnHelp(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newDeskRig(t, nil)
		r.state("incall")
		id := r.d.facts.Snapshot.Call.ID
		r.tap(r.d.actions.help)
		r.d.shiftChanged(shift.Status{State: shift.Ready, Help: true, HelpCall: id})
		r.settle()
		r.tap(r.d.actions.help)
		r.wanted("help true")
		r.now = r.now.Add(look.SettleTime)
		r.tap(r.d.actions.help)
		r.wanted("help true", "help false")
	})
}

// TestUndoDelete: a call is deleted at once, and comes back for eight seconds
// after the last deletion, by the strip's button or the key.
func TestUndoDelete(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newDeskRig(t, nil)
		calls := uitest.Calls(5, r.now)
		push := func(e []recent.Entry) {
			r.d.recentChanged(recent.State{Entries: e})
			r.settle()
			r.now = r.now.Add(look.SettleTime)
		}
		push(calls)
		r.d.open(pageRecent)
		v := r.d.recent
		undo := findQuiet(t, v, "recent.undo")
		if v.undo.Visible() {
			t.Error("something to undo at first")
		}
		r.tap(v.rows[1].delete)
		r.deleted("delete 4")
		push(append(slices.Clone(calls[:1]), calls[2:]...))
		r.tap(v.rows[3].delete)
		push(append(slices.Clone(calls[:1]), calls[2:4]...))
		if got := v.undoText.Text(); !v.undo.Visible() || got != "2 calls are deleted." {
			t.Errorf("offered %t: %q", v.undo.Visible(), got)
		}
		r.tap(undo)
		r.deleted("delete 4", "delete 1", "restore 4", "restore 1")
		if v.undo.Visible() {
			t.Error("offered twice")
		}
		push(calls)
		r.tap(v.rows[0].delete)
		r.pass(undoTime / 2)
		r.tap(v.rows[0].delete) // the list has not followed yet
		r.win.Canvas().(fyne.Shortcutable).TypedShortcut(&fyne.ShortcutUndo{})
		r.settle()
		r.deleted("delete 4", "delete 1", "restore 4", "restore 1", "delete 5", "delete 5", "restore 5")
	})
}

// TestUndoEnds: nothing of a deleted call stays in the window after its time, or
// once all calls are deleted or none may be kept.
func TestUndoEnds(t *testing.T) {
	for name, end := range map[string]func(r *deskRig){
		"its time": func(r *deskRig) {
			r.pass(undoTime / 2)
			r.tap(r.d.recent.rows[1].delete)
			r.pass(undoTime - time.Second)
			if len(r.d.recent.gone) != 2 {
				r.t.Error("the second deletion does not begin the time anew")
			}
			r.pass(time.Second)
		},
		"all deleted": func(r *deskRig) {
			r.tap(r.d.recent.clear)
			r.now = r.now.Add(look.SettleTime)
			r.tap(findQuiet(r.t, r.d.recent, "recent.clear.yes"))
		},
		"none kept": func(r *deskRig) {
			r.d.recentChanged(recent.State{Mode: recent.Off})
			r.settle()
		},
	} {
		t.Run(name, func(t *testing.T) {
			onWindow(t, func(t *testing.T) {
				r := newDeskRig(t, nil)
				r.d.recentChanged(recent.State{Entries: uitest.Calls(3, r.now)})
				r.settle()
				r.now = r.now.Add(look.SettleTime)
				r.d.open(pageRecent)
				r.tap(r.d.recent.rows[0].delete)
				if !r.d.recent.undo.Visible() {
					t.Fatal("not offered")
				}
				end(r)
				if v := r.d.recent; v.undo.Visible() || len(v.gone) != 0 {
					t.Errorf("still offered: %+v", v.gone)
				}
			})
		})
	}
}

// TestFirstCallInTheList: the empty list does not say that there was no call
// while there is one.
func TestFirstCallInTheList(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newDeskRig(t, nil)
		for _, state := range []string{"ringing", "incall", "clearing"} {
			r.state(state)
			if got := r.d.recent.empty.Text(); got != "This call will stand here when it has ended." {
				t.Errorf("%s: %q", state, got)
			}
		}
		s, _ := uitest.State("incall", r.now)
		s.Call.Test = true
		r.push(s)
		if got := r.d.recent.empty.Text(); !strings.HasPrefix(got, "No calls yet.") {
			t.Errorf("in a test call: %q", got)
		}
	})
}
