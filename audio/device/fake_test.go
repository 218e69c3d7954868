package device

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nxphone/audio"
)

// fakeSystem is a sound system made of memory, for tests in a synctest bubble:
// its devices keep the bubble's time, and it hangs and fails to order.
type fakeSystem struct {
	mu             sync.Mutex
	mics, speakers []Info
	listErr        error
	openErr        error
	// dead is the ID of a device that opens and never calls back.
	dead string
	// hang, while not nil, holds every call into the system until it is closed.
	hang chan struct{}
	// streams are all that were ever opened, drivers how many were made and
	// closed.
	streams       []*fakeStream
	made, dropped int
}

func (f *fakeSystem) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

// enter waits where the system hangs.
func (f *fakeSystem) enter() {
	f.mu.Lock()
	hang := f.hang
	f.mu.Unlock()
	if hang != nil {
		<-hang
	}
}

func (f *fakeSystem) stream(i int) *fakeStream {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.streams[i]
}

func (f *fakeSystem) opened() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.streams)
}

func (f *fakeSystem) host(t *testing.T) *Host {
	return newHost(slog.New(slog.NewTextHandler(t.Output(), nil)), func() driver {
		f.set(func() { f.made++ })
		return fakeDriver{f}
	})
}

type fakeDriver struct{ f *fakeSystem }

func (d fakeDriver) close() { d.f.set(func() { d.f.dropped++ }) }

func (d fakeDriver) list() (mics, speakers []Info, err error) {
	d.f.enter()
	d.f.mu.Lock()
	defer d.f.mu.Unlock()
	return d.f.mics, d.f.speakers, d.f.listErr
}

func (d fakeDriver) open(dir Direction, id string, periods int) (stream, error) {
	d.f.enter()
	d.f.mu.Lock()
	defer d.f.mu.Unlock()
	if d.f.openErr != nil {
		return nil, d.f.openErr
	}
	s := &fakeStream{goLine: newGoLine(), periods: periods, f: d.f, dir: dir, id: id, period: audio.FrameLen, quit: make(chan struct{}), mute_: id != "" && id == d.f.dead}
	d.f.streams = append(d.f.streams, s)
	s.wg.Go(s.run)
	return s, nil
}

// fakeStream is a device that calls back every 10 ms.
type fakeStream struct {
	*goLine
	f      *fakeSystem
	dir    Direction
	id     string
	period int
	// periods is what it was opened with, behind how late its callbacks have
	// been.
	periods int
	behind  atomic.Int64

	mu     sync.Mutex
	mute_  bool // the device has been unplugged
	next   int16
	played []int16
	quit   chan struct{}
	wg     sync.WaitGroup
	closed bool
}

func (s *fakeStream) run() {
	tick := time.NewTicker(audio.FrameDur)
	defer tick.Stop()
	for {
		select {
		case <-s.quit:
			return
		case <-tick.C:
			s.call(s.period)
		}
	}
}

// call is one callback of n samples: the microphone counts 1, 2, 3, ...
func (s *fakeStream) call(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mute_ {
		return
	}
	buf := make([]int16, n)
	if s.dir == Microphone {
		for i := range buf {
			s.next = max(s.next+1, 1)
			buf[i] = s.next
		}
		s.record(buf)
		return
	}
	s.fill(buf)
	s.played = append(s.played, buf...)
}

func (s *fakeStream) late() time.Duration { return time.Duration(s.behind.Load()) }

func (s *fakeStream) unplug(out bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mute_ = out
}

func (s *fakeStream) close() {
	s.f.enter()
	close(s.quit)
	s.wg.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}

func (s *fakeStream) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// usual is a machine with one microphone and one speaker.
func usual() *fakeSystem {
	return &fakeSystem{
		mics:     []Info{{ID: "mic", Name: "Desk microphone", Default: true}},
		speakers: []Info{{ID: "spk", Name: "Desk speaker", Default: true}},
	}
}
