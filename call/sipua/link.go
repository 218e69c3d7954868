package sipua

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"nxphone/call"
	"nxphone/call/sipua/internal/flow"
	"nxphone/call/sipua/internal/wire"
)

const (
	// probeWithin is how long a flow that has been idle may take to answer a
	// ping when a call wants to use it.
	probeWithin = 3 * time.Second
	// lingering is how long what is left of a call answers stragglers
	// (64*T1, RFC 3261 section 17.1.1.2).
	lingering = 32 * time.Second
)

// party is what messages of one Call-ID are for. Its methods are called by the
// flow's reader, or by the link's goroutine, and must not block.
type party interface {
	receive(m *wire.Message)
	// opened: the flow can be used (and is registered, where asked for).
	opened()
	// failed: the flow could not be opened, or it is lost.
	failed(call.Reason)
}

// link is one flow with everything that lives on it. Its goroutine dials,
// registers, waits for the end, and tells the parties.
type link struct {
	agent *Agent
	key   string
	set   Settings
	req   call.Request // the one that the link was made for
	// host stands in Via and Contact instead of an address, which a
	// WebSocket client does not have (RFC 7118 section 5); it is random, as
	// RFC 7118 asks, and new with each flow.
	host      string
	transport string // of the Via: WS or WSS
	ctx       context.Context
	stop      context.CancelFunc // ends a dial, or asks for an orderly close
	box       *mailbox           // the registration's
	up, down  chan struct{}      // closed when the link is open, and when it is over

	mu      sync.Mutex
	phase   linkPhase
	flow    *flow.Flow // nil before phase linkOpen
	parties map[string]party
	users   int  // legs on this link
	keep    bool // stays without users
	// idling ends the link when it has been without users for too long; nil
	// where there is no bound, or there are users. idleSince is its beginning.
	idling    *time.Timer
	idleSince time.Time
	reason    call.Reason // why the link is over, set before down is closed
}

type linkPhase int

const (
	linkDialling linkPhase = iota
	linkOpen               // open and, where asked for, registered
	linkOver
)

func newLink(a *Agent, key string, set Settings, req call.Request) *link {
	k := &link{
		agent: a, key: key, set: set, req: req,
		host: wire.Token(12) + ".invalid", transport: "WS",
		box: newMailbox(), up: make(chan struct{}), down: make(chan struct{}), parties: map[string]party{},
	}
	// A scheme may be written in any case (RFC 3986 section 3.1).
	if scheme, _, _ := strings.Cut(req.URL, ":"); strings.EqualFold(scheme, "wss") {
		k.transport = "WSS"
	}
	k.ctx, k.stop = context.WithCancel(context.Background())
	return k
}

// join adds a leg, which is told opened now or later. It reports false when
// the link is over.
func (k *link) join(l *leg) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.phase == linkOver || k.ctx.Err() != nil {
		return false
	}
	l.link = k
	k.users++
	k.stopIdling()
	k.parties[l.callID] = l
	if k.phase == linkOpen {
		k.flow.Probe(probeWithin)
		l.opened()
	}
	return true
}

// leave is a leg's end. What it leaves behind, which may be nil, takes its
// messages for a while.
func (k *link) leave(l *leg, behind *remnant) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.users--
	if behind != nil && k.phase == linkOpen {
		k.parties[l.callID] = behind
		time.AfterFunc(lingering, func() { k.forget(l.callID, behind) })
	} else {
		delete(k.parties, l.callID)
	}
	k.closeIfIdle()
}

// hold keeps the link, also without calls.
func (k *link) hold() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keep = true
	k.stopIdling()
}

// idle reports since when the link has been waiting for a call within a bound.
func (k *link) idle() (since time.Time, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.idleSince, k.idling != nil
}

// stopIdling is called with mu held.
func (k *link) stopIdling() {
	if k.idling != nil {
		k.idling.Stop()
		k.idling = nil
	}
}

// idleOver is the end of an idle time that began at since.
func (k *link) idleOver(since time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	// A call may have come, and gone, while the timer fired.
	if k.idling != nil && k.idleSince.Equal(since) {
		k.stop()
	}
}

// retire closes a link that no call is on.
func (k *link) retire() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.users == 0 {
		k.keep = false
		k.stop()
	}
}

func (k *link) forget(callID string, p party) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.parties[callID] == p {
		delete(k.parties, callID)
		k.closeIfIdle()
	}
}

// closeIfIdle is called with mu held. A flow that nobody waits for is not
// dialled to the end, and with CloseIdle an open one goes with its last call
// (when its stragglers are over).
func (k *link) closeIfIdle() {
	if k.users > 0 || k.keep {
		return
	}
	stragglers := len(k.parties)
	if k.set.Register {
		stragglers-- // the registration, which stays as long as the flow
	}
	switch {
	case k.phase == linkDialling || k.set.CloseIdle && stragglers <= 0:
		k.stop()
	case k.phase == linkOpen && k.set.KeepIdle > 0 && k.idling == nil:
		since := time.Now()
		k.idleSince = since
		k.idling = time.AfterFunc(k.set.KeepIdle, func() { k.idleOver(since) })
	}
}

// run is the link's goroutine.
func (k *link) run() {
	defer k.agent.linkEnded(k)
	f, err := flow.Dial(k.ctx, flow.Config{
		URL: k.req.URL, RootCAs: k.set.RootCAs, Header: k.set.handshake(), Timeout: k.set.ConnectTimeout,
		DialContext: k.agent.opts.DialContext, Proxy: k.agent.opts.Proxy,
		Sent: k.sent, Logger: k.agent.log,
	})
	if err != nil {
		k.over(dialReason(err))
		return
	}
	k.mu.Lock()
	k.flow = f
	k.mu.Unlock()
	f.Start(k.receive)
	reg := k.register()
	if reg == nil {
		k.open()
	}
	k.serve(reg)
	k.over(lostReason(f.Err()))
	f.Close(context.Background())
}

// serve runs the registration, if there is one, until the flow is lost or the
// link is to close.
func (k *link) serve(reg *registration) {
	closing := k.ctx.Done()
	for {
		select {
		case <-k.flow.Done():
			return
		case <-closing:
			if reg == nil || !reg.leave() {
				return
			}
			closing = nil
		case <-k.box.ready:
			for _, f := range k.box.take() {
				f()
			}
			if reg != nil && reg.gone {
				return
			}
		}
	}
}

// open tells every leg that waited.
func (k *link) open() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.phase != linkDialling {
		return
	}
	k.phase = linkOpen
	close(k.up)
	for _, p := range k.parties {
		p.opened()
	}
	k.closeIfIdle()
}

// over tells every party that there is no flow any more.
func (k *link) over(r call.Reason) {
	k.agent.linkEnded(k) // before the parties can ask for another
	k.mu.Lock()
	if k.phase != linkOver { // a registration that fails comes first
		k.phase, k.reason = linkOver, r
		close(k.down)
	}
	k.stopIdling()
	parties := k.parties
	k.parties = map[string]party{}
	k.mu.Unlock()
	k.stop()
	k.box.close()
	for _, p := range parties {
		p.failed(r)
	}
}

// close ends the link in good order and returns; the link's goroutine is
// waited for by the agent. When ctx ends the flow is cut.
func (k *link) close(ctx context.Context) {
	k.stop()
	k.mu.Lock()
	f := k.flow
	k.mu.Unlock()
	if f == nil {
		return
	}
	select {
	case <-f.Done():
	case <-ctx.Done():
		f.Abort()
	}
}

// send puts a message on the flow. Without one it is dropped: whoever sends has
// been told, or is about to be.
func (k *link) send(msg sip.Message) {
	k.mu.Lock()
	f := k.flow
	k.mu.Unlock()
	if f != nil {
		f.Send(wire.Bytes(msg))
	}
}

// sent is the flow's report of a message that was written.
func (k *link) sent(msg []byte, at time.Time) {
	k.trace("send", msg, at)
	if k.agent.opts.OnSend == nil {
		return
	}
	if method, _, ok := bytes.Cut(msg, []byte(" ")); ok && !bytes.HasPrefix(method, []byte("SIP/")) {
		k.agent.opts.OnSend(string(method), at)
	}
}

func (k *link) trace(dir string, msg []byte, at time.Time) {
	if k.agent.opts.Trace != nil {
		k.agent.opts.Trace(dir, wire.Mask(msg, k.set.PushHeader), at)
	}
}

// receive is called by the flow's reader with every message, in order.
func (k *link) receive(data []byte) {
	k.trace("receive", data, time.Now())
	m, err := wire.Parse(data)
	if err != nil {
		// One bad message says nothing about the next: a WebSocket keeps
		// messages apart.
		k.agent.log.Warn("a malformed SIP message was dropped", "fault", err.Error(), "bytes", len(data))
		return
	}
	k.mu.Lock()
	p := k.parties[m.CallID]
	k.mu.Unlock()
	switch {
	case p != nil:
		p.receive(m)
	case m.Request != nil:
		k.stranger(m)
	}
}

// dialReason translates a failed dial for the engine.
func dialReason(err error) call.Reason {
	f, ok := flow.IsFault(err)
	if !ok {
		return call.Reason{Code: call.CodeUnreachable, Phrase: clean(err.Error())}
	}
	r := call.Reason{Code: call.CodeUnreachable, Phrase: clean(f.Phrase)}
	switch f.Kind {
	case flow.Certificate:
		r.Code = call.CodeCertificate
	case flow.Handshake:
		r.Code = call.CodeHandshake
	case flow.Cancelled:
		r.Code, r.Local = call.CodeShutdown, true
	}
	return r
}

func lostReason(err error) call.Reason {
	if err == nil || errors.Is(err, flow.ErrClosed) {
		return shutdown()
	}
	return call.Reason{Code: call.CodeFlowLost, Phrase: clean(err.Error())}
}
