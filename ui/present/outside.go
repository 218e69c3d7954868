package present

import "nxphone/call"

// Outside is what the phone shows outside of its window. No number, no name and
// nothing that others have sent stands in it: it is seen over a shoulder, in a
// shared screen, on a lock screen. Values are comparable with ==.
type Outside struct {
	Tray Tray
	// Call is about the call, Question about a web page that asks for something.
	// An empty Title is no note.
	Call, Question Note
}

// TrayState is the phone's state as an icon.
type TrayState string

// The states, each with an icon of its own.
const (
	TrayIdle    TrayState = "idle"
	TrayCall    TrayState = "call"
	TrayMuted   TrayState = "muted"
	TrayTrouble TrayState = "trouble"
)

// Tray is the icon, its words and its menu.
type Tray struct {
	State TrayState
	// Title is the state in a word or two, Tip in a sentence.
	Title, Tip string
	// Show, Mute, Hangup and Quit are the entries of the menu.
	Show, Mute, Hangup, Quit string
	// CanMute and CanHangup: these two can be chosen now.
	CanMute, CanHangup bool
}

// Note is one notification.
type Note struct{ Title, Body string }

// Seen is what the user has had before his eyes.
type Seen struct {
	// Answered and Ended are the IDs of the last call whose answer and whose
	// end happened, or were found, while the window was in front.
	Answered, Ended int
}

// SeenNow is what has been seen once f is on the screen.
func (f Facts) SeenNow() Seen {
	s, c := f.Seen, f.Snapshot.Call
	if !f.Front {
		return s
	}
	if !c.Answered.IsZero() {
		s.Answered = c.ID
	}
	if f.Snapshot.State == call.Idle {
		s.Ended = c.ID
	}
	return s
}

// OutsideOf says what is shown outside of the window that shows v.
func OutsideOf(f Facts, v View, t Texts) Outside {
	o := Outside{Tray: tray(f, v, t)}
	if f.Front {
		return o // whoever looks at the window needs no notes
	}
	c := f.Snapshot.Call
	switch {
	case f.Snapshot.State == call.InCall && f.Seen.Answered != c.ID:
		o.Call = Note{t.Text("note.answered.title"), t.Text("note.answered.body")}
	case f.Snapshot.State == call.Idle && f.Seen.Ended != c.ID && c.Reason.Code != "" && !c.Reason.Local:
		// Whoever has hung up himself knows.
		o.Call.Title, o.Call.Body = t.Code(string(c.Reason.Code))
	}
	if v.Ask.Key.Kind == AskAllow {
		o.Question = Note{t.Text("note.question.title"), t.Text("note.question.body")}
	}
	return o
}

func tray(f Facts, v View, t Texts) Tray {
	r := Tray{
		State: trayState(f, v),
		Show:  t.Text("tray.show"), Mute: t.Text("tray.mute"), Hangup: t.Text("tray.hangup"), Quit: t.Text("tray.quit"),
		CanMute:   v.Mute.Show && v.Mute.Enabled,
		CanHangup: v.Primary.Action == DoHangup && v.Primary.Enabled,
	}
	if v.Mute.Show && v.Mute.On {
		r.Mute = t.Text("tray.unmute")
	}
	words := trayWords(f, r.State)
	r.Title, r.Tip = t.Text("tray."+words), t.Text("tray."+words+".tip")
	if v.Ask.Key.Kind == AskAllow {
		r.Tip = t.Text("note.question.title")
	}
	return r
}

// trayWords picks the words: the icon of a call stands for several things, of
// which not all have an open microphone.
func trayWords(f Facts, state TrayState) string {
	c := f.Snapshot.Call
	switch {
	case state != TrayCall:
		return string(state)
	case f.Snapshot.State == call.Clearing:
		return "clearing"
	case f.Snapshot.State != call.InCall:
		return "calling"
	case !c.Farewell.IsZero():
		return "farewell"
	case c.Hold.On || c.RemoteHold:
		return "hold"
	}
	return string(state)
}

// trayState picks the icon: in a call the microphone goes before all but what is
// wrong, because that is what one looks there for.
func trayState(f Facts, v View) TrayState {
	c := f.Snapshot.Call
	switch f.Snapshot.State {
	case call.InCall:
		switch {
		case c.MuteLeak:
			return TrayTrouble
		case c.Mute.On:
			return TrayMuted
		case v.Card.Role == Warn && !c.MediaUp:
			return TrayTrouble // nothing can be heard
		}
		return TrayCall
	case call.Connecting, call.Trying, call.Ringing, call.Clearing:
		return TrayCall
	}
	if !f.Line.Ready() || v.Banner.Show && v.Banner.Role == Bad {
		return TrayTrouble
	}
	return TrayIdle
}

// HotkeyFaults is what keeps the global keys from working: for each of the two
// the reason, empty when it works, and the key as it is written.
type HotkeyFaults struct {
	Mute, Hangup       HotkeyFault
	MuteKey, HangupKey string
}

// HotkeyFault is why a global key does not work.
type HotkeyFault string

// The faults.
const (
	HotkeyTaken       HotkeyFault = "taken"
	HotkeyMissing     HotkeyFault = "missing"
	HotkeyUnsupported HotkeyFault = "unsupported"
)

// Notice tells what is wrong with the keys, mute's first; the zero Notice when
// they work.
func (h HotkeyFaults) Notice() Notice {
	switch {
	case h.Mute != "":
		return Notice{Key: "hotkey.title", Help: "hotkey." + string(h.Mute), About: h.MuteKey, Settings: true}
	case h.Hangup != "":
		return Notice{Key: "hotkey.title", Help: "hotkey." + string(h.Hangup), About: h.HangupKey, Settings: true}
	}
	return Notice{}
}
