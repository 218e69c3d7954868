package doctor

import (
	"context"
	"strconv"
	"time"

	"nxphone/call/check"
)

// echoCall calls the echo number, unless the way to it is shut anyway.
func (o Options) echoCall(ctx context.Context, way Grade) Finding {
	switch {
	case o.Echo == nil:
		return Find(CallQuick)
	case way == Error:
		return Find(CallNoLine)
	case o.Settings.TestNumber(o.Demo) == "":
		return Find(CallNoNumber)
	}
	return judgeCall(o.Echo(ctx))
}

// judgeCall puts a line check's result into a finding.
func judgeCall(r check.Result) Finding {
	args := []string{
		"rtt", rtt(r.Stats.RTT),
		"jitter", strconv.FormatInt(r.Stats.Jitter.Milliseconds(), 10),
		"loss", loss(r.Stats.PacketsReceived, r.Stats.PacketsLost),
	}
	code := Unfinished
	switch r.Line {
	case check.Skipped:
		if r.Interrupted {
			code = CallBusy
		}
	case check.LineOK:
		code = CallOK
	case check.LineUnset:
		code = CallNoNumber
	case check.LineFailed:
		f := Find(CallFailed, "reason", string(r.Reason.Code))
		if r.Reason.SIP != 0 {
			return f.With("SIP " + strconv.Itoa(r.Reason.SIP) + " " + r.Reason.Phrase)
		}
		return f.With(r.Reason.Phrase)
	case check.LineNoSound:
		code = CallNoSound
	case check.LineLoss:
		code = CallLoss
	case check.LineSlow:
		code = CallSlow
	case check.LineUneven:
		code = CallUneven
	}
	return Find(code, args...).In(AreaCall)
}

// rtt is in milliseconds; a short call may not have measured it.
func rtt(d time.Duration) string {
	switch {
	case d <= 0:
		return "?"
	case d < time.Millisecond:
		return "<1"
	}
	return strconv.FormatInt(d.Milliseconds(), 10)
}

// loss is per cent, with one decimal where it matters.
func loss(received, lost uint64) string {
	all := received + lost
	if all == 0 {
		return "0"
	}
	return strconv.FormatFloat(100*float64(lost)/float64(all), 'f', 1, 64)
}
