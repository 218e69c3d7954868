package ui

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"runtime"
	"time"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/call/check"
	"nxphone/call/recent"
	"nxphone/call/shift"
	"nxphone/ui/present"
)

// Phone is the engine as the window needs it; *call.Engine is one. Its methods
// may be called from any goroutine and may wait.
type Phone interface {
	// Dial places a call and returns its ID, or an error with a code of
	// package call.
	Dial(ctx context.Context, req call.Request) (int, error)
	// Hangup ends the call, in whatever state it is.
	Hangup(ctx context.Context) error
	// Mute switches the microphone and returns when that is confirmed.
	Mute(ctx context.Context, on bool) error
	// Deafen silences the far end in the user's ear and returns when that is
	// confirmed.
	Deafen(ctx context.Context, on bool) error
	// Hold puts the far end on hold or takes it off, and returns when the far
	// end has accepted it.
	Hold(ctx context.Context, on bool) error
	// Farewell plays the organisation's notice to the far end and ends the
	// call; it returns when the notice has begun.
	Farewell(ctx context.Context) error
	// SendDTMF queues digits (0-9, *, #) of an answered call.
	SendDTMF(ctx context.Context, digits string) error
	// Watch gives the present snapshot with a nil cause, then every change,
	// until ctx ends.
	Watch(ctx context.Context) iter.Seq2[call.Snapshot, call.Cause]
}

// Web is the web API as the window needs it. Its methods may be called from any
// goroutine, never on the UI's.
type Web interface {
	// Watch gives what is to be shown now, then after each change, the newest
	// only, until ctx ends.
	Watch(ctx context.Context) iter.Seq[present.Web]
	// Answer answers a question. One that has been withdrawn is nothing.
	Answer(id int, yes bool)
	// Revoke ends what an origin (or "local:name") may do with the phone,
	// whether it is connected or not. A call that it placed goes on.
	Revoke(ctx context.Context, origin string) error
}

// Headset is the headset's buttons and lights as the window needs them.
type Headset interface {
	// Watch gives what is to be shown now, then after each change, the newest
	// only, until ctx ends.
	Watch(ctx context.Context) iter.Seq[present.Headset]
}

// Shift is what the counsellor does between calls, and the request for help;
// *shift.Shift is one. Its methods may be called from any goroutine.
type Shift interface {
	// Set changes the state; Rest is one of the settings' length.
	Set(ctx context.Context, to shift.State) error
	// Rest begins a rest of this length, 0 for the settings'.
	Rest(ctx context.Context, d time.Duration) error
	// Help asks a supervisor for help, or takes that back.
	Help(ctx context.Context, on bool) error
	// Watch gives the present status, then the newest after each change, until
	// ctx ends.
	Watch(ctx context.Context) iter.Seq[shift.Status]
}

// Recent is the list of recent calls; *recent.Store is one. Its methods may be
// called from any goroutine and wait for the disk.
type Recent interface {
	Delete(id int) error
	// Restore takes a Delete back.
	Restore(e recent.Entry) error
	Clear() error
	// Watch gives the present list, then the newest after each change, until
	// ctx ends.
	Watch(ctx context.Context) iter.Seq[recent.State]
}

// Check tries microphone, speaker and line; see package check.
type Check interface {
	// Run makes a check and returns what it found. tell is called on a goroutine
	// of its own and must not wait.
	Run(ctx context.Context, parts check.Parts, tell func(check.Progress)) check.Result
}

// Doctor looks at all that calls need; see package doctor. Its methods are called
// off the UI goroutine and take half a minute at most.
type Doctor interface {
	// Examine tells what it finds, in these words, and returns one sentence about
	// all of it. tell must not wait. It ends early with ctx.
	Examine(ctx context.Context, words *text.Catalogue, tell func(present.Finding)) (summary string)
	// Report examines and writes a report for whoever helps to path, without
	// numbers and secrets.
	Report(ctx context.Context, words *text.Catalogue, path string) error
	// ReportName is what a report is called unless the user says otherwise.
	ReportName(now time.Time) string
}

// Updates tells of newer versions of the program. Its methods may be called from
// any goroutine and return at once, PutAway after the disk.
type Updates interface {
	// Watch gives what is to be shown now, then after each change, the newest
	// only, until ctx ends.
	Watch(ctx context.Context) iter.Seq[present.Update]
	// Go is the user's yes to the next step: to download, or to install what was
	// downloaded and verified.
	Go()
	// PutAway: the user does not want to be told of this version again.
	PutAway()
}

// Device is one microphone or speaker.
type Device struct {
	// ID goes into the settings, Name is what people know it by.
	ID, Name string
	// Default marks the one that the system gives to whoever names none.
	Default bool
}

// DeviceLister lists microphones and speakers. It is called off the UI
// goroutine and may take its time.
type DeviceLister func(ctx context.Context) (microphones, speakers []Device, err error)

// Demo describes the demo SBC to the user.
type Demo struct {
	// Numbers are those that it answers to; the catalogue explains each one
	// under "demo.NUMBER".
	Numbers []string
}

// Options configure the window. Phone and Settings are required.
type Options struct {
	Phone    Phone
	Settings Settings
	// Devices may be nil: only the system's default is offered then.
	Devices DeviceLister
	// Lang overrides settings and system when it is not empty.
	Lang text.Lang
	// Web may be nil: the window then shows nothing of the web API.
	Web Web
	// Session may be nil: there is no desktop around the window then.
	Session Session
	// Headset may be nil: the window then shows nothing of headset buttons.
	Headset Headset
	// Levels gives the loudness of both voices at this moment, from any
	// goroutine. It may be nil: no meters are shown then.
	Levels func() call.Levels
	// Shift may be nil: the window then shows nothing of it.
	Shift Shift
	// Recent may be nil: the window then keeps no list.
	Recent Recent
	// Sound tells which devices a call uses after they have changed. May be nil.
	Sound <-chan present.Sound
	// Check may be nil: nothing can be tried then.
	Check Check
	// Doctor may be nil: nothing can be examined then.
	Doctor Doctor
	// Demo is set when the line is the demo SBC, nil otherwise.
	Demo *Demo
	// Number is filled in at the start. It is never dialled unasked.
	Number string
	// Handed gives numbers that links and other programs hand over while the
	// window is open; each brings the window to the front, is filled in, and
	// the user is asked whether to call it. An empty one only brings the window
	// to the front. May be nil.
	Handed <-chan string
	// Faults are what was wrong with the settings at the start, in sentences:
	// the terminal that they were told on is seldom seen.
	Faults []string
	// Orders tells what has become of the organisation's settings. May be nil.
	Orders <-chan Orders
	// Enrol exchanges a one-time code of the organisation's for access to its
	// server and keeps that. It returns what went wrong as a sentence, "" for
	// nothing, and waits for the network. May be nil.
	Enrol func(ctx context.Context, code string) (fault string)
	// Updates may be nil: nothing is told of newer versions then.
	Updates Updates
	// Version is shown at the end of the settings.
	Version string
	// OnShown is called once, off the UI goroutine, when the first frame with
	// content has been drawn.
	OnShown func()
	// Logger takes the window's and the toolkit's messages, nil for none. No
	// number ever stands in them.
	Logger *slog.Logger
	// Getenv is os.Getenv where nil.
	Getenv func(string) string
}

// hasShift reports whether the window shows the counsellor's own state.
func (o Options) hasShift() bool { return o.Shift != nil }

// hasRecent reports whether there is a list of recent calls.
func (o Options) hasRecent() bool { return o.Recent != nil }

// Why a window could not open, for errors.Is.
var (
	// ErrNoDisplay: there is no display server to open a window on.
	ErrNoDisplay = errors.New("ui: no display")
	// ErrNoOpenGL: there is a display, but nothing draws OpenGL on it.
	ErrNoOpenGL = errors.New("ui: no OpenGL")
)

// Explain gives the words for an error of Run: what happened and what to do.
// An error that is none of ours gives its own words and no advice.
func Explain(err error, c *text.Catalogue) (title, help string) {
	switch {
	case errors.Is(err, ErrNoDisplay):
		return c.Text("error.nodisplay.title"), c.Text("error.nodisplay.help")
	case errors.Is(err, ErrNoOpenGL):
		if runtime.GOOS == "windows" {
			return c.Text("error.noopengl.title"), c.Text("error.noopengl.windows")
		}
		return c.Text("error.noopengl.title"), c.Text("error.noopengl.help")
	}
	return err.Error(), ""
}
