package present

import (
	"time"

	"nxphone/call"
)

// Doubt is why nobody can be sure of the microphone.
type Doubt string

// The doubts, the graver ones first. Whatever the switch says, a microphone in
// doubt is shown as muted, with a banner that says what is known.
const (
	Sure            Doubt = ""
	DoubtLeak       Doubt = "leak"        // muted, and sound was measured behind the gate
	DoubtSlow       Doubt = "slow"        // a change is not confirmed
	DoubtHeadset    Doubt = "headset"     // the headset is muted, the phone is not
	DoubtHeadsetOff Doubt = "headset-off" // the phone is muted, the headset is not
	DoubtLost       Doubt = "lost"        // nothing comes from the microphone
)

// doubt looks for what is known against the switch; next is when that changes by
// itself.
func doubt(f Facts) (d Doubt, next time.Time) {
	c, o := f.Snapshot.Call, f.Observed
	due := o.MutePending.Add(muteDue)
	switch {
	case c.Mute.On && c.MuteLeak:
		return DoubtLeak, time.Time{}
	case c.Mute.Pending && !o.MutePending.IsZero() && !f.Now.Before(due):
		return DoubtSlow, time.Time{}
	case c.Mute.Pending:
		if o.MutePending.IsZero() {
			due = time.Time{}
		}
		return Sure, due
	case f.Headset.Trouble == HeadsetMuted && !c.Mute.On:
		return DoubtHeadset, time.Time{}
	case f.Headset.Trouble == HeadsetOpen && c.Mute.On:
		return DoubtHeadsetOff, time.Time{}
	case o.MicLost && !c.Mute.On:
		return DoubtLost, time.Time{}
	}
	return Sure, time.Time{}
}

// alarm is the banner of a doubt.
func (d Doubt) alarm(t Texts) Banner {
	b := Banner{Show: true, Icon: "alert", Role: Bad}
	switch d {
	case DoubtLeak:
		b.Title, b.Help = t.Text("doubt.leak.title"), t.Text("doubt.leak.help")
	case DoubtSlow:
		b.Title, b.Help = t.Text("doubt.slow.title"), t.Text("doubt.slow.help")
	case DoubtHeadset:
		b.Title, b.Help = t.Text("headset.muted.title"), t.Text("headset.muted.help")
	case DoubtHeadsetOff:
		b.Title, b.Help = t.Text("headset.open.title"), t.Text("headset.open.help")
	case DoubtLost:
		b.Title, b.Help = t.Text("doubt.lost.title"), t.Text("doubt.lost.help")
	default:
		return Banner{}
	}
	return b
}

// microphone shows the switch and what is to be said about it.
func (v *View) microphone(f Facts, answered bool, t Texts) {
	c := f.Snapshot.Call
	v.Mute = mute(c, answered, t)
	d, next := doubt(f)
	v.Next = earliest(v.Next, next)
	switch {
	case d != Sure:
		v.Mute.doubtful(d, t)
		v.Alarm = d.alarm(t)
	case answered && c.Mute.On && !c.Mute.Pending && f.Observed.Talking.On:
		v.Alarm = Banner{Show: true, Icon: "mic-off", Role: Warn, Title: t.Text("mute.talking.title"), Help: t.Text("mute.talking.help")}
	case f.Headset.Trouble == HeadsetRestless:
		v.Alarm = Banner{Show: true, Icon: "alert", Role: Warn, Title: t.Text("headset.restless.title"), Help: t.Text("headset.restless.help")}
	}
}

// doubtful makes the switch show what is safe to believe.
func (m *Mute) doubtful(d Doubt, t Texts) {
	m.Doubt, m.Icon, m.Role, m.Enabled = d, "mic-off", Bad, true
	m.Title, m.Short = t.Text("mute.doubt"), t.Text("compact.doubt")
	switch d {
	case DoubtSlow:
		m.Ask = true // whatever was asked for, again the safe way
		m.Sub = t.Text("mute.doubt.slow.sub")
	case DoubtLeak:
		m.Sub = t.Text("mute.doubt.leak.sub")
	case DoubtHeadset:
		m.Title, m.Sub = t.Text("mute.headset"), t.Text("mute.headset.sub")
	case DoubtHeadsetOff:
		m.Sub = t.Text("mute.on.sub")
	case DoubtLost:
		m.Title, m.Sub = t.Text("mute.lost"), t.Text("mute.lost.sub")
	}
}

// mute shows what was confirmed. answered is false before the answer, when
// nobody listens yet.
func mute(c call.Call, answered bool, t Texts) Mute {
	m := Mute{Show: true, Enabled: true, On: c.Mute.On, Pending: c.Mute.Pending, Ask: !c.Mute.On}
	key := "mute.off"
	m.Icon, m.Role = "mic", Good
	if c.Mute.On {
		key = "mute.on"
		m.Icon, m.Role = "mic-off", Bad
	}
	if c.Mute.Pending {
		// The engine does not say which way it was asked; with nothing
		// confirmed the change can only be away from what is.
		key = "mute.turning.on"
		if c.Mute.On {
			key = "mute.turning.off"
		}
		m.Role, m.Enabled = Warn, false
	}
	m.Title = t.Text(key)
	m.Short = m.Title
	if c.Mute.Pending {
		m.Short = t.Text("compact.turning")
	}
	switch {
	case key == "mute.off" && answered && (c.RemoteHold || c.Hold.On):
		m.Sub = t.Text("mute.off.held.sub")
	case !answered && !c.Mute.Pending:
		m.Sub = t.Text(key + ".early.sub")
	default:
		m.Sub = t.Text(key + ".sub")
	}
	return m
}

// shut is the switch of a call whose microphone the phone has shut by itself.
func shut(t Texts) Mute {
	return Mute{
		Show: true, Icon: "mic-off", Role: Neutral,
		Title: t.Text("mute.shut"), Short: t.Text("mute.shut"), Sub: t.Text("mute.shut.sub"),
	}
}
