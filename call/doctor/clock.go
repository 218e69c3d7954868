package doctor

import (
	"strconv"
	"time"
)

// The limits of a clock that is off: a minute confuses whoever compares logs,
// ten are what certificates and one-time codes begin to fail at.
const (
	offAbove   = time.Minute
	wrongAbove = 10 * time.Minute
)

// clock compares this computer's time with what the server said when it was
// here (zero: nothing), and else asks the system whether a time server sets it.
func (o Options) clock(told, here time.Time) Finding {
	if here.IsZero() {
		here = o.Now()
	}
	if told.IsZero() {
		ok, known := o.Synchronised()
		switch {
		case !known:
			return Find(ClockUnknown)
		case ok:
			return Find(ClockOK)
		}
		return Find(ClockFree)
	}
	off := here.Sub(told).Abs()
	minutes := strconv.Itoa(int(off.Round(time.Minute) / time.Minute))
	switch {
	case off > wrongAbove:
		return Find(ClockWrong, "minutes", minutes)
	case off > offAbove:
		return Find(ClockOff, "minutes", minutes)
	}
	return Find(ClockOK)
}
