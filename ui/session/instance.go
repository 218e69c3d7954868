package session

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Single instance: the first process of a name holds a lock and listens on a
// socket beside it (on Windows on a port whose number stands beside it); a later
// one gives it what it was started for. The lock says
// who is first, not the socket: it goes with its process however that ends, and
// of two processes that start at the same moment one gets it.

var (
	// ErrTaken: another process of this user is the first.
	ErrTaken = errors.New("session: another instance is there")
	// ErrNoAnswer: the first instance did not say that it has taken over.
	ErrNoAnswer = errors.New("session: the other instance has not taken over")
	// ErrAlone: on this operating system instances do not find each other yet.
	ErrAlone = errors.New("session: instances do not find each other here")
)

const (
	// answerTime is how long the first instance may take to say anything.
	answerTime = 2 * time.Second
	// openingTime is how long it may take to open its window.
	openingTime = 30 * time.Second
	// knockEvery is how often a later one looks again while the first one has
	// its lock and does not listen yet, or any more.
	knockEvery = 20 * time.Millisecond
	// maxLine bounds a message.
	maxLine = 4096
)

// question and answer are the lines that the two say to each other.
type question struct {
	// Show is a number to be filled in; empty only brings the window to the
	// front.
	Show string `json:"show"`
}

type answer struct {
	// Opening: the window is not there yet; the answer follows.
	Opening bool `json:"opening,omitempty"`
	OK      bool `json:"ok"`
}

// First is the claim to be the first instance.
type First struct {
	lock     *os.File
	listener net.Listener
	env      Env
	uid      int // whom we talk to; tests put another

	ready  chan struct{}
	opened func()
	life   context.Context
	end    context.CancelFunc
	wg     sync.WaitGroup
	once   sync.Once
}

// Claim makes this process the first instance of a name, or is ErrTaken. dir is
// a folder of this user alone; it is made where it is missing. Later instances
// can connect from now on, and are answered by Run.
func Claim(env Env, dir, name string) (*First, error) {
	if err := ownFolder(dir); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, name+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := tryLock(lock); err != nil {
		_ = lock.Close()
		return nil, err
	}
	l, err := listenLocal(dir, name)
	if err != nil {
		_ = lock.Close()
		return nil, err
	}
	f := &First{lock: lock, listener: l, env: env, uid: os.Getuid(), ready: make(chan struct{})}
	f.opened = sync.OnceFunc(func() { close(f.ready) })
	f.life, f.end = context.WithCancel(context.Background())
	return f, nil
}

// Opened says that the window is there: from now on show is asked.
func (f *First) Opened() { f.opened() }

// Run answers later instances until Close: show is called with the number that
// one of them was started for, or an empty one, and reports whether the window
// has taken it. It may be called from several goroutines and must return soon.
func (f *First) Run(show func(number string) bool) {
	for {
		conn, err := f.listener.Accept()
		if err != nil {
			return // closed
		}
		f.wg.Go(func() {
			defer conn.Close()
			stop := context.AfterFunc(f.life, func() { _ = conn.SetDeadline(time.Now()) })
			defer stop()
			if err := f.serve(conn, show); err != nil {
				f.env.log().Info("another instance was not answered", "error", err)
			}
		})
	}
}

func (f *First) serve(conn net.Conn, show func(string) bool) error {
	if err := samePeer(f.life, conn, f.uid); err != nil {
		return err
	}
	_ = conn.SetDeadline(time.Now().Add(answerTime))
	line, err := readLine(bufio.NewReader(io.LimitReader(conn, maxLine)))
	if err != nil {
		return err
	}
	var q question
	if err := json.Unmarshal(line, &q); err != nil {
		return err
	}
	select {
	case <-f.ready:
	default:
		if err := writeLine(conn, answer{Opening: true}); err != nil {
			return err
		}
	}
	wait := time.NewTimer(openingTime)
	defer wait.Stop()
	select {
	case <-f.ready:
	case <-f.life.Done():
		return f.life.Err()
	case <-wait.C:
		return ErrNoAnswer
	}
	ok := show(q.Show)
	_ = conn.SetWriteDeadline(time.Now().Add(answerTime))
	return writeLine(conn, answer{OK: ok})
}

// Close gives up the claim: the next instance to start is the first one. It
// waits for those who are being answered.
func (f *First) Close() {
	f.once.Do(func() {
		f.end()
		_ = f.listener.Close() // removes the socket, while the lock is ours
		f.wg.Wait()
		_ = f.lock.Close()
	})
}

// Enter makes this process the first instance of a name or hands over to the one
// that is. It gives the claim, or nil with a nil error when the first instance has
// said that it shows its window (with the number filled in, where there is one).
// Any error means that neither was possible, and nobody shows anything.
func Enter(ctx context.Context, env Env, dir, name, number string) (*First, error) {
	again := time.NewTicker(knockEvery)
	defer again.Stop()
	limit := time.NewTimer(answerTime)
	defer limit.Stop()
	for {
		f, err := Claim(env, dir, name)
		if !errors.Is(err, ErrTaken) {
			return f, err
		}
		// Between its lock and its socket there is a moment, and another one at
		// its end.
		conn, err := dialLocal(ctx, dir, name)
		if err == nil {
			err = handOver(ctx, conn, os.Getuid(), number)
			if errors.Is(err, io.EOF) || brokenOff(err) {
				// It is about to end, and its lock is free in a moment.
				env.log().Info("the other instance has gone", "error", err)
			} else {
				return nil, err
			}
		}
		select {
		case <-again.C:
		case <-limit.C:
			return nil, errors.Join(ErrNoAnswer, err)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// HandOver is Enter for who does not want to be the first instance.
func HandOver(ctx context.Context, dir, name, number string) error {
	conn, err := dialLocal(ctx, dir, name)
	if err != nil {
		return errors.Join(ErrNoAnswer, err)
	}
	return handOver(ctx, conn, os.Getuid(), number)
}

func handOver(ctx context.Context, conn net.Conn, uid int, number string) error {
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })
	defer stop()
	if err := samePeer(ctx, conn, uid); err != nil {
		return err
	}
	letRaise()
	_ = conn.SetDeadline(time.Now().Add(answerTime))
	if err := writeLine(conn, question{number}); err != nil {
		return errors.Join(ErrNoAnswer, err)
	}
	in := bufio.NewReader(io.LimitReader(conn, maxLine))
	for {
		line, err := readLine(in)
		if err != nil {
			return errors.Join(ErrNoAnswer, err)
		}
		var a answer
		if err := json.Unmarshal(line, &a); err != nil {
			return errors.Join(ErrNoAnswer, err)
		}
		if a.OK {
			return nil
		}
		if !a.Opening {
			return ErrNoAnswer
		}
		_ = conn.SetDeadline(time.Now().Add(openingTime))
	}
}

func writeLine(w io.Writer, v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// readLine is one line with its end; without one it is no message.
func readLine(r *bufio.Reader) ([]byte, error) {
	return r.ReadBytes('\n')
}

// ownFolder makes sure that nobody else can put a lock or a socket of his own
// where we look for ours.
func ownFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if !ownFile(dir, info) {
		return fmt.Errorf("session: %s is not this user's alone", dir)
	}
	return nil
}
