package headset

import (
	"slices"
	"time"
)

// takeMute takes the mute control.
func (m *machine) takeMute(now time.Time, r reading, repeat bool, out *output) {
	switch r.sense {
	case senseSides:
		switch muting := m.muting(now); {
		case r.value > 0 && !muting:
			m.ask(now, Mute, out)
		case r.value < 0 && muting:
			m.ask(now, Unmute, out)
		}
	case sensePress:
		if m.mutePress.take(now, r.value, repeat) && !m.answering(now) {
			m.toggle(now, out)
		}
	default:
		m.takeState(now, r.value > 0, out)
	}
}

// answering: a press this soon after the mute light has changed is the headset's
// answer to it. Its user did not see the light yet.
func (m *machine) answering(now time.Time) bool {
	for _, at := range m.muteLit {
		if !at.IsZero() && now.Sub(at) < bounceTime {
			return true
		}
	}
	return false
}

// toggle asks for the state that the phone is not in, or not about to be in.
func (m *machine) toggle(now time.Time, out *output) {
	if m.muting(now) {
		m.ask(now, Unmute, out)
		return
	}
	m.ask(now, Mute, out)
}

// muting is where the microphone is, or where it was sent a moment ago.
func (m *machine) muting(now time.Time) bool {
	if m.asked != unknown && now.Sub(m.askAt) < askTime {
		return m.asked == on
	}
	return m.phone.Muted
}

// takeState takes a mute that reports a state, or claims to.
func (m *machine) takeState(now time.Time, muted bool, out *output) {
	before := m.raw
	m.raw = triOf(muted)
	switch {
	case m.style == stylePulse:
		if muted && before != on && m.mutePress.take(now, 1, false) && !m.answering(now) {
			m.toggle(now, out)
		}
		m.mutePress.down = muted
	case m.echo(now, muted):
		m.said = m.raw
	case muted:
		m.rise(now, before, out)
	default:
		m.fall(now, before, out)
	}
}

// echo: the headset repeats what it was told a moment ago.
func (m *machine) echo(now time.Time, muted bool) bool {
	at := m.muteLit[index(muted)]
	return !at.IsZero() && now.Sub(at) < echoTime
}

// rise: the headset says that it is muted. It is followed when that is news.
func (m *machine) rise(now time.Time, before tri, out *output) {
	m.said = on
	if before == on {
		return
	}
	m.rose = now
	if !m.muting(now) {
		m.ask(now, Mute, out)
	}
}

// fall: the headset says that it is open. Where it has said before that it was
// muted, that opens the microphone; unless it only let go of its button, or
// gave up waiting for an answer.
func (m *machine) fall(now time.Time, before tri, out *output) {
	m.said = off
	if before != on {
		return
	}
	down := now.Sub(m.rose)
	if down < pulseTime {
		// Had the phone been muted, this press may have asked to open it. The
		// first one is not taken at its word: a boom that trembles looks alike.
		m.style, m.said = stylePulse, unknown
		m.mutePress = press{at: m.rose}
		return
	}
	answered := m.muteLamp && m.lit.Mute && !m.lampOut
	if m.muting(now) && (answered || down >= timeoutTime) {
		m.ask(now, Unmute, out)
	}
}

// ask gives a mute command, unless no call is up or nobody can be pressing that
// often.
func (m *machine) ask(now time.Time, c Command, out *output) {
	if !m.phone.Call {
		return
	}
	if now.Before(m.calmAt) {
		m.calmAt = now.Add(stormTime)
		return
	}
	m.recent = slices.DeleteFunc(m.recent, func(t time.Time) bool { return now.Sub(t) >= stormTime })
	if len(m.recent) == stormCount {
		m.calmAt = now.Add(stormTime)
		return
	}
	m.recent = append(m.recent, now)
	m.asked, m.askAt = triOf(c == Mute), now
	out.commands = append(out.commands, c)
}
