package kiosk

import (
	"context"
	"iter"
	"log/slog"
	"time"

	"nxphone/call"
)

// Phone is the engine as a booth needs it; *call.Engine is one.
type Phone interface {
	Dial(ctx context.Context, req call.Request) (int, error)
	Hangup(ctx context.Context) error
	Watch(ctx context.Context) iter.Seq2[call.Snapshot, call.Cause]
}

// Options configure a Booth. Phone is required unless Fault is set.
type Options struct {
	Phone Phone
	// Request makes a Dial out of a number: the policy's realm, extension and
	// server. nil gives a request with nothing but the number.
	Request func(tel string) call.Request
	Numbers Numbers
	// Silence ends a call in which nobody has spoken for so long; 0 never does.
	Silence time.Duration
	// Idle is how long after the last touch or call the screen is reset; 0 is
	// a minute.
	Idle time.Duration
	// PINHash is the argon2id PHC string of the administrator's PIN; "": there
	// is no way out but signals. PINFile keeps the count of wrong ones over a
	// restart; "" keeps it in memory.
	PINHash, PINFile string
	// Fault closes the booth: it shows why, and calls nobody.
	Fault   Fault
	Missing []string
	// Logger gets no number. nil logs nothing.
	Logger *slog.Logger
}

// Numbers are what the buttons call. They never leave this package but in a
// Dial.
type Numbers struct{ Counsellor, Emergency string }

// Outcome is why a booth came to its end.
type Outcome int

const (
	// Stopped: the context has ended (a signal).
	Stopped Outcome = 0
	// Left: the administrator's PIN was entered. The program stays stopped.
	Left Outcome = 1
	// Restart: the program wants to be started again.
	Restart Outcome = 2
	// Reboot: the whole machine wants to be.
	Reboot Outcome = 3
)

// Booth is the logic of one booth. Its methods may be called from any
// goroutine.
type Booth struct{ opts Options }

// New makes a booth. It does nothing before Run.
func New(opts Options) *Booth { return &Booth{opts: opts} }
