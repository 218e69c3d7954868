package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	// handTime bounds a conversation between two instances, which is one line
	// each way.
	handTime = 2 * time.Second
	// maxHanded bounds what is read of a number; longer ones are refused by
	// Dial anyway.
	maxHanded = 256
)

// instance is the place where a later "nxphone tel:..." finds the window that is
// open: a socket in a folder that only this user can enter. It takes numbers
// to be filled in and nothing else, so there is nothing to be gained from it
// that a link in a browser could not do as well.
type instance struct {
	listener net.Listener
	numbers  chan string
	log      *slog.Logger
	cancel   context.CancelFunc
	wg       sync.WaitGroup
}

// instancePath is the socket's, in the session's own folder where there is one.
func instancePath() (string, error) {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		dir = cache
	}
	dir = filepath.Join(dir, "nxphone")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return filepath.Join(dir, "window.sock"), nil
}

// handOver gives a number to the instance whose window is open, and reports
// whether there is one that took it.
func handOver(ctx context.Context, tel string) bool {
	path, err := instancePath()
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, handTime)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		return false
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	_ = conn.SetDeadline(deadline)
	if _, err := io.WriteString(conn, tel+"\n"); err != nil {
		return false
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	return err == nil && answer == "ok\n"
}

// listenInstance makes this process the one that later ones find. Where another
// has that place, or no place can be had, it is nil: the window then works by
// itself.
func listenInstance(ctx context.Context, log *slog.Logger) *instance {
	path, err := instancePath()
	if err != nil {
		log.Info("other instances will not find this one", "error", err)
		return nil
	}
	listener, err := net.Listen("unix", path)
	if err != nil && !answered(path) {
		// Left behind by a process that died.
		_ = os.Remove(path)
		listener, err = net.Listen("unix", path)
	}
	if err != nil {
		log.Info("other instances will not find this one", "error", err)
		return nil
	}
	i := &instance{listener: listener, numbers: make(chan string), log: log}
	ctx, i.cancel = context.WithCancel(ctx)
	i.wg.Go(func() { i.serve(ctx) })
	return i
}

// answered reports whether somebody listens at path.
func answered(path string) bool {
	conn, err := net.DialTimeout("unix", path, handTime)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// handed is what comes from other instances; nil where none can come.
func (i *instance) handed() <-chan string {
	if i == nil {
		return nil
	}
	return i.numbers
}

// serve takes one visitor after the other.
func (i *instance) serve(ctx context.Context) {
	for {
		conn, err := i.listener.Accept()
		if err != nil {
			if !errors.Is(err, net.ErrClosed) {
				i.log.Info("other instances will not find this one any more", "error", err)
			}
			return
		}
		i.visit(ctx, conn)
	}
}

func (i *instance) visit(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(handTime))
	line, err := bufio.NewReader(io.LimitReader(conn, maxHanded)).ReadString('\n')
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, handTime)
	defer cancel()
	select {
	case i.numbers <- strings.TrimSuffix(line, "\n"):
		_, _ = io.WriteString(conn, "ok\n")
	case <-ctx.Done(): // no window takes it: the visitor opens one of its own
	}
}

// close gives the place up and waits for the goroutine.
func (i *instance) close() {
	if i == nil {
		return
	}
	i.cancel()
	_ = i.listener.Close() // which removes the socket
	i.wg.Wait()
}
