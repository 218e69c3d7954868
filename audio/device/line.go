package device

import (
	"sync/atomic"
	"time"

	"nxphone/audio"
)

// ringLen is the size of a line's ring in samples: 170 ms of four channels at
// 96 kHz, 1.4 s of one at 48 kHz, which holds what a callback brings while the
// reader is late.
const ringLen = 1 << 16

// line is what lies between one open device and its reader or writer: a ring,
// and the counters that the device's callback keeps. A device that is opened
// anew gets a new line, so that a callback of the old one, which may still come
// while that hangs, finds nobody else at its ring. Nothing here blocks.
type line interface {
	// queued is how many samples wait in the ring. From any goroutine.
	queued() int
	// read takes the oldest samples and discard drops them; both return how
	// many there were. They belong to the reader of a microphone.
	read(dst []int16) int
	discard(n int) int
	// write queues samples and returns how many found room. It belongs to the
	// writer of a speaker.
	write(src []int16) int
	// calls is how often the device has called back. From any goroutine.
	calls() uint64
	// dropped is how many recorded samples found the ring full, missed how
	// many samples of silence were played for want of sound, after the first
	// write. From any goroutine.
	dropped() uint64
	missed() uint64
	// late is by how much callbacks came later than the sound system could
	// bridge, all together; thread is the system's number of the thread that
	// calls back, 0 where that is not known. From any goroutine.
	late() time.Duration
	thread() int
	// mute makes the callback exchange nothing any more.
	mute()
}

// goLine is a line whose callback is written in Go.
type goLine struct {
	ring  *audio.Ring
	count atomic.Uint64
	lost  atomic.Uint64
	holes atomic.Uint64
	began atomic.Bool
	gone  atomic.Bool
	// channels is the samples of a frame; set before the device starts.
	channels int
}

var _ line = (*goLine)(nil)

func newGoLine() *goLine { return &goLine{ring: audio.NewRing(ringLen), channels: 1} }

// record is the callback of a microphone.
func (l *goLine) record(samples []int16) {
	l.count.Add(1)
	if l.gone.Load() {
		return
	}
	// Whole frames only: what follows would change its channels.
	n := min(len(samples), (ringLen-l.ring.Len())/l.channels*l.channels)
	l.ring.Write(samples[:n])
	if n < len(samples) {
		l.lost.Add(uint64(len(samples) - n))
	}
}

// fill is the callback of a speaker.
func (l *goLine) fill(samples []int16) {
	l.count.Add(1)
	n := 0
	if !l.gone.Load() {
		n = l.ring.Read(samples)
	}
	if n < len(samples) {
		clear(samples[n:])
		if l.began.Load() {
			l.holes.Add(uint64(len(samples) - n))
		}
	}
}

func (l *goLine) queued() int          { return l.ring.Len() }
func (l *goLine) read(dst []int16) int { return l.ring.Read(dst) }
func (l *goLine) discard(n int) int    { return l.ring.Discard(n) }
func (l *goLine) calls() uint64        { return l.count.Load() }
func (l *goLine) dropped() uint64      { return l.lost.Load() }
func (l *goLine) missed() uint64       { return l.holes.Load() }
func (l *goLine) late() time.Duration  { return 0 }
func (l *goLine) thread() int          { return 0 }
func (l *goLine) mute()                { l.gone.Store(true) }

func (l *goLine) write(src []int16) int {
	l.began.Store(true)
	return l.ring.Write(src)
}

// beat measures how long a device has been quiet, by looking at its count of
// calls: callbacks thus need no clock. Each observer has its own.
type beat struct {
	calls uint64
	at    time.Duration
}

// quiet looks at the count and returns the time since it last changed, to the
// precision at which it is called.
func (b *beat) quiet(calls uint64, now time.Duration) time.Duration {
	if calls != b.calls {
		b.calls, b.at = calls, now
	}
	return now - b.at
}

// clock is monotonic time since the Host was opened.
type clock struct{ start time.Time }

func (c clock) now() time.Duration { return time.Since(c.start) }
