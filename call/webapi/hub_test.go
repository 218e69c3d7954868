package webapi

import (
	"bytes"
	"context"
	"iter"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"nxphone/call"
)

// lagging is a phone whose news come when the test says so: what the engine has
// done and what the hub has read of it are then far apart.
type lagging struct {
	Phone // nil: what is not below is not called
	news  chan update
	dial  func() (int, error)

	mu   sync.Mutex
	snap call.Snapshot
}

func (p *lagging) Dial(context.Context, call.Request) (int, error) { return p.dial() }

func (p *lagging) Snapshot() call.Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.snap
}

func (p *lagging) Watch(context.Context) iter.Seq2[call.Snapshot, call.Cause] {
	return func(yield func(call.Snapshot, call.Cause) bool) {
		for u := range p.news {
			if !yield(u.snap, u.cause) {
				return
			}
		}
	}
}

// hubRig is a hub with one page that has joined, and no socket.
type hubRig struct {
	t     *testing.T
	phone *lagging
	hub   *hub
	page  *client
}

func newHubRig(t *testing.T) *hubRig {
	p := &lagging{news: make(chan update)}
	r := &hubRig{t: t, phone: p, hub: newHub(p, "1", func() {})}
	var wg sync.WaitGroup
	ready := make(chan struct{})
	wg.Go(func() { r.hub.run(t.Context(), sync.OnceFunc(func() { close(ready) }), func() {}) })
	t.Cleanup(func() { close(p.news); wg.Wait() })
	p.news <- update{}
	<-ready
	r.page = &client{party: party{helpline, "tab"}, out: newOutbox(), abort: func() {}}
	if !r.hub.join(t.Context(), r.page, "", 0) {
		t.Fatal("no room")
	}
	r.told()
	return r
}

// news tells the hub one cause, and returns when it has taken it.
func (r *hubRig) news(s call.Snapshot, c call.Cause) {
	r.phone.news <- update{s, c}
	r.phone.news <- update{s, nil}
}

// now is what the engine is at, whether the hub has read it or not.
func (r *hubRig) now(s call.State, id int) call.Snapshot {
	r.phone.mu.Lock()
	defer r.phone.mu.Unlock()
	r.phone.snap = call.Snapshot{State: s, Call: call.Call{ID: id, DN: "1000"}}
	return r.phone.snap
}

func (r *hubRig) dial() {
	r.hub.dial(r.t.Context(), r.page, call.Request{}, func(id int, err error) {
		r.page.out.put(item{text: outcomeOf(err).encode(int64(id))})
	})
}

// told is all that the page was told since, as one text.
func (r *hubRig) told() string {
	messages, _, _ := r.page.out.take()
	return string(bytes.Join(messages, []byte("\n")))
}

// inOrder wants these parts in a text, one after the other.
func inOrder(t *testing.T, text string, parts ...string) {
	t.Helper()
	rest := text
	for _, p := range parts {
		_, after, ok := strings.Cut(rest, p)
		if !ok {
			t.Errorf("%s is not where it was to come, in\n%s", p, text)
			return
		}
		rest = after
	}
}

const (
	oldConnecting = `\"Type\":\"Connecting\"`
	oldClear      = `\"Type\":\"Clear\"`
)

// The first events of a call come before the engine has said whose it is: they
// wait, and the page has its result first.
func TestBeganBeforeItsDial(t *testing.T) {
	r := newHubRig(t)
	r.phone.dial = func() (int, error) {
		s := r.now(call.Connecting, 1)
		r.news(s, call.Began{ID: 1})
		return 1, nil
	}
	r.dial()
	inOrder(t, r.told(), `"type":"result"`, oldConnecting, `"control":true`)
}

// A call of the window that begins while a page's Dial is refused is not the
// page's.
func TestWindowWins(t *testing.T) {
	r := newHubRig(t)
	r.phone.dial = func() (int, error) {
		s := r.now(call.Connecting, 1)
		r.news(s, call.Began{ID: 1})
		return 0, call.ErrBusy
	}
	r.dial()
	told := r.told()
	inOrder(t, told, `"code":"busy-here"`, `"busy":true`)
	if strings.Contains(told, "Connecting") {
		t.Errorf("the page is told\n%s", told)
	}
	if _, code := r.hub.mayControl(r.page); code != codeNotController {
		t.Errorf("may control: %q", code)
	}
}

// A page dials again before the end of its last call has been read: it still
// gets that end, then the beginning, and may act on the new call at once.
func TestDialBeforeTheEndIsRead(t *testing.T) {
	r := newHubRig(t)
	r.phone.dial = func() (int, error) { return 1, nil }
	r.dial()
	r.news(r.now(call.Connecting, 1), call.Began{ID: 1})
	r.phone.dial = func() (int, error) { return 2, nil }
	ended := call.Snapshot{Call: call.Call{ID: 1}}
	began := r.now(call.Connecting, 2)
	r.told()
	r.dial()
	if id, code := r.hub.mayControl(r.page); id != 2 || code != "" {
		t.Errorf("may control: call %d, %q", id, code)
	}
	r.news(ended, call.Ended{ID: 1})
	r.news(began, call.Began{ID: 2})
	inOrder(t, r.told(), `"type":"result"`, oldClear, oldConnecting, `"control":true`)
	if id, code := r.hub.mayControl(r.page); id != 2 || code != "" {
		t.Errorf("then: call %d, %q", id, code)
	}
}

// The window hangs up and dials; the page, which has not been told yet, may not
// touch that call.
func TestStaleControl(t *testing.T) {
	r := newHubRig(t)
	r.phone.dial = func() (int, error) { return 1, nil }
	r.dial()
	r.news(r.now(call.Connecting, 1), call.Began{ID: 1})
	if id, code := r.hub.mayControl(r.page); id != 1 || code != "" {
		t.Errorf("may control: call %d, %q", id, code)
	}
	r.now(call.Connecting, 2)
	if id, code := r.hub.mayControl(r.page); code != "no-call" {
		t.Errorf("may control call %d, %q", id, code)
	}
}

func TestAuditToTheLog(t *testing.T) {
	var log lockedBuffer
	s := &Server{log: slog.New(slog.NewTextHandler(&log, nil))}
	s.audit(Entry{Origin: intranet, Command: "dial", Outcome: "ok", Call: 3, Tel: maskTel("01012345678")})
	for _, want := range []string{intranet, "command=dial", "outcome=ok", "plain=true", "call=3", "tel=0***78"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%s is not in %s", want, log.String())
		}
	}
}
