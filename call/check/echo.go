package check

import (
	"context"
	"time"

	"nxphone/audio"
	"nxphone/call"
)

// line calls the echo number and measures what comes back.
func (c *checker) line(ctx context.Context) {
	req, ok := c.Line()
	if !ok {
		c.result.Line = LineUnset
		return
	}
	limit := answerTime + measureTime
	c.report(Dial, limit, audio.Silence)
	c.mine.ask()
	id, err := c.Phone.Dial(ctx, req)
	c.mine.got(id)
	switch {
	case call.CodeOf(err) == call.CodeBusy:
		c.busy = true // somebody was faster
		return
	case err != nil:
		if ctx.Err() == nil {
			c.result.Line, c.result.Reason = LineFailed, call.Reason{Code: call.CodeOf(err), Local: true}
		}
		return
	}
	last, answered := c.hear(ctx, id, limit)
	c.hang(ctx, id, last)
	switch {
	case ctx.Err() != nil:
	case !answered && last.State == call.Idle && last.Call.ID == id:
		c.result.Line, c.result.Reason = LineFailed, last.Call.Reason
	case !answered:
		c.result.Line, c.result.Reason = LineFailed, call.Reason{Code: call.CodeNoAnswer, Local: true}
	default:
		c.result.Line, c.result.Stats = JudgeLine(last.Call), last.Call.Stats
	}
}

// hear follows our call until it has been measured, has ended, or takes too
// long to be answered.
func (c *checker) hear(ctx context.Context, id int, limit time.Duration) (last call.Snapshot, answered bool) {
	timer := time.NewTimer(answerTime)
	defer timer.Stop()
	began := time.Now()
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return last, answered
		case <-timer.C:
			return last, answered
		case now := <-tick.C:
			c.report(Dial, max(0, limit-now.Sub(began)), audio.Silence)
		case s := <-c.calls:
			if s.Call.ID != id {
				continue
			}
			last = s
			if s.State == call.Idle {
				return last, answered
			}
			if s.State == call.InCall && !answered {
				answered = true
				timer.Reset(measureTime)
			}
		}
	}
}

// hang ends our call, and only ours, and waits until it is over: the user's
// next call must not find the line busy. It does so even when ctx has ended.
func (c *checker) hang(ctx context.Context, id int, last call.Snapshot) {
	if last.State == call.Idle && last.Call.ID == id {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), hangTime)
	defer cancel()
	// Whoever watches from here on sees our call, or that it is over.
	for s := range c.Phone.Watch(ctx) {
		if s.State == call.Idle || s.Call.ID != id {
			return
		}
		if s.State != call.Clearing {
			_ = c.Phone.Hangup(ctx) // the far end may have been faster
		}
	}
}
