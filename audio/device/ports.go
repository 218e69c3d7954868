package device

import (
	"errors"
	"sync"
	"time"

	"nxphone/audio"
)

// HalfStats are the numbers of one direction since it was opened.
type HalfStats struct {
	// Device is the one in use, or the last one while none is.
	Device Info
	// Live says that a device is open and running; false while it is lost,
	// and always for Null.
	Live bool
	// Frames were exchanged with a device, 10 ms each; Silent frames were
	// silence given, or sound dropped, for want of one.
	Frames, Silent uint64
	// Overruns are samples of the microphone that were dropped because they
	// had waited too long; 0 for a speaker.
	Overruns uint64
	// Underruns are samples of silence that the speaker played because
	// nothing was queued, after the first frame, or because the device's thread
	// came too late for what the sound system held (which is known on Linux
	// alone).
	Underruns uint64
	// Lost counts how often the device went, Reopened how often one came back.
	Lost, Reopened uint64
	// Queued is the sound that waits in the ring at this moment.
	Queued time.Duration
}

// Stats are the numbers of both directions. A direction that was not opened
// is zero.
type Stats struct{ Microphone, Speaker HalfStats }

// How much sound may wait in a line. A frame is 10 ms.
const (
	// speakerQueue is what the speaker's line is filled up to: 20 ms, which
	// hides a late tick of audio.Run without being heard as delay. Each time
	// that it did not, it is a frame more, up to mostQueue, and one less after
	// queueCalm without another.
	speakerQueue = 2 * audio.FrameLen
	mostQueue    = 4 * audio.FrameLen
	queueCalm    = 10 * time.Second
	// firstQueue is the oldest that the first read of a microphone gives.
	// Until then nobody listened, and what is older would stay as delay.
	firstQueue = 6 * audio.FrameLen
	// maxQueue bounds what waits between microphone and reader, and keptQueue
	// is what remains after it was cut: some, so that one late reader does
	// not cost a cut at every read after it.
	maxQueue  = 10 * audio.FrameLen
	keptQueue = 4 * audio.FrameLen
)

// end is what the goroutine at our end of a half remembers.
type end struct {
	// at is the device of the last look, calls its heartbeat, and dropped what
	// its callback had dropped by then.
	at      *opened
	calls   beat
	dropped uint64
	// fresh: nobody has read from this device yet. silent: silence has stood
	// in since the last frame.
	fresh, silent bool
}

// look takes notice of the device, which may be another one than before.
func (e *end) look(o *opened) {
	if o != nil && o != e.at {
		e.calls, e.dropped, e.fresh = beat{at: o.since}, 0, true
	}
	e.at = o
}

// late reports whether silence must stand in for the device: it is gone, or so
// late that it cannot be waited for.
func (e *end) late(now time.Duration) bool {
	if e.at == nil {
		return true
	}
	calls := e.at.calls()
	quiet := e.calls.quiet(calls, now)
	return quiet > stallAfter || calls == 0 && quiet > beginAfter
}

// trim keeps the delay of a microphone bounded: what has waited too long is
// dropped, the oldest first. It returns how much of that is a loss.
func (e *end) trim() (lost int) {
	limit, keep := maxQueue, keptQueue
	if e.fresh || e.silent {
		limit, keep = firstQueue, firstQueue
	}
	if d := e.at.dropped(); d != e.dropped {
		e.dropped = d
		limit, keep = 0, 0 // a ring that has been full holds only old sound
	}
	if n := e.at.queued(); n > limit {
		lost = e.at.discard(n - keep)
	}
	if e.fresh {
		lost = 0 // nobody listened yet
	}
	return lost
}

// Input is a microphone, open and running. It implements audio.Input: while
// its device is lost, and always for Null, it gives silence in real time.
type Input struct {
	half    *half
	silence *audio.NullInput
}

func newInput(f *half) *Input { return &Input{half: f, silence: audio.NewNullInput(nil)} }

// Read implements audio.Input. The delay of what it gives is bounded: what has
// waited for more than 100 ms is dropped and counted.
func (in *Input) Read(frame []int16) bool {
	f, e := in.half, &in.half.end
	if f.closed.Load() {
		return false
	}
	frame = frame[:audio.FrameLen]
	o := f.cur.Load()
	e.look(o)
	if o != nil && o.queued() >= audio.FrameLen {
		f.count.overruns.Add(uint64(e.trim()))
		e.fresh, e.silent = false, false
	}
	if o == nil || o.queued() < audio.FrameLen {
		if !e.late(f.host.clock.now()) || !in.silence.Read(frame) {
			return false
		}
		e.silent = true
		f.count.silent.Add(1)
		return true
	}
	o.read(frame)
	f.count.frames.Add(1)
	return true
}

// Stats may be called from any goroutine.
func (in *Input) Stats() HalfStats { return in.half.stats() }

// Lost gives a token when the device goes; it is not told twice before the
// token is taken.
func (in *Input) Lost() <-chan struct{} { return in.half.lost }

// Close stops and releases the device, within 3 s whatever it does. It gives
// ErrHung when the device did not answer; it is released when it wakes up.
func (in *Input) Close() error { return in.half.close() }

// Output is a speaker, open and running. It implements audio.Output: while its
// device is lost, and always for Null, it takes frames in real time and drops
// them.
type Output struct {
	half    *half
	nothing *audio.NullOutput
	queue   queue
}

func newOutput(f *half) *Output {
	return &Output{half: f, nothing: audio.NewNullOutput(nil), queue: queue{most: speakerQueue}}
}

// queue is how much sound a speaker's line is to hold, which grows where
// silence was heard. It belongs to the writer.
type queue struct {
	most   int // samples
	at     *opened
	missed uint64
	since  time.Duration // of the last silence, or the last change
}

// limit looks at the device and says how much may wait.
func (q *queue) limit(o *opened, now time.Duration) int {
	missed := o.missed()
	switch {
	case o != q.at, now-o.since < startGrace: // how it begins says nothing
		q.at, q.missed, q.since = o, missed, now
	case missed > q.missed:
		q.missed, q.since = missed, now
		q.most = min(q.most+audio.FrameLen, mostQueue)
	case now-q.since > queueCalm:
		q.since = now
		q.most = max(q.most-audio.FrameLen, speakerQueue)
	}
	return q.most
}

// Room implements audio.Output. It keeps 20 ms queued, and more while the
// machine is too busy for that.
func (out *Output) Room() bool {
	f, e := out.half, &out.half.end
	if f.closed.Load() {
		return false
	}
	o := f.cur.Load()
	e.look(o)
	if o != nil && o.queued() < out.queue.limit(o, f.host.clock.now()) {
		return true
	}
	return e.late(f.host.clock.now()) && out.nothing.Room()
}

// Write implements audio.Output.
func (out *Output) Write(frame []int16) {
	f := out.half
	o := f.cur.Load()
	if o == nil || o.queued() >= out.queue.most {
		out.nothing.Write(frame)
		f.count.silent.Add(1)
		return
	}
	o.write(frame[:audio.FrameLen])
	f.count.frames.Add(1)
}

// Stats may be called from any goroutine.
func (out *Output) Stats() HalfStats { return out.half.stats() }

// Lost is Input.Lost for the speaker.
func (out *Output) Lost() <-chan struct{} { return out.half.lost }

// Close is Input.Close for the speaker.
func (out *Output) Close() error { return out.half.close() }

// Duplex is the microphone and the speaker of one call. It implements
// audio.Duplex.
type Duplex struct {
	in  *Input
	out *Output
}

var _ audio.Duplex = (*Duplex)(nil)

// Read implements audio.Input.
func (d *Duplex) Read(frame []int16) bool { return d.in.Read(frame) }

// Room implements audio.Output.
func (d *Duplex) Room() bool { return d.out.Room() }

// Write implements audio.Output.
func (d *Duplex) Write(frame []int16) { d.out.Write(frame) }

// Stats may be called from any goroutine.
func (d *Duplex) Stats() Stats { return Stats{Microphone: d.in.Stats(), Speaker: d.out.Stats()} }

// Lost gives a token when either device goes; Stats says which. It is not told
// twice before the token is taken.
func (d *Duplex) Lost() <-chan struct{} { return d.in.Lost() }

// CloseInput implements audio.InputCloser: the microphone is stopped and
// released, within 3 s, and Read gives nothing any more.
func (d *Duplex) CloseInput() error { return d.in.Close() }

// Close stops and releases both devices, within 3 s whatever they do. It gives
// ErrHung when one did not answer; it is released when it wakes up.
func (d *Duplex) Close() error {
	var in, out error
	var wg sync.WaitGroup
	wg.Go(func() { in = d.in.Close() })
	out = d.out.Close()
	wg.Wait()
	return errors.Join(in, out)
}
