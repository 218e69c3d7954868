package headset

import "time"

// takeHook takes the hook switch. On-hook ends the call; off-hook never begins
// one, and in a call it is the headset's answer to the light, or a handset that
// is taken up.
func (m *machine) takeHook(now time.Time, r reading, repeat bool, out *output) {
	wish := false
	switch r.sense {
	case sensePress:
		wish = m.hookPress.take(now, r.value, repeat)
	case senseSides:
		wish = r.value < 0
	default:
		// The state is repeated in reports of other controls; only its fall
		// says something.
		before := m.hook
		m.hook = triOf(r.value > 0)
		wish = before == on && m.hook == off
	}
	if !wish || !m.phone.Call {
		return
	}
	if now.Sub(m.offHook) < settleTime {
		// The call goes on, so the headset has to hear once more that it does.
		m.rewrite(now)
		return
	}
	m.hangUp(now, out)
}

// takeReject takes the button that refuses calls. It ends one that is not
// answered; in an answered call a long press is no hang-up.
func (m *machine) takeReject(now time.Time, r reading, repeat bool, out *output) {
	if m.rejectPress.take(now, r.value, repeat) && !m.phone.Answered {
		m.hangUp(now, out)
	}
}

// hangUp asks for the end of the call, once: the second report of a press must
// not end a call that is dialled right after.
func (m *machine) hangUp(now time.Time, out *output) {
	if !m.phone.Call || !m.ending.IsZero() && now.Sub(m.ending) < askTime {
		return
	}
	m.ending = now
	out.commands = append(out.commands, HangUp)
}
