package provision

import "errors"

// Code names what went wrong. The strings are stable; the sentences that a
// person reads for them are in the catalogue of package assets.
type Code string

const (
	// CodeConfig: address, keys or client certificate of the settings are not
	// such that anything could be fetched.
	CodeConfig Code = "config"
	// CodeUnreachable: no answer from the server.
	CodeUnreachable Code = "unreachable"
	// CodeCertificate: the server's certificate is not trusted.
	CodeCertificate Code = "certificate"
	// CodeDenied: the server wants a certificate, a token or a fresh code.
	CodeDenied Code = "denied"
	// CodeStatus: the server answered with a status that is no document.
	CodeStatus Code = "status"
	// CodeRedirect: the server sends elsewhere.
	CodeRedirect Code = "redirect"
	// CodeTooLarge: the answer is larger than a document may be.
	CodeTooLarge Code = "too-large"
	// CodeBroken: the answer is no envelope, or what is in it no document.
	CodeBroken Code = "broken"
	// CodeSignature: no signature by a key of the policy.
	CodeSignature Code = "signature"
	// CodeRollback: an older document than one that was seen, or another one
	// with the same version.
	CodeRollback Code = "rollback"
	// CodeExpired: the document is old.
	CodeExpired Code = "expired"
	// CodeAddress: the document is for another address.
	CodeAddress Code = "address"
	// CodeSettings: the document has settings that this program does not take
	// from a server.
	CodeSettings Code = "settings"
	// CodeKept: the document could not be kept on this computer.
	CodeKept Code = "kept"
)

// Error is a fault with a stable code. Two of them match under errors.Is when
// their codes are equal. It holds neither token, code nor address.
type Error struct {
	Code   Code
	Detail string
	Err    error
}

func (e *Error) Error() string {
	if e.Detail == "" {
		return string(e.Code)
	}
	return string(e.Code) + ": " + e.Detail
}

// Is makes errors.Is compare codes only.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf gives the code of the first [Error] in err's tree, "" when there is
// none.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
