package call

import "errors"

// Code names an outcome. The strings are stable: they travel in the new
// events, in summaries and in logs, and other programs compare them. What a
// person reads for a code is the business of the catalogue in package assets.
type Code string

// Codes of refused commands: nothing was sent.
const (
	CodeBusy         Code = "busy-here"      // a call is up
	CodeNoCall       Code = "no-call"        // there is no call to act on
	CodeNotInCall    Code = "not-in-call"    // the call is not answered yet
	CodeEmptyRealm   Code = "empty-realm"    //
	CodeEmptyDN      Code = "empty-dn"       //
	CodeEmptyTel     Code = "empty-tel"      //
	CodeEmptyURL     Code = "empty-url"      //
	CodeBadRealm     Code = "bad-realm"      // not printable ASCII, or a forbidden character
	CodeBadDN        Code = "bad-dn"         //
	CodeBadTel       Code = "bad-tel"        //
	CodeHangulTel    Code = "hangul-tel"     // Hangul in the number
	CodeBadURL       Code = "bad-url"        // not ws:// or wss:// with a host
	CodeBadPushToken Code = "bad-push-token" //
	CodeTooLong      Code = "too-long"       // over 128 characters
	CodeBadDigits    Code = "bad-digits"     // not 0-9 * # A-D
	CodeStopped      Code = "stopped"        // the phone is shutting down
	CodeSuperseded   Code = "superseded"     // a later Mute (or Deafen, or Hold) took this one's place
	CodeNoDTMF       Code = "no-dtmf"        // the far end takes no digits
	CodeOnHold       Code = "on-hold"        // one side holds the call: digits would not arrive
	CodeEnding       Code = "ending"         // the notice of a lawful ending is playing
	CodeNoNotice     Code = "no-notice"      // no notice is configured
	CodeBadNotice    Code = "bad-notice"     // the notice that is configured cannot be played
	CodeHoldRefused  Code = "hold-refused"   // the far end did not accept to be held or resumed
)

// Codes of ended calls.
const (
	CodeHangup        Code = "hangup"             // the user ended it
	CodeRemoteHangup  Code = "remote-hangup"      // the far end ended it
	CodeFarewell      Code = "lawful-ending"      // the user ended it with the organisation's notice
	CodeCancelled     Code = "cancelled"          // the user ended it before the answer
	CodeNoAnswer      Code = "no-answer"          // rang until the ring time-out, 408, 480 after ringing
	CodeLineBusy      Code = "busy"               // 486, 600
	CodeNotFound      Code = "not-found"          // 404, 410, 484, 604
	CodeDeclined      Code = "declined"           // 603, 403 from the far end, 607
	CodeUnavailable   Code = "unavailable"        // 480
	CodeUnauthorized  Code = "unauthorized"       // 401 or 407 that no password answers
	CodeForbidden     Code = "forbidden"          // 403
	CodeRedirected    Code = "redirected"         // 3xx
	CodeNotAcceptable Code = "not-acceptable"     // 406, 415, 488, 606
	CodeServerError   Code = "server-error"       // other 4xx, 5xx, 6xx
	CodeUnreachable   Code = "server-unreachable" // no connection to the server
	CodeCertificate   Code = "certificate"        // the server's certificate is not trusted
	CodeHandshake     Code = "handshake"          // the server refused the WebSocket
	CodeTimeout       Code = "timeout"            // the server did not answer
	CodeFlowLost      Code = "flow-lost"          // the connection to the server broke
	CodeMedia         Code = "media"              // no media session could be made
	CodeAudioDevice   Code = "audio-device"       // no microphone or speaker could be opened
	CodeShutdown      Code = "shutdown"           // the program ends
)

// Reason says why a call ended.
type Reason struct {
	Code Code
	// SIP is the status code that the server gave, 0 when it gave none.
	SIP int
	// Phrase is the server's own words, or the system's (a certificate's
	// fault, a refused connection). It is for details and logs, and holds
	// neither number nor secret.
	Phrase string
	// Local: this side ended the call.
	Local bool
}

// OK reports whether the call ended the ordinary way: somebody hung up.
func (r Reason) OK() bool {
	return r.Code == CodeHangup || r.Code == CodeRemoteHangup || r.Code == CodeFarewell
}

// Error is a refused or failed command. Two Errors match under errors.Is when
// their codes are equal.
type Error struct {
	Code Code
	// Detail is for logs; it never holds a number or a secret.
	Detail string
}

func (e *Error) Error() string {
	if e.Detail == "" {
		return "call: " + string(e.Code)
	}
	return "call: " + string(e.Code) + ": " + e.Detail
}

// Is makes errors.Is compare codes only.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Code == e.Code
}

// Sentinels, for errors.Is.
var (
	ErrBusy      error = &Error{Code: CodeBusy}
	ErrNoCall    error = &Error{Code: CodeNoCall}
	ErrNotInCall error = &Error{Code: CodeNotInCall}
	ErrBadDigits error = &Error{Code: CodeBadDigits}
	ErrStopped   error = &Error{Code: CodeStopped}
)

// CodeOf gives the code of err, or "" when it carries none.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
