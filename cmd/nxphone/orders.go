package main

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"strings"
	"sync"

	"nxphone/call"
	"nxphone/call/profile"
	"nxphone/ui"
)

// newPolicyReader reads this machine's policies, and keeps a copy of them in the
// user's state folder (in a booth: the service's).
func newPolicyReader() *profile.PolicyReader {
	o := profile.PolicyOptions{}
	if dir := stateFolder(); dir != "" {
		o.Kept = filepath.Join(dir, "policies.json")
	}
	return profile.NewPolicyReader(o)
}

// stateFolder is where the program keeps what has to survive a restart; "" where
// there is no such place.
func stateFolder() string {
	if dir := serviceDir(); dir != "" {
		return dir
	}
	log, err := auditPath()
	if err != nil {
		return ""
	}
	return filepath.Dir(log)
}

// orders puts what the organisation says in force while the phone runs: never in
// a call, and at once when there is none.
type orders struct {
	p      *program
	reader *profile.PolicyReader
	// calls gives whether a call is going on, now and after each change.
	calls func(ctx context.Context) iter.Seq[bool]
	// settle does what changed settings need beside the store.
	settle func(ctx context.Context)
	// told has the newest for the window.
	told chan ui.Orders

	waiting bool // the window has been told so
	stop    context.CancelFunc
	wg      sync.WaitGroup
}

// followOrders begins to follow the organisation's orders. pages, if any, is put
// in force with them. close ends it.
func (p *program) followOrders(ctx context.Context, ph *phone, pages func(ctx context.Context)) *orders {
	o := &orders{
		p: p, reader: p.policies, told: make(chan ui.Orders, 1),
		calls: func(ctx context.Context) iter.Seq[bool] {
			return func(yield func(bool) bool) {
				for snap := range ph.engine.Watch(ctx) {
					if !yield(snap.State != call.Idle) {
						return
					}
				}
			}
		},
		settle: func(ctx context.Context) {
			if err := ph.loadPassword(ctx); err != nil {
				ph.log.Info("no password", "error", err)
			}
			ph.warm()
			if pages != nil {
				pages(ctx)
			}
		},
	}
	o.start(ctx)
	return o
}

func (o *orders) start(ctx context.Context) {
	ctx, o.stop = context.WithCancel(context.WithoutCancel(ctx))
	news := make(chan profile.Orders)
	busy := make(chan bool)
	o.wg.Go(func() { o.reader.Follow(ctx, func(n profile.Orders) { hand(ctx, news, n) }) })
	o.wg.Go(func() {
		was := true
		for now := range o.calls(ctx) {
			if now != was {
				was = now
				hand(ctx, busy, now)
			}
		}
	})
	o.wg.Go(func() { o.run(ctx, news, busy) })
}

// hand gives v to whoever reads c, unless ctx ends.
func hand[T any](ctx context.Context, c chan<- T, v T) {
	select {
	case c <- v:
	case <-ctx.Done():
	}
}

func (o *orders) close() {
	o.stop()
	o.wg.Wait()
}

// run adopts the newest orders whenever no call is going on. Until it is known
// whether one is, there may be.
func (o *orders) run(ctx context.Context, news <-chan profile.Orders, busy <-chan bool) {
	var next *profile.Orders
	inCall := true
	for {
		select {
		case n := <-news:
			next = &n
		case inCall = <-busy:
		case <-ctx.Done():
			return
		}
		switch {
		case next == nil:
		case inCall:
			o.waiting = true
			o.tell(ui.Orders{Faults: o.p.faults, Waiting: true})
		default:
			o.adopt(ctx, *next)
			next = nil
		}
	}
}

// adopt puts orders in force and tells what is wrong with them. Faults that the
// start has told of the user's own settings stay told.
func (o *orders) adopt(ctx context.Context, n profile.Orders) {
	changed, err := o.p.store.SetPolicies(n.Layers)
	fresh := o.p.tellOrders(errors.Join(n.Faults, err))
	o.p.log.Info("the organisation's settings were read again", "changed", changed, "faults", len(apart(n.Faults)))
	if changed {
		o.settle(ctx)
	}
	if changed || fresh || o.waiting {
		o.waiting = false
		o.tell(ui.Orders{Faults: o.p.faults, Faulty: fresh, Changed: changed})
	}
}

// tellOrders replaces the faults of policies by new ones, and tells those that
// were not told yet. It reports whether there were any, or the list has become
// another one.
func (p *program) tellOrders(err error) (fresh bool) {
	told := map[string]bool{}
	for _, e := range p.wrongOrders {
		told[e.Error()] = true
	}
	p.wrongOrders = apart(err)
	for _, e := range p.wrongOrders {
		if !told[e.Error()] {
			p.say(e)
			fresh = true
		}
	}
	p.policyFault = len(p.wrongOrders) > 0
	p.faults = nil
	for _, e := range append(append([]error{}, p.wrongOrders...), p.wrongOwn...) {
		title, help := p.sentence(e)
		p.faults = append(p.faults, strings.TrimSpace(title+" "+help))
	}
	return fresh
}

// tell hands the newest to the window.
func (o *orders) tell(w ui.Orders) {
	select {
	case last := <-o.told: // it has not been looked at
		w.Changed, w.Faulty = w.Changed || last.Changed, w.Faulty || last.Faulty
	default:
	}
	o.told <- w
}
