package sipua

import (
	"context"
	"log/slog"
	"maps"
	"slices"

	"nxphone/call"
	"nxphone/call/sipua/internal/flow"
)

// Reach makes sure that the server of such a call answers now, and returns a
// channel that is closed when the flow that it found is lost. It opens the flow
// as Warm does, and asks one that is open by a ping. Where a flow is only
// opened for calls (Settings.Register, Settings.CloseIdle) it opens one, asks,
// and closes it, and lost is nil.
//
// The error is a *call.Error with CodeUnreachable, CodeCertificate,
// CodeHandshake, CodeTimeout, CodeFlowLost or, after Close, CodeStopped; or it
// is ctx's. A flow that does not answer is closed, and the next call dials
// another.
func (a *Agent) Reach(ctx context.Context, req call.Request) (lost <-chan struct{}, err error) {
	set := a.opts.Settings(req).withDefaults()
	if set.Register || set.CloseIdle {
		return nil, a.visit(ctx, set, req)
	}
	a.Warm(req)
	a.mu.Lock()
	k, closed := a.links[set.flowKey(req)], a.closed
	a.mu.Unlock()
	switch {
	case closed:
		return nil, call.ErrStopped
	case k == nil: // it was refused while we looked
		return nil, &call.Error{Code: call.CodeUnreachable}
	}
	select {
	case <-k.up:
	case <-k.down:
		return nil, k.fate()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := k.ask(ctx); err != nil {
		return nil, err
	}
	return k.down, nil
}

// visit opens a flow only to see whether that can be done.
func (a *Agent) visit(ctx context.Context, set Settings, req call.Request) error {
	f, err := flow.Dial(ctx, flow.Config{
		URL: req.URL, RootCAs: set.RootCAs, Header: set.handshake(), Timeout: set.ConnectTimeout,
		DialContext: a.opts.DialContext, Proxy: a.opts.Proxy, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return failure(dialReason(err))
	}
	defer f.Close(ctx)
	f.Start(func([]byte) {})
	if err := f.Ask(ctx, probeWithin); err != nil {
		return &call.Error{Code: call.CodeTimeout, Detail: "no pong"}
	}
	return nil
}

// ask pings an open link.
func (k *link) ask(ctx context.Context) error {
	k.mu.Lock()
	f := k.flow
	k.mu.Unlock()
	err := f.Ask(ctx, probeWithin)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return failure(lostReason(err))
}

// fate is why a link is over, once down is closed.
func (k *link) fate() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return failure(k.reason)
}

func failure(r call.Reason) error {
	if r.Code == call.CodeShutdown {
		return call.ErrStopped
	}
	return &call.Error{Code: r.Code, Detail: r.Phrase}
}

// Beat returns nil when the goroutine of every open flow has answered: it is a
// part of a watchdog's round trip. A flow that is being dialled is bounded by
// its time limit and is not asked, and no flow at all is no fault.
func (a *Agent) Beat(ctx context.Context) error {
	a.mu.Lock()
	links := slices.Collect(maps.Values(a.links))
	a.mu.Unlock()
	for _, k := range links {
		select {
		case <-k.up:
		default:
			continue
		}
		turned := make(chan struct{})
		k.box.put(func() { close(turned) })
		select {
		case <-turned:
		case <-k.down:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
