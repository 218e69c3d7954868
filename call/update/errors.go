package update

import "errors"

// Code says what is wrong; it is stable, and the catalogue has words for it.
type Code string

// The codes.
const (
	CodeConfig      Code = "config"      // address or keys cannot be used
	CodeUnreachable Code = "unreachable" // no answer, or one that broke off or stood still
	CodeCertificate Code = "certificate" // the server's certificate is not trusted
	CodeStatus      Code = "status"      // an HTTP status that is no answer
	CodeRedirect    Code = "redirect"    // sent to an address that is not https, or in circles
	CodeTooLarge    Code = "too-large"   // more than the limit, or than was announced
	CodeSignature   Code = "signature"   // no signature, or by none of the keys
	CodeComment     Code = "comment"     // signed as something else
	CodeBroken      Code = "broken"      // not of the feed's form
	CodeRollback    Code = "rollback"    // older than what was seen
	CodeExpired     Code = "expired"     // the feed is too old
	CodeKept        Code = "kept"        // the file of the last feed cannot be read or written
	CodeCall        Code = "call"        // a call began
	CodeDamaged     Code = "damaged"     // not the file that the feed announces
	CodeNoFile      Code = "no-file"     // the feed has none for this computer
	CodeFile        Code = "file"        // a file of this computer cannot be read or written
)

// Error is what is wrong, with its code. The text holds no address: a key may
// stand in one.
type Error struct {
	Code   Code
	Detail string
	Err    error // may be nil
}

// Error implements error.
func (e *Error) Error() string {
	if e.Detail == "" {
		return "update: " + string(e.Code)
	}
	return "update: " + string(e.Code) + ": " + e.Detail
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf is the code of an error of this package, "" for others.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// wrong makes an error.
func wrong(code Code, detail string) *Error { return &Error{Code: code, Detail: detail} }

// because makes one with a cause.
func because(code Code, err error) *Error { return &Error{Code: code, Detail: err.Error(), Err: err} }
