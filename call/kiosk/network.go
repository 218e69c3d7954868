package kiosk

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

const (
	// probeEvery is how often a connection that works is asked whether it
	// does: often enough to be known before somebody presses.
	probeEvery = 20 * time.Second
	// probeTime bounds one attempt.
	probeTime = 10 * time.Second
	// backOffFirst and backOffMost bound the waits between attempts, which
	// double. They go on for ever.
	backOffFirst = time.Second
	backOffMost  = 30 * time.Second
)

// errSlow: the server has not answered within probeTime.
var errSlow = errors.New("kiosk: the server does not answer")

// backOff is the wait after so many failures in a row, from 1.
func backOff(failures int) time.Duration {
	d := backOffFirst
	for ; failures > 1 && d < backOffMost; failures-- {
		d *= 2
	}
	return min(d, backOffMost)
}

// spread makes a wait up to a fifth longer, so that the booths of a town do not
// all come back in the same second.
func spread(d time.Duration) time.Duration { return d + rand.N(d/5) }

// followNetwork keeps the status of the network up to date until ctx ends.
func (b *Booth) followNetwork(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil {
		lost, err := b.reach(ctx)
		wait := spread(probeEvery)
		if err == nil {
			failures = 0
			b.tellNetwork(ctx, NetReady, nil)
		} else {
			failures++
			wait = spread(backOff(failures))
			if ctx.Err() == nil {
				b.tellNetwork(ctx, NetDown, err)
			}
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-b.poke:
		case <-lost:
			b.tellNetwork(ctx, NetConnecting, nil)
		}
		timer.Stop()
	}
}

// reach is one attempt.
func (b *Booth) reach(ctx context.Context) (<-chan struct{}, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, probeTime, errSlow)
	defer cancel()
	lost, err := b.opts.Reach(ctx)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return lost, err
}

func (b *Booth) tellNetwork(ctx context.Context, s NetState, err error) {
	b.event(ctx, func(m *machine, now time.Time) {
		n := Network{State: s, Since: m.status.Network.Since}
		if err != nil {
			n.Code = codeOf(err)
		}
		if s != m.status.Network.State {
			n.Since = now
			b.log.Info("network", "state", s.String(), "code", string(n.Code))
		}
		m.network(n)
	})
}
