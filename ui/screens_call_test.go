package ui

import (
	"time"

	"nxphone/call"
	"nxphone/ui/present"
)

// busyValues are settings with which every part of the window has something to
// show.
func busyValues(v Values) Values {
	v.Meters, v.NoticeFile, v.PresentedNumber, v.MaskNumbers = true, "notice.wav", "15880000", "last-4"
	v.SpeedDials = []present.SpeedDial{
		{Name: "야간 당직", Tel: "200"}, {Name: "Supervisor", Tel: "100"}, {Name: "119", Tel: "119"}, {Name: "Interpreter", Tel: "300"},
	}
	return v
}

// measure pushes a call for so many seconds, each with measurements of its own.
func (r *rig) measure(seconds int, change func(*call.Stats)) {
	s := r.d.facts.Snapshot
	for range seconds {
		r.now = r.now.Add(time.Second)
		s.Call.Stats.PacketsReceived += 50
		s.Call.Stats.Played += 48000
		change(&s.Call.Stats)
		r.push(s)
	}
}

// busyScreens are those of a call, and around it, with everything in them.
func busyScreens(line Values) []screen {
	v := busyValues(line)
	loss := func(r *rig) {
		r.measure(60, func(s *call.Stats) {
			s.PacketsLost += uint64(r.now.Second() % 5)
			s.RTT += time.Duration(r.now.Second()%7-3) * 5 * time.Millisecond
			s.Jitter = 18 * time.Millisecond
		})
	}
	shrill := func(r *rig) {
		r.measure(20, func(s *call.Stats) {
			s.Treatment.Tones, s.Treatment.Jumps, s.Treatment.Peaks, s.Treatment.LimitMost = 2, 1, 3, 22
		})
	}
	slow := func(r *rig) {
		r.now = r.now.Add(3 * time.Second)
		r.d.again()
	}
	keypad := func(r *rig) { r.d.toggleKeypad() }
	talking := func(r *rig) {
		for _, mic := range []float64{-62, -62, -61, -62, -20, -22, -18, -20, -24, -20, -22} {
			r.d.facts.Observed = r.d.facts.Observed.Heard(call.Levels{Mic: mic})
		}
		r.d.again()
	}
	all := []screen{
		{name: "busy-idle", state: "idle"},
		{name: "busy-demo", state: "idle", demo: true, web: true, desk: true},
		{name: "busy-web-called", state: "busy", web: true, desk: true},
		{name: "busy-called", state: "busy", act: func(r *rig) { r.write("01000001234") }},
		{name: "busy-ringing", state: "ringing"},
		{name: "busy-incall", state: "incall", act: func(r *rig) {
			r.measure(9, func(*call.Stats) {})
			r.d.card.meters.set(call.Levels{Mic: -20, Sent: -20, Far: -30})
		}},
		{name: "busy-reveal", state: "incall", act: func(r *rig) { r.d.reveal(true) }},
		{name: "busy-muted", state: "muted"},
		{name: "busy-talking", state: "muted", act: talking},
		{name: "busy-loss", state: "incall", act: loss},
		{name: "busy-details", state: "incall", act: func(r *rig) { loss(r); r.d.toggleDetails() }},
		{name: "busy-loud", state: "incall", act: func(r *rig) { shrill(r); r.d.toggleDetails() }},
		{name: "busy-keypad", state: "digits", act: keypad},
		{name: "busy-keypad-pages", state: "digits", web: true, act: keypad},
		{name: "busy-leak", state: "leak"},
		{name: "busy-leak-keypad", state: "leak", act: keypad},
		{name: "busy-slow", state: "muting", act: slow},
		{name: "busy-headset", state: "incall", act: func(r *rig) {
			r.d.headsetChanged(present.Headset{Present: true, HasMute: true, Muted: true, Trouble: present.HeadsetMuted})
			r.d.again()
		}},
		{name: "busy-lost", state: "incall", act: func(r *rig) { r.measure(9, func(s *call.Stats) { s.LevelMic = -127; s.LevelIn = -127 }) }},
		{name: "busy-deaf", state: "deaf"},
		{name: "busy-hold", state: "hold"},
		{name: "busy-bothhold", state: "bothhold"},
		{name: "busy-armed", state: "incall", act: func(r *rig) { r.d.farewellAsked() }},
		{name: "busy-farewell", state: "farewell"},
	}
	var out []screen
	for _, size := range []present.Size{present.Phone, present.Full, present.Compact} {
		for _, s := range all {
			if size == present.Full && s.state != "incall" && s.state != "idle" {
				continue // the column is the phone's
			}
			s.values, s.busy, s.size = v, true, size
			s.values.WebAPI = s.web
			if size != present.Phone {
				s.name = size.String() + "-" + s.name
			}
			out = append(out, s)
		}
	}
	return out
}
