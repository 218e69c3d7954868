package sipua

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"nxphone/call"
)

// Agent is a SIP user agent that makes calls over WebSocket. It implements
// call.Signaling. All methods may be called from any goroutine.
type Agent struct {
	opts Options
	log  *slog.Logger
	wg   sync.WaitGroup // one for each leg and each link

	mu     sync.Mutex
	closed bool
	links  map[string]*link
	legs   map[*leg]struct{}
}

var _ call.Signaling = (*Agent)(nil)

// New makes an agent. Nothing is dialled before Open or Warm. Close must be
// called in the end: flows are kept open between calls.
func New(opts Options) *Agent {
	if opts.Settings == nil {
		opts.Settings = func(call.Request) Settings { return Settings{} }
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	return &Agent{opts: opts, log: opts.Logger, links: map[string]*link{}, legs: map[*leg]struct{}{}}
}

// Open begins a call: the flow is dialled unless one is open. See
// call.Signaling. After Close the leg ends at once with CodeShutdown.
func (a *Agent) Open(req call.Request, tell func(call.SignalEvent)) call.Leg {
	set := a.opts.Settings(req).withDefaults()
	l := newLeg(a, req, set, tell)
	if !a.begin(l) {
		l.box.close() // nobody will look into it
		tell(call.LegEnded{Reason: shutdown()})
	}
	return l
}

// begin puts a leg on its way; it reports false after Close.
func (a *Agent) begin(l *leg) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return false
	}
	a.legs[l] = struct{}{}
	a.join(l)
	a.wg.Go(l.run)
	return true
}

func shutdown() call.Reason { return call.Reason{Code: call.CodeShutdown, Local: true} }

// join puts a leg on the link that its settings ask for.
func (a *Agent) join(l *leg) {
	key := l.set.flowKey(l.req)
	// A link that has just died refuses; the next one is new.
	if k := a.links[key]; k != nil && k.join(l) {
		return
	}
	k := newLink(a, key, l.set, l.req)
	a.links[key] = k
	k.join(l)
	a.wg.Go(k.run)
}

// Warm dials the flow that a later call with this realm, DN and URL will use,
// keeps it, and closes flows that no call is on and that such a call could not
// use: they belong to settings that have changed. With Settings.Register it
// dials nothing: a registration is made for a call.
func (a *Agent) Warm(req call.Request) {
	set := a.opts.Settings(req).withDefaults()
	if set.Register || set.CloseIdle {
		return
	}
	key := set.flowKey(req)
	a.mu.Lock()
	defer a.mu.Unlock()
	for other, k := range a.links {
		if other != key {
			k.retire()
		}
	}
	if a.closed {
		return
	}
	if k := a.links[key]; k != nil {
		k.hold()
		return
	}
	k := newLink(a, key, set, req)
	k.keep = true
	a.links[key] = k
	a.wg.Go(k.run)
}

// Close hangs up every call (bounded to 3 s), closes the flows and waits for
// all goroutines; when ctx ends first it cuts the good-byes short and still
// waits. A second call waits too.
func (a *Agent) Close(ctx context.Context) {
	a.mu.Lock()
	a.closed = true
	legs := make([]*leg, 0, len(a.legs))
	for l := range a.legs {
		legs = append(legs, l)
	}
	links := make([]*link, 0, len(a.links))
	for _, k := range a.links {
		links = append(links, k)
	}
	a.mu.Unlock()

	for _, l := range legs {
		l.Hangup(shutdown())
	}
	for _, l := range legs {
		select {
		case <-l.done:
		case <-ctx.Done():
			l.abandon(shutdown())
		}
	}
	for _, k := range links {
		k.close(ctx)
	}
	a.wg.Wait()
}

func (a *Agent) legEnded(l *leg) {
	a.mu.Lock()
	delete(a.legs, l)
	a.mu.Unlock()
}

// maxIdle is how many flows with a bound (Settings.KeepIdle) are kept without a
// call.
const maxIdle = 4

// prune closes the oldest of the idle flows that are too many.
func (a *Agent) prune() {
	a.mu.Lock()
	defer a.mu.Unlock()
	type idle struct {
		link  *link
		since time.Time
	}
	var all []idle
	for _, k := range a.links {
		if since, ok := k.idle(); ok {
			all = append(all, idle{k, since})
		}
	}
	slices.SortFunc(all, func(x, y idle) int { return y.since.Compare(x.since) })
	for _, i := range all[min(maxIdle, len(all)):] {
		i.link.retire()
	}
}

// linkEnded takes a link out of the table, unless another has its place.
func (a *Agent) linkEnded(k *link) {
	a.mu.Lock()
	if a.links[k.key] == k {
		delete(a.links, k.key)
	}
	a.mu.Unlock()
}
