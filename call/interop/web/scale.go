package web

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"nxphone/assets"
	"nxphone/call"
	"nxphone/call/webapi"
)

// Scale is one desk with a lot to do: pages that are connected at once, and a
// phone that tells events faster than any call does.
type Scale struct {
	// Pages is how many windows have the script, of one origin. They are
	// windows that one page has opened and share its process, as a desk's tabs
	// of one application do.
	Pages int
	// Events are told in the call, Rate of them a second.
	Events, Rate int
}

// ScaleResult is what came of it.
type ScaleResult struct {
	// Faults are events that a page was given twice, out of order, or not at
	// all, and anything else that must not be; at most a few are kept.
	Faults []string
	// Latencies are from the phone's telling to the page's function, one for
	// each event and page, sorted.
	Latencies []time.Duration
	// Clock is the uncertainty of the comparison of the two clocks.
	Clock time.Duration
	// Took is how long the telling took.
	Took time.Duration
}

// Quantile is the latency that the part q (0 to 1) of all stays within.
func (r ScaleResult) Quantile(q float64) time.Duration {
	if len(r.Latencies) == 0 {
		return 0
	}
	return r.Latencies[min(int(q*float64(len(r.Latencies))), len(r.Latencies)-1)]
}

func (r ScaleResult) String() string {
	ms := func(d time.Duration) string { return fmt.Sprintf("%.1f ms", d.Seconds()*1000) }
	return fmt.Sprintf("%d events at pages: median %s, 90 %% %s, 99 %% %s, longest %s (clocks to %s)", len(r.Latencies),
		ms(r.Quantile(0.5)), ms(r.Quantile(0.9)), ms(r.Quantile(0.99)), ms(r.Quantile(1)), ms(r.Clock))
}

// Measure runs it, with a web API of its own in this process.
func (s Scale) Measure(ctx context.Context, dir string) (ScaleResult, error) {
	var result ScaleResult
	site, err := ServeSite(assets.WebAPI(), nil)
	if err != nil {
		return result, err
	}
	defer site.Close()
	phone := newTellingPhone()
	stop, err := serveAPI(ctx, phone, site.Origin("http", "127.0.0.1"))
	if err != nil {
		return result, err
	}
	defer stop()
	browser, err := Start(ctx, Options{Dir: dir})
	if err != nil {
		return result, err
	}
	defer browser.Close()
	visitor, err := browser.NewVisitor()
	if err != nil {
		return result, err
	}
	defer visitor.Close()
	opener, err := visitor.NewTab()
	if err != nil {
		return result, err
	}
	defer opener.Close()
	if err := opener.Open(ctx, site.Origin("http", "127.0.0.1")+"/desk.html"); err != nil {
		return result, err
	}
	if _, err := Eval[int](ctx, opener, fmt.Sprintf("desk.open(%d)", s.Pages)); err != nil {
		return result, err
	}
	offset, within, err := compareClocks(ctx, opener)
	if err != nil {
		return result, err
	}
	result.Clock = within
	if _, err := Eval[int](ctx, opener, "desk.call()"); err != nil {
		return result, err
	}
	result.Took = phone.tell(ctx, s.Events, s.Rate)
	if _, err := Eval[int](ctx, opener, fmt.Sprintf("desk.wait(%d)", s.Events)); err != nil {
		return result, err
	}
	for i := range s.Pages {
		got, err := Eval[[]float64](ctx, opener, fmt.Sprintf("desk.got(%d)", i))
		if err != nil {
			return result, err
		}
		result.check(i, got, s.Events, offset)
	}
	slices.Sort(result.Latencies)
	return result, nil
}

// check goes through what one page was given: for each event its number at the
// server, its number here, when it was told and when it arrived (Unix time in
// microseconds, by this process's and the page's clock).
func (r *ScaleResult) check(page int, got []float64, events int, offset time.Duration) {
	fault := func(format string, args ...any) {
		if len(r.Faults) < 20 {
			r.Faults = append(r.Faults, fmt.Sprintf("page %d: ", page)+fmt.Sprintf(format, args...))
		}
	}
	if len(got) != 4*events {
		fault("%d events, want %d", len(got)/4, events)
	}
	for i := 0; i+4 <= len(got); i += 4 {
		if n := int(got[i+1]); n != i/4 {
			fault("the %d. event is number %d", i/4, n)
			break
		}
		if i > 0 && got[i] != got[i-4]+1 {
			fault("after the server's number %.0f comes %.0f", got[i-4], got[i])
			break
		}
		r.Latencies = append(r.Latencies, time.Duration((got[i+3]-got[i+2])*1e3)-offset)
	}
}

// compareClocks finds by how much the page's clock is ahead of ours, from the
// quickest of some questions.
func compareClocks(ctx context.Context, p *Page) (ahead, within time.Duration, err error) {
	within = time.Hour
	for range 50 {
		asked := time.Now()
		micros, err := Eval[float64](ctx, p, "(performance.timeOrigin + performance.now()) * 1000")
		if err != nil {
			return 0, 0, err
		}
		if took := time.Since(asked); took/2 < within {
			within = took / 2
			ahead = time.UnixMicro(int64(micros)).Sub(asked.Add(took / 2))
		}
	}
	return ahead, within, nil
}

// serveAPI serves the web API of a phone to one origin until stop.
func serveAPI(ctx context.Context, phone webapi.Phone, origin string) (stop func(), err error) {
	policy := webapi.Policy{Origins: []string{origin}}
	server, err := webapi.New(webapi.Options{Phone: phone, Secret: bytes.Repeat([]byte{7}, 32), Version: "scale", Script: assets.WebAPI(),
		Policy: func() webapi.Policy { return policy }})
	if err != nil {
		return nil, err
	}
	running, cancel := context.WithCancel(ctx)
	var addr netip.AddrPort
	if addr, err = server.Open(running); err != nil {
		cancel()
		return nil, err
	}
	if !addr.IsValid() {
		cancel()
		return nil, fmt.Errorf("web: the web API listens nowhere")
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Run(running) }()
	return func() { cancel(); <-ended }, nil
}

// tellingPhone is a phone that takes one call and tells whatever it is asked
// to.
type tellingPhone struct {
	mu       sync.Mutex
	snap     call.Snapshot
	watchers map[chan struct{}]*[]told
}

type told struct {
	snap  call.Snapshot
	cause call.Cause
}

func newTellingPhone() *tellingPhone {
	return &tellingPhone{watchers: make(map[chan struct{}]*[]told)}
}

// publish is one change: the revision is its time in microseconds, which the
// new events carry to the page.
func (p *tellingPhone) publish(change func(*call.Snapshot) call.Cause) {
	p.mu.Lock()
	defer p.mu.Unlock()
	cause := change(&p.snap)
	p.snap.Revision = uint64(max(time.Now().UnixMicro(), int64(p.snap.Revision)+1))
	for wake, queue := range p.watchers {
		*queue = append(*queue, told{p.snap, cause})
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

// tell tells n events, rate a second, and returns how long that took. An event
// that is late is told at once.
func (p *tellingPhone) tell(ctx context.Context, n, rate int) time.Duration {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	began := time.Now()
	for i := range n {
		for due := began.Add(time.Duration(i) * time.Second / time.Duration(rate)); time.Now().Before(due); {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return time.Since(began)
			}
		}
		p.publish(func(s *call.Snapshot) call.Cause { return call.MediaUp{Codec: "number " + strconv.Itoa(i)} })
	}
	return time.Since(began)
}

func (p *tellingPhone) Dial(_ context.Context, req call.Request) (int, error) {
	if p.Snapshot().State != call.Idle {
		return 0, call.ErrBusy
	}
	p.publish(func(s *call.Snapshot) call.Cause {
		s.State, s.Call = call.Connecting, call.Call{ID: 1, DN: req.DN, Tel: req.Tel, Realm: req.Realm, Dialed: time.Now()}
		return call.Began{}
	})
	p.publish(func(s *call.Snapshot) call.Cause {
		s.State, s.Call.Answered = call.InCall, time.Now()
		return call.Answered{}
	})
	return 1, nil
}

func (p *tellingPhone) Hangup(context.Context) error {
	p.publish(func(s *call.Snapshot) call.Cause {
		s.State, s.Call.Reason = call.Idle, call.Reason{Code: call.CodeHangup, Local: true}
		return call.Ended{Reason: s.Call.Reason}
	})
	return nil
}

func (p *tellingPhone) Mute(context.Context, bool) error       { return nil }
func (p *tellingPhone) MuteVideo(context.Context, bool) error  { return nil }
func (p *tellingPhone) SendDTMF(context.Context, string) error { return nil }

func (p *tellingPhone) Snapshot() call.Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.snap
}

func (p *tellingPhone) Watch(ctx context.Context) iter.Seq2[call.Snapshot, call.Cause] {
	wake, queue := make(chan struct{}, 1), new([]told)
	p.mu.Lock()
	*queue = append(*queue, told{snap: p.snap})
	p.watchers[wake] = queue
	p.mu.Unlock()
	wake <- struct{}{}
	return func(yield func(call.Snapshot, call.Cause) bool) {
		defer func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			delete(p.watchers, wake)
		}()
		for {
			select {
			case <-wake:
			case <-ctx.Done():
				return
			}
			p.mu.Lock()
			batch := *queue
			*queue = nil
			p.mu.Unlock()
			for _, u := range batch {
				if !yield(u.snap, u.cause) {
					return
				}
			}
		}
	}
}
