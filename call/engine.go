package call

import (
	"context"
	"crypto/rand"
	"iter"
	"sync"
	"time"
)

// Options configure an Engine. Signaling and Media are required.
type Options struct {
	Signaling Signaling
	Media     Media
	// RingTimeout bounds the time from Dial to the answer; 0 means no bound.
	RingTimeout time.Duration
}

// clearTime bounds the wait for a leg that was told to hang up. Legs bound
// themselves to 3 s; this only guards against one that does not.
const clearTime = 5 * time.Second

// noticeTime bounds a lawful ending, from the command to the hang-up: a minute
// of notice, and what it takes to resume a held call before it and to hear it
// out behind it.
const noticeTime = 70 * time.Second

// Engine is the phone. Run owns its state; every other method may be called
// from any goroutine.
type Engine struct {
	opts  Options
	inbox inbox
	bus   bus
	done  chan struct{} // closed when Run has returned

	mu      sync.Mutex
	waiting map[token]chan outcome
	last    token
	over    bool // Run has returned: nothing will be answered any more

	// Below: only Run's goroutine.
	m           machine
	leg         Leg
	session     Session
	ringTimer   *time.Timer
	clearTimer  *time.Timer
	noticeTimer *time.Timer
	finished    bool
}

type outcome struct {
	call int
	err  error
}

// New makes an engine that does nothing until Run.
func New(opts Options) *Engine {
	e := &Engine{
		opts:    opts,
		done:    make(chan struct{}),
		waiting: make(map[token]chan outcome),
		m:       machine{cfg: timing{ring: opts.RingTimeout, clear: clearTime, notice: noticeTime}},
	}
	e.inbox.ready = make(chan struct{}, 1)
	return e
}

// Run is the engine's goroutine: it takes inputs one by one until ctx ends,
// then ends the call that is up (BYE or CANCEL, bounded to 5 s) and returns.
// It is called once. Commands given before Run wait for it.
func (e *Engine) Run(ctx context.Context) {
	defer e.finish()
	stopAsked := ctx.Done()
	for !e.finished {
		select {
		case <-stopAsked:
			stopAsked = nil
			e.take(stop{})
		case <-e.inbox.ready:
			for _, in := range e.inbox.drain() {
				e.take(in)
				if e.finished {
					return
				}
			}
		}
	}
}

func (e *Engine) finish() {
	e.stopTimers()
	e.mu.Lock()
	e.over = true
	for t, c := range e.waiting {
		c <- outcome{err: ErrStopped}
		delete(e.waiting, t)
	}
	e.mu.Unlock()
	e.bus.close()
	close(e.done)
}

// take is one step and its effects.
func (e *Engine) take(in input) {
	if sig, ok := in.(signal); ok {
		e.lastWord(sig)
	}
	m, effects := step(e.m, in, time.Now())
	e.m = m
	for _, eff := range effects {
		e.perform(eff)
	}
}

// lastWord takes the figures of this moment when the far end has ended the call,
// before it is over: those of the last second would else be missing.
func (e *Engine) lastWord(sig signal) {
	_, ends := sig.ev.(LegEnded)
	if !ends || e.session == nil || e.m.snap.State == Clearing {
		return
	}
	if st, ok := e.session.Stats(); ok {
		e.take(media{sig.call, StatsMeasured{Stats: st}})
	}
}

// Dial places a call and returns its ID once the engine has accepted it; what
// becomes of it is told to watchers. A refused request is an *Error, and
// nothing was sent for it.
//
// For this and every other command: when ctx ends first the caller stops
// waiting, but the command may still be carried out.
func (e *Engine) Dial(ctx context.Context, req Request) (int, error) {
	req.CallID = rand.Text()
	return e.command(ctx, func(t token) input { return dial{t, req} })
}

// Hangup ends the call. It returns when the microphone and the network are
// shut; the server's answer is awaited behind it (state Clearing).
func (e *Engine) Hangup(ctx context.Context) error {
	_, err := e.command(ctx, func(t token) input { return hangup{t} })
	return err
}

// Mute switches the microphone and returns when the capture path has confirmed
// it. A Mute that a later, contrary one overtakes fails with CodeSuperseded.
func (e *Engine) Mute(ctx context.Context, on bool) error {
	_, err := e.command(ctx, func(t token) input { return mute{t, on} })
	return err
}

// Deafen silences the far end in the user's ear, or lets it be heard again, and
// returns when the playout has confirmed it. The short sounds of the phone
// itself go on. A contrary Deafen that comes later supersedes it.
func (e *Engine) Deafen(ctx context.Context, on bool) error {
	_, err := e.command(ctx, func(t token) input { return deafen{t, on} })
	return err
}

// Hold puts the far end on hold, or takes it off, and returns when the far end
// has accepted that. Neither side hears the other from the moment of the
// command. A refusal is CodeHoldRefused: the call goes on as it was.
func (e *Engine) Hold(ctx context.Context, on bool) error {
	_, err := e.command(ctx, func(t token) input { return hold{t, on} })
	return err
}

// Farewell ends the call lawfully: the microphone is shut for good, the notice
// of the organisation is played to the far end, and the call ends with
// CodeFarewell. It returns when the notice has begun. CodeNoNotice and
// CodeBadNotice change nothing. Where nobody can hear it (no media, or the far
// end holds us) the call ends at once; a call that we hold is resumed first. A
// second Farewell, or Hangup, ends at once.
func (e *Engine) Farewell(ctx context.Context) error {
	_, err := e.command(ctx, func(t token) input { return farewell{t} })
	return err
}

// MuteVideo says whether a picture may be sent in this call, and is confirmed at
// once: see [Call].VideoMuted. The next call begins without the wish.
func (e *Engine) MuteVideo(ctx context.Context, on bool) error {
	_, err := e.command(ctx, func(t token) input { return muteVideo{t, on} })
	return err
}

// SendDTMF queues digits (0-9, *, #, A-D) in an answered call and returns when
// they are accepted; a DigitSent follows for each.
func (e *Engine) SendDTMF(ctx context.Context, digits string) error {
	_, err := e.command(ctx, func(t token) input { return sendDTMF{t, digits} })
	return err
}

// Watch tells everything that happens, from one moment on: first the snapshot
// of that moment with a nil cause, then each cause with the snapshot it led
// to, none lost and none merged. Between causes come snapshots with a nil
// cause that differ in measurements only; of those, a slow watcher gets the
// newest. The sequence ends with ctx or with the engine, and may be ranged over
// once. A watcher never delays the engine.
func (e *Engine) Watch(ctx context.Context) iter.Seq2[Snapshot, Cause] {
	return e.bus.watch(ctx)
}

// Snapshot is the state of the phone now.
func (e *Engine) Snapshot() Snapshot { return e.bus.snapshot() }

// Done is closed when Run has returned.
func (e *Engine) Done() <-chan struct{} { return e.done }

func (e *Engine) command(ctx context.Context, in func(token) input) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	c := make(chan outcome, 1)
	e.mu.Lock()
	if e.over {
		e.mu.Unlock()
		return 0, ErrStopped
	}
	e.last++
	t := e.last
	e.waiting[t] = c
	e.inbox.put(in(t))
	e.mu.Unlock()
	select {
	case o := <-c:
		return o.call, o.err
	case <-ctx.Done():
		e.mu.Lock()
		delete(e.waiting, t)
		e.mu.Unlock()
		return 0, ctx.Err()
	}
}

func (e *Engine) perform(eff effect) {
	switch eff := eff.(type) {
	case openLeg:
		e.leg = e.opts.Signaling.Open(eff.req, func(ev SignalEvent) { e.inbox.put(signal{eff.call, ev}) })
	case openMedia:
		e.session = e.opts.Media.Open(eff.req, func(ev MediaEvent) { e.inbox.put(media{eff.call, ev}) })
	case sendInvite:
		e.leg.Invite(eff.offer)
	case sendReinvite:
		e.leg.Reinvite(eff.offer)
	case sendInfo:
		e.leg.SendInfo(eff.digit)
	case respond:
		e.leg.Respond(eff.ref, eff.code, eff.sdp)
	case hangLeg:
		e.leg.Hangup(eff.reason)
	case giveAnswer:
		e.session.Answer(eff.sdp, eff.early)
	case giveAck:
		e.session.Acknowledged(eff.sdp)
	case reoffer:
		e.session.Reoffer(eff.ref, eff.sdp)
	case offerRefused:
		e.session.Refused()
	case setMute:
		e.session.Mute(eff.on)
	case setDeaf:
		e.session.Deafen(eff.on)
	case setHold:
		e.session.Hold(eff.on)
	case playNotice:
		e.session.Play()
	case playDigits:
		e.session.SendDTMF(eff.digits)
	case playTone:
		e.session.Tone(eff.tone)
	case closeMedia:
		e.session.Close(eff.last)
	case startRing:
		e.ringTimer = time.AfterFunc(eff.d, func() { e.inbox.put(ringTimeout{eff.call}) })
	case startClear:
		e.clearTimer = time.AfterFunc(eff.d, func() { e.inbox.put(clearTimeout{eff.call}) })
	case startNotice:
		e.noticeTimer = time.AfterFunc(eff.d, func() { e.inbox.put(noticeTimeout{eff.call}) })
	case stopTimers:
		e.stopTimers()
	case publish:
		e.bus.publish(eff.snap, eff.cause)
	case reply:
		e.reply(eff)
	case stopped:
		e.finished = true
	}
}

func (e *Engine) reply(r reply) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c, ok := e.waiting[r.token]; ok {
		delete(e.waiting, r.token)
		o := outcome{err: r.err}
		if r.err == nil {
			o.call = r.call
		}
		c <- o
	}
}

func (e *Engine) stopTimers() {
	for _, t := range []*time.Timer{e.ringTimer, e.clearTimer, e.noticeTimer} {
		if t != nil {
			t.Stop()
		}
	}
}

// inbox is the engine's queue of inputs: unbounded, so that an adapter never
// waits for the engine. Its length is bounded in practice by what one call can
// say.
type inbox struct {
	ready chan struct{} // one token while there is something to drain
	mu    sync.Mutex
	queue []input
}

func (b *inbox) put(in input) {
	b.mu.Lock()
	b.queue = append(b.queue, in)
	b.mu.Unlock()
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

func (b *inbox) drain() []input {
	b.mu.Lock()
	defer b.mu.Unlock()
	q := b.queue
	b.queue = nil
	return q
}
