package profile

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/zalando/go-keyring"
)

// service is the name under which the OS keyring shows our secrets.
const service = "nxphone"

// keyringTimeout bounds an operation whose context has no deadline of its own.
// A keyring that is unlocked answers within milliseconds; a locked one may
// open a prompt that nobody sees and would hold the caller for ever.
const keyringTimeout = 3 * time.Second

// Keyring keeps secrets in the OS keyring: Secret Service on Linux, Credential
// Manager on Windows, Keychain on macOS. Make it with [NewKeyring]; one for
// the process. Methods wait for a slow service, so keep them off the UI's
// goroutine; an operation whose context has no deadline is given up after 3 s.
// Give a longer one where the user has asked for it and will see the OS's own
// prompt.
type Keyring struct {
	reachable func() error
	backend   keyring.Keyring
	timeout   time.Duration
	// turn holds one token: the service's client keeps a lock while it
	// connects, so a second call would only wait behind one that hangs.
	turn chan struct{}
}

// NewKeyring returns the OS keyring. It touches nothing yet.
func NewKeyring() *Keyring { return newKeyring(reachable, osKeyring{}, keyringTimeout) }

func newKeyring(reachable func() error, backend keyring.Keyring, timeout time.Duration) *Keyring {
	return &Keyring{reachable: reachable, backend: backend, timeout: timeout, turn: make(chan struct{}, 1)}
}

// Account names the password of a user at a realm.
func Account(user, realm string) string { return user + "@" + realm }

// TURNAccount names the password of a TURN server's user.
func TURNAccount(s ICEServer) string { return s.User + " " + s.URL }

// Get reads a secret. Errors: [ErrNoPassword], [ErrNoKeyring],
// [ErrKeyringLocked], [ErrKeyringTimeout].
func (k *Keyring) Get(ctx context.Context, account string) (string, error) {
	var secret string
	err := k.do(ctx, func() (func(), error) {
		v, err := k.backend.Get(service, account)
		return func() { secret = v }, err
	})
	return secret, err
}

// Set stores a secret, over an earlier one. Errors as for Get.
func (k *Keyring) Set(ctx context.Context, account, secret string) error {
	return k.do(ctx, func() (func(), error) { return nil, k.backend.Set(service, account, secret) })
}

// Delete removes a secret; one that is not there is no error.
func (k *Keyring) Delete(ctx context.Context, account string) error {
	err := k.do(ctx, func() (func(), error) { return nil, k.backend.Delete(service, account) })
	if errors.Is(err, ErrNoPassword) {
		return nil
	}
	return err
}

// do runs op on a goroutine of its own, because the service's client takes no
// context and can block for ever. What op found is handed over by a function
// that runs here, so that a late answer is dropped without a race.
func (k *Keyring) do(ctx context.Context, op func() (func(), error)) error {
	if err := k.reachable(); err != nil {
		return &Error{Code: CodeNoKeyring, Detail: err.Error(), Err: err}
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, k.timeout)
		defer cancel()
	}
	select {
	case k.turn <- struct{}{}:
	case <-ctx.Done():
		return timedOut(ctx, "an earlier request still hangs")
	}
	type outcome struct {
		take func()
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		defer func() { <-k.turn }()
		var o outcome
		defer func() {
			// The client asserts the types of what the service sends.
			if r := recover(); r != nil {
				o = outcome{nil, fmt.Errorf("unexpected answer: %v", r)}
			}
			done <- o
		}()
		o.take, o.err = op()
	}()
	select {
	case o := <-done:
		if o.err != nil {
			return classify(o.err)
		}
		if o.take != nil {
			o.take()
		}
		return nil
	case <-ctx.Done():
		return timedOut(ctx, "no answer")
	}
}

// timedOut tells a caller's cancellation from a service that is too slow.
func timedOut(ctx context.Context, detail string) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return &Error{Code: CodeKeyringTimeout, Detail: detail, Err: ctx.Err()}
}

// classify gives the client's errors our codes. It has no types for a locked
// collection and a dismissed prompt, only words.
func classify(err error) error {
	code := CodeNoKeyring
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		code = CodeNoPassword
	case strings.Contains(err.Error(), "failed to unlock"),
		strings.Contains(err.Error(), "IsLocked"),
		strings.Contains(err.Error(), "is locked"):
		code = CodeKeyringLocked
	}
	return &Error{Code: code, Detail: err.Error(), Err: err}
}

// osKeyring is the client's package as a value.
type osKeyring struct{}

func (osKeyring) Get(service, user string) (string, error) { return keyring.Get(service, user) }
func (osKeyring) Set(service, user, password string) error {
	return keyring.Set(service, user, password)
}
func (osKeyring) Delete(service, user string) error { return keyring.Delete(service, user) }
func (osKeyring) DeleteAll(service string) error    { return keyring.DeleteAll(service) }
