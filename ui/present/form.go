package present

import (
	"nxphone/call"
)

// Form is the part of the settings that can be wrong as typed.
type Form struct{ Realm, DN, URL, User string }

// Faults are the codes of what is wrong with each field, empty where nothing
// is. An empty field is no fault here: the phone can be set up step by step.
type Faults struct {
	Realm, DN, URL call.Code
	// User is the key of a text, empty when nothing is wrong.
	User string
}

// None reports that nothing is wrong.
func (f Faults) None() bool { return f == Faults{} }

// Check checks the fields of the settings, each by itself, as a Dial would.
func (f Form) Check() Faults {
	var faults Faults
	ok := call.Request{Realm: "a", DN: "1", Tel: "1", URL: "ws://a"}
	if f.Realm != "" {
		r := ok
		r.Realm = f.Realm
		faults.Realm = call.CodeOf(r.Validate())
	}
	if f.DN != "" {
		r := ok
		r.DN = f.DN
		faults.DN = call.CodeOf(r.Validate())
	}
	if f.URL != "" {
		r := ok
		r.URL = f.URL
		faults.URL = call.CodeOf(r.Validate())
	}
	// A user name for digest stands in a quoted string; the same rule as for
	// an extension keeps it whole on every server.
	if f.User != "" {
		r := ok
		r.DN = f.User
		if r.Validate() != nil {
			faults.User = "error.user"
		}
	}
	return faults
}
