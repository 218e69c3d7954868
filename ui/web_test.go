package ui

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
	"go.uber.org/goleak"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/ui/look"
	"nxphone/ui/present"
	"nxphone/ui/uitest"
)

// webWindow is a test with a rig whose web API is switched on.
func webWindow(t *testing.T, f func(r *rig)) {
	t.Helper()
	onWindow(t, func(t *testing.T) {
		v := testLine()
		v.WebAPI = true
		f(newRig(t, Options{Lang: text.English, Web: uitest.NewWeb()}, v))
	})
}

// after lets time pass.
func (r *rig) after(d time.Duration) {
	r.now = r.now.Add(d)
	r.d.again()
	r.settle()
}

// focused presses a key on the widget in focus, as the toolkit does.
func (r *rig) focused(name fyne.KeyName) {
	r.t.Helper()
	if f := r.win.Canvas().Focused(); f != nil {
		f.TypedKey(&fyne.KeyEvent{Name: name})
	} else {
		r.d.typedKey(&fyne.KeyEvent{Name: name})
	}
	r.settle()
}

func (r *rig) expectWeb(want ...string) {
	r.t.Helper()
	if got := r.web.Commands(); fmt.Sprint(got) != fmt.Sprint(want) {
		r.t.Errorf("asked the web API for %q, want %q", got, want)
	}
}

// TestAllow: every way to answer the question about a page.
func TestAllow(t *testing.T) {
	for _, tt := range []struct {
		name string
		act  func(r *rig)
		want []string
	}{
		{"no", func(r *rig) { r.tap(r.d.ask.no) }, []string{"answer 1 false"}},
		{"escape", func(r *rig) { r.focused(fyne.KeyEscape) }, []string{"answer 1 false"}},
		{"enter", func(r *rig) { r.focused(fyne.KeyReturn) }, []string{"answer 1 false"}},
		{"keypad enter", func(r *rig) { r.focused(fyne.KeyEnter) }, []string{"answer 1 false"}},
		{"enter without a focus", func(r *rig) {
			r.win.Canvas().Unfocus()
			r.focused(fyne.KeyReturn)
		}, []string{"answer 1 false"}},
		{"escape without a focus", func(r *rig) {
			r.win.Canvas().Unfocus()
			r.focused(fyne.KeyEscape)
		}, []string{"answer 1 false"}},
		{"allow", func(r *rig) {
			r.after(present.ArmTime)
			r.tap(r.d.ask.yes)
		}, []string{"answer 1 true"}},
		{"allow too early", func(r *rig) {
			r.after(present.ArmTime - time.Millisecond)
			r.tap(r.d.ask.yes)
			r.d.consent()
			r.win.Canvas().Focus(r.d.ask.yes)
			r.focused(fyne.KeySpace)
		}, nil},
		{"allow by the keyboard", func(r *rig) {
			r.after(present.ArmTime)
			test.FocusNext(r.win.Canvas())
			if r.win.Canvas().Focused() != r.d.ask.yes {
				t.Fatal("Tab does not lead from No to Allow")
			}
			r.focused(fyne.KeySpace)
		}, []string{"answer 1 true"}},
		{"typing that was meant for something else", func(r *rig) {
			r.after(5 * time.Second)
			test.FocusNext(r.win.Canvas())
			r.win.Canvas().Focused().TypedRune('a')
			r.settle()
			r.focused(fyne.KeySpace)
			r.focused(fyne.KeyReturn)
		}, nil},
		{"twice", func(r *rig) {
			r.tap(r.d.ask.no)
			r.tap(r.d.ask.no)
			r.after(present.ArmTime)
			r.tap(r.d.ask.yes)
		}, []string{"answer 1 false"}},
		{"withdrawn", func(r *rig) {
			r.after(present.ArmTime)
			r.pages(present.Web{})
			r.tap(r.d.ask.yes)
			r.tap(r.d.ask.no)
		}, nil},
		{"run out", func(r *rig) {
			r.after(30 * time.Second)
			r.tap(r.d.ask.yes)
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			webWindow(t, func(r *rig) {
				r.write("600")
				r.pages(question(r, page1, 30*time.Second))
				if !r.d.asking() || !r.d.ask.panel.Visible() || r.d.ask.subject.Text() != page1 {
					t.Fatalf("not asked: %+v", r.d.view.Ask)
				}
				if r.win.Canvas().Focused() != r.d.ask.no {
					t.Error("No does not have the focus")
				}
				tt.act(r)
				r.expectWeb(tt.want...)
				r.expect() // no call comes of it
				if r.d.facts.Number != "600" {
					t.Errorf("the number became %q", r.d.facts.Number)
				}
			})
		})
	}
}

// TestSecondQuestion: the next question takes the place of the one that is
// answered or withdrawn, and what was readied for that one counts for nothing.
func TestSecondQuestion(t *testing.T) {
	for _, tt := range []struct {
		name string
		act  func(r *rig) // with the first question up for a minute
		want []string
	}{
		{"withdrawn for another", func(*rig) {}, nil},
		{"refused", func(r *rig) { r.tap(r.d.ask.no) }, []string{"answer 1 false"}},
		{"allowed", func(r *rig) { r.tap(r.d.ask.yes) }, []string{"answer 1 true"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			webWindow(t, func(r *rig) {
				r.pages(question(r, page1, 2*time.Minute))
				r.after(time.Minute)
				tt.act(r)
				w := question(r, page2, 30*time.Second)
				w.Question.ID = 2
				r.win.Canvas().Focus(r.d.ask.yes) // left there by the user
				r.pages(w)
				if r.d.ask.subject.Text() != page2 || r.win.Canvas().Focused() != r.d.ask.no {
					t.Fatalf("asked %+v", r.d.view.Ask)
				}
				r.tap(r.d.ask.yes) // the second click of a double one
				r.after(present.ArmTime - time.Millisecond)
				r.tap(r.d.ask.yes)
				r.expectWeb(tt.want...)
				r.after(time.Millisecond)
				r.tap(r.d.ask.yes)
				r.expectWeb(append(tt.want, "answer 2 true")...)
				if r.d.asking() {
					t.Errorf("still asked: %+v", r.d.view.Ask)
				}
			})
		})
	}
}

// TestQuestionInFront: while it stands nothing under it can be used, and after
// it the page that was open is still there, with what was typed into it.
func TestQuestionInFront(t *testing.T) {
	webWindow(t, func(r *rig) {
		p := r.openSection("line")
		p.fields["realm"].entry.SetText("other.example.net")
		widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", fyne.NewMenuItem("x", nil)), r.win.Canvas(), fyne.Position{})
		r.pages(question(r, page1, 30*time.Second))
		if p.root.Visible() && r.d.stage.page.Visible() || r.win.Canvas().Overlays().Top() != nil {
			t.Error("something lies in front of the question")
		}
		r.write("7")
		r.win.Canvas().(interface{ TypedShortcut(fyne.Shortcut) }).TypedShortcut(
			&desktop.CustomShortcut{KeyName: fyne.KeyComma, Modifier: fyne.KeyModifierShortcutDefault})
		r.tap(r.d.ask.no)
		if r.d.settings != p || !r.d.stage.page.Visible() || p.fields["realm"].entry.Text != "other.example.net" || r.d.facts.Number != "" {
			t.Errorf("after the question: page %v, number %q", r.d.page, r.d.facts.Number)
		}
	})
}

// TestClickAfterAQuestion: whoever answers in the moment in which a question is
// withdrawn must not press what comes to light under it.
func TestClickAfterAQuestion(t *testing.T) {
	webWindow(t, func(r *rig) {
		r.write("600")
		r.after(time.Minute)
		r.pages(question(r, page1, 30*time.Second))
		r.after(10 * time.Second)
		r.pages(present.Web{})
		r.tap(r.d.primary)
		r.tap(r.d.pad.keys['1'])
		r.focused(fyne.KeyReturn)
		r.expect()
		if r.d.facts.Number != "600" {
			t.Errorf("the number became %q", r.d.facts.Number)
		}
		r.after(look.SettleTime)
		r.tap(r.d.primary)
		r.expect("dial 600")
	})
}

// TestQuestionGoesWithACall: a call that begins takes the question away, and
// neither it nor a number that was handed over comes back after the call.
func TestQuestionGoesWithACall(t *testing.T) {
	webWindow(t, func(r *rig) {
		r.d.handed("010-1234-5678")
		r.pages(question(r, page1, 30*time.Second))
		r.state("ringing")
		if r.d.asking() || !r.d.card.panel.Visible() || !r.d.primary.Visible() {
			t.Error("the question covers a call")
		}
		r.pages(present.Web{}) // the phone withdraws it
		r.state("ended")
		if r.d.asking() {
			t.Errorf("asked after the call: %+v", r.d.view.Ask)
		}
		r.expectWeb()
	})
}

func TestHandedIsAskedAbout(t *testing.T) {
	for _, tt := range []struct {
		name string
		act  func(r *rig)
		want []string
	}{
		{"call", func(r *rig) {
			r.after(present.ArmTime)
			r.tap(r.d.ask.yes)
		}, []string{"dial 01012345678"}},
		{"too early", func(r *rig) { r.tap(r.d.ask.yes) }, nil},
		{"not now", func(r *rig) { r.tap(r.d.ask.no) }, nil},
		{"enter", func(r *rig) { r.focused(fyne.KeyReturn) }, nil},
		{"escape", func(r *rig) { r.focused(fyne.KeyEscape) }, nil},
		{"another number in between", func(r *rig) {
			r.after(time.Hour)
			r.d.handed("119")
			r.settle()
			r.tap(r.d.ask.yes)
		}, nil},
		{"the same number in between", func(r *rig) {
			r.after(time.Hour)
			r.d.handed("010 1234 5678")
			r.settle()
			r.tap(r.d.ask.yes)
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			window(t, func(r *rig) { // it needs no web API
				r.d.handed("tel:+82-10-1234-5678")
				r.settle()
				if r.d.ask.subject.Text() != "010-1234-5678" || r.win.Canvas().Focused() != r.d.ask.no {
					t.Fatalf("asked %+v", r.d.view.Ask)
				}
				tt.act(r)
				r.expect(tt.want...)
			})
		})
	}
}

// TestHandedInACall: a notice, and no number that comes back later.
func TestHandedInACall(t *testing.T) {
	window(t, func(r *rig) {
		r.state("incall")
		r.d.handed("010-1234-5678")
		r.settle()
		if r.d.asking() || r.d.card.sub.Text() != "A link wanted to place a call. Open it again after this call." {
			t.Errorf("asking %v, the card says %q", r.d.asking(), r.d.card.sub.Text())
		}
		r.after(noticeTime)
		if r.d.card.sub.Text() != "" {
			t.Errorf("the notice stays: %q", r.d.card.sub.Text())
		}
		r.state("ended")
		if r.d.asking() || r.d.facts.Number != "" || r.d.facts.Handed != "" {
			t.Errorf("a number was kept: %+v", r.d.facts)
		}
	})
}

// TestHandedBeforeSetUp: there is nothing to ask as long as no call can be placed.
func TestHandedBeforeSetUp(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newRig(t, Options{Lang: text.English, Number: "010-1234-5678"}, Values{})
		if r.d.asking() || r.d.facts.Number != "01012345678" || !r.d.view.Banner.Settings {
			t.Errorf("asking %v, number %q, banner %+v", r.d.asking(), r.d.facts.Number, r.d.view.Banner)
		}
	})
}

func TestCode(t *testing.T) {
	webWindow(t, func(r *rig) {
		code := present.Web{Code: &present.WebCode{Origin: page1, Code: "042917"}}
		r.pages(code)
		if r.d.ask.subject.Text() != "042917" || r.d.ask.detail.Text() != page1 || r.d.ask.yes.Visible() {
			t.Errorf("shows %q, %q", r.d.ask.subject.Text(), r.d.ask.detail.Text())
		}
		r.focused(fyne.KeyEscape)
		r.pages(code)
		if r.d.asking() {
			t.Error("a code that was put away comes back")
		}
		r.pages(present.Web{Code: &present.WebCode{Origin: page1, Code: "123456"}})
		if !r.d.asking() {
			t.Error("the next code is not shown")
		}
		r.pages(present.Web{})
		if r.d.asking() {
			t.Error("the code stays when it is done")
		}
	})
}

func TestRevoke(t *testing.T) {
	webWindow(t, func(r *rig) {
		r.pages(present.Web{Controller: page1, Connected: []string{page1}})
		r.state("incall")
		r.tap(r.d.strip.revoke)
		r.expectWeb()
		if r.d.ask.subject.Text() != page1 || !r.d.primary.Visible() || !r.d.mute.Visible() {
			t.Fatalf("asked %+v", r.d.view.Ask)
		}
		r.focused(fyne.KeyReturn) // the default
		r.expectWeb()
		r.tap(r.d.strip.revoke)
		r.after(look.SettleTime)
		r.tap(r.d.ask.yes)
		r.expectWeb("revoke " + page1)
		r.pages(present.Web{})
		if r.d.view.Strip.Show || r.d.strip.who.Visible() || r.d.strip.revoke.Visible() {
			t.Error("the line still names the page")
		}
		r.expect() // the call goes on
		if r.d.view.Screen != present.Talk {
			t.Error("the call is not shown any more")
		}
	})
}

func TestRevokeFails(t *testing.T) {
	webWindow(t, func(r *rig) {
		r.web.Err = errors.New("disk full")
		r.pages(present.Web{Connected: []string{page1}})
		r.tap(r.d.strip.revoke)
		r.after(look.SettleTime)
		r.tap(r.d.ask.yes)
		if got := r.d.banner.title.Text(); got != "The permission could not be taken back. Please try again." {
			t.Errorf("the banner says %q", got)
		}
	})
}

// TestClosingWithAQuestion: the window's close button comes through.
func TestClosingWithAQuestion(t *testing.T) {
	webWindow(t, func(r *rig) {
		r.pages(present.Web{
			Controller: page1, Connected: []string{page1}, Code: &present.WebCode{Origin: page2, Code: "042917"},
		})
		r.state("incall")
		r.tap(r.d.ask.no)
		r.pages(present.Web{
			Controller: page1, Connected: []string{page1}, Code: &present.WebCode{Origin: page2, Code: "555555"},
		})
		r.d.facts.Revoking = page1
		r.d.again()
		r.d.closeAsked()
		r.settle()
		if r.d.page != pageClose || r.d.asking() || !r.d.stage.page.Visible() {
			t.Errorf("page %v, asking %v", r.d.page, r.d.asking())
		}
		r.expectWeb()
	})
	webWindow(t, func(r *rig) {
		r.pages(question(r, page1, 30*time.Second))
		r.d.closeAsked()
		if r.quits != 1 {
			t.Error("a question keeps an idle window open")
		}
	})
}

func TestUsersPage(t *testing.T) {
	webWindow(t, func(r *rig) {
		r.pages(present.Web{Connected: []string{page2, "local:dialer"}})
		r.tap(r.d.strip.who)
		if r.d.page != pageUsers {
			t.Fatal("the list does not open")
		}
		row := func(i int) string {
			u := r.d.users.rows[i]
			return fmt.Sprint(u.name.Text(), ": ", u.does.Text(), " ", !u.revoke.Face().Disabled)
		}
		rows := func(want ...string) {
			t.Helper()
			var got []string
			for i := range r.d.users.rows {
				got = append(got, row(i))
			}
			if !slices.Equal(got, want) {
				t.Errorf("rows %q, want %q", got, want)
			}
		}
		rows(page2+": can use this phone true", "Program dialer: can use this phone true")
		// Whoever goes keeps the place, whoever comes takes the next one.
		r.pages(present.Web{Connected: []string{page1, "local:dialer"}})
		rows(page2+": is not connected any more false", "Program dialer: can use this phone true", page1+": can use this phone true")
		r.tap(r.d.users.rows[2].revoke)
		r.after(look.SettleTime)
		r.tap(r.d.ask.yes)
		r.expectWeb("revoke " + page1)
		if r.d.page != pageUsers {
			t.Error("the list is gone after the question")
		}
		r.state("incall")
		r.pages(present.Web{Controller: page2, Connected: []string{page2}})
		rows(page2+": controls this call true", "Program dialer: is not connected any more false", page1+": is not connected any more false")
	})
}

// TestPagesMoveNothing: whatever pages come and go, every button stays where it
// was, in every state.
func TestPagesMoveNothing(t *testing.T) {
	for _, state := range uitest.States() {
		t.Run(state, func(t *testing.T) {
			webWindow(t, func(r *rig) {
				r.state(state)
				r.write("010")
				before := places(r)
				for n := range 50 {
					w := present.Web{}
					for i := range n % 7 * 5 {
						w.Connected = append(w.Connected, fmt.Sprintf("https://p%d.example", i*n%50))
					}
					if n%3 == 0 {
						w.Controller = page1
					}
					r.pages(w)
					r.d.stage.root.Refresh()
					if after := places(r); after != before {
						t.Fatalf("%d pages: buttons at\n%s\nwere at\n%s", len(w.Connected), after, before)
					}
				}
			})
		})
	}
}

// places tells where every button stands that is not a page's.
func places(r *rig) (all string) {
	var visit func(o fyne.CanvasObject, at fyne.Position)
	visit = func(o fyne.CanvasObject, at fyne.Position) {
		if !o.Visible() || o == r.d.strip.root {
			return
		}
		at = at.Add(o.Position())
		switch o := o.(type) {
		case *look.Button:
			all += fmt.Sprintln(o.Face().Label, at, o.Size())
		case *fyne.Container:
			for _, c := range o.Objects {
				visit(c, at)
			}
		case *container.Scroll:
			visit(o.Content, at)
		case fyne.Widget:
			for _, c := range test.WidgetRenderer(o).Objects() {
				visit(c, at)
			}
		}
	}
	visit(r.win.Content(), fyne.Position{})
	return all
}

// TestQuestionStaysInPlace: while the time runs and Allow becomes ready, no
// button moves.
func TestQuestionStaysInPlace(t *testing.T) {
	webWindow(t, func(r *rig) {
		r.pages(question(r, plain, 30*time.Second))
		before := places(r)
		for range 29 {
			r.after(time.Second)
			if after := places(r); after != before {
				t.Fatalf("buttons at\n%s\nwere at\n%s", after, before)
			}
		}
	})
}

// TestCallOfAPage: a call that a page has placed is like any other.
func TestCallOfAPage(t *testing.T) {
	webWindow(t, func(r *rig) {
		w := present.Web{Controller: page1, Connected: []string{page1}}
		r.pages(w)
		r.state("ringing")
		if got := r.d.card.number.Text(); got != "010-0000-1234" {
			t.Errorf("the card shows %q", got)
		}
		r.state("incall")
		if got := r.d.strip.who.Face(); got.Label != "helpline.example" || got.Sub != "controls this call" {
			t.Errorf("the line says %+v", got)
		}
		r.tap(r.d.mute)
		r.write("5")
		r.after(longEnough)
		r.tap(r.d.primary)
		r.expect("mute true", "dtmf 5", "hangup")
		s := r.d.facts.Snapshot
		s.Call.VideoMuted = true
		before := r.d.view
		r.push(s)
		if r.d.view != before {
			t.Error("there is something to see of a picture that is never sent")
		}
		r.state("ended")
		r.pages(present.Web{Connected: []string{page1}})
		if r.d.view.Screen != present.Dial || r.d.view.Strip.Control || !r.d.view.Pad.Enabled {
			t.Errorf("after the call: %+v", r.d.view)
		}
	})
}

// TestWithoutWebAPI: nothing of it is seen, and its line takes no room.
func TestWithoutWebAPI(t *testing.T) {
	window(t, func(r *rig) {
		if r.d.strip.root.Visible() {
			t.Error("the line takes room")
		}
		r.d.open(pageSettings)
		r.settle()
		if r.d.settings.web != nil {
			t.Error("the settings speak of web pages")
		}
	})
}

// TestRoomComesWithTheSwitch: the line has its place as soon as pages can come.
func TestRoomComesWithTheSwitch(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newRig(t, Options{Lang: text.English, Web: uitest.NewWeb()}, testLine())
		room := func(want bool) {
			t.Helper()
			if r.d.strip.root.Visible() != want {
				t.Errorf("room %v", !want)
			}
		}
		room(false)
		r.openSection("web")
		r.tap1(r.d.settings.toggles["web-api"])
		r.tap(r.d.settings.save)
		room(true)
		r.openSection("web")
		r.tap1(r.d.settings.toggles["web-api"])
		r.tap(r.d.settings.save)
		room(false)
		r.pages(present.Web{Connected: []string{"local:dialer"}})
		room(true)
		r.pages(present.Web{})
		room(true) // who has come once comes again
		r.openSection("window")
		r.d.settings.edited("theme", "dark")
		r.tap(r.d.settings.save)
		room(true)
	})
}

// tap1 presses what is no button.
func (r *rig) tap1(w fyne.Tappable) {
	test.Tap(w)
	r.settle()
}

// TestFollowTakesTheNewest: a burst costs one crossing, and the end of a watch
// ends its goroutine.
func TestFollowTakesTheNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLoop()
		p := newPumpWith(l.do, func(call.Snapshot) time.Time { return time.Time{} })
		p.start(t.Context(), uitest.NewPhone())
		(<-l.queue)()
		web := uitest.NewWeb()
		var got []string
		follow(p, web.Watch(p.ctx), func(w present.Web) { got = append(got, w.Controller) })
		synctest.Wait()
		for n := range 1000 {
			web.Push(present.Web{Controller: fmt.Sprint(n)})
			if n%100 == 0 {
				synctest.Wait() // the watcher comes in between, the window does not
			}
		}
		synctest.Wait()
		if len(l.queue) != 1 {
			t.Fatalf("%d crossings under way", len(l.queue))
		}
		(<-l.queue)()
		if len(got) != 1 || got[0] != "999" {
			t.Errorf("got %q", got)
		}
		web.Push(present.Web{})
		synctest.Wait()
		(<-l.queue)()
		if len(got) != 2 || got[1] != "" {
			t.Errorf("got %q", got)
		}
		p.close()
		synctest.Wait()
	})
	goleak.VerifyNone(t)
}

// TestUitestWebIsAWeb holds the stand-in to the interface and to its promise.
func TestUitestWebIsAWeb(t *testing.T) {
	var w Web = uitest.NewWeb()
	ctx, cancel := context.WithCancel(t.Context())
	next, stop := iter.Pull(w.Watch(ctx))
	defer stop()
	if _, ok := next(); !ok {
		t.Error("nothing is given at once")
	}
	cancel()
	if _, ok := next(); ok {
		t.Error("the watch does not end with its context")
	}
}
