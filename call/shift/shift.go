package shift

import (
	"context"
	"crypto/x509"
	"iter"
	"log/slog"
	"sync"
	"time"

	"nxphone/call"
)

// Phone is what the shift follows: *call.Engine.
type Phone interface {
	Watch(ctx context.Context) iter.Seq2[call.Snapshot, call.Cause]
}

// Options configure a Shift. Phone and Rules are required.
type Options struct {
	Phone Phone
	// Rules are the settings. It is called from Run's goroutines.
	Rules func() Rules
	// Record is the file of lawful endings, "" for none.
	Record string
	// Roots are the certificates that the supervisor's server may have, nil
	// for the system's.
	Roots func() *x509.CertPool
	// Agent is the User-Agent that the supervisor's server sees.
	Agent string
	// Logger is given no number and no address. Nil discards.
	Logger *slog.Logger
	// Pause is the back-off before a further try after so many. Nil means 1 s
	// and then 4 s.
	Pause func(tries int) time.Duration
}

// lookTime is how often a rest looks at the clock: a computer that slept has
// stopped the timers, not the time.
const lookTime = 30 * time.Second

// diskTime bounds the wait for the record when Run ends.
const diskTime = 2 * time.Second

// Shift is what the counsellor is doing. Run owns its state; every other method
// may be called from any goroutine.
type Shift struct {
	opts Options
	log  *slog.Logger

	inbox inbox
	// watch is the phone's story from the moment of New on, until life ends.
	watch iter.Seq2[call.Snapshot, call.Cause]
	life  context.Context
	end   context.CancelFunc

	mu      sync.Mutex
	status  Status
	changed chan struct{} // closed by the next change
	over    bool
	done    chan struct{} // closed when Run has returned

	// add writes a line of the record, nil where there is none.
	add func(Ending) error

	// Below: only Run's goroutine.
	m machine
}

// New makes a shift that is ready. It does nothing until Run, which must be
// called; what happens in between is not lost.
func New(opts Options) *Shift {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Pause == nil {
		opts.Pause = pause
	}
	s := &Shift{opts: opts, log: opts.Logger, changed: make(chan struct{}), done: make(chan struct{})}
	s.inbox.ready = make(chan struct{}, 1)
	if opts.Record != "" {
		s.add = record{path: opts.Record, limit: maxRecord}.add
	}
	s.life, s.end = context.WithCancel(context.Background())
	s.watch = opts.Phone.Watch(s.life)
	s.m.status = Status{State: Ready, Since: now()}
	s.status = s.m.status
	return s
}

// now is the time without its monotonic half, which stands still while the
// computer sleeps.
func now() time.Time { return time.Now().Round(0) }

// order is an input that somebody waits for; nobody where answer is nil.
type order struct {
	in     input
	answer chan error
}

// Run follows the phone until that or ctx ends, and returns when everything
// that it has started has ended. Only a disk that does not answer is given up
// after diskTime: what waits for it cannot be called off, and ends with the
// process. It is called once. Commands given before wait for it.
func (s *Shift) Run(ctx context.Context) {
	stopped := context.AfterFunc(ctx, s.end)
	defer stopped()
	var wg sync.WaitGroup
	phone := make(chan struct{}) // closed when the phone has ended
	wg.Go(func() {
		defer close(phone)
		first := true
		for snap, cause := range s.watch {
			if in := follow(snap, cause, first, s.opts.Rules().Digits); in != nil {
				s.inbox.put(order{in: in})
			}
			first = false
		}
	})
	notes := newNewest()
	wg.Go(func() { s.tellAll(s.life, notes) })
	endings := make(chan Ending, 16)
	written := make(chan struct{})
	go func() {
		defer close(written)
		s.writeAll(endings)
	}()

	s.loop(ctx, phone, notes, endings)

	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	s.end()
	close(endings)
	wg.Wait()
	s.await(written)
	for _, o := range s.inbox.drain() {
		o.reply(ErrStopped)
	}
	close(s.done)
}

// await waits for the record to be written.
func (s *Shift) await(written <-chan struct{}) {
	limit := time.NewTimer(diskTime)
	defer limit.Stop()
	select {
	case <-written:
	case <-limit.C:
		s.log.Error("a lawful ending is not noted: the disk does not answer")
	}
}

func (s *Shift) loop(ctx context.Context, phone <-chan struct{}, notes *newest, endings chan<- Ending) {
	look := time.NewTimer(time.Hour)
	defer look.Stop()
	for {
		for _, o := range s.inbox.drain() {
			s.take(o, notes, endings)
		}
		look.Stop()
		if s.m.status.State == Rest {
			look.Reset(min(max(s.m.status.Until.Sub(now()), 0), lookTime))
		}
		select {
		case <-ctx.Done():
			return
		case <-s.inbox.ready:
		case <-look.C:
			s.take(order{in: tick{}}, notes, endings)
		case <-phone:
			// Its last word may have been how a call ended.
			for _, o := range s.inbox.drain() {
				s.take(o, notes, endings)
			}
			return
		}
	}
}

// take is one step and its effects.
func (s *Shift) take(o order, notes *newest, endings chan<- Ending) {
	m, effects, err := step(s.m, o.in, s.opts.Rules(), now())
	s.m = m
	for _, e := range effects {
		switch e := e.(type) {
		case tell:
			notes.put(e)
		case write:
			select {
			case endings <- e.ending:
			default: // the disk has not answered for sixteen calls
				s.m.status.RecordFailed = true
			}
		}
	}
	s.publish(s.m.status)
	o.reply(err)
}

func (o order) reply(err error) {
	if o.answer != nil {
		o.answer <- err
	}
}

// tellAll tells the supervisor's server the newest note, until life ends. One
// that is being told when a newer comes is given up: it says what is no more.
func (s *Shift) tellAll(life context.Context, notes *newest) {
	h := hook{roots: s.opts.Roots, agent: s.opts.Agent, pause: s.opts.Pause}
	for {
		t, ctx, done, ok := notes.take(life)
		if !ok {
			return
		}
		err := h.tell(ctx, t.url, t.note)
		overtaken := ctx.Err() != nil
		done()
		if overtaken {
			continue
		}
		if err != nil {
			s.log.Warn("the supervisor's server was not told", "on", t.note.On, "error", err)
		}
		s.inbox.put(order{in: hooked{told: t.told, ok: err == nil}})
	}
}

// writeAll writes the record until there are no more endings.
func (s *Shift) writeAll(endings <-chan Ending) {
	for e := range endings {
		if s.add == nil {
			continue
		}
		err := s.add(e)
		if err != nil {
			s.log.Error("a lawful ending was not noted", "error", err)
		}
		s.inbox.put(order{in: recorded{ok: err == nil}})
	}
}

func (s *Shift) publish(st Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st == s.status {
		return
	}
	s.status = st
	close(s.changed)
	s.changed = make(chan struct{})
}

// Status is the present one.
func (s *Shift) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// Watch gives the present status and then each change, the newest only, until
// ctx or Run ends.
func (s *Shift) Watch(ctx context.Context) iter.Seq[Status] {
	return func(yield func(Status) bool) {
		var last Status
		for first := true; ; first = false {
			s.mu.Lock()
			st, changed := s.status, s.changed
			s.mu.Unlock()
			if first || st != last {
				if ctx.Err() != nil || !yield(st) {
					return
				}
				last = st
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			case <-s.done:
				if end := s.Status(); end != last {
					yield(end)
				}
				return
			}
		}
	}
}

// Set changes the state. Rest is one of the length that the settings name, and
// ErrNoRest where they name none; one that is under way goes on.
func (s *Shift) Set(ctx context.Context, to State) error { return s.command(ctx, set{to}) }

// Rest begins a rest of this length (MaxRest at most), or the one under way
// anew; 0 is the length that the settings name.
func (s *Shift) Rest(ctx context.Context, d time.Duration) error {
	if d == 0 {
		d = s.opts.Rules().Rest
	}
	return s.command(ctx, rest{d})
}

// Help asks for help, in the call that is up or without one, or takes that
// back.
func (s *Shift) Help(ctx context.Context, on bool) error { return s.command(ctx, help{on}) }

// Seen says that a supervisor has seen the request. In the call the counsellor
// is shown that; when the call is over, or was already, the request is too.
func (s *Shift) Seen(ctx context.Context) error { return s.command(ctx, seen{}) }

func (s *Shift) command(ctx context.Context, in input) error {
	answer := make(chan error, 1)
	s.mu.Lock()
	if s.over {
		s.mu.Unlock()
		return ErrStopped
	}
	s.inbox.put(order{in, answer})
	s.mu.Unlock()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// inbox is the queue of inputs. It is unbounded, so that nobody waits for Run;
// what one call and one person can say bounds it.
type inbox struct {
	ready chan struct{}
	mu    sync.Mutex
	queue []order
}

func (b *inbox) put(o order) {
	b.mu.Lock()
	b.queue = append(b.queue, o)
	b.mu.Unlock()
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

func (b *inbox) drain() []order {
	b.mu.Lock()
	defer b.mu.Unlock()
	q := b.queue
	b.queue = nil
	return q
}

// newest holds the one note that is to be told.
type newest struct {
	ready  chan struct{}
	mu     sync.Mutex
	next   *tell
	giveUp context.CancelFunc // of the one that is being told
}

func newNewest() *newest { return &newest{ready: make(chan struct{}, 1)} }

func (n *newest) put(t tell) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.next = &t
	if n.giveUp != nil {
		n.giveUp()
	}
	select {
	case n.ready <- struct{}{}:
	default:
	}
}

// take waits for a note. ctx is what its telling is bound to, done ends that.
func (n *newest) take(life context.Context) (t tell, ctx context.Context, done func(), ok bool) {
	for {
		n.mu.Lock()
		if next := n.next; next != nil {
			n.next = nil
			ctx, cancel := context.WithCancel(life)
			n.giveUp = cancel
			n.mu.Unlock()
			return *next, ctx, func() {
				n.mu.Lock()
				n.giveUp = nil
				n.mu.Unlock()
				cancel()
			}, true
		}
		n.mu.Unlock()
		select {
		case <-n.ready:
		case <-life.Done():
			return tell{}, nil, nil, false
		}
	}
}
