package session

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"

	"nxphone/call/owner"
)

// Named pipes would do as well; a port has the advantage that the web API's way
// of telling whose process is at the other end serves here too. The first
// instance asks the system for that; the later one, which is about to say a
// number, has the first one prove that it knows a secret that stands in a file
// which nobody else can read.

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
	Secret  []byte         `json:"secret"`
}

func placePath(dir, name string) string { return filepath.Join(dir, name+".port") }

// secretBytes is the length of a secret, and nonceBytes of a question for it.
const secretBytes, nonceBytes = 32, 32

// ownConn is a connection of one who knows the secret.
type ownConn struct {
	net.Conn
	secret []byte
	first  bool // the end of the first instance
}

// proof answers a question in the way of HMAC (RFC 2104).
func proof(secret, nonce []byte) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write(nonce)
	return h.Sum(nil)
}

// ownListener takes its file along when it is closed.
type ownListener struct {
	net.Listener
	path   string
	secret []byte
}

func (l ownListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return ownConn{conn, l.secret, true}, nil
}

func (l ownListener) Close() error {
	return errors.Join(os.Remove(l.path), l.Listener.Close())
}

// listenLocal opens a port of the machine's own and writes down which. The lock
// is held: whoever left a file here is dead.
func listenLocal(dir, name string) (net.Listener, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // never fails since Go 1.24
	text, err := json.Marshal(place{l.Addr().(*net.TCPAddr).AddrPort(), secret})
	path := placePath(dir, name)
	if err == nil {
		err = writeFile(path, text, 0o600)
	}
	if err != nil {
		_ = l.Close()
		return nil, err
	}
	return ownListener{l, path, secret}, nil
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
	if !p.Address.Addr().IsLoopback() || len(p.Secret) != secretBytes {
		return nil, errors.New("session: it is not said where the first instance is")
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp4", p.Address.String())
	if err != nil {
		return nil, err
	}
	return ownConn{conn, p.Secret, false}, nil
}

// acceptEvery is how often the system's table is looked at again while a new
// connection does not stand in it yet.
const acceptEvery = 10 * time.Millisecond

// samePeer makes sure that the process at the other end is this user's. The
// number of a user is not a thing of Windows.
func samePeer(ctx context.Context, conn net.Conn, _ int) error {
	c, ok := conn.(ownConn)
	if !ok {
		return errors.New("session: no connection of an instance")
	}
	_ = c.SetDeadline(time.Now().Add(answerTime))
	if !c.first {
		return c.ask()
	}
	if err := c.look(ctx); err != nil {
		return err
	}
	nonce := make([]byte, nonceBytes)
	if _, err := io.ReadFull(c, nonce); err != nil {
		return err
	}
	_, err := c.Write(proof(c.secret, nonce))
	return err
}

// ask has the other end prove that it knows the secret.
func (c ownConn) ask() error {
	nonce := make([]byte, nonceBytes)
	_, _ = rand.Read(nonce)
	if _, err := c.Write(nonce); err != nil {
		return err
	}
	got := make([]byte, sha256.Size)
	if _, err := io.ReadFull(c, got); err != nil {
		return err
	}
	if !hmac.Equal(got, proof(c.secret, nonce)) {
		return errors.New("session: whoever answers is not the first instance")
	}
	return nil
}

// look asks the system whose the other end is.
func (c ownConn) look(ctx context.Context) error {
	local, ok1 := c.LocalAddr().(*net.TCPAddr)
	remote, ok2 := c.RemoteAddr().(*net.TCPAddr)
	if !ok1 || !ok2 {
		return errors.New("session: no TCP connection")
	}
	again := time.NewTicker(acceptEvery)
	defer again.Stop()
	for begin := time.Now(); ; {
		err := owner.Peer(remote.AddrPort(), local.AddrPort())
		if !errors.Is(err, owner.ErrUnknown) || time.Since(begin) > answerTime {
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
	return errors.Is(err, windows.WSAECONNRESET) || errors.Is(err, windows.WSAECONNABORTED) || errors.Is(err, io.ErrUnexpectedEOF)
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
	return owner.Only(dir) == nil && owner.Check(dir) == nil
}
