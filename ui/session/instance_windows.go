package session

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"

	"nxphone/owner"
)

// Named pipes would do as well; a port has the advantage that the web API's way
// of telling whose process is at the other end serves here too, and that what
// works here works wherever sockets do.

// tryLock takes the lock, or is ErrTaken. The system gives it back when the last
// handle is closed, also after the process was ended by force.
func tryLock(f *os.File) error {
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return ErrTaken
	}
	return err
}

// place is the file that says where the first instance of a name listens.
type place struct {
	Address netip.AddrPort `json:"address"`
}

func placePath(dir, name string) string { return filepath.Join(dir, name+".port") }

// portListener takes its file along when it is closed.
type portListener struct {
	net.Listener
	path string
}

func (l portListener) Close() error {
	return errors.Join(os.Remove(l.path), l.Listener.Close())
}

// listenLocal opens a port of the machine's own and writes down which. The lock
// is held: whoever left a file here is dead.
func listenLocal(dir, name string) (net.Listener, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(place{l.Addr().(*net.TCPAddr).AddrPort()})
	path := placePath(dir, name)
	if err == nil {
		err = writeFile(path, text, 0o600)
	}
	if err != nil {
		_ = l.Close()
		return nil, err
	}
	return portListener{l, path}, nil
}

// dialLocal connects to the first instance of a name.
func dialLocal(ctx context.Context, dir, name string) (net.Conn, error) {
	f, err := os.Open(placePath(dir, name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var p place
	if err := json.NewDecoder(io.LimitReader(f, maxLine)).Decode(&p); err != nil {
		return nil, err
	}
	if !p.Address.Addr().IsLoopback() {
		return nil, errors.New("session: the first instance is said to be on another machine")
	}
	return new(net.Dialer).DialContext(ctx, "tcp4", p.Address.String())
}

const (
	// acceptTime is how long the other end's half of a new connection may take to
	// stand in the system's table.
	acceptTime  = 2 * time.Second
	acceptEvery = 10 * time.Millisecond
)

// samePeer makes sure that the process at the other end is this user's. The
// number of a user is not a thing of Windows.
func samePeer(ctx context.Context, conn net.Conn, _ int) error {
	local, ok1 := conn.LocalAddr().(*net.TCPAddr)
	remote, ok2 := conn.RemoteAddr().(*net.TCPAddr)
	if !ok1 || !ok2 {
		return errors.New("session: no TCP connection")
	}
	again := time.NewTicker(acceptEvery)
	defer again.Stop()
	for begin := time.Now(); ; {
		err := owner.Peer(remote.AddrPort(), local.AddrPort())
		if !errors.Is(err, owner.ErrUnknown) || time.Since(begin) > acceptTime {
			return err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// brokenOff reports whether the other end has gone in the middle of it. Where the
// port has been closed already it was about to go.
func brokenOff(err error) bool {
	return errors.Is(err, windows.WSAECONNRESET) || errors.Is(err, windows.WSAECONNABORTED)
}

// asfwAny is ASFW_ANY of winuser.h.
const asfwAny = ^uintptr(0)

// letRaise lets the other instance bring its window to the front: this process
// was started by the user a moment ago and has the right to, which the other one
// has not.
func letRaise() {
	_, _, _ = user32.NewProc("AllowSetForegroundWindow").Call(asfwAny) // without it the task bar blinks
}

// ownFile makes a folder this user's alone, and reports whether it is.
func ownFile(dir string, _ os.FileInfo) bool {
	return owner.Check(dir) == nil || owner.Only(dir) == nil && owner.Check(dir) == nil
}
