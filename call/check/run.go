package check

import (
	"context"
	"errors"
	"iter"
	"time"

	"nxphone/audio"
	"nxphone/call"
)

// Parts chooses what is looked at.
type Parts int

// The parts, to be added up.
const (
	// PartVoice: the user speaks, and hears it again.
	PartVoice Parts = 1
	// PartLine: a call to the echo number.
	PartLine Parts = 2
	// All takes 15 seconds at most.
	All = PartVoice | PartLine
)

// The lengths of the steps; together 15 s with the opening of devices.
const (
	speakTime = 4 * time.Second
	// answerTime bounds the echo call until its answer, measureTime is how long
	// it is listened to then.
	answerTime  = 4 * time.Second
	measureTime = 2500 * time.Millisecond
	// openTime bounds the opening of a device.
	openTime = 3 * time.Second
	// hangTime bounds the wait for the echo call's end.
	hangTime = 5 * time.Second
	// tellEvery is how often a step tells how far it is.
	tellEvery = 200 * time.Millisecond
)

// Step is what is being done.
type Step string

// The steps, in their order.
const (
	Speak  Step = "speak"  // "please say a sentence"
	Listen Step = "listen" // it is played back
	Dial   Step = "line"   // the echo call
	Done   Step = "done"
)

// Progress is how far a check has come.
type Progress struct {
	Step Step
	// Left is the rest of this step at most.
	Left time.Duration
	// Level is the microphone's at this moment in dBFS, in Speak.
	Level float64
	// Result is what has been found so far.
	Result Result
}

// Phone is the engine as the check needs it; *call.Engine is one.
type Phone interface {
	Dial(ctx context.Context, req call.Request) (int, error)
	Hangup(ctx context.Context) error
	Watch(ctx context.Context) iter.Seq2[call.Snapshot, call.Cause]
}

// Options say what a check uses. All of it is needed for the parts asked for.
type Options struct {
	Parts      Parts
	Microphone func(ctx context.Context) (audio.InputDevice, error)
	Speaker    func(ctx context.Context) (audio.OutputDevice, error)
	Phone      Phone
	// Line is the call to the echo number; false where none is known.
	Line func() (call.Request, bool)
}

// errBusy ends a check when somebody calls.
var errBusy = errors.New("check: another call is up")

// Run makes a check and returns what it found. It ends early with ctx, and when
// a call is up or begins that is not its own.
func Run(ctx context.Context, o Options, tell func(Progress)) Result {
	c := &checker{Options: o, tell: tell}
	ctx, stop := context.WithCancelCause(ctx)
	watching := make(chan struct{})
	watched := o.Phone.Watch(ctx)
	first := make(chan struct{})
	c.calls = make(chan call.Snapshot, 64)
	go func() {
		defer close(watching)
		c.follow(watched, first, stop)
	}()
	select {
	case <-first:
	case <-watching:
	}
	if o.Parts&PartVoice != 0 && ctx.Err() == nil {
		c.voice(ctx)
	}
	if o.Parts&PartLine != 0 && ctx.Err() == nil {
		c.line(ctx)
	}
	c.result.Interrupted = c.busy || ctx.Err() != nil
	stop(nil)
	<-watching
	c.report(Done, 0, audio.Silence)
	return c.result
}

// checker is one check. All of it belongs to Run's goroutine but for what has a
// comment of its own.
type checker struct {
	Options
	tell   func(Progress)
	result Result
	// calls are the snapshots of our own call.
	calls chan call.Snapshot
	mine  own
	// busy: our call was refused because there is another.
	busy bool
}

func (c *checker) report(s Step, left time.Duration, level float64) {
	c.tell(Progress{Step: s, Left: left, Level: level, Result: c.result})
}

// follow ends the check when a call is up that is not ours, and passes on what
// becomes of ours. It has a goroutine of its own.
func (c *checker) follow(seq iter.Seq2[call.Snapshot, call.Cause], first chan<- struct{}, stop context.CancelCauseFunc) {
	told := false
	for s := range seq {
		ours := c.mine.is(s)
		if !ours && s.State != call.Idle {
			stop(errBusy)
		}
		if ours {
			// Never full in practice: a call says a few dozen things.
			select {
			case c.calls <- s:
			default:
			}
		}
		if !told {
			told = true
			close(first)
		}
	}
}
