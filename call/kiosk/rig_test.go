package kiosk

import (
	"context"
	"iter"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"nxphone/call"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// phone is an engine that does what a test says. Calls are answered by answer,
// ended by end, and hung up at once.
type phone struct {
	mu       sync.Mutex
	snap     call.Snapshot
	dialled  []string
	refuse   error // of Dial
	slow     chan struct{}
	clearing bool // Hangup leaves the call in Clearing
	hangups  int
	watchers map[chan call.Snapshot]struct{}
}

func (p *phone) Dial(ctx context.Context, req call.Request) (int, error) {
	if p.slow != nil {
		<-p.slow
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.refuse != nil:
		return 0, p.refuse
	case p.snap.State != call.Idle:
		return 0, call.ErrBusy
	}
	p.dialled = append(p.dialled, req.Tel)
	p.change(func(s *call.Snapshot) {
		*s = call.Snapshot{State: call.Connecting, Call: call.Call{ID: s.Call.ID + 1, Tel: req.Tel, Dialed: time.Now()}}
	})
	return p.snap.Call.ID, nil
}

func (p *phone) Hangup(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hangups++
	if p.snap.State == call.Idle {
		return call.ErrNoCall
	}
	code := call.CodeHangup
	if p.snap.State < call.InCall {
		code = call.CodeCancelled
	}
	p.change(func(s *call.Snapshot) {
		s.State, s.Call.Reason = call.Clearing, call.Reason{Code: code, Local: true}
	})
	if !p.clearing {
		p.change(func(s *call.Snapshot) { s.State = call.Idle })
	}
	return nil
}

func (p *phone) Watch(ctx context.Context) iter.Seq2[call.Snapshot, call.Cause] {
	c := make(chan call.Snapshot, 1000)
	p.mu.Lock()
	if p.watchers == nil {
		p.watchers = map[chan call.Snapshot]struct{}{}
	}
	p.watchers[c] = struct{}{}
	c <- p.snap
	p.mu.Unlock()
	return func(yield func(call.Snapshot, call.Cause) bool) {
		for {
			select {
			case s := <-c:
				if !yield(s, nil) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// change is called with mu held.
func (p *phone) change(f func(*call.Snapshot)) {
	f(&p.snap)
	p.snap.Revision++
	for c := range p.watchers {
		c <- p.snap
	}
}

func (p *phone) set(f func(*call.Snapshot)) {
	p.mu.Lock()
	p.change(f)
	p.mu.Unlock()
	synctest.Wait()
}

func (p *phone) ring() { p.set(func(s *call.Snapshot) { s.State = call.Ringing }) }

func (p *phone) answer() {
	p.set(func(s *call.Snapshot) { s.State, s.Call.Answered, s.Call.MediaUp = call.InCall, time.Now(), true })
}

func (p *phone) end(code call.Code) {
	p.set(func(s *call.Snapshot) { s.State, s.Call.Reason = call.Idle, call.Reason{Code: code} })
}

// levels lets seconds pass with these levels.
func (p *phone) levels(seconds int, mic, far float64) {
	for range seconds {
		time.Sleep(time.Second)
		p.set(func(s *call.Snapshot) {
			s.Call.Stats.PacketsReceived += 50
			s.Call.Stats.LevelMic, s.Call.Stats.LevelOut = mic, far
		})
	}
}

func (p *phone) numbers() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.dialled...)
}

// rig is a booth that runs, in a bubble.
type rig struct {
	*testing.T
	*Booth
	phone   *phone
	ctx     context.Context
	outcome chan Outcome
}

const (
	theCounsellor = "15550001"
	theEmergency  = "119"
)

func booth(t *testing.T, opts Options, test func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{T: t, phone: &phone{}, outcome: make(chan Outcome, 1)}
		if opts.Numbers == (Numbers{}) {
			opts.Numbers = Numbers{theCounsellor, theEmergency}
		}
		if opts.Phone == nil {
			opts.Phone = r.phone
		}
		opts.Voice = true
		r.Booth = New(opts)
		ctx, cancel := context.WithCancel(context.Background())
		r.ctx = ctx
		go func() { r.outcome <- r.Booth.Run(ctx) }()
		synctest.Wait()
		test(r)
		cancel()
		synctest.Wait()
	})
}

func (r *rig) press(b Button) {
	r.Helper()
	if err := r.Press(r.ctx, b); err != nil {
		r.Fatalf("press %d: %v", b, err)
	}
	synctest.Wait()
}

func (r *rig) touch() { r.Touch(); synctest.Wait() }

// screen compares what is shown.
func (r *rig) screen(want Screen) Status {
	r.Helper()
	synctest.Wait()
	s := r.Status()
	if s.Screen != want {
		r.Fatalf("the screen is %v, want %v (%+v)", s.Screen, want, s)
	}
	return s
}

func (r *rig) prompted(want Prompt) uint64 {
	r.Helper()
	synctest.Wait()
	s := r.Status()
	if s.Prompt != want {
		r.Fatalf("the prompt is %q, want %q", s.Prompt, want)
	}
	return s.PromptID
}

func (r *rig) dials(want ...string) {
	r.Helper()
	synctest.Wait()
	got := r.phone.numbers()
	if len(got) != len(want) {
		r.Fatalf("dialled %q, want %q", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			r.Fatalf("dialled %q, want %q", got, want)
		}
	}
}

// pass lets time pass.
func pass(d time.Duration) { time.Sleep(d); synctest.Wait() }
