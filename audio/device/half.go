package device

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"nxphone/audio"
)

const (
	// watchEvery is how often that is looked at.
	watchEvery = 100 * time.Millisecond
	// reopenEvery is the pause between attempts to open a lost device again.
	reopenEvery = time.Second
)

// half is one direction of a call's sound. Its device may go and come; what
// reads and writes it sees only cur.
type half struct {
	host *Host
	dir  Direction
	want string

	// cur is the open device's line, nil while there is none.
	cur    atomic.Pointer[line]
	closed atomic.Bool
	count  counters
	info   atomic.Pointer[Info]
	lost   chan struct{} // capacity 1

	// pace, last and silent belong to the one goroutine that reads or writes:
	// the clock of silence, the line of the last frame, and whether silence
	// has stood in since.
	pace   pacer
	last   *line
	silent bool

	// dev is the open device. The supervisor owns it, and after its end close.
	dev stream

	stop   context.CancelFunc
	done   chan struct{}
	once   sync.Once
	closes error
}

// opened is a running device and where its sound goes.
type opened struct {
	dev  stream
	line *line
	info Info
}

// openHalf opens one direction and, unless it is Null, watches over it until
// close. lost may be shared by two halves. The error is an *OpenError.
func (h *Host) openHalf(ctx context.Context, dir Direction, want string, lost chan struct{}) (*half, error) {
	ctx, end, err := h.begin(ctx)
	if err != nil {
		return nil, &OpenError{Direction: dir, Err: err}
	}
	defer end()
	f := &half{host: h, dir: dir, want: want, lost: lost, done: make(chan struct{}), stop: func() {}}
	if want == Null {
		f.info.Store(&Info{ID: Null, Name: Null})
		close(f.done)
		h.enlist(f)
		return f, nil
	}
	o, err := f.open(ctx, want)
	if err != nil {
		return nil, &OpenError{Direction: dir, Err: err}
	}
	f.attach(o)
	watch, stop := context.WithCancel(context.Background())
	f.stop = stop
	go f.supervise(watch)
	h.enlist(f)
	return f, nil
}

// open finds and starts the device that want means.
func (f *half) open(ctx context.Context, want string) (opened, error) {
	l := newLine(f.host.clock, &f.count)
	each := l.record
	if f.dir == Speaker {
		each = l.fill
	}
	return onThread(ctx, f.host.threads, "open "+f.dir.String(), openLimit, func(d driver) (opened, error) {
		// Always listed first: it proves that the context lives, and miniaudio
		// opens a device that does not exist with what lay on its stack.
		info, err := find(d, f.dir, want)
		if err != nil {
			return opened{}, err
		}
		id := info.ID
		if isDefault(want) && info.Default {
			id = "" // the system then moves the stream when its default changes
		}
		dev, err := d.open(f.dir, id, each)
		return opened{dev: dev, line: l, info: info}, err
	}, func(_ driver, o opened) { o.dev.close() })
}

func find(d driver, dir Direction, want string) (Info, error) {
	mics, speakers, err := d.list()
	if err != nil {
		return Info{}, err
	}
	if dir == Microphone {
		return choose(mics, want)
	}
	return choose(speakers, want)
}

func (f *half) attach(o opened) {
	f.dev = o.dev
	f.info.Store(&o.info)
	f.cur.Store(o.line)
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
	var retry time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if l := f.cur.Load(); l != nil {
			if l.dead(f.host.clock.now()) {
				f.lose(l)
				retry = time.Now()
			}
		} else if !time.Now().Before(retry) {
			f.reopen(ctx)
			retry = time.Now().Add(reopenEvery)
		}
	}
}

// lose gives the silent device up. It is closed in the background, for it is
// likely to hang.
func (f *half) lose(l *line) {
	l.gone.Store(true)
	f.cur.Store(nil)
	f.count.lost.Add(1)
	f.host.log.Warn("sound device lost, silence goes on", "direction", f.dir, "device", f.info.Load().Name)
	f.host.closeStream(f.dir, f.dev)
	f.dev = nil
	select {
	case f.lost <- struct{}{}:
	default:
	}
}

// reopen tries the same choice, and the default when that is not there.
func (f *half) reopen(ctx context.Context) {
	o, err := f.open(ctx, f.want)
	if err != nil && !isDefault(f.want) && ctx.Err() == nil {
		o, err = f.open(ctx, Default)
	}
	if err != nil {
		f.host.log.Debug("sound device still lost", "direction", f.dir, "error", err)
		return
	}
	f.count.reopened.Add(1)
	f.attach(o)
}

// close ends the supervisor and the device, bounded by closeWait.
func (f *half) close() error {
	f.once.Do(func() {
		f.closed.Store(true)
		f.stop()
		<-f.done // it waits for nothing after its context has ended
		f.host.delist(f)
		l := f.cur.Swap(nil)
		if l == nil {
			return
		}
		l.gone.Store(true)
		wait := time.NewTimer(closeWait)
		defer wait.Stop()
		select {
		case err := <-f.host.closeStream(f.dir, f.dev):
			f.closes = err
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
	if l := f.cur.Load(); l != nil {
		s.Live = true
		s.Queued = time.Duration(l.ring.Len()) * time.Second / audio.Rate
	}
	return s
}
