package ui

import (
	"time"

	"nxphone/call/recent"
	"nxphone/call/shift"
	"nxphone/ui/present"
	"nxphone/ui/uitest"
)

// deskScreens are the pictures of what the counsellor does between calls, and
// of the recent calls.
func deskScreens(line Values) []screen {
	line.RestMinutes, line.AfterCall = 10, true
	masked := line
	masked.MaskNumbers = "last-4"
	fixed := line.With(map[string]string{"recent-calls": "30"})
	s := fixed.Keys["recent-calls"]
	s.From, s.Locked = present.FromOrganisation, true
	fixed.Keys["recent-calls"] = s

	var all []screen
	add := func(name, state string, v Values, size present.Size, act func(*rig)) {
		all = append(all, screen{name: "desk-" + name, state: state, values: v, size: size, desk: true, act: act})
	}
	st := func(change func(*shift.Status, time.Time)) func(*rig) {
		return func(r *rig) {
			s := shift.Status{State: shift.Ready, Since: r.now.Add(-3 * time.Hour)}
			change(&s, r.now)
			r.d.shiftChanged(s)
		}
	}
	for name, u := range map[string]present.Update{
		"known":  {Version: "1.3.0", Kind: "tar"},
		"ready":  {Version: "1.3.0", Kind: "msi-user", CanLoad: true, Stage: present.UpdateReady},
		"failed": {Version: "1.3.0", Kind: "msi-user", CanLoad: true, Stage: present.UpdateFailed, Code: "signature"},
	} {
		add("update-"+name, "idle", line, present.Phone, func(r *rig) { r.d.updateChanged(u); r.d.again() })
	}
	states := map[string]func(*rig){
		"ready":      st(func(*shift.Status, time.Time) {}),
		"after":      st(func(s *shift.Status, now time.Time) { s.State, s.Since = shift.AfterCall, now.Add(-130*time.Second) }),
		"after-long": st(func(s *shift.Status, now time.Time) { s.State, s.Since = shift.AfterCall, now.Add(-83*time.Minute) }),
		"rest": st(func(s *shift.Status, now time.Time) {
			s.State, s.Since, s.Until, s.Then = shift.Rest, now.Add(-99*time.Second), now.Add(501*time.Second), shift.AfterCall
		}),
		"rest-unnoted": st(func(s *shift.Status, now time.Time) {
			s.State, s.Until, s.Then, s.RecordFailed = shift.Rest, now.Add(501*time.Second), shift.AfterCall, true
		}),
		"after-help": st(func(s *shift.Status, now time.Time) {
			s.State, s.Since, s.Help, s.Hook = shift.AfterCall, now.Add(-130*time.Second), true, shift.HookTold
		}),
		"after-help-failed": st(func(s *shift.Status, now time.Time) {
			s.State, s.Since, s.Help, s.Hook, s.RecordFailed = shift.AfterCall, now.Add(-83*time.Minute), true, shift.HookFailed, true
		}),
		"away": st(func(s *shift.Status, _ time.Time) { s.State = shift.Away }),
	}
	for _, size := range []present.Size{present.Phone, present.Full} {
		beside := size == present.Full // the same line in more room: one of each kind
		for name, act := range states {
			if beside && name != "rest" {
				continue
			}
			add(size.String()+"-"+name, "idle", line, size, act)
		}
		for name, s := range map[string]shift.Status{
			"offer":   {State: shift.Ready},
			"sending": {State: shift.Ready, Help: true, HelpCall: 1, Hook: shift.HookSending},
			"told":    {State: shift.Ready, Help: true, HelpCall: 1, Hook: shift.HookTold},
			"seen":    {State: shift.Ready, Help: true, HelpCall: 1, Hook: shift.HookTold, Seen: true},
			"failed":  {State: shift.Ready, Help: true, HelpCall: 1, Hook: shift.HookFailed},
			"nobody":  {State: shift.Ready, Help: true, HelpCall: 1},
		} {
			if beside && name != "failed" && name != "offer" {
				continue
			}
			add(size.String()+"-help-"+name, "incall", line, size, func(r *rig) { r.d.shiftChanged(s) })
		}
	}
	// With pages the line that names them has its room as well.
	pages := line
	pages.WebAPI = true
	for _, state := range []string{"incall", "held"} {
		all = append(all, screen{name: "desk-web-" + state, state: state, values: pages, desk: true, web: true, act: func(r *rig) {
			r.d.shiftChanged(shift.Status{State: shift.Ready})
		}})
	}
	all = append(all, screen{name: "desk-web-nobody", state: "incall", values: pages, desk: true, web: true, act: func(r *rig) {
		r.d.shiftChanged(shift.Status{State: shift.Ready, Help: true, HelpCall: 1})
	}})
	calls := func(n int, mode recent.Mode, fault recent.Fault, then func(*rig)) func(*rig) {
		return func(r *rig) {
			r.d.recentChanged(recent.State{Mode: mode, Fault: fault, Entries: uitest.Calls(n, r.now)})
			if then != nil {
				then(r)
			}
			r.d.open(pageRecent)
			if then != nil {
				then(r)
			}
		}
	}
	confirm := func(r *rig) { r.d.recent.confirm(true) }
	add("recent-empty", "idle", line, present.Phone, calls(0, recent.Memory, "", nil))
	add("recent-off", "idle", line, present.Phone, calls(0, recent.Off, "", nil))
	add("recent", "idle", line, present.Phone, calls(7, recent.Memory, "", nil))
	add("recent-long", "idle", fixed, present.Phone, calls(300, recent.Days(30), "", nil))
	add("recent-masked", "idle", masked, present.Phone, calls(7, recent.Days(7), recent.FaultUnwritable, nil))
	add("recent-clear", "idle", line, present.Phone, calls(7, recent.Days(7), "", confirm))
	add("recent-full", "idle", fixed, present.Full, calls(40, recent.Days(30), recent.FaultDamaged, nil))
	add("recent-full-call", "incall", line, present.Full, calls(40, recent.Days(1), "", nil))
	return all
}
