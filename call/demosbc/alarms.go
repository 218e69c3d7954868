package demosbc

import "time"

// alarm names one of a call's timers.
type alarm int

const (
	alarmStep    alarm = iota // the number's next step
	alarmRing                 // repeat the 180
	alarmResend               // repeat a 2xx that was not acknowledged
	alarmPending              // our own request had no answer
	alarmReoffer              // try again after a 491
	alarmRetire               // end a replaced stream
	alarmMedia                // the transport is lost and no BYE came
	alarmFlow                 // the flow is lost and the phone did not come back
	alarmCount
)

// alarms is when each timer is due; zero means that it does not run. One
// time.Timer serves them all, so there is nothing to stop at the end.
type alarms [alarmCount]time.Time

func (a *alarms) set(which alarm, after time.Duration) { a[which] = time.Now().Add(after) }
func (a *alarms) clear(which alarm)                    { a[which] = time.Time{} }
func (a *alarms) running(which alarm) bool             { return !a[which].IsZero() }

// next is the alarm that is due first; false when none runs.
func (a *alarms) next() (alarm, bool) {
	first, found := alarm(0), false
	for i := range a {
		if !a[i].IsZero() && (!found || a[i].Before(a[first])) {
			first, found = alarm(i), true
		}
	}
	return first, found
}

// arm sets the timer for the next alarm, or stops it.
func (a *alarms) arm(t *time.Timer) {
	which, ok := a.next()
	if !ok {
		t.Stop()
		return
	}
	t.Reset(time.Until(a[which]))
}

// due takes the first alarm whose time has come.
func (a *alarms) due(now time.Time) (alarm, bool) {
	which, ok := a.next()
	if !ok || a[which].After(now) {
		return 0, false
	}
	a.clear(which)
	return which, true
}
