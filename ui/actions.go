package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/ui/look"
	"nxphone/ui/present"
)

// pressed is a key of the pad.
func (d *desk) pressed(sign rune) {
	if d.calming() {
		return
	}
	if d.view.Pad.Tones {
		d.sendTone(sign)
		return
	}
	d.write(sign)
}

func (d *desk) sendTone(sign rune) {
	if d.view.Pad.Enabled {
		d.facts.Notice = present.Notice{}
		d.cmds.digits(string(sign))
	}
}

func (d *desk) primaryAction() {
	switch d.view.Primary.Action {
	case present.DoCall:
		d.dial()
	case present.DoRedial:
		d.redial()
	default:
		d.hangup()
	}
}

// redial fetches the last number back. It dials nothing: the next press does.
func (d *desk) redial() {
	if !d.calming() && d.page == pageNone && !d.asking() && d.view.Screen == present.Dial && d.facts.Redial != "" {
		d.fetch(d.facts.Redial)
	}
}

// lastNumber is what can be called again. Where no calls are to be kept, that is
// over as soon as the end of the call has been put away.
func (d *desk) lastNumber() string {
	c := d.facts.Snapshot.Call
	if c.ID != 0 && !c.Test && (d.values.RecentCalls != "off" || c.ID > d.facts.PutAway) {
		return c.Tel
	}
	if d.values.RecentCalls != "off" && len(d.kept.Entries) > 0 {
		return d.kept.Entries[0].Tel
	}
	return ""
}

// speedDial calls a number of the settings with one touch.
func (d *desk) speedDial(tel string) {
	if d.calming() || d.asking() || d.view.Screen != present.Dial {
		return
	}
	d.close()
	d.fetch(tel)
	d.dial()
}

// dial is the big button and Enter.
func (d *desk) dial() {
	if !d.calming() {
		d.place()
	}
}

// place asks for a call to the number as it stands. Refusals that need no
// engine are told at once.
func (d *desk) place() {
	if d.view.Screen != present.Dial || d.facts.Leaving {
		return
	}
	v := d.values
	number, err := present.Normalise(d.facts.Number)
	req := call.Request{Realm: v.Realm, DN: v.DN, Tel: number, URL: v.URL, PushToken: v.PushToken}
	if err == nil {
		err = req.Validate()
	}
	if err != nil {
		d.notice(present.Notice{Code: call.CodeOf(err)})
		return
	}
	d.facts.Number, d.facts.Fetched = number, number
	d.facts.Notice = present.Notice{}
	d.facts.PutAway = d.facts.Snapshot.Call.ID
	d.again()
	d.cmds.dial(req)
}

func (d *desk) hangup() {
	if d.view.Primary.Action == present.DoHangup && d.view.Primary.Enabled {
		d.cmds.hangup()
	}
}

func (d *desk) toggleMute() {
	if d.view.Mute.Show && d.view.Mute.Enabled {
		d.cmds.mute(d.view.Mute.Ask)
	}
}

func (d *desk) toggleDetails() {
	d.facts.Details = !d.facts.Details
	d.facts.Keypad = false
	d.again()
}

// dismiss puts away what the banner tells: a notice first, then the last
// call's end.
func (d *desk) dismiss() {
	if d.dismissUpdate() {
		return
	}
	if (d.facts.Notice == present.Notice{}) {
		d.facts.PutAway = d.facts.Snapshot.Call.ID
	}
	d.facts.Notice = present.Notice{}
	d.again()
}

// open shows a page over the screen.
func (d *desk) open(p page) {
	if d.asking() {
		return // it would open where nobody sees it
	}
	if d.page == p {
		d.close()
		return
	}
	d.turnTo(p)
}

// turnTo shows a page, under the question where one stands.
func (d *desk) turnTo(p page) {
	d.putPageAway()
	if p == pageRecent && d.facts.Size == present.Full {
		return // it stands beside
	}
	if d.facts.Size == present.Compact && p != pageClose {
		d.grow() // a strip has no room for pages
	}
	d.page = p
	switch p {
	case pageSettings:
		d.settings = newSettingsPage(d)
		d.sheet = d.settings.root
	case pageNumbers:
		d.sheet = newNumbersPage(d)
	case pageClose:
		d.sheet = newClosePage(d)
	case pageRecent:
		d.recent.opened()
		d.sheet = d.recent.root
	case pageUsers:
		d.users = newUsersPage(d)
		d.sheet = d.users.root
	case pageDials:
		d.sheet = newDialsPage(d)
	case pageCheck:
		d.checking = newCheckPage(d)
		d.sheet = d.checking.root
	case pageFirst:
		d.first = newFirstPage(d)
		d.sheet = d.first.root
	case pageShortcuts:
		d.sheet = newShortcutsPage(d)
	case pageDoctor:
		d.doctor = newDoctorPage(d)
		d.sheet = d.doctor.root
	}
	d.apply()
	if d.first != nil {
		d.first.focus()
	}
}

// close puts the page away.
func (d *desk) close() {
	if d.page == pageNone {
		return
	}
	d.putPageAway()
	d.apply()
	if d.later == present.Compact {
		d.later = present.Phone
		d.resize(present.Compact)
	}
}

func (d *desk) putPageAway() {
	if d.checking != nil {
		d.checking.leave()
	}
	if d.doctor != nil {
		d.doctor.leave()
	}
	d.page, d.sheet, d.settings, d.users, d.first, d.checking, d.doctor = pageNone, nil, nil, nil, nil, nil, nil
	if d.asking() {
		d.win.Canvas().Focus(d.ask.no) // the question stays
	} else {
		d.win.Canvas().Unfocus()
	}
}

// closeAsked is the window's close button: where it stays in the tray it is only
// hidden, and a call goes on.
func (d *desk) closeAsked() {
	if s := d.opts.Session; s != nil && !d.facts.Leaving && s.KeepInTray() {
		d.rememberSeatThen(d.hide)
		return
	}
	d.quitAsked()
}

// quitAsked ends the program: with a call up it asks first.
func (d *desk) quitAsked() {
	if d.facts.Snapshot.State == call.Idle || d.facts.Leaving {
		d.quit()
		return
	}
	for range 2 { // it would hide the other one; a code may wait behind it
		if d.asking() {
			d.refuse()
		}
	}
	if d.page != pageClose {
		d.open(pageClose)
	}
}

// leave hangs up and closes the window when the call is cleared, or after
// closeTime.
func (d *desk) leave() {
	d.close()
	d.facts.Leaving = true
	d.cmds.hangup()
	d.cmds.run(func(ctx context.Context) error {
		select {
		case <-ctx.Done():
		case <-time.After(closeTime):
			d.pump.run(d.quit)
		}
		return nil
	})
	d.again()
}

// adopt puts saved settings in force.
func (d *desk) adopt(v Values) {
	old := d.values
	d.values = v
	d.obey()
	if v.Theme != old.Theme || v.TextSize != old.TextSize {
		fyne.CurrentApp().Settings().SetTheme(look.NewTheme(v.Theme).Text(v.TextSize))
		if v.TextSize != old.TextSize {
			d.stage.split.wider = widening(v.TextSize)
			d.win.Resize(d.windowSize().Max(d.win.Content().MinSize()))
		}
	}
	d.dials.set(v.SpeedDials)
	if size, ok := present.ParseSize(v.WindowSize); ok && v.WindowSize != old.WindowSize {
		d.resizeAfter(size)
	}
	if l := d.language(); l != d.texts.Lang() {
		d.texts = text.For(l)
		toolkitWords(l)
		p := d.page
		d.putPageAway()
		d.build()
		if p == pageSettings || p == pageFirst {
			d.turnTo(p)
		}
	}
	d.again()
}
