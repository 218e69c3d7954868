package interop

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
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Baresip is the PBX phone behind [NumberBaresip], driven through its
// ctrl_tcp module. It accepts a call after the ring time without being told
// which (the module's accept has no call id), so only one test at a time may
// call it: see [Baresip.Reserve].
type Baresip struct {
	*Process
	lab    *Lab
	record string
	turn   chan struct{} // holds one token: whose turn it is

	ctl     *control
	stopped chan struct{}

	mu     sync.Mutex
	events []BaresipEvent
	wake   chan struct{} // closed and renewed with every event
}

// BaresipEvent is what baresip tells of a call.
type BaresipEvent struct {
	// At is when it was received.
	At time.Time `json:"-"`
	// Type is baresip's word: CALL_INCOMING, CALL_ESTABLISHED, CALL_CLOSED,
	// CALL_DTMF_START, CALL_DTMF_END, CALL_RTCP ...
	Type string `json:"type"`
	// ID is the Call-ID. Param depends on the type: the digit, or the reason.
	ID    string `json:"id"`
	Param string `json:"param"`
}

func (l *Lab) startBaresip() (*Baresip, error) {
	dir := filepath.Join(l.Dir, "baresip")
	first, last := l.block.baresipRTP()
	data := struct {
		Ports          labPorts
		Dir, RecordDir string
		BaresipUser    string
		BaresipRTP     struct{ First, Last int }
	}{Ports: l.ports, Dir: l.plain, RecordDir: filepath.Join(l.plain, "record"), BaresipUser: NumberBaresip}
	data.BaresipRTP.First, data.BaresipRTP.Last = first, last
	for _, name := range []string{"config", "accounts"} {
		if err := l.writeTemplate("baresip."+name, filepath.Join(dir, name), data); err != nil {
			return nil, err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "contacts"), nil, 0o644); err != nil {
		return nil, err
	}
	p, err := l.group.Start(Spec{Name: "baresip", Path: l.programs["baresip"], Args: []string{"-f", dir}, Dir: dir})
	if err != nil {
		return nil, err
	}
	b := &Baresip{Process: p, lab: l, record: data.RecordDir, turn: make(chan struct{}, 1),
		stopped: make(chan struct{}), wake: make(chan struct{})}
	b.turn <- struct{}{}
	return b, nil
}

func (b *Baresip) ready(ctx context.Context) error {
	err := waitReady(ctx, b.Process, func() (bool, error) {
		if ok, err := holds(b.PID(), "udp", b.lab.ports.Baresip); !ok {
			return false, err
		}
		return holds(b.PID(), "tcp", b.lab.ports.Control)
	})
	if err != nil {
		return err
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp4", loopback(b.lab.ports.Control))
	if err != nil {
		return err
	}
	b.ctl = &control{conn: conn}
	b.lab.closeLater(b)
	go b.listen(b.lab.cfg.RingFor)
	return nil
}

// Close ends the driver, not baresip.
func (b *Baresip) Close() error {
	err := b.ctl.conn.Close()
	<-b.stopped
	return err
}

// listen takes baresip's events and accepts calls.
func (b *Baresip) listen(ringFor time.Duration) {
	var accepts sync.WaitGroup
	closing := make(chan struct{})
	defer func() { close(closing); accepts.Wait(); close(b.stopped) }()
	in := bufio.NewReader(b.ctl.conn)
	for {
		msg, err := readNetstring(in)
		if err != nil {
			return // closed, by us or with baresip
		}
		var ev struct {
			Event bool
			BaresipEvent
		}
		if json.Unmarshal(msg, &ev) != nil || !ev.Event {
			continue // the response to an accept
		}
		ev.At = time.Now()
		b.add(ev.BaresipEvent)
		if ev.Type == "CALL_INCOMING" {
			accepts.Go(func() { b.acceptAfter(ringFor, ev.ID, closing) })
		}
	}
}

func (b *Baresip) acceptAfter(d time.Duration, id string, closing <-chan struct{}) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-closing:
		return
	}
	// A failure shows as a call that nobody answers; the test then says so.
	_ = b.ctl.command("accept", id)
}

func (b *Baresip) add(ev BaresipEvent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, ev)
	close(b.wake)
	b.wake = make(chan struct{})
}

// Reserve waits for this test's turn with baresip; release gives it back.
func (b *Baresip) Reserve(ctx context.Context) (release func(), err error) {
	select {
	case <-b.turn:
		return sync.OnceFunc(func() { b.turn <- struct{}{} }), nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Events returns what baresip has told of one call so far.
func (b *Baresip) Events(callID string) []BaresipEvent {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.eventsOf(callID)
}

func (b *Baresip) eventsOf(callID string) []BaresipEvent {
	var evs []BaresipEvent
	for _, ev := range b.events {
		if ev.ID == callID {
			evs = append(evs, ev)
		}
	}
	return evs
}

// Wait waits for an event of a type in one call.
func (b *Baresip) Wait(ctx context.Context, callID, eventType string) (BaresipEvent, error) {
	for {
		b.mu.Lock()
		evs, wake := b.eventsOf(callID), b.wake
		b.mu.Unlock()
		for _, ev := range evs {
			if ev.Type == eventType {
				return ev, nil
			}
		}
		select {
		case <-wake:
		case <-b.stopped:
			return BaresipEvent{}, errors.New("interop: baresip is gone")
		case <-ctx.Done():
			return BaresipEvent{}, fmt.Errorf("interop: waiting for %s: %w", eventType, context.Cause(ctx))
		}
	}
}

// Digits returns the DTMF digits that baresip recognised in one call, in
// order.
func (b *Baresip) Digits(callID string) string {
	var d strings.Builder
	for _, ev := range b.Events(callID) {
		if ev.Type == "CALL_DTMF_START" {
			d.WriteString(ev.Param)
		}
	}
	return d.String()
}

// Heard returns the newest recording of what baresip heard. It is complete
// when the call has been closed.
func (b *Baresip) Heard() (file string, err error) {
	files, err := filepath.Glob(filepath.Join(b.record, "*-dec.wav"))
	if err != nil {
		return "", err
	}
	if len(files) == 0 {
		return "", errors.New("interop: baresip has recorded nothing")
	}
	sort.Strings(files) // the names begin with date and time
	return files[len(files)-1], nil
}

// control writes commands to ctrl_tcp.
type control struct {
	conn net.Conn
	mu   sync.Mutex
}

func (c *control) command(name, token string) error {
	msg, err := json.Marshal(map[string]string{"command": name, "token": token})
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err = fmt.Fprintf(c.conn, "%d:%s,", len(msg), msg)
	return err
}

// readNetstring reads one "LENGTH:BYTES," as ctrl_tcp frames its messages.
func readNetstring(r *bufio.Reader) ([]byte, error) {
	head, err := r.ReadString(':')
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(head, ":"))
	if err != nil || n < 0 || n > 1<<20 {
		return nil, fmt.Errorf("interop: ctrl_tcp length %q", head)
	}
	body := make([]byte, n+1)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, err
	}
	return body[:n], nil
}
