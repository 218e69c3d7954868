package device

import (
	"errors"
	"fmt"
)

// What can be wrong with a device. Each is matched with errors.Is on whatever
// this package returns; the text is for logs, the words for people belong to
// the caller.
var (
	// ErrNoDevice: the machine has no device for this direction at all, or no
	// sound system that answers.
	ErrNoDevice = errors.New("no such kind of sound device on this machine")
	// ErrBusy: another program holds the device.
	ErrBusy = errors.New("the sound device is in use by another program")
	// ErrDenied: the system refuses the device to this program, as the
	// privacy settings for microphones do.
	ErrDenied = errors.New("the system refuses the sound device")
	// ErrHung: the sound system did not answer in time. What it still holds
	// is given back when it wakes up.
	ErrHung = errors.New("the sound system does not answer")
	// ErrFailed: the device is there and could not be opened, for a reason
	// that the sound system does not name.
	ErrFailed = errors.New("the sound device could not be opened")
	// ErrClosed: the Host has been closed.
	ErrClosed = errors.New("the sound devices are closed")
)

// ErrNotFound says that no device answers to a name that was asked for.
type ErrNotFound struct {
	// Name is what was asked for.
	Name string
	// Matches is how many devices the name fits: none, or several of which
	// none is meant more than the others.
	Matches int
}

func (e ErrNotFound) Error() string {
	if e.Matches > 1 {
		return fmt.Sprintf("%q fits %d sound devices", e.Name, e.Matches)
	}
	return fmt.Sprintf("no sound device called %q", e.Name)
}

// OpenError says which half of a call's sound could not be opened. When both
// could not, the two are joined, and Failed finds each.
type OpenError struct {
	Direction Direction
	Err       error
}

func (e *OpenError) Error() string { return "open " + e.Direction.String() + ": " + e.Err.Error() }

// Unwrap gives the reason: one of the errors above, or an ErrNotFound.
func (e *OpenError) Unwrap() error { return e.Err }

// Failed gives the reason why the half in direction d could not be opened, or
// nil when err does not speak of it. A caller that would rather have half a
// call than none asks this and opens "null" in place of what is missing.
func Failed(err error, d Direction) error {
	switch e := err.(type) {
	case *OpenError:
		if e.Direction == d {
			return e.Err
		}
	case interface{ Unwrap() error }:
		return Failed(e.Unwrap(), d)
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			if why := Failed(one, d); why != nil {
				return why
			}
		}
	}
	return nil
}
