package profile

import (
	"errors"
	"fmt"
	"strings"
)

// Code names what went wrong. The strings are stable; the sentences that a
// person reads for them are in the catalogue of package assets.
type Code string

const (
	// CodeBadSetting: a value is not one that its key takes.
	CodeBadSetting Code = "bad-setting"
	// CodeBadOrigin: in a list of origins some are not written as browsers
	// write them. The others count.
	CodeBadOrigin Code = "bad-origin"
	// CodePolicyOnly: a setting of the kiosk stands outside a managed policy.
	CodePolicyOnly Code = "policy-only"
	// CodePolicyUnsafe: a policy could have been written by somebody who is no
	// administrator. It is not read.
	CodePolicyUnsafe Code = "policy-unsafe"
	// CodePolicyKept: a managed policy, or a value in it, cannot be read, and what
	// it said last stays in force.
	CodePolicyKept Code = "policy-kept"
	// CodePolicyGuarded: a managed policy, or a value in it, cannot be read, and
	// what it said last is not known: what it may have locked is locked.
	CodePolicyGuarded Code = "policy-guarded"
	// CodePolicyUnkept: what the policies say could not be written down for the time
	// when one of them cannot be read. They are in force.
	CodePolicyUnkept Code = "policy-unkept"
	// CodeFileBroken: the settings file is not a JSON object. Set refuses to
	// overwrite it.
	CodeFileBroken Code = "settings-broken"
	// CodeFileUnreadable: the settings file is there and cannot be read.
	CodeFileUnreadable Code = "settings-unreadable"
	// CodeFileUnwritable: the settings file could not be written.
	CodeFileUnwritable Code = "settings-unwritable"
	// CodePasswordFile: the file of the setting password-file cannot be read,
	// or holds no password.
	CodePasswordFile Code = "password-file"
	// CodeNoKeyring: this machine or session has no usable keyring.
	CodeNoKeyring Code = "no-keyring"
	// CodeKeyringLocked: the keyring is there, and locked.
	CodeKeyringLocked Code = "keyring-locked"
	// CodeKeyringTimeout: the keyring did not answer in time; often it waits
	// for a person at a prompt of its own.
	CodeKeyringTimeout Code = "keyring-timeout"
	// CodeNoPassword: no password is stored for this account.
	CodeNoPassword Code = "no-password"
)

// Error is a fault with a stable code. Two of them match under errors.Is when
// their codes are equal. It never holds a secret: of a value that was refused
// it gives only the rule.
type Error struct {
	Code Code
	// Key is the setting concerned, "" for none.
	Key Key
	// Source is where the value came from, in a person's terms: a path, a
	// variable, a flag.
	Source string
	// Line and Column, from 1, place a fault in a file; 0 for none. A column
	// counts characters, not bytes.
	Line, Column int
	// Detail is the rule that was broken or the system's own words.
	Detail string
	// Err is the cause, nil for none.
	Err error
}

func (e *Error) Error() string {
	var b strings.Builder
	if e.Source != "" {
		b.WriteString(e.Source)
		if e.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
		}
		b.WriteString(": ")
	}
	b.WriteString(string(e.Code))
	if e.Key != "" {
		b.WriteString(" (" + string(e.Key) + ")")
	}
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	return b.String()
}

// Is makes errors.Is compare codes only.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Sentinels, for errors.Is.
var (
	ErrFileBroken     error = &Error{Code: CodeFileBroken}
	ErrNoKeyring      error = &Error{Code: CodeNoKeyring}
	ErrKeyringLocked  error = &Error{Code: CodeKeyringLocked}
	ErrKeyringTimeout error = &Error{Code: CodeKeyringTimeout}
	ErrNoPassword     error = &Error{Code: CodeNoPassword}
)

// CodeOf gives the code of the first [Error] in err's tree, "" when there is
// none.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
