package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"nxphone/call/owner"
	"nxphone/call/profile"
)

// secretLen is the length of the web API's secret in bytes.
const secretLen = 32

// errSecret: the file of the web API's secret cannot be used as it is.
var errSecret = errors.New("the key file of the web API")

// secretPath is the file beside the user's settings.
func secretPath(store *profile.Store) (string, error) {
	if store.Path() == "" {
		return "", fmt.Errorf("%w: there is no configuration directory", errSecret)
	}
	return filepath.Join(filepath.Dir(store.Path()), "web-api.key"), nil
}

// loadSecret reads the secret that the keys of all pages are derived from, and
// makes it where there is none yet. It stands in a file and not in the keyring:
// a keyring may be locked, or ask, when a page connects. A file that is there
// and is not right is an error and stays as it is: whoever could make the phone
// replace it could make every page pair anew.
func loadSecret(path string) ([]byte, error) {
	secret, err := readSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return secret, err
	}
	secret = make([]byte, secretLen)
	_, _ = rand.Read(secret) // never fails since Go 1.24
	err = writeSecret(path, secret)
	if errors.Is(err, fs.ErrExist) {
		return readSecret(path) // another phone of this user was faster
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSecret, err)
	}
	return secret, nil
}

// readSecret takes the secret only from a plain file that nobody else can read.
func readSecret(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSecret, err)
	}
	if !info.Mode().IsRegular() { // a pipe would hold us up for ever
		return nil, fmt.Errorf("%w: %s is no plain file", errSecret, path)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%w: others may read %s (chmod 600)", errSecret, path)
	}
	if err := owner.Check(path); err != nil {
		return nil, fmt.Errorf("%w: %w", errSecret, err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSecret, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 4*secretLen))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSecret, err)
	}
	secret, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(secret) != secretLen {
		return nil, fmt.Errorf("%w: %s does not hold %d hexadecimal digits", errSecret, path, 2*secretLen)
	}
	return secret, nil
}

// writeSecret makes the file, whole or not at all, and never in the place of
// another: fs.ErrExist then.
func writeSecret(path string, secret []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".web-api-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err := owner.Only(f.Name()); err != nil {
		return errors.Join(err, f.Close())
	}
	_, err = f.WriteString(hex.EncodeToString(secret) + "\n")
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	// A rename would replace what another process has made in the meantime.
	return os.Link(f.Name(), path)
}
