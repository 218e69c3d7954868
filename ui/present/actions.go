package present

import (
	"time"

	"nxphone/call"
)

// FarewellTime is how long a lawful ending waits before its notice begins: a
// second touch takes it back until then.
const FarewellTime = 2 * time.Second

// Actions are what can be done in a call besides muting and hanging up. The
// first three are the user's own, the last two reach beyond the call.
type Actions struct {
	Deaf, Hold, Keypad Toggle
	Help, Farewell     Toggle
}

// Toggle is an action with a state.
type Toggle struct {
	Show, Enabled bool
	Icon          string
	Role          Role
	Label         string
	// On is as confirmed; Ask is what a press asks for.
	On, Ask bool
}

func (v *View) actions(f Facts, t Texts) {
	c := f.Snapshot.Call
	live := f.Snapshot.State == call.InCall && c.Farewell.IsZero()
	v.Actions = Actions{
		Deaf:     switched(c.Deaf, live, "speaker", "speaker-off", t.Text("deaf.off"), t.Text("deaf.on"), t),
		Hold:     switched(c.Hold, live, "hold", "hold", t.Text("hold.off"), t.Text("hold.on"), t),
		Keypad:   Toggle{Show: true, Enabled: live, Icon: "keypad", Role: Neutral, Label: t.Text("keypad.off"), On: f.Keypad, Ask: !f.Keypad},
		Help:     help(f.Shift, f.Snapshot, t),
		Farewell: farewell(f, live, t),
	}
	if f.Keypad {
		v.Actions.Keypad.Role = Accent
	}
	v.Next = earliest(v.Next, f.FarewellAt)
}

// switched is the toggle of something that is read back.
func switched(s call.Switch, live bool, icon, iconOn, off, on string, t Texts) Toggle {
	g := Toggle{Show: true, Enabled: live && !s.Pending, Icon: icon, Role: Neutral, Label: off, On: s.On, Ask: !s.On}
	if s.On {
		g.Icon, g.Role, g.Label = iconOn, Warn, on
	}
	if s.Pending {
		g.Label = t.Text("compact.wait")
	}
	return g
}

// help is the button of the silent request; what becomes of it is said by the
// line about the shift. A request that is left from an earlier call is no request
// for this one. While the notice of a lawful ending plays it can be made too.
func help(f ShiftFacts, s call.Snapshot, t Texts) Toggle {
	on := f.Status.Help && f.Status.HelpCall == s.Call.ID
	g := Toggle{Show: f.Known, Enabled: s.State == call.InCall, Icon: "help", Role: Neutral, Label: t.Text("help.off"), On: on, Ask: !on}
	if on {
		g.Role, g.Label = Accent, t.Text("help.on")
	}
	if on && f.Status.Seen {
		g.Label = t.Text("help.seen")
	}
	return g
}

func farewell(f Facts, live bool, t Texts) Toggle {
	g := Toggle{Show: f.CanFarewell, Enabled: live, Icon: "shield", Role: Neutral, Label: t.Text("farewell.off"), Ask: true}
	switch {
	case !f.Snapshot.Call.Farewell.IsZero():
		g.On, g.Role, g.Label = true, Warn, t.Text("farewell.on")
	case !f.FarewellAt.IsZero():
		g.Ask, g.Role, g.Label = false, Warn, t.Text("farewell.cancel")
	}
	return g
}

// held says who holds the call.
func (v *View) held(f Facts, t Texts) bool {
	c := f.Snapshot.Call
	var key string
	switch {
	case c.Hold.On && c.RemoteHold:
		key = "both"
		v.Status, v.Card.Sub = t.Text("status.hold.both"), t.Text("status.hold.both.sub")
	case c.Hold.On:
		key = "ours"
		v.Status, v.Card.Sub = t.Text("status.hold.ours"), t.Text("status.hold.ours.sub")
	case c.RemoteHold:
		key = "theirs"
		v.Status, v.Card.Sub = t.Text("status.held"), t.Text("status.held.sub")
	default:
		return false
	}
	v.Card.Icon, v.Card.Role = "hold", Warn
	v.Card.Short = map[string]string{
		"both": t.Text("compact.hold.both"), "ours": t.Text("compact.hold.ours"), "theirs": t.Text("compact.held"),
	}[key]
	return true
}
