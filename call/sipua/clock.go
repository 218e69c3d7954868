package sipua

import "time"

// clock runs functions later on an actor. It belongs to the actor.
type clock struct {
	box    *mailbox
	timers map[*time.Timer]struct{}
}

func newClock(box *mailbox) *clock {
	return &clock{box: box, timers: map[*time.Timer]struct{}{}}
}

// after runs f on the actor when d has passed, unless stop is called there
// before. It is txn.New's after.
func (c *clock) after(d time.Duration, f func()) (stop func()) {
	if c.timers == nil {
		return func() {}
	}
	stopped := false
	var t *time.Timer
	t = time.AfterFunc(d, func() {
		// A timer that fired may still be overtaken by its stop, which runs
		// on the actor as well: the flag decides, not the timer.
		c.box.put(func() {
			if !stopped && c.timers != nil {
				delete(c.timers, t)
				f()
			}
		})
	})
	c.timers[t] = struct{}{}
	return func() {
		stopped = true
		t.Stop()
		delete(c.timers, t)
	}
}

// stop ends every timer; after does nothing from now on.
func (c *clock) stop() {
	for t := range c.timers {
		t.Stop()
	}
	c.timers = nil
}
