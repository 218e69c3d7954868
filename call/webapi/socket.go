package webapi

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// localPrefix begins the origin of a native program.
const localPrefix = "local:"

// ListenControl opens the control socket for native programs at path: the same
// commands and events without a handshake, one message a line. The folder must
// belong to this user alone (it is made where it is missing); the socket gets
// mode 0600, and the kernel is asked who is at the other end. A socket that a
// dead process has left behind is replaced, one that answers is not. The socket
// goes when Run ends.
func (s *Server) ListenControl(path string) error {
	if err := privateFolder(filepath.Dir(path)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over || s.draining {
		return ErrClosed
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		if probe, dialErr := net.DialTimeout("unix", path, commandTime); dialErr == nil {
			_ = probe.Close()
			return fmt.Errorf("webapi: another phone has the control socket: %w", err)
		}
		if info, statErr := os.Lstat(path); statErr != nil || info.Mode().Type() != os.ModeSocket {
			return fmt.Errorf("webapi: the control socket: %w", err)
		}
		_ = os.Remove(path)
		if l, err = net.Listen("unix", path); err != nil {
			return fmt.Errorf("webapi: the control socket: %w", err)
		}
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return fmt.Errorf("webapi: the control socket: %w", err)
	}
	s.sockets = append(s.sockets, l)
	s.wg.Go(func() { s.serveControl(l) })
	return nil
}

// privateFolder makes sure that nobody else can put a socket of his own where
// programs look for ours.
func privateFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("webapi: the folder of the control socket: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("webapi: the folder of the control socket: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 || !ownFile(info) {
		return errors.New("webapi: the folder of the control socket is not this user's alone")
	}
	return nil
}

// serveControl accepts until the socket is closed.
func (s *Server) serveControl(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			if !errors.Is(err, net.ErrClosed) {
				s.log.Warn("the control socket accepts no more connections", "error", err)
			}
			return
		}
		if !s.enter() {
			_ = conn.Close()
			return
		}
		go func() {
			defer s.wg.Done()
			s.visit(conn)
		}()
	}
}

// visit is the life of one connection of a native program.
func (s *Server) visit(conn net.Conn) {
	defer conn.Close()
	name, err := peerName(conn)
	if err != nil {
		s.log.Info("web API: a program was refused", "why", err)
		return
	}
	select {
	case <-s.running:
	case <-s.life.Done():
		return
	}
	o := localPrefix + name
	if s.isBlocked(o) {
		return
	}
	carrier := newLines(conn)
	program := &client{party: party{o, randomHex(16)}, out: newOutbox(), abort: carrier.abort}
	if !s.hub.join(s.life, program, "", 0) {
		return
	}
	s.audit(Entry{Origin: o, Command: "prove", Outcome: "ok"})
	s.converse(program, carrier, true)
}

// programName makes a command's name fit for an origin, a log and a window.
func programName(comm string) string {
	name := strings.Map(func(c rune) rune {
		if c > ' ' && c < 0x7f {
			return c
		}
		return '_'
	}, strings.TrimSpace(comm))
	if name == "" {
		return "unknown"
	}
	return name[:min(len(name), 32)]
}
