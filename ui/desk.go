package ui

import (
	"context"
	"log/slog"
	"time"

	"fyne.io/fyne/v2"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/call/recent"
	"nxphone/ui/look"
	"nxphone/ui/present"
)

// escapeTime is how long a first Escape in a call waits for the second.
const escapeTime = 3 * time.Second

// closeTime bounds the wait for a call to clear when the window is closed.
const closeTime = 4 * time.Second

// page is what lies over the dial screen.
type page int

const (
	pageNone     page = 0
	pageSettings page = 1
	pageNumbers  page = 2
	pageClose    page = 3 // "a call is up, close?"
	pageUsers    page = 4 // who uses the phone
	pageRecent   page = 5 // the recent calls, where they do not stand beside
	pageDials    page = 7 // all speed dials
	pageCheck    page = 6 // microphone, speaker and line are tried

	pageFirst     page = 20 // the first steps
	pageShortcuts page = 21 // the list of keys
	pageDoctor    page = 22 // all that calls need is looked at
)

// desk is the window: it owns what the window knows by itself, turns input
// into commands and facts into pictures. All of it runs on the UI goroutine.
type desk struct {
	opts   Options
	win    fyne.Window
	log    *slog.Logger
	texts  *text.Catalogue
	pump   *pump
	cmds   *commands
	values Values
	quit   func() // ends the window
	now    func() time.Time

	facts   present.Facts
	view    present.View
	page    page
	escaped time.Time // the first Escape in a call
	// revealed is since when the number has been held to be seen.
	revealed time.Time
	calm     time.Time // until then taps may have been meant for a question
	webSeen  bool      // a page or program has been here
	// shownOutside is what tray and notifications show, arrangement the seat that
	// the window has taken.
	shownOutside present.Outside
	arrangement  string
	seats        inOrder
	hidden       bool         // left to the tray
	waiting      bool         // the organisation's settings will be others after the call
	larger       present.Size // what the compact strip goes back to
	later        present.Size // the strip, where the window becomes it with the next closed page
	keys         *look.Keys
	endLevels    func() // ends looking at the levels; nil while nobody looks
	drawLevels   bool   // the levels are seen

	// Widgets; made anew with every language.
	stage    *stage
	header   *headerView
	strip    *stripView
	ask      *askView
	banner   *bannerView
	card     *cardView
	number   *numberView
	alarm    *bannerView
	mute     *look.Button
	actions  *actionsView
	dials    *dialsView
	sent     *look.Line
	pad      *padView
	primary  *look.Button
	settings *settingsPage
	first    *firstPage
	users    *usersPage
	checking *checkPage
	doctor   *doctorPage
	shift    *shiftView
	recent   *recentView
	compact  *compactView
	kept     recent.State      // the recent calls
	sheet    fyne.CanvasObject // the page's own content, nil for none
}

// newDesk makes the window's content and shows the state before the first
// snapshot. stopped is closed when the toolkit's loop has returned.
func newDesk(ctx context.Context, win fyne.Window, opts Options, stopped <-chan struct{}) *desk {
	d := &desk{opts: opts, win: win, log: opts.Logger, quit: func() {}, now: time.Now}
	d.values = opts.Settings.Values()
	d.keys = &look.Keys{Rune: d.typedRune, Key: d.typedKey}
	d.pump = newPump(stopped, d.show)
	d.cmds = newCommands(ctx, opts.Phone, d.refused)
	d.texts = text.For(d.language())
	d.obey()
	d.facts.Size, _ = present.ParseSize(d.firstSize())
	if d.facts.Size != present.Compact {
		d.larger = d.facts.Size
	}
	if n, err := present.Normalise(opts.Number); err == nil {
		d.facts.Number, d.facts.Handed = n, n
	} else if opts.Number != "" {
		d.facts.Notice = present.Notice{Code: call.CodeOf(err)}
	}
	d.build()
	d.listen(win.Canvas())
	return d
}

// language is the one asked for on the command line, else the settings', else
// the system's.
func (d *desk) language() text.Lang {
	for _, l := range []text.Lang{d.opts.Lang, d.values.Lang} {
		if l != "" {
			return l
		}
	}
	return text.System(d.opts.Getenv)
}

func (d *desk) line() present.Line {
	v := d.values
	return present.Line{Realm: v.Realm, DN: v.DN, URL: v.URL, Demo: d.opts.Demo != nil}
}

// obey takes over what the settings say of the window.
func (d *desk) obey() {
	v := d.values
	d.facts.Line = d.line()
	d.facts.WebRoom = d.webRoom()
	d.facts.Mask = present.Mask{On: v.VisibleDigits() >= 0, Visible: v.VisibleDigits()}
	d.facts.Presented = v.Presented()
	d.facts.Dials = len(v.SpeedDials) > 0
	d.facts.Meters = v.Meters && d.opts.Levels != nil
	d.facts.Shift = d.shiftFacts()
	d.facts.CanFarewell = v.NoticeFile != ""
}

// webRoom reports whether the line that names pages has its place.
func (d *desk) webRoom() bool { return d.opts.Web != nil && (d.values.WebAPI || d.webSeen) }

// build makes the widgets in the present language.
func (d *desk) build() {
	d.header = newHeaderView(headerActions{
		settings: func() { d.open(pageSettings) },
		compact:  func() { d.resize(present.Compact) },
		columns:  d.toggleColumns,
		help:     d.askHelp,
	}, d.keys, d.texts)
	d.banner = newBannerView(bannerActions{
		settings: d.setUp,
		numbers:  func() { d.open(pageNumbers) },
		details:  d.toggleDetails,
		dismiss:  d.dismiss,
		act:      d.goOnUpdate,
	}, d.keys, d.texts)
	d.strip = newStripView(func() { d.open(pageUsers) }, func() { d.askRevoke(d.view.Strip.Who) }, d.keys, d.texts)
	d.ask = newAskView(d.refuse, d.consent, d.keys)
	d.ask.no.SetClock(d.clock)
	d.ask.yes.SetClock(d.clock)
	d.card = newCardView(cardActions{details: d.toggleDetails, reveal: d.reveal}, d.keys, d.texts)
	d.alarm = newAlarmView(d.keys, d.texts)
	d.actions = newActionsView(actionsDo{
		deaf: d.toggleDeaf, hold: d.toggleHold, keypad: d.toggleKeypad, help: d.toggleHelp, farewell: d.farewellAsked,
	}, d.keys)
	d.actions.help.SetClock(d.clock)
	d.number = newNumberView(numberActions{d.erase, d.clear, d.reveal, d.numberMenu}, d.keys)
	if d.opts.hasRecent() {
		d.number.offerRecent(d.texts.Text("recent.open"), func() { d.open(pageRecent) }, d.keys)
	}
	d.mute = look.NewButton(look.Switch, d.toggleMute).PassKeys(d.keys)
	d.dials = newDialsView(d.speedDial, func() { d.open(pageDials) }, d.keys, d.texts)
	d.dials.set(d.values.SpeedDials)
	d.sent = newSentLine()
	d.pad = newPadView(d.pressed, d.keys)
	d.primary = look.NewButton(look.Primary, d.primaryAction).PassKeys(d.keys)
	d.primary.SetClock(d.clock)
	d.shift = newShiftView(d)
	d.recent = newRecentView(d)
	d.compact = newCompactView(d.toggleMute, d.primaryAction, d.grow, d.keys, d.texts)
	d.compact.primary.SetClock(d.clock)
	d.stage = newStage(d)
	d.view = present.View{}
	d.win.SetContent(d.stage.root)
	d.show(d.facts.Snapshot)
}

// show is the one way from facts to pictures. It returns when the picture
// changes by itself.
func (d *desk) show(s call.Snapshot) time.Time {
	d.facts.Now = d.now()
	d.facts.Snapshot = s
	d.facts.Observed = d.facts.Observed.Next(s, d.facts.Now)
	d.facts.Redial = d.lastNumber()
	d.farewellDue(s)
	hide := d.revealDue()
	v := present.Of(d.facts, d.texts)
	if v.Screen != d.view.Screen {
		d.enter(v.Screen)
		v = present.Of(d.facts, d.texts)
	}
	if v != d.view {
		before := d.view.Ask.Key
		d.view = v
		d.apply()
		if before != v.Ask.Key {
			d.asked(before)
			return d.show(s) // its time runs from now on
		}
	}
	d.outside()
	if d.facts.Leaving && s.State == call.Idle {
		d.quit()
	}
	if !hide.IsZero() && (v.Next.IsZero() || hide.Before(v.Next)) {
		return hide
	}
	return v.Next
}

func (d *desk) clock() time.Time { return d.now() }

// again shows changed facts of the window's own.
func (d *desk) again() { d.pump.refresh() }

// apply copies the view into the widgets; each of them draws only what has
// changed.
func (d *desk) apply() {
	v := d.view
	d.header.set(d.headline(), v.Size, !v.Shift.Show && v.Shift.Ask.Do != present.ShiftNothing && (v.Screen != present.Talk || v.Pad.Open))
	d.strip.set(v.Strip)
	d.ask.set(v.Ask)
	if d.checking != nil {
		d.checking.snapshot(d.facts.Snapshot)
	}
	if d.doctor != nil {
		d.doctor.snapshot(d.facts.Snapshot)
	}
	if d.users != nil {
		d.users.set(d.facts.Web, v.Strip)
	}
	if d.first != nil {
		d.first.set(d.facts.Snapshot)
	}
	d.banner.set(v.Banner)
	d.card.set(cardState{card: v.Card, screen: v.Screen, tight: v.Alarm.Show, low: v.Screen == present.Talk && v.Pad.Open})
	d.alarm.set(v.Alarm)
	d.actions.set(v.Actions)
	d.number.set(v.Number, d.texts.Text("button.erase"))
	d.number.beside(v.Size == present.Full)
	d.mute.Set(muteFace(v.Mute))
	sent := ""
	if v.Pad.Sent != "" {
		sent = d.texts.Text("talk.sent") + "  " + tail(v.Pad.Sent, 24)
	}
	d.sent.SetText(sent)
	d.pad.set(v.Pad)
	d.primary.Set(primaryFace(v.Primary))
	d.shift.set(v.Shift)
	d.recent.refresh()
	d.compact.set(compactState{v.Compact, v.Mute, v.Primary})
	d.stage.arrange(v, d.page)
	d.watchLevels(v)
}

// headline is the header; under an open page it tells of the call instead.
func (d *desk) headline() present.Header {
	h := d.view.Header
	if c := d.view.Card; (d.page == pageSettings || d.page == pageUsers || d.page == pageFirst || d.page == pageShortcuts || d.page == pageDoctor || d.asking()) && c.Show {
		h.Title, h.Role = c.Title, c.Role
		h.Sub = c.Number
		if c.Timer != "" {
			h.Sub = c.Timer + " · " + c.Number
		}
	}
	return h
}

// enter tidies up the window's own facts when the screen changes.
func (d *desk) enter(s present.Screen) {
	d.escaped = time.Time{}
	d.facts.Notice = present.Notice{} // it was about what is over now
	switch s {
	case present.Dial:
		d.facts.Details, d.facts.Keypad, d.facts.Reveal = false, false, false
		if d.page == pageClose {
			d.putPageAway()
		}
	default:
		d.facts.PutAway = d.facts.Snapshot.Call.ID - 1
		if d.page == pageNumbers {
			d.putPageAway()
		}
		d.facts.Handed = "" // another call came first; its number is not kept
	}
	if d.settings != nil {
		d.settings.lock(s != present.Dial)
		d.stage.root.Refresh()
	}
	// No widget keeps the focus over a change of screen: Space must not press
	// what has come into the old one's place.
	if d.page == pageNone && !d.asking() {
		d.win.Canvas().Unfocus()
	}
}

// refused is called on a command's goroutine.
func (d *desk) refused(err error) {
	d.log.Info("command refused", "code", string(call.CodeOf(err)), "err", err)
	d.pump.run(func() {
		code := call.CodeOf(err)
		if code == "" {
			code = "unknown"
		}
		d.notice(present.Notice{Code: code})
	})
}

// noticeTime is how long a notice stands in a call, where nobody puts it away.
const noticeTime = 6 * time.Second

func (d *desk) notice(n present.Notice) {
	if d.view.Screen != present.Dial && n.Until.IsZero() {
		n.Until = d.now().Add(noticeTime)
	}
	d.facts.Notice = n
	d.again()
}

// stop closes pump and commands, in this order, and waits for them.
func (d *desk) stop() {
	d.pump.close()
	d.cmds.close()
}

// tail is the last n characters of s.
func tail(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return "…" + string(r[len(r)-n:])
	}
	return s
}
