package doctor

import (
	"context"
	"sync"
	"time"

	"nxphone/call/scrub"
)

// The limits of the whole: the first round and the echo call after it stay
// under half a minute together.
const (
	roundTime = 16 * time.Second
	echoTime  = 12 * time.Second
	// graceTime is what a check that was cancelled may take to say so.
	graceTime = 500 * time.Millisecond
)

// A look is at one thing, or at a chain of things of which each needs the
// one before. It tells its findings as they come and ends soon after ctx.
type look struct {
	areas []Area // that it tells of; each is told at least once
	limit time.Duration
	run   func(ctx context.Context, tell func(...Finding))
}

// Run looks at everything and returns what it found, in the order of [Areas].
// tell, which may be nil, is given each finding as soon as those before it are
// known; it is called by one goroutine at a time and must not wait.
//
// It takes less than half a minute, whatever hangs: what does not answer in its
// time becomes the finding [Unfinished], and the goroutine that waits for it ends
// when the system lets it go. With ctx it ends early in the same way.
func Run(ctx context.Context, o Options, tell func(Finding)) []Finding {
	if tell == nil {
		tell = func(Finding) {}
	}
	r := &round{book: map[Area][]Finding{}, tell: tell, scrub: scrub.New(scrub.Known{})}
	r.begin(ctx, o.withDefaults())
	return r.all
}

// round gathers findings of checks that run at once and tells them in order.
type round struct {
	mu   sync.Mutex
	book map[Area][]Finding
	done map[Area]bool
	next int // index into Areas of the first that is not told
	all  []Finding
	tell func(Finding)
	// scrub takes what a server's words may hold out of the details.
	scrub *scrub.Scrubber
}

func (r *round) begin(ctx context.Context, o Options) {
	r.done = map[Area]bool{}
	first := o.firstChecks()
	var wg sync.WaitGroup
	for _, c := range first {
		wg.Go(func() { r.perform(ctx, c) })
	}
	wg.Wait()
	r.perform(ctx, look{[]Area{AreaCall}, echoTime, func(ctx context.Context, tell func(...Finding)) {
		tell(o.echoCall(ctx, r.worst(AreaName, AreaConnection, AreaTLS, AreaWebSocket, AreaSIP)))
	}})
	r.finish(Areas()...) // what this system has no check for
}

// perform runs one check within its limit.
func (r *round) perform(ctx context.Context, c look) {
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	began := time.Now()
	over := make(chan struct{})
	var mu sync.Mutex // guards late and last
	late, last := false, began
	go func() {
		defer close(over)
		c.run(ctx, func(found ...Finding) {
			mu.Lock()
			defer mu.Unlock()
			if late {
				return
			}
			now := time.Now()
			for i := range found {
				found[i].Took = Milliseconds(now.Sub(last))
			}
			last = now
			r.add(found...)
		})
	}()
	select {
	case <-over:
	case <-ctx.Done():
		wait := time.NewTimer(graceTime)
		select {
		case <-over:
		case <-wait.C:
		}
		wait.Stop()
	}
	mu.Lock()
	late = true
	mu.Unlock()
	for _, a := range c.areas {
		if !r.told(a) {
			f := Find(Unfinished).In(a)
			f.Took = Milliseconds(time.Since(began))
			r.add(f)
		}
	}
	r.finish(c.areas...)
}

func (r *round) add(found ...Finding) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range found {
		f.Detail = r.scrub.Text(f.Detail)
		r.book[f.Area] = append(r.book[f.Area], f)
	}
}

func (r *round) told(a Area) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.book[a]) > 0
}

func (r *round) worst(areas ...Area) Grade {
	r.mu.Lock()
	defer r.mu.Unlock()
	worst := Skipped
	for _, a := range areas {
		worst = max(worst, Worst(r.book[a]))
	}
	return worst
}

// finish says that nothing more comes of some areas, and tells what is due.
func (r *round) finish(areas ...Area) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range areas {
		r.done[a] = true
	}
	order := Areas()
	for r.next < len(order) && r.done[order[r.next]] {
		for _, f := range r.book[order[r.next]] {
			r.all = append(r.all, f)
			r.tell(f)
		}
		r.next++
	}
}

// firstChecks are all but the echo call, which needs devices and line for
// itself. They run at once.
func (o Options) firstChecks() []look {
	line := []Area{AreaName, AreaConnection, AreaTLS, AreaWebSocket, AreaSIP, AreaClock}
	all := []look{
		{[]Area{AreaSettings, AreaPolicies}, 3 * time.Second, o.settings},
		{[]Area{AreaDisk}, 3 * time.Second, o.disk},
		{line, roundTime - graceTime, o.line},
		{[]Area{AreaKeyring}, 5 * time.Second, o.keyring},
		{[]Area{AreaMicrophone, AreaSpeaker}, 12 * time.Second, o.sound},
		{[]Area{AreaRelay}, 10 * time.Second, o.relays},
		{[]Area{AreaWebAPI}, 3 * time.Second, o.webAPI},
		{[]Area{AreaBrowser}, 5 * time.Second, o.browsers},
	}
	if o.Display != nil {
		all = append(all, look{[]Area{AreaDisplay}, 10 * time.Second, o.asked(AreaDisplay, o.Display)})
	}
	if o.Headset != nil {
		all = append(all, look{[]Area{AreaHeadset}, 4 * time.Second, o.asked(AreaHeadset, o.Headset)})
	}
	return all
}

// asked is a check that somebody else makes.
func (o Options) asked(a Area, f func(context.Context) Finding) func(context.Context, func(...Finding)) {
	return func(ctx context.Context, tell func(...Finding)) { tell(f(ctx).In(a)) }
}
