package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"nxphone/call/webapi"
)

const (
	// maxAudit bounds the log; as much again is kept of what came before.
	maxAudit = 1 << 20
	// auditQueue is how many entries may wait for a slow disk.
	auditQueue = 1024
	// auditClose bounds the wait for the last entries.
	auditClose = 2 * time.Second
)

// auditPath is the log of the web API.
func auditPath() (string, error) { return statePath("web-api.log") }

// audit keeps what web pages did with the phone: one JSON object a line, no
// number in clear. One goroutine writes, so that a slow disk is nobody's
// business but its own.
type audit struct {
	path   string
	limit  int64
	faulty func(error) // told the first time that an entry cannot be kept

	entries chan webapi.Entry
	done    chan struct{}
	mu      sync.Mutex
	closed  bool
	lost    int // entries that found the queue full
}

func newAudit(path string, faulty func(error)) *audit {
	a := &audit{path: path, limit: maxAudit, faulty: faulty, entries: make(chan webapi.Entry, auditQueue), done: make(chan struct{})}
	go a.run()
	return a
}

// add queues an entry. It does not block, and does nothing after close.
func (a *audit) add(e webapi.Entry) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return
	}
	select {
	case a.entries <- e:
	default:
		a.lost++
	}
}

// close waits for the last entries, for a bounded time.
func (a *audit) close() {
	a.mu.Lock()
	if !a.closed {
		a.closed = true
		close(a.entries)
	}
	a.mu.Unlock()
	limit := time.NewTimer(auditClose)
	defer limit.Stop()
	select {
	case <-a.done:
	case <-limit.C: // a network disk that does not answer
	}
}

func (a *audit) run() {
	defer close(a.done)
	told := false
	for e := range a.entries {
		err := a.write(a.line(e))
		if err != nil && !told {
			told = true
			a.faulty(err)
		}
	}
}

// auditLine is the form of an entry in the file.
type auditLine struct {
	Time    string `json:"time"`
	Origin  string `json:"origin"`
	Plain   bool   `json:"plain,omitempty"`
	Command string `json:"command"`
	Outcome string `json:"outcome"`
	Call    int    `json:"call,omitempty"`
	Tel     string `json:"tel,omitempty"`
	Set     string `json:"set,omitempty"`
	// Lost is how many entries before this one found no place.
	Lost int `json:"lost,omitempty"`
}

func (a *audit) line(e webapi.Entry) []byte {
	a.mu.Lock()
	lost := a.lost
	a.lost = 0
	a.mu.Unlock()
	text, err := json.Marshal(auditLine{
		Time: e.Time.Format(time.RFC3339Nano), Origin: e.Origin, Plain: e.Plain, Command: e.Command,
		Outcome: e.Outcome, Call: e.Call, Tel: e.Tel, Set: e.Set, Lost: lost,
	})
	if err != nil { // strings and numbers always encode
		return nil
	}
	return append(text, '\n')
}

// write appends a line. The file is opened for each one: entries are few, and
// another phone of this user may have turned the log over in the meantime.
func (a *audit) write(line []byte) error {
	f, size, err := a.open()
	if err == nil && size > 0 && size+int64(len(line)) > a.limit {
		// Closed after the rename: until then the other phone waits.
		err = errors.Join(os.Rename(a.path, a.path+".1"), f.Close())
		if err == nil {
			f, _, err = a.open()
		}
	}
	if err != nil {
		return err
	}
	_, err = f.Write(line)
	return errors.Join(err, f.Close())
}

// open opens the log for this process alone, and gives its size.
func (a *audit) open() (*os.File, int64, error) {
	if err := os.MkdirAll(filepath.Dir(a.path), 0o700); err != nil {
		return nil, 0, err
	}
	for {
		// A pipe in its place would hold us up for ever.
		info, err := os.Stat(a.path)
		if err == nil && !info.Mode().IsRegular() {
			return nil, 0, fmt.Errorf("%s is no plain file", a.path)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, 0, err
		}
		f, err := os.OpenFile(a.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, 0, err
		}
		if err := lockFile(f); err != nil {
			return nil, 0, errors.Join(err, f.Close())
		}
		ours, err := f.Stat()
		if err != nil {
			return nil, 0, errors.Join(err, f.Close())
		}
		// While we waited it may have been moved away.
		if there, err := os.Stat(a.path); err == nil && os.SameFile(ours, there) {
			return f, ours.Size(), nil
		}
		if err := f.Close(); err != nil {
			return nil, 0, err
		}
	}
}
