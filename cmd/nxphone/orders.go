package main

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"nxphone/call"
	"nxphone/call/profile"
	"nxphone/call/provision"
	"nxphone/ui"
)

// newPolicyReader reads this machine's policies, and keeps a copy of them in the
// user's state folder (in a booth: the service's). A command that makes no calls
// only looks at that: an administrator may run it as somebody else.
func newPolicyReader(command string) *profile.PolicyReader {
	o := profile.PolicyOptions{LookOnly: command != "window" && command != "call" && command != "headless"}
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
	settle  func(ctx context.Context)
	keyring *profile.Keyring
	// told has the newest for the window.
	told chan ui.Orders
	poke chan struct{} // the server is to be asked at once

	waiting bool // the window has been told so
	stop    context.CancelFunc
	wg      sync.WaitGroup

	// Of run's goroutine: what was heard last, what is in force, and who asks
	// the organisation's server.
	policies profile.Orders
	served   provision.Status
	adopted  profile.Orders
	server   *serverQuestions
}

// serverQuestions are put to one server until stop is called.
type serverQuestions struct {
	about  provisioning
	client *provision.Client
	fault  error // why there is no client, or what is wrong with it
	stop   context.CancelFunc
	done   chan struct{}
}

// followOrders begins to follow the organisation's orders. pages, if any, is put
// in force with them. close ends it.
func (p *program) followOrders(ctx context.Context, ph *phone, pages func(ctx context.Context)) *orders {
	o := p.newOrders(ph, func(ctx context.Context) {
		if err := ph.loadPassword(ctx); err != nil {
			ph.log.Info("no password", "error", err)
		}
		ph.warm()
		if pages != nil {
			pages(ctx)
		}
	})
	o.start(ctx)
	return o
}

// newOrders makes what follows the orders; ph is nil where there is no phone to
// call with. settle is called when they have changed the settings.
func (p *program) newOrders(ph *phone, settle func(ctx context.Context)) *orders {
	o := &orders{p: p, reader: p.policies, told: make(chan ui.Orders, 1), poke: make(chan struct{}, 1), settle: settle, calls: noCalls}
	if ph == nil {
		return o
	}
	o.keyring = ph.keyring
	o.calls = func(ctx context.Context) iter.Seq[bool] {
		return func(yield func(bool) bool) {
			for snap := range ph.engine.Watch(ctx) {
				if !yield(snap.State != call.Idle) {
					return
				}
			}
		}
	}
	return o
}

// noCalls is a phone that cannot call.
func noCalls(context.Context) iter.Seq[bool] {
	return func(yield func(bool) bool) { yield(false) }
}

func (o *orders) start(ctx context.Context) {
	ctx, o.stop = context.WithCancel(context.WithoutCancel(ctx))
	news := make(chan profile.Orders)
	busy := make(chan bool)
	o.policies, o.served = o.reader.Last(), o.p.served
	o.adopted = o.now()
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
	served := make(chan provision.Status)
	defer func() { o.server.end() }()
	o.ask(ctx, served)
	next, inCall := false, true
	for {
		select {
		case o.policies = <-news:
			next = true
		case o.served = <-served:
			next = true
		case inCall = <-busy:
		case <-o.poke:
			if o.server.client != nil {
				o.server.client.Poke()
			}
		case <-ctx.Done():
			return
		}
		now := o.now()
		switch {
		case !next:
		case now.Equal(o.adopted):
			if o.waiting { // it was taken back before the call's end
				o.waiting = false
				o.tell(ui.Orders{Faults: o.p.faults})
			}
		case !inCall:
			o.adopt(ctx, now)
			next = false
			o.ask(ctx, served) // other policies may name another server
		case !profile.Orders{Layers: now.Layers}.Equal(profile.Orders{Layers: o.adopted.Layers}) && !o.waiting:
			o.waiting = true
			o.tell(ui.Orders{Faults: o.p.faults, Waiting: true})
		}
	}
}

// now is what was heard last of policies and server together.
func (o *orders) now() profile.Orders {
	layers, trouble := fromServer(o.served)
	return profile.Orders{Layers: slices.Concat(layers, o.policies.Layers), Faults: errors.Join(o.policies.Faults, trouble)}
}

// adopt puts what was heard last in force and tells what is wrong with it.
// Faults that the start has told of the user's own settings stay told.
func (o *orders) adopt(ctx context.Context, now profile.Orders) {
	o.adopted = now
	before := len(o.p.wrongOrders)
	changed, err := o.p.store.SetPolicies(now.Layers)
	fresh := o.p.tellOrders(errors.Join(now.Faults, err))
	code, faulty := false, false
	for _, e := range fresh {
		switch provision.CodeOf(e) {
		case provision.CodeDenied:
			code = true
		case provision.CodeUnreachable, provision.CodeStatus:
			// The network's or the server's, which come back; what the
			// server said holds. The settings tell it to who looks.
		default:
			faulty = true
		}
	}
	o.p.log.Info("the organisation's settings were read again", "changed", changed, "faults", len(o.p.wrongOrders))
	if changed {
		o.settle(ctx)
	}
	mended := len(fresh) == 0 && len(o.p.wrongOrders) != before
	if changed || len(fresh) > 0 || mended || o.waiting {
		o.waiting = false
		o.tell(ui.Orders{Faults: o.p.faults, Faulty: faulty, Code: code, Changed: changed})
	}
}

// ask sees to it that the server that the settings name is asked, and no other.
func (o *orders) ask(ctx context.Context, served chan<- provision.Status) {
	s := o.p.store.Local()
	about := provisioningOf(s)
	if o.server != nil && o.server.about == about {
		return
	}
	o.server.end()
	q := &serverQuestions{about: about, done: make(chan struct{})}
	q.client, q.fault = o.p.newProvision(s, o.keyring)
	o.server = q
	asking, stop := context.WithCancel(ctx)
	q.stop = stop
	o.wg.Go(func() {
		defer close(q.done)
		if q.client == nil {
			// Where nobody is asked any more, nothing is in force of what
			// was said; and a fault is told.
			hand(asking, served, provision.Status{Err: q.fault})
			return
		}
		q.client.Run(asking, func(st provision.Status) {
			st.Err = errors.Join(q.fault, st.Err)
			hand(asking, served, st)
		})
	})
}

// end stops the questions and waits for that.
func (q *serverQuestions) end() {
	if q != nil {
		q.stop()
		<-q.done
	}
}

// enrol exchanges a one-time code, and has the server asked with what came of it.
// It returns what went wrong as a sentence.
func (o *orders) enrol(ctx context.Context, code string) (fault string) {
	if err := o.p.enrol(ctx, o.p.store.Local(), o.keyring, code); err != nil {
		title, help := sentenceIn(o.p.now(), err)
		return strings.TrimSpace(title + " " + help)
	}
	select {
	case o.poke <- struct{}{}:
	default: // it is on its way
	}
	return ""
}

// tellOrders replaces the faults of policies by new ones, tells those that were
// not told yet, and returns them.
func (p *program) tellOrders(err error) (fresh []error) {
	told := map[string]bool{}
	for _, e := range p.wrongOrders {
		told[e.Error()] = true
	}
	p.setWrongOrders(apart(err))
	for _, e := range p.wrongOrders {
		if !told[e.Error()] {
			p.say(e)
			fresh = append(fresh, e)
		}
	}
	p.policyFault = len(p.wrongOrders) > 0
	p.faults = nil
	words := p.now() // what the window speaks may have been changed since
	for _, e := range slices.Concat(p.wrongOrders, p.wrongOwn) {
		title, help := sentenceIn(words, e)
		p.faults = append(p.faults, strings.TrimSpace(title+" "+help))
	}
	return fresh
}

// tell hands the newest to the window.
func (o *orders) tell(w ui.Orders) {
	select {
	case last := <-o.told: // it has not been looked at
		w.Changed, w.Faulty, w.Code = w.Changed || last.Changed, w.Faulty || last.Faulty, w.Code || last.Code
	default:
	}
	o.told <- w
}
