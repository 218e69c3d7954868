package headset

import "time"

// Phone is what the phone does, as far as a headset is concerned.
type Phone struct {
	// Call: a call is being placed or is up.
	Call bool
	// Answered: the far end has answered it.
	Answered bool
	// Muted is the microphone as the capture path has confirmed it.
	Muted bool
	// Held: the far end has been put on hold.
	Held bool
}

// Command is what a button asks the phone to do.
type Command uint8

const (
	// HangUp ends the call.
	HangUp Command = 1
	// Mute and Unmute switch the microphone.
	Mute   Command = 2
	Unmute Command = 3
)

func (c Command) String() string {
	switch c {
	case HangUp:
		return "hang up"
	case Mute:
		return "mute"
	case Unmute:
		return "unmute"
	}
	return "command(?)"
}

// The times of the machine. What they are measured against is said at each.
const (
	// settleTime: after the off-hook light was written, a hook switch that
	// falls is the headset's own business (a radio link that comes up, an
	// answer to the call before), not a wish to end a call that began a moment
	// ago.
	settleTime = time.Second
	// echoTime: what the headset says of its mute this soon after it was told
	// the same is its answer, not its user.
	echoTime = 300 * time.Millisecond
	// bounceTime: one press gives two reports, at most this far apart.
	bounceTime = 150 * time.Millisecond
	// pulseTime: a mute that goes on and off within it is a button that was
	// pressed and let go, not a switch that was moved twice.
	pulseTime = 400 * time.Millisecond
	// timeoutTime: headsets that are not answered take their mute back after
	// two to two and a half seconds. One without a mute light cannot be
	// answered; what it takes back within this is no unmute.
	timeoutTime = 3 * time.Second
	// graceTime is how long headset and phone may differ unnoticed: the way to
	// the capture path and back, and a debounce.
	graceTime = 1500 * time.Millisecond
	// askTime is how long a command is taken to be on its way.
	askTime = 3 * time.Second
	// stormTime and stormCount: more mute commands than that within it are no
	// person's.
	stormTime  = 3 * time.Second
	stormCount = 6
)

// tri is a fact that may not be known.
type tri uint8

const (
	unknown tri = 0
	off     tri = 1
	on      tri = 2
)

func triOf(b bool) tri {
	if b {
		return on
	}
	return off
}

// muteStyle is how a mute control behaves, whatever its descriptor says. It is
// learned, and forgotten when the headset is unplugged.
type muteStyle uint8

const (
	styleState muteStyle = 0 // it is on while the headset is muted
	stylePulse muteStyle = 1 // it is on while the button is down
)

// output is what one input of the machine leads to.
type output struct {
	commands []Command
	// lights are to be written in this order.
	lights []Lights
	// next is when tick wants to be called, zero for never. The latest output
	// counts.
	next time.Time
}

// machine is one headset against the phone: readings become commands, the phone
// becomes lights. It is pure: no clock, no device.
//
// Commands come from changes only; a state that is repeated informs. Where it
// cannot be known what a change means, the microphone stays shut, and that is
// told.
type machine struct {
	muteLamp bool

	phone  Phone
	ending time.Time // HangUp was asked for

	// What was written last, whether anything was, and when off-hook, mute off
	// and mute on were.
	lit     Lights
	written bool
	offHook time.Time
	muteLit [2]time.Time
	again   time.Time // when the lights are to be written once more; zero for not
	retries int       // how often they were, in this call
	lampOut bool      // lights could not be written: the headset is not answered

	hook        tri
	hookPress   press
	rejectPress press

	style     muteStyle
	mutePress press
	raw       tri // the state last reported in this call
	rose      time.Time

	said   tri // what the headset says of itself, as far as that still holds
	asked  tri // a command that is on its way
	askAt  time.Time
	differ time.Time // since when said and the phone differ
	told   bool      // ... for too long

	recent []time.Time // mute commands
	calmAt time.Time   // when a storm will have been over
}

func newMachine(l layout) *machine { return &machine{muteLamp: l.lamp[lightMute]} }

// muted reports whether the headset says of itself that it is muted.
func (m *machine) muted() bool { return m.said == on }

// trouble is what the user has to be told.
func (m *machine) trouble(now time.Time) Trouble {
	switch {
	case now.Before(m.calmAt):
		return TroubleRestless
	case m.told && m.said == on:
		return TroubleMuted
	case m.told && m.said == off:
		return TroubleOpen
	}
	return TroubleNone
}

// report takes what one report said. repeat: it is the same, byte for byte, as
// the one before with its ID.
func (m *machine) report(now time.Time, readings []reading, repeat bool) output {
	var out output
	for _, r := range readings {
		switch r.control {
		case controlHook:
			m.takeHook(now, r, repeat, &out)
		case controlReject:
			m.takeReject(now, r, repeat, &out)
		case controlMute:
			m.takeMute(now, r, repeat, &out)
		}
	}
	return m.finish(now, out)
}

// update takes what the phone does now.
func (m *machine) update(now time.Time, p Phone) output {
	var out output
	before := m.phone
	m.phone = p
	if triOf(p.Muted) == m.asked {
		m.asked = unknown
	}
	if p.Muted && !before.Muted && m.said == off {
		// Two gates in a row, one shut and one open, are no contradiction;
		// only a headset that says so after this is one.
		m.said = unknown
	}
	switch {
	case p.Call && !before.Call:
		m.begin(now, &out)
	case !p.Call && before.Call:
		m.end()
	}
	m.light(now, &out)
	return m.finish(now, out)
}

// begin is the start of a call. A headset that has said since the last one that
// it is muted (a boom that is up) is followed: the far end would hear nothing.
func (m *machine) begin(now time.Time, out *output) {
	m.ending, m.retries = time.Time{}, 0
	if m.said == on && !m.phone.Muted {
		m.ask(now, Mute, out)
	}
}

// end is the end of a call. What the headset has said of its mute in it is
// forgotten: most take it back by themselves, and do not say so.
func (m *machine) end() {
	m.raw, m.said, m.asked = unknown, unknown, unknown
	m.ending, m.differ, m.told = time.Time{}, time.Time{}, false
	m.recent, m.calmAt = nil, time.Time{}
}

// tick looks at the clock.
func (m *machine) tick(now time.Time) output {
	var out output
	if !m.again.IsZero() && !now.Before(m.again) {
		m.again = time.Time{}
		if m.phone.Call {
			m.offHook = now
			m.write(now, m.want(), &out)
		}
	}
	return m.finish(now, out)
}

// failed says that lights could not be written.
func (m *machine) failed(now time.Time) output {
	m.lampOut = true
	m.rewrite(now)
	return m.finish(now, output{})
}

// rewrite has the lights written once more, in a while and not for ever.
func (m *machine) rewrite(now time.Time) {
	if m.phone.Call && m.retries < 2 && m.again.IsZero() {
		m.retries++
		m.again = now.Add(settleTime)
	}
}

// finish notices what has to do with time.
func (m *machine) finish(now time.Time, out output) output {
	m.compare(now, &out)
	next := func(t time.Time) {
		if now.Before(t) && (out.next.IsZero() || t.Before(out.next)) {
			out.next = t
		}
	}
	next(m.again)
	next(m.calmAt)
	if !m.differ.IsZero() {
		next(m.differ.Add(graceTime))
	}
	return out
}

// compare holds what the headset says of itself against the phone.
func (m *machine) compare(now time.Time, out *output) {
	if !m.phone.Call || m.said == unknown || m.said == triOf(m.phone.Muted) {
		m.differ, m.told = time.Time{}, false
		return
	}
	if m.differ.IsZero() {
		m.differ = now
	}
	if m.told || now.Before(m.differ.Add(graceTime)) {
		return
	}
	m.told = true
	if m.phone.Muted {
		// Its lamp at least shall say what is true. The other way round it is
		// never told to open: its user has just shut it.
		m.write(now, m.want(), out)
	}
}

// want is what the lights should be. While a headset that is muted by itself
// waits for the phone to follow, it is not told to open.
func (m *machine) want() Lights {
	if !m.phone.Call {
		return Lights{}
	}
	return Lights{OffHook: true, Mute: m.phone.Muted || m.asked == on && m.said == on, Hold: m.phone.Held}
}

// light writes the lights where they are not what they should be. A phone that
// has had no call has told the headset nothing, and leaves it to other programs.
func (m *machine) light(now time.Time, out *output) {
	want := m.want()
	if want == m.lit {
		return
	}
	if want.OffHook && !m.lit.OffHook && want.Mute {
		// Headsets that think themselves on-hook do not listen to the mute.
		m.write(now, Lights{OffHook: true, Hold: want.Hold}, out)
	}
	m.write(now, want, out)
}

func (m *machine) write(now time.Time, l Lights, out *output) {
	if l.OffHook != m.lit.OffHook {
		m.offHook = now
	}
	if l.Mute != m.lit.Mute || !m.written {
		m.muteLit[index(l.Mute)] = now
	}
	m.lit, m.written = l, true
	out.lights = append(out.lights, l)
}

func index(b bool) int {
	if b {
		return 1
	}
	return 0
}

// press makes presses of a control that reports changes.
type press struct {
	down bool      // the last report said 1
	at   time.Time // of the last 1
}

// take takes one value and reports whether it is a new press. A second 1 with
// no 0 between is one only where nothing else in its report can have caused it.
func (p *press) take(now time.Time, value int, repeat bool) bool {
	was, at := p.down, p.at
	p.down = value != 0
	if value == 0 {
		return false
	}
	p.at = now
	return (!was || repeat) && (at.IsZero() || now.Sub(at) >= bounceTime)
}
