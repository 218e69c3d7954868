package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	// handTime bounds the conversation with the other instance, which is one
	// line each way and a greeting.
	handTime = 2 * time.Second
	// maxGreeting bounds what is read of the other instance.
	maxGreeting = 1 << 20
)

// controlPath is the socket of package webapi for programs of this user, in the
// session's own folder where there is one. A later "nxphone tel:..." finds the
// window that is open by it.
func controlPath() (string, error) {
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
	return filepath.Join(dir, "ctl.sock"), nil
}

// showID is the number of our one command.
const showID = 1

// handOver gives a number to the instance whose window is open, and reports
// whether there is one that took it. It asks before it dials.
func handOver(ctx context.Context, tel string) bool {
	path, err := controlPath()
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
	line, err := json.Marshal(map[string]any{"type": "show", "id": showID, "tel": tel})
	if err != nil {
		return false
	}
	if _, err := conn.Write(append(line, '\n')); err != nil {
		return false
	}
	// What is told besides (the greeting, events) is not for us. No answer is
	// no Yes: the number would be lost.
	in := bufio.NewScanner(io.LimitReader(conn, maxGreeting))
	in.Buffer(nil, maxGreeting)
	for in.Scan() {
		var m struct {
			Type string
			ID   int
			OK   bool
		}
		if json.Unmarshal(in.Bytes(), &m) == nil && m.Type == "result" && m.ID == showID {
			return m.OK
		}
	}
	return false
}
