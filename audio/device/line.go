package device

import (
	"sync/atomic"
	"time"

	"nxphone/audio"
)

// How much sound may wait in a ring. A frame is 10 ms.
const (
	// ringLen holds what a callback brings while the reader is late: 341 ms.
	ringLen = 1 << 14
	// speakerQueue is what the speaker's ring is filled up to: 20 ms, which
	// hides a late tick of audio.Run without being heard as delay.
	speakerQueue = 2 * audio.FrameLen
	// firstQueue is the oldest that the first read of a microphone gives.
	// Until then nobody listened, and what is older would stay as delay.
	firstQueue = 6 * audio.FrameLen
	// maxQueue bounds what waits between microphone and reader, and keptQueue
	// is what remains after it was cut: some, so that one late reader does
	// not cost a cut at every read after it.
	maxQueue  = 10 * audio.FrameLen
	keptQueue = 4 * audio.FrameLen
)

const (
	// stallAfter is how late a device may be before the call goes on with
	// silence in its place. Shorter lateness is the business of the rings and
	// of the far end's jitter buffer.
	stallAfter = 200 * time.Millisecond
	// lostAfter is the silence of a device's callback after which it counts
	// as gone. Unplugging and a killed daemon are told in no other way:
	// miniaudio calls neither of its notifications then.
	lostAfter = 500 * time.Millisecond
	// startGrace is what a device that has just been opened has in place of
	// lostAfter: Bluetooth and sleeping cards take their time, and a null sink
	// of PulseAudio first sleeps out its block of 2 s.
	startGrace = 3 * time.Second
)

// line is what lies between one open device and its reader or writer: a ring,
// and the flags that the device's callback sets. A device that is opened anew
// gets a new line, so that a callback of the old one, which may still come
// while that hangs, finds nobody else at its ring.
type line struct {
	clock clock
	ring  *audio.Ring
	count *counters
	// opened is when the device was about to be opened, beat when it last
	// called, or opened before that.
	opened time.Duration
	beat   atomic.Int64
	// stale says that the ring has been full: what it holds is old.
	stale atomic.Bool
	// primed says that the speaker has been written to, so that silence
	// before the first frame does not count as a gap.
	primed atomic.Bool
	// gone silences the callback of a device that was given up.
	gone atomic.Bool
}

// counters are a half's numbers, over all of its lines.
type counters struct {
	frames, silent, overruns, underruns, lost, reopened atomic.Uint64
}

// clock is monotonic time since the Host was opened.
type clock struct{ start time.Time }

func (c clock) now() time.Duration { return time.Since(c.start) }

func newLine(c clock, n *counters) *line {
	l := &line{clock: c, ring: audio.NewRing(ringLen), count: n, opened: c.now()}
	l.beat.Store(int64(l.opened))
	return l
}

// quiet is how long the device has not called.
func (l *line) quiet(now time.Duration) time.Duration {
	return now - time.Duration(l.beat.Load())
}

// stalled reports whether the device is so late that silence must stand in.
func (l *line) stalled(now time.Duration) bool { return l.quiet(now) > stallAfter }

// dead reports whether the device will not call any more.
func (l *line) dead(now time.Duration) bool {
	return l.quiet(now) > lostAfter && now-l.opened > startGrace
}

// record is the callback of a microphone.
func (l *line) record(samples []int16) {
	l.beat.Store(int64(l.clock.now()))
	if l.gone.Load() {
		return
	}
	if n := l.ring.Write(samples); n < len(samples) {
		l.count.overruns.Add(uint64(len(samples) - n))
		l.stale.Store(true)
	}
}

// fill is the callback of a speaker.
func (l *line) fill(samples []int16) {
	l.beat.Store(int64(l.clock.now()))
	n := 0
	if !l.gone.Load() {
		n = l.ring.Read(samples)
	}
	if n < len(samples) {
		clear(samples[n:])
		if l.primed.Load() && !l.gone.Load() {
			l.count.underruns.Add(uint64(len(samples) - n))
		}
	}
}

// trim drops the oldest samples of a microphone that has more than limit
// queued, so that keep remain, and returns how many it dropped. A ring that has
// been full holds nothing worth keeping.
func (l *line) trim(limit, keep int) int {
	if l.stale.CompareAndSwap(true, false) {
		limit, keep = 0, 0
	}
	n := l.ring.Len()
	if n <= limit {
		return 0
	}
	return l.ring.Discard(n - keep)
}

// pacer says when a frame is due where there is no device to say it.
type pacer struct{ next time.Duration }

// due reports whether a frame is due at now, and counts it. After a pause it
// begins anew and makes nothing up.
func (p *pacer) due(now time.Duration) bool {
	if now-p.next > maxPause || p.next-now > maxPause {
		p.next = now
	}
	if now < p.next {
		return false
	}
	p.next += audio.FrameDur
	return true
}

// maxPause is the lateness up to which a pacer catches up.
const maxPause = 100 * time.Millisecond
