package present

import "time"

// Web is what the web API asks for and tells. The zero value shows nothing.
// Whoever hands one over does not change it, nor what it points to, any more.
type Web struct {
	// Question is nil when nothing is asked.
	Question *WebQuestion
	// Code is nil when no code is to be shown.
	Code *WebCode
	// Controller is who controls the call that is up: an origin, or "local:"
	// and the name of a program on this computer; empty for the window alone.
	Controller string
	// Connected are those that can use the phone now, in the form of
	// Controller, each one once.
	Connected []string
}

// WebQuestion asks whether an origin may place calls with this phone.
type WebQuestion struct {
	// ID tells questions apart; it is never 0.
	ID int
	// Origin is as the browser sent it, an international host in punycode.
	Origin string
	// Plain: the page came over a connection that is not protected (http).
	Plain bool
	// Until is when the phone takes the silence for a No.
	Until time.Time
}

// WebCode is a short code that the user types into a page.
type WebCode struct {
	// Origin is the page's.
	Origin string
	// Code is six digits.
	Code string
}
