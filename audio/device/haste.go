package device

import "time"

// haste watches whether a device's callbacks keep up. It belongs to the
// supervisor of a half.
type haste struct {
	late   time.Duration // what the device had counted at the last look
	times  []time.Duration
	last   time.Duration // when it was late last, or opened
	thread int           // that has been given priority
}

// begin looks at a device afresh.
func (h *haste) begin(o *opened, now time.Duration) {
	h.late, h.times, h.last = o.late(), h.times[:0], now
}

// wants says how many periods the device needs from now on.
func (h *haste) wants(o *opened, now time.Duration) int {
	if now-o.since < startGrace { // how it begins says nothing
		h.begin(o, now)
	}
	if late := o.late(); late > h.late {
		h.late, h.last = late, now
		h.times = append(h.times, now)
		if len(h.times) > lateOften {
			h.times = append(h.times[:0], h.times[1:]...)
		}
	}
	switch {
	case o.periods == usualPeriods && len(h.times) == lateOften && now-h.times[0] <= lateWithin:
		return morePeriods
	case o.periods == morePeriods && now-h.last >= calmAfter:
		return usualPeriods
	}
	return o.periods
}

// hurry gives the thread that calls back for a device priority over what
// computes, once, without waiting for it.
func (h *Host) hurry(o *opened, s *haste) {
	id := o.thread()
	if id == 0 || id == s.thread {
		return
	}
	s.thread = id
	h.threads.wg.Go(func() {
		if err := prefer(id); err != nil {
			h.log.Debug("the sound device's thread has no priority", "error", err)
		}
	})
}
