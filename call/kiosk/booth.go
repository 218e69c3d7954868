package kiosk

import (
	"context"
	"iter"
	"log/slog"
	"sync"
	"time"

	"nxphone/call"
)

// Phone is the engine as a booth needs it; *call.Engine is one.
type Phone interface {
	Dial(ctx context.Context, req call.Request) (int, error)
	Hangup(ctx context.Context) error
	Watch(ctx context.Context) iter.Seq2[call.Snapshot, call.Cause]
}

// Options configure a Booth. Phone is required unless Fault is set.
type Options struct {
	Phone Phone
	// Request makes a Dial out of a number: the policy's realm, extension and
	// server. nil gives a request with nothing but the number.
	Request func(tel string) call.Request
	Numbers Numbers
	// Reach makes sure that the server can be reached: it returns nil when the
	// server has answered just now, with a channel that is closed when the
	// connection is lost (nil: nobody would notice). A call.Error's code says
	// what is wrong. It is given ten seconds. nil: the network is not watched
	// and counts as ready.
	Reach func(ctx context.Context) (lost <-chan struct{}, err error)
	// Silence ends a call in which nobody has spoken for so long, and a held one
	// in which the visitor has given no sign for so long; 0 never does either.
	Silence time.Duration
	// Idle is how long after the last touch or call the screen is reset; 0 is
	// a minute.
	Idle time.Duration
	// Voice: prompts are spoken; without it Status.Prompt stays PromptNone.
	Voice bool
	// PINHash is the argon2id PHC string of the administrator's PIN; "": there
	// is no way out but signals. PINFile keeps the count of wrong ones over a
	// restart; "" keeps it in memory.
	PINHash, PINFile string
	// Fault closes the booth: it shows why, and calls nobody. Missing names
	// the settings that it is about.
	Fault   Fault
	Missing []string
	// Test is the self-test; nil: there is none. It lets go of phone and
	// devices soon after its context has ended, and its report does not count
	// then. TestAt is when it is begun each night.
	Test   func(ctx context.Context) Report
	TestAt Daily
	// Before is the last report of an earlier run of the program.
	Before Report
	// Logger gets no number. nil logs nothing.
	Logger *slog.Logger
}

// Numbers are what the buttons call; an empty Emergency makes one button. They
// never leave this package but in a Dial.
type Numbers struct{ Counsellor, Emergency string }

// Outcome is why a booth came to its end.
type Outcome int

const (
	// Stopped: the context has ended (a signal).
	Stopped Outcome = 0
	// Left: the administrator's PIN was entered. The program stays stopped.
	Left Outcome = 1
	// Restart: the program wants to be started again.
	Restart Outcome = 2
	// Reboot: the whole machine wants to be.
	Reboot Outcome = 3
)

// Booth is the logic of one booth. Its methods may be called from any
// goroutine.
type Booth struct {
	opts  Options
	log   *slog.Logger
	lock  *lock
	board board
	// events are what has happened, for Run's goroutine.
	events chan func(m *machine, now time.Time)
	poke   chan struct{} // ask at once how the network is
	done   chan struct{} // closed when Run has returned
	wg     sync.WaitGroup

	// Below: only Run's goroutine.
	m        *machine
	breakOff context.CancelFunc // ends the self-test; nil: none
}

// New makes a booth. It does nothing before Run.
func New(opts Options) *Booth {
	if opts.Request == nil {
		opts.Request = func(tel string) call.Request { return call.Request{Tel: tel} }
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	b := &Booth{
		opts: opts, log: opts.Logger,
		events: make(chan func(*machine, time.Time), queued),
		poke:   make(chan struct{}, 1),
		done:   make(chan struct{}),
	}
	m := newMachine(rules{
		silence: opts.Silence, idle: opts.Idle, emergency: opts.Numbers.Emergency != "", voice: opts.Voice,
	}, time.Now())
	m.status.Fault, m.status.Missing, m.status.Test = opts.Fault, opts.Missing, opts.Before
	m.status.Screen = m.start()
	if opts.PINHash != "" {
		var err error
		if b.lock, err = newLock(opts.PINHash, opts.PINFile, b.log); err != nil {
			b.log.Error("the administrator's PIN cannot be used", "error", err)
		}
	}
	if b.lock != nil {
		m.status.PIN = true
		m.status.PINAgain = b.lock.again(time.Now())
	}
	if opts.Reach == nil {
		m.status.Network.State = NetReady
	}
	b.m = m
	b.board.publish(m.view())
	return b
}

// Run is the booth until ctx ends or the booth itself wants to: see [Outcome].
// It is called once, and leaves a call that is up to whoever ends the phone.
func (b *Booth) Run(ctx context.Context) Outcome {
	defer close(b.done)
	defer b.board.close()
	ctx, cancel := context.WithCancel(ctx)
	defer b.wg.Wait()
	defer cancel()
	if b.opts.Phone != nil && b.opts.Fault == FaultNone {
		news := b.opts.Phone.Watch(ctx)
		b.wg.Go(func() {
			for snap := range news {
				b.event(ctx, func(m *machine, now time.Time) { m.update(snap, now) })
			}
		})
		if b.opts.Test != nil {
			b.wg.Go(func() { b.nightly(ctx) })
		}
	}
	if b.opts.Reach != nil {
		b.wg.Go(func() { b.followNetwork(ctx) })
	}
	return b.loop(ctx)
}

func (b *Booth) loop(ctx context.Context) Outcome {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		b.board.publish(b.m.view())
		if o, ok := b.m.ended(); ok {
			return o
		}
		timer.Stop()
		if at := b.m.next(); !at.IsZero() {
			timer.Reset(time.Until(at))
		}
		select {
		case <-ctx.Done():
			return Stopped
		case f := <-b.events:
			f(b.m, time.Now())
		case now := <-timer.C:
			b.m.tick(now)
		}
		for _, e := range b.m.take() {
			b.perform(ctx, e)
		}
	}
}

// queued is how many events may wait for Run's goroutine, which never waits for
// anything itself.
const queued = 64

// event has f run by Run's goroutine and returns when it has been; it reports
// false where there is none any more.
func (b *Booth) event(ctx context.Context, f func(m *machine, now time.Time)) bool {
	ran := make(chan struct{})
	select {
	case b.events <- func(m *machine, now time.Time) { f(m, now); close(ran) }:
	case <-ctx.Done():
		return false
	case <-b.done:
		return false
	}
	select {
	case <-ran:
		return true
	case <-ctx.Done():
	case <-b.done:
	}
	// f itself may have been what ended Run: the right PIN is one.
	select {
	case <-ran:
		return true
	default:
		return false
	}
}

// post is event for whoever must not wait, such as the goroutine of a window.
func (b *Booth) post(f func(m *machine, now time.Time)) {
	select {
	case b.events <- f:
	default: // Run is over, or has not begun and is drowned in touches
	}
}

// perform carries out one effect. What may wait has a goroutine of its own.
func (b *Booth) perform(ctx context.Context, e effect) {
	switch e {
	case dialCounsellor:
		b.wg.Go(func() { b.dial(ctx, b.opts.Numbers.Counsellor) })
	case dialEmergency:
		b.wg.Go(func() { b.dial(ctx, b.opts.Numbers.Emergency) })
	case hangUp:
		b.wg.Go(func() {
			if err := b.opts.Phone.Hangup(ctx); err != nil && ctx.Err() == nil {
				b.log.Info("hanging up", "error", err) // it has ended by itself meanwhile
			}
		})
	case stopTest:
		if b.breakOff != nil {
			b.breakOff()
		}
	case probe:
		b.ask()
	}
}

func (b *Booth) dial(ctx context.Context, tel string) {
	id, err := b.opts.Phone.Dial(ctx, b.opts.Request(tel))
	b.event(ctx, func(m *machine, now time.Time) { m.dialed(id, err, now) })
}

// ask wakes the goroutine that follows the network.
func (b *Booth) ask() {
	select {
	case b.poke <- struct{}{}:
	default:
	}
}

// Watch gives the present status, then the newest one whenever it has changed,
// until ctx or the booth ends. It may be ranged over once.
func (b *Booth) Watch(ctx context.Context) iter.Seq[Status] { return b.board.watch(ctx) }

// Status is what the screen shows now.
func (b *Booth) Status() Status { return b.board.now() }

// Press is one of the buttons; it returns when the booth has taken it. Pressing
// again does nothing. The emergency button takes the place of a call to the
// counsellor that nobody has answered; other than that a second call is refused
// with call.ErrBusy until the first has ended.
func (b *Booth) Press(ctx context.Context, button Button) error {
	return b.command(ctx, func(m *machine, now time.Time) error { return m.press(button, now) })
}

// Hangup ends the visitor's call.
func (b *Booth) Hangup(ctx context.Context) error {
	return b.command(ctx, func(m *machine, now time.Time) error { return m.hang(now) })
}

func (b *Booth) command(ctx context.Context, f func(m *machine, now time.Time) error) error {
	var err error
	if !b.event(ctx, func(m *machine, now time.Time) { err = f(m, now) }) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return call.ErrStopped
	}
	return err
}

// Touch is any sign of somebody at the screen: a touch, a key. It wakes the
// screen and, in a call, counts as much as speech. Like Home and Spoken it
// returns at once.
func (b *Booth) Touch() { b.post((*machine).touch) }

// Home goes back from the screen Over to the start.
func (b *Booth) Home() { b.post((*machine).home) }

// Spoken tells that the prompt of that ID has been played to its end.
func (b *Booth) Spoken(id uint64) {
	b.post(func(m *machine, now time.Time) { m.spoken(id, now) })
}

// Finish asks for the end of the program with this outcome, as soon as nobody
// uses the booth: no call, no self-test, nobody at the screen.
func (b *Booth) Finish(ctx context.Context, o Outcome) {
	b.event(ctx, func(m *machine, _ time.Time) { m.ends(o) })
}

// Beat returns nil when the booth's own goroutine has answered; it is a part of
// the watchdog's round trip.
func (b *Booth) Beat(ctx context.Context) error {
	return b.command(ctx, func(*machine, time.Time) error { return nil })
}

// PIN tries the administrator's PIN. The right one lets Run return Left; wait
// is how long the next attempt will be refused unseen. It takes as long as the
// policy's hash wants (a tenth of a second or more) and keeps nobody from the
// buttons meanwhile. In a call every PIN is refused and none is counted.
func (b *Booth) PIN(ctx context.Context, digits string) (ok bool, wait time.Duration) {
	if b.lock == nil {
		return false, 0
	}
	busy := true
	if !b.event(ctx, func(m *machine, _ time.Time) { busy = m.status.Screen.InCall() }) || busy {
		return false, 0
	}
	right, wait := b.lock.try(digits)
	left := false
	if !b.event(ctx, func(m *machine, now time.Time) {
		m.status.PINAgain = b.lock.again(now)
		left = right && m.left()
	}) {
		return false, wait
	}
	return left, wait
}
