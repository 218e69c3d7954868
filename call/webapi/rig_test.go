package webapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"nxphone/call"
	"nxphone/call/webapi/webapitest"
)

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		os.Exit(child())
	}
	goleak.VerifyTestMain(m)
}

const (
	helpline = "https://helpline.example"
	intranet = "http://intranet.example:8080"
	stranger = "https://stranger.example"

	patience = time.Minute
)

// rig is a server with a phone behind it, for one test.
type rig struct {
	t      testing.TB
	phone  *webapitest.Phone
	server *Server
	addr   string
	stop   func() // ends Run and waits
	dial   func(ctx context.Context, network, addr string) (net.Conn, error)

	mu      sync.Mutex
	policy  Policy
	entries []Entry
	logged  lockedBuffer
}

// lockedBuffer takes the log.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// newRig starts a server whose policy allows helpline and intranet; change may
// set options.
func newRig(t testing.TB, change func(*Options)) *rig {
	t.Helper()
	r := &rig{t: t, phone: webapitest.NewPhone(t), policy: Policy{Origins: []string{helpline, intranet}}}
	opts := Options{
		Phone: r.phone, Secret: bytes.Repeat([]byte{7}, 32), Version: "1.2.3",
		Script: []byte("/* nxWebApi */"), Ports: []int{0},
		Policy: func() Policy {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.policy
		},
		Audit: func(e Entry) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.entries = append(r.entries, e)
		},
		Logger: slog.New(slog.NewTextHandler(&r.logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&opts)
	}
	s, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	r.server = s
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(r.stop)
	addr, err := s.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.addr = addr.String()
	return r
}

func (r *rig) setPolicy(p Policy) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.policy = p
}

// audited gives the entries for a command so far.
func (r *rig) audited(command string) []Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []Entry
	for _, e := range r.entries {
		if e.Command == command {
			found = append(found, e)
		}
	}
	return found
}

func (r *rig) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	r.t.Cleanup(cancel)
	return ctx
}

// page connects one that behaves.
func (r *rig) page(o webapitest.Options) *webapitest.Client {
	r.t.Helper()
	if o.Origin == "" {
		o.Origin = helpline
	}
	o.Dial = r.dial
	c, err := webapitest.Dial(r.ctx(), r.addr, o)
	if err != nil {
		r.t.Fatalf("a page of %s: %v", o.Origin, err)
	}
	r.t.Cleanup(c.Cut)
	return c
}

// again brings a tab back.
func (r *rig) again(c *webapitest.Client, origin string) *webapitest.Client {
	r.t.Helper()
	return r.page(c.Again(webapitest.Options{Origin: origin}))
}

// refused connects one that must be refused, and gives the status.
func (r *rig) refused(o webapitest.Options) int {
	r.t.Helper()
	o.Dial = r.dial
	c, err := webapitest.Dial(r.ctx(), r.addr, o)
	if err == nil {
		c.Cut()
		r.t.Fatalf("a page of %q was let in", o.Origin)
	}
	var refusal *webapitest.RefusedError
	if !errors.As(err, &refusal) {
		r.t.Fatalf("a page of %q: %v", o.Origin, err)
	}
	return refusal.Status
}

func dialCommand(key string) map[string]any {
	return map[string]any{
		"type": "dial", "key": key, "realm": "example.net", "dn": "1000",
		"tel": "01012345678", "url": "wss://sbc.example.net:6081", "push": "",
	}
}

// do wants a command to be carried out; code is "" for that, else the refusal.
func (r *rig) do(c *webapitest.Client, command map[string]any, code string) webapitest.Result {
	r.t.Helper()
	got, err := c.Do(r.ctx(), command)
	if err != nil {
		r.t.Fatalf("%v: %v", command["type"], err)
	}
	if got.Code != code || got.OK != (code == "") {
		r.t.Fatalf("%v: ok=%v code=%q, want %q", command["type"], got.OK, got.Code, code)
	}
	return got
}

func (r *rig) command(c *webapitest.Client, typ, code string) {
	r.t.Helper()
	r.do(c, map[string]any{"type": typ}, code)
}

// inCall has a page dial, and the far end answer.
func (r *rig) inCall(c *webapitest.Client) int {
	r.t.Helper()
	id := r.do(c, dialCommand(webapitest.Random(16)), "").Call
	r.phone.Ring()
	r.phone.Answer()
	r.events(c, "Connecting", "Trying", "Ringing", "InCall")
	return id
}

// events wants these events next; "" stands for one without a text, "busy" and
// "idle" for one of a call that is none of the page's business.
func (r *rig) events(c *webapitest.Client, want ...string) {
	r.t.Helper()
	for _, w := range want {
		e, err := c.Event(r.ctx())
		if err != nil {
			r.t.Fatalf("event %q: %v", w, err)
		}
		got := e.Type()
		if e.Busy != nil {
			got = map[bool]string{true: "busy", false: "idle"}[*e.Busy]
			if e.Old != "" || len(e.New) > 0 || e.State != "" {
				r.t.Fatalf("an event of another's call says %+v", e)
			}
		}
		if got != w {
			r.t.Fatalf("event %d is %q, want %q", e.N, got, w)
		}
	}
}

// control wants control, as the page is told, to become this.
func (r *rig) control(c *webapitest.Client, control, free bool) webapitest.State {
	r.t.Helper()
	for {
		s, err := c.Control(r.ctx())
		if err != nil {
			r.t.Fatalf("waiting for control=%v free=%v: %v", control, free, err)
		}
		if s.Control == control && s.Free == free {
			return s
		}
	}
}

// unharmed wants the call to be up still, and to belong to its page.
func (r *rig) unharmed(c *webapitest.Client, id int) {
	r.t.Helper()
	if s := r.phone.Snapshot(); s.State != call.InCall || s.Call.ID != id || s.Call.Mute.On {
		r.t.Errorf("the call was harmed: %v, call %d, mute %v", s.State, s.Call.ID, s.Call.Mute)
	}
	r.do(c, map[string]any{"type": "dtmf", "digits": "5"}, "")
	r.events(c, "DigitSent")
}

func (r *rig) wantEnd(c *webapitest.Client, code int) {
	r.t.Helper()
	got, err := c.Ended(r.ctx())
	if err != nil || got != code {
		r.t.Errorf("the connection ended with %d (%v), want %d", got, err, code)
	}
}

// state waits for a State that fits.
func (r *rig) state(what string, fits func(State) bool) State {
	r.t.Helper()
	var last State
	for s := range r.server.Watch(r.ctx()) {
		if last = s; fits(s) {
			return s
		}
	}
	r.t.Fatalf("the state never was %s; it is %+v", what, last)
	return last
}

// everybody is a PeerOwner that believes everybody.
type everybody struct{}

func (everybody) Check(netip.AddrPort, netip.AddrPort) error { return nil }

var errStranger = fmt.Errorf("another user")
