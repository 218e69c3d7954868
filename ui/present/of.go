package present

import (
	"time"

	"nxphone/call"
)

const (
	// slowConnect is how long a silent server is not worth a word.
	slowConnect = 5 * time.Second
	// soundDue is how long after the answer the first sound may take before
	// the user is told. Handsets that answer by a button take most of it.
	soundDue = 3 * time.Second
)

// Of says what the window shows.
func Of(f Facts, t Texts) View {
	f.Notice = f.Notice.at(f.Now)
	v := View{Header: header(f, t), Size: f.Size}
	switch f.Snapshot.State {
	case call.Connecting, call.Trying, call.Ringing:
		v.calling(f, t)
	case call.InCall:
		v.talking(f, t)
	case call.Clearing:
		v.clearing(f, t)
	default:
		v.idle(f, t)
	}
	if f.Leaving && v.Screen != Dial {
		v.Status = t.Text("status.closing")
		v.Card.Title, v.Card.Short = v.Status, v.Status
	}
	v.Strip = strip(f, t)
	var asked time.Time
	if v.Ask, asked = ask(f, t); v.Ask.Key.Kind != AskNothing {
		v.Status = v.Ask.status(t)
	}
	v.Compact = mini(v, t)
	var counted time.Time
	v.Shift, counted = shiftLine(f, t)
	v.Next = earliest(v.Next, f.Notice.Until, asked, counted)
	return v
}

// earliest is the first of some moments; zero ones do not count.
func earliest(moments ...time.Time) (first time.Time) {
	for _, m := range moments {
		if !m.IsZero() && (first.IsZero() || m.Before(first)) {
			first = m
		}
	}
	return first
}

func header(f Facts, t Texts) Header {
	h := Header{Settings: true, Role: Neutral}
	switch {
	case f.Line.Demo:
		h.Title, h.Role = t.Text("header.demo"), Accent
		h.Sub = t.Text("header.dn", "dn", f.Line.DN)
	case !f.Line.Ready():
		h.Title, h.Sub = t.Text("header.unset"), t.Text("header.unset.sub")
	default:
		h.Title = t.Text("header.dn", "dn", f.Line.DN)
		h.Sub = f.Line.Realm
	}
	return h
}

func (v *View) idle(f Facts, t Texts) {
	v.Screen = Dial
	v.Status = t.Text("status.idle")
	v.number(f, t)
	v.Pad.Enabled = true
	v.Primary = Primary{
		Action: DoCall, Icon: "phone", Role: Good, Label: t.Text("button.call"),
		Enabled: f.Number != "" && f.Line.Ready() && !f.Leaving,
	}
	if v.Number.Redial && f.Line.Ready() && !f.Leaving {
		v.Primary = Primary{Action: DoRedial, Icon: "retry", Role: Accent, Label: t.Text("button.redial"), Enabled: true}
	}
	v.Banner = banner(f, t)
	if v.Banner.Show {
		v.Number.Presented, v.Pad.Low = "", true // one thing at a time
		v.Status = v.Banner.Title
	}
}

// banner picks the one thing to tell: a refusal before the last call's end,
// that before a first step.
func banner(f Facts, t Texts) Banner {
	c := f.Snapshot.Call
	switch {
	case f.Notice != Notice{}:
		return notice(f, t)
	case c.ID > f.PutAway && c.Reason.Code != "":
		return ended(f, t)
	case f.Line.Demo && f.Number == "":
		b := Banner{Show: true, Icon: "info", Role: Accent, Numbers: true, Title: t.Text("hint.demo.title")}
		if !(f.Dials && f.WebRoom) { // there is no room for all three
			b.Help = t.Text("hint.demo.help")
		}
		return b
	case !f.Line.Ready():
		return Banner{
			Show: true, Icon: "settings", Role: Accent, Settings: true,
			Title: t.Text("hint.first.title"), Help: t.Text("hint.first.help"),
		}
	case f.Number == "": // somebody is about to call otherwise
		return f.Update.Banner(t)
	}
	return Banner{}
}

func notice(f Facts, t Texts) Banner {
	b := Banner{Show: true, Icon: "alert", Role: Warn, Dismiss: true}
	if f.Notice.Code != "" {
		b.Title, b.Help = t.Code(string(f.Notice.Code))
		b.Settings = forSettings(f.Notice.Code)
	} else {
		b.Title = t.Text(f.Notice.Key, "about", f.Notice.About)
		b.Settings = f.Notice.Settings
		if f.Notice.Help != "" {
			b.Help = t.Text(f.Notice.Help, "about", f.Notice.About)
		}
	}
	return b
}

func ended(f Facts, t Texts) Banner {
	c := f.Snapshot.Call
	b := Banner{Show: true, Dismiss: true, Settings: forSettings(c.Reason.Code)}
	b.Title, b.Help = t.Code(string(c.Reason.Code))
	b.Icon, b.Role = "alert", Bad
	switch c.Reason.Code {
	case call.CodeHangup, call.CodeRemoteHangup, call.CodeFarewell:
		b.Icon, b.Role = "check", Neutral
	case call.CodeCancelled, call.CodeShutdown:
		b.Icon, b.Role = "close", Neutral
	case call.CodeNoAnswer, call.CodeLineBusy, call.CodeUnavailable, call.CodeDeclined, call.CodeNotFound:
		// The network did its work; nothing is broken.
		b.Icon, b.Role = "hangup", Warn
	}
	if !c.Answered.IsZero() {
		length := t.Text("talk.duration", "time", Clock(c.Ended.Sub(c.Answered)))
		if b.Help == "" {
			b.Help = length
		} else {
			b.Help = length + ". " + b.Help
		}
		if held := loud(c.Stats.Treatment, t); held != "" {
			b.Help += ". " + held
		}
	}
	if !c.Reason.OK() && c.Reason.Code != call.CodeCancelled {
		b.CanDetail = true
		if f.Details {
			b.Details = reasonDetails(c.Reason, t)
		}
	}
	return b
}

// reasonDetails is what an administrator wants to hear.
func reasonDetails(r call.Reason, t Texts) string {
	d := t.Text("details.code", "code", string(r.Code))
	switch {
	case r.SIP != 0:
		d += " · " + t.Text("details.sip", "code", itoa(r.SIP), "phrase", short(r.Phrase))
	case r.Phrase != "":
		d += " · " + t.Text("details.phrase", "phrase", short(r.Phrase))
	}
	return d
}

// forSettings tells the codes that the settings can cure.
func forSettings(c call.Code) bool {
	switch c {
	case call.CodeEmptyRealm, call.CodeEmptyDN, call.CodeEmptyURL, call.CodeBadRealm, call.CodeBadDN, call.CodeBadURL,
		call.CodeUnauthorized, call.CodeUnreachable, call.CodeCertificate, call.CodeHandshake, call.CodeAudioDevice:
		return true
	}
	return false
}

func (v *View) calling(f Facts, t Texts) {
	c := f.Snapshot.Call
	v.Screen = Calling
	v.Card = Card{Show: true, Icon: "phone", Role: Accent, Number: f.seen(c.Tel)}
	v.own(f, t)
	switch f.Snapshot.State {
	case call.Connecting:
		v.Status = t.Text("status.connecting")
		if due := c.Dialed.Add(slowConnect); f.Now.Before(due) {
			v.Next = due
		} else {
			v.Card.Role, v.Card.Icon = Warn, "clock"
			v.Card.Sub = t.Text("status.connecting.slow")
		}
	case call.Trying:
		v.Status = t.Text("status.trying")
	case call.Ringing:
		v.Status = t.Text("status.ringing")
	}
	if c.EarlyMedia {
		v.Status = t.Text("status.early")
		v.Card.Icon, v.Card.Sub = "speaker", t.Text("status.early.sub")
	}
	v.Card.Title, v.Card.Short = v.Status, v.Status
	if c.EarlyMedia {
		v.Card.Short = t.Text("compact.early")
	}
	v.microphone(f, false, t)
	v.Primary = Primary{Action: DoHangup, Enabled: true, Icon: "hangup", Role: Bad, Label: t.Text("button.cancel")}
	v.noticeInCall(f, t)
}

func (v *View) talking(f Facts, t Texts) {
	c := f.Snapshot.Call
	v.Screen = Talk
	v.talkCard(f, t)
	v.Next = nextSecond(f.Now, c.Answered)
	v.Status = t.Text("status.incall")
	v.Card.Short = v.Status
	switch {
	case !c.Farewell.IsZero():
		v.Status, v.Card.Short = t.Text("status.farewell"), t.Text("compact.farewell")
		v.Card.Icon, v.Card.Role, v.Card.Sub = "shield", Warn, t.Text("status.farewell.sub")
	case v.held(f, t):
	case !c.MediaUp && f.Now.Sub(c.Answered) >= soundDue:
		v.Status, v.Card.Short = t.Text("status.nomedia"), t.Text("compact.nomedia")
		v.Card.Icon, v.Card.Role, v.Card.Sub = "alert", Warn, t.Text("status.nomedia.sub")
	case !c.MediaUp:
		v.Status, v.Card.Short = t.Text("status.waitmedia"), t.Text("compact.waitmedia")
		v.Card.Icon, v.Card.Role = "clock", Accent
	}
	v.Card.Title = v.Status
	v.Pad = Pad{Enabled: c.Farewell.IsZero(), Tones: true, Sent: c.Sent, Open: f.Keypad}
	v.microphone(f, true, t)
	if !c.Farewell.IsZero() {
		v.Mute, v.Alarm = shut(t), Banner{} // the engine has shut it for the notice
	}
	v.actions(f, t)
	v.Primary = Primary{Action: DoHangup, Enabled: true, Icon: "hangup", Role: Bad, Label: t.Text("button.hangup")}
	switch {
	case !f.FarewellAt.IsZero() && c.Farewell.IsZero():
		v.Card.Icon, v.Card.Role, v.Card.Sub = "shield", Warn, t.Text("farewell.soon")
	case c.Deaf.On && v.Card.Sub == "":
		v.Status = t.Text("status.deaf")
		v.Card.Title, v.Card.Short = v.Status, t.Text("deaf.on")
		v.Card.Icon, v.Card.Role, v.Card.Sub = "speaker-off", Warn, t.Text("deaf.on.sub")
	}
	v.noticeInCall(f, t)
}

func (v *View) clearing(f Facts, t Texts) {
	c := f.Snapshot.Call
	v.Status = t.Text("status.clearing")
	v.Screen = Calling
	v.Card = Card{Show: true, Number: f.seen(c.Tel)}
	v.own(f, t)
	if !c.Answered.IsZero() {
		v.Screen = Talk
		v.talkCard(f, t)
		v.Pad = Pad{Tones: true, Sent: c.Sent, Open: f.Keypad}
		// The microphone was shut at the moment of hanging up: nothing may say
		// that the other side still hears.
		v.Mute = shut(t)
		v.actions(f, t)
	}
	v.Card.Icon, v.Card.Role, v.Card.Title, v.Card.Sub = "hangup", Neutral, v.Status, ""
	v.Card.Short = t.Text("compact.clearing")
	v.Primary = Primary{Action: DoHangup, Icon: "hangup", Role: Bad, Label: t.Text("button.clearing")}
}

// noticeInCall puts a refusal or a hint where the card explains itself.
func (v *View) noticeInCall(f Facts, t Texts) {
	if f.Notice == (Notice{}) {
		return
	}
	v.Card.Role = Warn
	if f.Notice.Code == "" {
		v.Card.Sub = t.Text(f.Notice.Key, "about", f.Notice.About)
		return
	}
	title, help := t.Code(string(f.Notice.Code))
	v.Card.Sub = title + ". " + help
}
