package session

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

// Env is what the parts take from the process. The zero value is the process's
// own environment and no log.
type Env struct {
	// Getenv is os.Getenv where nil.
	Getenv func(string) string
	// Log is for developers and administrators; nil discards.
	Log *slog.Logger
}

func (e Env) get(name string) string {
	if e.Getenv == nil {
		return os.Getenv(name)
	}
	return e.Getenv(name)
}

func (e Env) log() *slog.Logger {
	if e.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return e.Log
}

// callTime bounds one call to a service of the desktop. A service that has to
// be started first takes its time.
const callTime = 10 * time.Second

// retryTime is how long a part waits before it looks for a bus again that was
// not there or has gone.
const retryTime = 15 * time.Second

// errNoBus: this session has no D-Bus.
var errNoBus = errors.New("session: no D-Bus session bus")

// address is the session bus's. Unlike libdbus and godbus we never start one
// where there is none: it would stay behind when the program has ended.
func (e Env) address() (string, error) {
	addr := e.get("DBUS_SESSION_BUS_ADDRESS")
	if addr == "" {
		if dir := e.get("XDG_RUNTIME_DIR"); dir != "" {
			path := filepath.Join(dir, "bus")
			if _, err := os.Stat(path); err == nil {
				addr = "unix:path=" + dbus.EscapeBusAddressValue(path)
			}
		}
	}
	if addr == "" || strings.HasPrefix(addr, "autolaunch:") || strings.HasPrefix(addr, "disabled:") {
		return "", errNoBus
	}
	return addr, nil
}

// dial opens a connection of the caller's own to the session bus. It is closed
// by the caller and, at the latest, by the end of ctx.
func (e Env) dial(ctx context.Context) (*dbus.Conn, error) {
	addr, err := e.address()
	if err != nil {
		return nil, err
	}
	return connect(ctx, addr)
}

func connect(ctx context.Context, addr string) (*dbus.Conn, error) {
	conn, err := dbus.Dial(addr, dbus.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	// Whoever accepts the connection and says nothing must not hold us up.
	limit := time.AfterFunc(callTime, func() { _ = conn.Close() })
	defer limit.Stop()
	if err := conn.Auth(nil); err != nil {
		_ = conn.Close()
		return nil, err
	}
	if err := conn.Hello(); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// call calls a method within callTime.
func call(ctx context.Context, o dbus.BusObject, method string, flags dbus.Flags, args ...any) *dbus.Call {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return o.CallWithContext(ctx, method, flags, args...)
}

// followName asks the bus to tell when a name gets or loses its owner.
func followName(ctx context.Context, conn *dbus.Conn, name string) error {
	return conn.AddMatchSignalContext(ctx, dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"),
		dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchArg(0, name))
}

// cameUp reports whether s tells that name has got a new owner. s is nil when the
// connection has ended, and the channel with it.
func cameUp(s *dbus.Signal, name string) bool {
	if s == nil || s.Name != "org.freedesktop.DBus.NameOwnerChanged" || len(s.Body) != 3 {
		return false
	}
	who, _ := s.Body[0].(string)
	owner, _ := s.Body[2].(string)
	return who == name && owner != ""
}

// wish is the newest of the values that others put, for one goroutine that
// brings it about.
type wish[T any] struct {
	mu    sync.Mutex
	value T
	wake  chan struct{} // one slot
}

func newWish[T any]() *wish[T] { return &wish[T]{wake: make(chan struct{}, 1)} }

// put replaces the value; it never waits.
func (w *wish[T]) put(v T) {
	w.change(func(old *T) { *old = v })
}

// change edits the value under the lock; it never waits.
func (w *wish[T]) change(edit func(*T)) {
	w.mu.Lock()
	edit(&w.value)
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *wish[T]) get() T {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.value
}

// randomToken is a name that nobody else has.
func randomToken() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return "nxphone" + hex.EncodeToString(b[:])
}
