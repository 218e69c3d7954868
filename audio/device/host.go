package device

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/gen2brain/malgo"
)

const (
	// openLimit and listLimit bound one question to the sound system,
	// stopLimit the closing of one device.
	openLimit = 3 * time.Second
	listLimit = 3 * time.Second
	stopLimit = 1500 * time.Millisecond
	// closeWait bounds what a caller of Close waits for both its devices: each
	// has its turn on the thread, one after the other.
	closeWait = 3 * time.Second
)

// System says whose devices a Host opens.
type System int

const (
	// SystemAuto is the sound system of the machine.
	SystemAuto System = iota
	// SystemNull is miniaudio's null device, which keeps time and has no
	// sound. It goes through all of this package's code on a machine without
	// sound; Choice's Null needs none of it.
	SystemNull
)

// Options are how a Host is opened.
type Options struct {
	// Log takes what happens to devices; nil drops it. It is told names of
	// devices, never what they hear.
	Log *slog.Logger
	// Program is the name that mixers show; "" is "nxphone".
	Program string
	System  System
	// Told is called when the device of an open direction changes, on a goroutine
	// of the Host's; it must not wait. May be nil.
	Told func(Event)
}

// Event says which device a direction uses from now on.
type Event struct {
	Direction Direction
	// Device is zero while there is none and silence stands in.
	Device Info
	// Missing is what was wanted more, or what has just gone; empty where the
	// most wanted device is in use.
	Missing string
}

// Host is the sound system of this machine, as one process sees it. It keeps
// its connection from one call to the next. All methods may be called from any
// goroutine.
type Host struct {
	log     *slog.Logger
	clock   clock
	threads *threads
	told    func(Event)

	// closing ends what waits for the sound system when the Host closes.
	closing context.Context
	cancel  context.CancelFunc

	mu     sync.Mutex
	halves map[*half]struct{}
	closed bool
	// opens are the calls that may yet add to halves.
	opens sync.WaitGroup
}

// Open makes a Host and begins to connect to the sound system, without waiting
// for it: a machine without one is told by List and OpenDuplex. ctx bounds
// nothing but Open. The Host must be closed.
func Open(ctx context.Context, o Options) (*Host, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Program == "" {
		o.Program = "nxphone"
	}
	backends := systemBackends
	if o.System == SystemNull {
		backends = func() []malgo.Backend { return []malgo.Backend{backendNull} }
	}
	h := newHost(o.Log, func() driver { return newMalgoDriver(o.Log, o.Program, backends) })
	h.told = o.Told
	// The first question loads the sound library and connects, which would
	// otherwise be part of the first call.
	h.threads.wg.Go(func() {
		if _, _, err := h.List(context.Background()); err != nil {
			h.log.Info("no sound devices yet", "error", err)
		}
	})
	return h, nil
}

func newHost(log *slog.Logger, newDriver func() driver) *Host {
	h := &Host{
		log:     log,
		clock:   clock{start: time.Now()},
		threads: newThreads(log, newDriver),
		halves:  map[*half]struct{}{},
	}
	h.closing, h.cancel = context.WithCancel(context.Background())
	return h
}

// List gives the microphones and the speakers that can be chosen, in the
// system's order. An empty list is no error; no sound system at all is
// ErrNoDevice.
func (h *Host) List(ctx context.Context) (mics, speakers []Info, err error) {
	type lists struct{ mics, speakers []Info }
	l, err := onThread(ctx, h.threads, "list", listLimit, func(d driver) (lists, error) {
		mics, speakers, err := d.list()
		return lists{offered(mics), offered(speakers)}, err
	}, nil)
	return l.mics, l.speakers, err
}

// OpenDuplex opens and starts both devices of a call. It opens both or none:
// the error holds an OpenError for each half that failed, to be found with
// Failed. ctx bounds the opening only.
func (h *Host) OpenDuplex(ctx context.Context, c Choice) (*Duplex, error) {
	lost := make(chan struct{}, 1)
	in, inErr := h.openHalf(ctx, Microphone, c.wants(Microphone), len(c.Microphones), lost)
	out, outErr := h.openHalf(ctx, Speaker, c.wants(Speaker), len(c.Speakers), lost)
	if err := errors.Join(inErr, outErr); err != nil {
		for _, f := range []*half{in, out} {
			if f != nil {
				err = errors.Join(err, f.close())
			}
		}
		return nil, err
	}
	return &Duplex{in: newInput(in), out: newOutput(out)}, nil
}

// OpenInput opens a microphone alone, for a call whose speaker is a file: the
// first of wants that is there, each as in Choice.
func (h *Host) OpenInput(ctx context.Context, wants ...string) (*Input, error) {
	f, err := h.openHalf(ctx, Microphone, wants, len(wants), make(chan struct{}, 1))
	if err != nil {
		return nil, err
	}
	return newInput(f), nil
}

// OpenOutput opens a speaker alone, for a call whose microphone is a file, and
// for ringing: the first of wants that is there.
func (h *Host) OpenOutput(ctx context.Context, wants ...string) (*Output, error) {
	f, err := h.openHalf(ctx, Speaker, wants, len(wants), make(chan struct{}, 1))
	if err != nil {
		return nil, err
	}
	return newOutput(f), nil
}

// Close closes what is still open and the connection to the sound system. It
// is bounded in time and gives ErrHung when something had to be left behind.
func (h *Host) Close() error {
	h.cancel()
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.opens.Wait() // they end with closing
	h.mu.Lock()
	open := make([]*half, 0, len(h.halves))
	for f := range h.halves {
		open = append(open, f)
	}
	h.mu.Unlock()
	errs := make([]error, len(open))
	var wg sync.WaitGroup
	for i, f := range open {
		wg.Go(func() { errs[i] = f.close() })
	}
	wg.Wait()
	if !h.threads.close(closeWait) {
		errs = append(errs, ErrHung)
	}
	return errors.Join(errs...)
}

// begin admits a call that opens a half, unless the Host is closing. ctx ends
// with the caller's and with the Host; the caller calls end.
func (h *Host) begin(ctx context.Context) (_ context.Context, end func(), err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, nil, ErrClosed
	}
	h.opens.Add(1)
	ctx, cancel := context.WithCancelCause(ctx)
	unhook := context.AfterFunc(h.closing, func() { cancel(ErrClosed) })
	return ctx, func() { unhook(); cancel(nil); h.opens.Done() }, nil
}

// enlist notes an open half, so that Close finds it.
func (h *Host) enlist(f *half) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.halves[f] = struct{}{}
}

// Gaps are the samples of silence that speakers have played for want of sound,
// and those of microphones that were dropped, of the devices that are open now,
// since each was opened. It may be called from any goroutine.
func (h *Host) Gaps() (underruns, overruns uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for f := range h.halves {
		s := f.stats()
		underruns += s.Underruns
		overruns += s.Overruns
	}
	return underruns, overruns
}

func (h *Host) delist(f *half) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.halves, f)
}

// closeStream closes a device on the owned thread, in its turn, and tells how
// that went. The caller waits as long as it likes.
func (h *Host) closeStream(dir Direction, s stream) <-chan error {
	told := make(chan error, 1)
	h.threads.wg.Go(func() {
		_, err := onThread(context.Background(), h.threads, "close "+dir.String(), stopLimit,
			func(driver) (struct{}, error) { s.close(); return struct{}{}, nil }, nil)
		told <- err
	})
	return told
}
