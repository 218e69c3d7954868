package device

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"nxphone/audio"
)

const (
	// stallAfter is how late a device may be before the call goes on with
	// silence in its place. Shorter lateness is the business of the rings and
	// of the far end's jitter buffer.
	stallAfter = 200 * time.Millisecond
	// beginAfter is the same for a device that has not begun yet: a call whose
	// packets flow from the start finds its way through SBCs sooner.
	beginAfter = 60 * time.Millisecond
	// lostAfter is the silence of a device's callback after which it counts
	// as gone. Unplugging and a killed daemon are told in no other way:
	// miniaudio calls neither of its notifications then.
	lostAfter = 350 * time.Millisecond
	// askAfter is when the system is asked whether a silent device is still
	// there at all. If it is not, nothing is waited for.
	askAfter = 200 * time.Millisecond
	// startGrace is what a device that has just been opened has in place of
	// lostAfter: Bluetooth and sleeping cards take their time, and a null sink
	// of PulseAudio first sleeps out its block of 2 s.
	startGrace = 3 * time.Second
	// watchEvery is how often that is looked at.
	watchEvery = 50 * time.Millisecond
	// reopenEvery is the pause between attempts to open a lost device again.
	reopenEvery = time.Second
	// betterEvery is how often it is looked whether a device that is wanted more
	// than the present one has come, and deadEvery how long one is left alone
	// that has come and gives nothing.
	betterEvery = 2 * time.Second
	deadEvery   = 30 * time.Second

	// usualPeriods of 10 ms are what the sound system holds ready for a speaker,
	// morePeriods where callbacks have come late in lateOften different moments within
	// lateWithin: a busy machine is bridged at the price of delay, and after
	// calmAfter without another the usual is tried again.
	usualPeriods = 3
	morePeriods  = 5
	lateOften    = 3
	lateWithin   = 10 * time.Second
	calmAfter    = time.Minute
)

// half is one direction of a call's sound. Its device may go and come; what
// reads and writes it sees only cur.
type half struct {
	host *Host
	dir  Direction
	// wants is the choice, the most wanted device first.
	wants []string

	// cur is the open device, nil while there is none.
	cur    atomic.Pointer[opened]
	closed atomic.Bool
	count  counters
	info   atomic.Pointer[Info]
	lost   chan struct{} // capacity 1
	// dead is until when a device is passed over, by its place in wants: it was
	// opened and gave nothing. It belongs to the supervisor.
	dead map[int]time.Duration
	// periods is what a device is opened with; it belongs to the supervisor.
	periods int

	// end belongs to the one goroutine that reads or writes.
	end end

	stop   context.CancelFunc
	done   chan struct{}
	once   sync.Once
	closes error
}

// opened is a running device. A half's owner and its reader each look at it
// with their own eyes.
type opened struct {
	stream
	info    Info
	rank    int // its place in wants
	periods int
	since   time.Duration // clock time
}

// silence is how much silence, in samples, the listener of a speaker got for
// want of sound. (A late microphone loses nothing: the system keeps its sound.)
func (o *opened) silence() uint64 {
	return o.missed() + uint64(o.late()*audio.Rate/time.Second)
}

// counters are a half's numbers; those that a line keeps come on top.
type counters struct {
	frames, silent, overruns, underruns, lost, reopened atomic.Uint64
}

// openHalf opens one direction and, unless it is Null, watches over it until
// close. own is the place in wants of the device that the user has set: that
// another one stands in for it is told. lost may be shared by two halves. The
// error is an *OpenError.
func (h *Host) openHalf(ctx context.Context, dir Direction, wants []string, own int, lost chan struct{}) (*half, error) {
	if len(wants) == 0 {
		wants = []string{Default}
	}
	ctx, end, err := h.begin(ctx)
	if err != nil {
		return nil, &OpenError{Direction: dir, Err: err}
	}
	defer end()
	f := &half{host: h, dir: dir, wants: wants, lost: lost, done: make(chan struct{}), stop: func() {}, dead: map[int]time.Duration{}, periods: usualPeriods}
	if wants[len(wants)-1] == Null {
		f.info.Store(&Info{ID: Null, Name: Null})
		close(f.done)
		h.enlist(f)
		return f, nil
	}
	o, err := f.open(ctx, wants)
	if err != nil {
		return nil, &OpenError{Direction: dir, Err: err}
	}
	f.attach(o)
	if o.rank > own {
		f.tell()
	}
	watch, stop := context.WithCancel(context.Background())
	f.stop = stop
	go f.supervise(watch)
	h.enlist(f)
	return f, nil
}

// open finds and starts the first device of wants that is there.
func (f *half) open(ctx context.Context, wants []string) (*opened, error) {
	periods := f.periods
	return onThread(ctx, f.host.threads, "open "+f.dir.String(), openLimit, func(d driver) (*opened, error) {
		// Always listed first: it proves that the context lives, and miniaudio
		// opens a device that does not exist with what lay on its stack.
		info, rank, err := find(d, f.dir, wants)
		if err != nil {
			return nil, err
		}
		id := info.ID
		if isDefault(wants[rank]) && info.Default {
			id = "" // the system then moves the stream when its default changes
		}
		s, err := d.open(f.dir, id, periods)
		if err != nil {
			return nil, err
		}
		return &opened{stream: s, info: info, rank: rank, periods: periods, since: f.host.clock.now()}, nil
	}, func(_ driver, o *opened) { o.close() })
}

func find(d driver, dir Direction, wants []string) (info Info, rank int, err error) {
	mics, speakers, err := d.list()
	if err != nil {
		return Info{}, 0, err
	}
	if dir == Microphone {
		return chooseFirst(mics, wants)
	}
	return chooseFirst(speakers, wants)
}

func (f *half) attach(o *opened) {
	f.info.Store(&o.info)
	f.cur.Store(o)
	f.host.log.Info("sound device opened", "direction", f.dir, "device", o.info.Name, "id", o.info.ID)
	if o.info.Monitor {
		f.host.log.Warn("the microphone hears what the speaker plays", "device", o.info.Name)
	}
}

// supervise notices that the device has gone and opens one again.
func (f *half) supervise(ctx context.Context) {
	defer close(f.done)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	var seen *opened
	var pulse beat
	var retry, better time.Duration
	var next *opened // wanted more than the present one, and not heard yet
	var asked bool   // whether the silent device is still there
	var haste haste
	leave := func() {
		if next != nil {
			f.host.closeStream(f.dir, next)
			next = nil
		}
	}
	defer leave()
	reopen := func() {
		f.reopen(ctx)
		retry = f.host.clock.now() + reopenEvery
	}
	giveUp := func(o *opened) {
		f.lose(o)
		leave()
		reopen()
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		o, now := f.cur.Load(), f.host.clock.now()
		switch {
		case o == nil:
			if now >= retry {
				reopen()
			}
		case o != seen:
			seen, pulse = o, beat{at: o.since}
			better = now + betterEvery
			haste.begin(o, now)
			asked = false
		case pulse.quiet(o.calls(), now) > lostAfter && now-o.since > startGrace:
			giveUp(o)
		case pulse.quiet(o.calls(), now) > askAfter && now-o.since > startGrace:
			if !asked {
				asked = true
				if f.vanished(ctx, o) {
					giveUp(o)
				}
			}
		case next != nil && next.calls() > 0:
			f.improve(o, next)
			next = nil
		case next != nil && now-next.since > startGrace:
			f.host.log.Warn("a device that is wanted gives nothing, the one before stays", "direction", f.dir, "device", next.info.Name)
			if next.rank != o.rank {
				f.dead[next.rank] = now + deadEvery
			}
			f.periods = o.periods
			leave()
		case next == nil && o.rank > 0 && now >= better:
			next = f.better(ctx, o)
			better = f.host.clock.now() + betterEvery
		default:
			asked = false
			f.host.hurry(o, &haste)
			if next != nil || f.dir != Speaker {
				continue
			}
			if periods := haste.wants(o, now); periods != o.periods {
				haste.begin(o, now) // should it not open, this is not tried at once again
				next = f.again(ctx, o, periods)
			}
		}
	}
}

// lose gives the silent device up. It is closed in the background, for it is
// likely to hang.
func (f *half) lose(o *opened) {
	f.detach(o)
	if o.calls() == 0 {
		f.dead[o.rank] = f.host.clock.now() + deadEvery
	}
	f.count.lost.Add(1)
	f.host.log.Warn("sound device lost, silence goes on", "direction", f.dir, "device", o.info.Name)
	f.host.closeStream(f.dir, o)
	f.tell()
	select {
	case f.lost <- struct{}{}:
	default:
	}
}

// tell passes on which device is in use now.
func (f *half) tell() {
	if f.host.told == nil {
		return
	}
	ev := Event{Direction: f.dir}
	if o := f.cur.Load(); o != nil {
		ev.Device = o.info
		if o.rank > 0 {
			ev.Missing = f.wants[0]
		}
	} else {
		ev.Missing = f.info.Load().Name
	}
	f.host.told(ev)
}

// detach takes the device from reader and writer and keeps its numbers.
func (f *half) detach(o *opened) {
	o.mute()
	f.cur.Store(nil)
	if f.dir == Speaker {
		f.count.underruns.Add(o.silence())
	}
	f.count.overruns.Add(o.dropped())
}

// better opens a device that is wanted more than the present one, if it is there
// now. That goes on until the new one has been heard: one that opens and gives
// nothing (a headset whose radio sleeps) must not silence a call that is well.
func (f *half) better(ctx context.Context, old *opened) *opened {
	o, err := f.open(ctx, f.living()[:old.rank])
	if err != nil {
		return nil // still away, or not ready yet: it is asked again
	}
	return o
}

// again opens the present device a second time, with another number of periods;
// its successor is heard before it goes. Where the system lets nobody else have
// it, everything stays as it is.
func (f *half) again(ctx context.Context, old *opened, periods int) *opened {
	f.periods = periods
	wants := f.living()
	for i := range wants {
		if i != old.rank {
			wants[i] = nothing
		}
	}
	o, err := f.open(ctx, wants)
	if err != nil {
		f.periods = old.periods
		f.host.log.Debug("a sound device cannot be opened twice", "direction", f.dir, "error", err)
		return nil
	}
	f.host.log.Info("sound device changes what it holds ready", "direction", f.dir, "periods", o.periods)
	return o
}

// vanished asks the system whether a silent device is gone. A system that does
// not answer leaves it open.
func (f *half) vanished(ctx context.Context, o *opened) bool {
	gone, err := onThread(ctx, f.host.threads, "look for "+f.dir.String(), listLimit, func(d driver) (bool, error) {
		mics, speakers, err := d.list()
		if err != nil {
			return errors.Is(err, ErrNoDevice), nil
		}
		all := speakers
		if f.dir == Microphone {
			all = mics
		}
		return !slices.ContainsFunc(all, func(i Info) bool { return i.ID == o.info.ID }), nil
	}, nil)
	return err == nil && gone
}

// nothing is a want that no device fits.
const nothing = "\x00"

// living is wants with the dead ones passed over; places stay what they are.
func (f *half) living() []string {
	now := f.host.clock.now()
	maps.DeleteFunc(f.dead, func(_ int, until time.Duration) bool { return now >= until })
	wants := slices.Clone(f.wants)
	for rank := range f.dead {
		wants[rank] = nothing
	}
	return wants
}

// improve changes to a device that runs already, so little is missed.
func (f *half) improve(old, o *opened) {
	f.detach(old)
	f.attach(o)
	f.host.closeStream(f.dir, old)
	f.tell()
}

// reopen tries the same choice, and the default when that is not there.
func (f *half) reopen(ctx context.Context) {
	if last := f.wants[len(f.wants)-1]; !isDefault(last) {
		// From now on it may stand in. Only this goroutine looks at the list.
		f.wants = append(slices.Clone(f.wants), Default)
	}
	o, err := f.open(ctx, f.living())
	if err != nil && len(f.dead) > 0 {
		o, err = f.open(ctx, f.wants) // better than none
	}
	if err != nil {
		f.host.log.Debug("sound device still lost", "direction", f.dir, "error", err)
		return
	}
	f.count.reopened.Add(1)
	f.attach(o)
	f.tell()
}

// close ends the supervisor and the device, bounded by closeWait.
func (f *half) close() error {
	f.once.Do(func() {
		f.closed.Store(true)
		f.stop()
		<-f.done // it waits for nothing after its context has ended
		f.host.delist(f)
		o := f.cur.Load()
		if o == nil {
			return
		}
		f.detach(o)
		wait := time.NewTimer(closeWait)
		defer wait.Stop()
		select {
		case f.closes = <-f.host.closeStream(f.dir, o):
		case <-wait.C:
			f.closes = ErrHung
		}
	})
	return f.closes
}

// stats is a reading of the half's numbers; each is exact, all together are
// not one instant's.
func (f *half) stats() HalfStats {
	s := HalfStats{
		Frames:    f.count.frames.Load(),
		Silent:    f.count.silent.Load(),
		Overruns:  f.count.overruns.Load(),
		Underruns: f.count.underruns.Load(),
		Lost:      f.count.lost.Load(),
		Reopened:  f.count.reopened.Load(),
		Device:    *f.info.Load(),
	}
	if o := f.cur.Load(); o != nil {
		s.Live = true
		s.Overruns += o.dropped()
		if f.dir == Speaker {
			s.Underruns += o.silence()
		}
		s.Queued = time.Duration(o.queued()) * time.Second / audio.Rate
	}
	return s
}
