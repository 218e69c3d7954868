package profile

import (
	"bytes"
	"context"
	"io"
	"os"
)

// maxPassword bounds what is read of a password file, in bytes.
const maxPassword = 4096

// Password finds the password for digest authentication: the first line of
// the file that the settings name, else what the keyring has for the user (or
// the extension) at the realm. Errors: those of [Keyring.Get], or an [Error]
// with [CodePasswordFile]. A nil keyring is passed over.
func Password(ctx context.Context, s Settings, k *Keyring) (string, error) {
	if s.PasswordFile != "" {
		return readPassword(s.PasswordFile)
	}
	user := s.AuthUser()
	if k == nil || user == "" {
		return "", &Error{Code: CodeNoPassword}
	}
	return k.Get(ctx, Account(user, s.Realm))
}

// AuthUser is the name for digest authentication.
func (s Settings) AuthUser() string {
	if s.User != "" {
		return s.User
	}
	return s.DN
}

func readPassword(path string) (string, error) {
	fault := func(detail string, err error) error {
		return &Error{Code: CodePasswordFile, Source: path, Detail: detail, Err: err}
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fault(cause(err), err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPassword+1))
	if err != nil {
		return "", fault(cause(err), err)
	}
	if len(data) > maxPassword {
		return "", fault("longer than 4096 bytes", nil)
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	if len(line) == 0 {
		return "", fault("the first line is empty", nil)
	}
	return string(line), nil
}
