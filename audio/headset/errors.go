package headset

import "errors"

var (
	// ErrUnsupported: headset buttons are not supported on this system yet.
	ErrUnsupported = errors.New("headset: buttons and lights of headsets are not supported on this system yet; calls and sound are not affected")
	// ErrDescriptor: a report descriptor breaks the rules of HID 1.11.
	ErrDescriptor = errors.New("headset: malformed report descriptor")
	// ErrNoTelephony: the device has neither a hook switch nor a mute button.
	ErrNoTelephony = errors.New("headset: no telephony controls")
	// ErrReport: a report is shorter than what its descriptor promises, or
	// nobody has promised it.
	ErrReport = errors.New("headset: malformed report")

	errDenied = errors.New("headset: this user may not open the device; a udev rule with TAG+=\"uaccess\" for its vendor opens it to whoever sits at the desk")
)
