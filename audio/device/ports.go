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
	// nothing was queued, after the first frame.
	Underruns uint64
	// Lost counts how often the device went, Reopened how often one came back.
	Lost, Reopened uint64
	// Queued is the sound that waits in the ring at this moment.
	Queued time.Duration
}

// Stats are the numbers of both directions. A direction that was not opened
// is zero.
type Stats struct{ Microphone, Speaker HalfStats }

// Input is a microphone, open and running. It implements audio.Input: while
// its device is lost, and always for Null, it gives silence in real time.
type Input struct{ half *half }

// Read implements audio.Input. The delay of what it gives is bounded: what has
// waited for more than 100 ms is dropped and counted.
func (in *Input) Read(frame []int16) bool {
	f := in.half
	if f.closed.Load() {
		return false
	}
	frame = frame[:audio.FrameLen]
	l := f.cur.Load()
	if l == nil || l.ring.Len() < audio.FrameLen {
		now := f.host.clock.now()
		if l != nil && !l.stalled(now) || !f.pace.due(now) {
			return false
		}
		clear(frame)
		f.silent = true
		f.count.silent.Add(1)
		return true
	}
	switch {
	case l != f.last:
		// Nobody listened to what was recorded before the call was ready.
		l.trim(firstQueue, firstQueue)
	case f.silent:
		// Silence has taken the place of what comes late.
		f.count.overruns.Add(uint64(l.trim(firstQueue, firstQueue)))
	default:
		f.count.overruns.Add(uint64(l.trim(maxQueue, keptQueue)))
	}
	f.last, f.silent = l, false
	if l.ring.Len() < audio.FrameLen {
		return false
	}
	l.ring.Read(frame)
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
type Output struct{ half *half }

// Room implements audio.Output. It keeps 20 ms queued.
func (out *Output) Room() bool {
	f := out.half
	if f.closed.Load() {
		return false
	}
	l := f.cur.Load()
	if l != nil && l.ring.Len() < speakerQueue {
		return true
	}
	now := f.host.clock.now()
	return (l == nil || l.stalled(now)) && f.pace.due(now)
}

// Write implements audio.Output.
func (out *Output) Write(frame []int16) {
	f := out.half
	l := f.cur.Load()
	if l == nil || l.ring.Len() >= speakerQueue {
		f.count.silent.Add(1)
		return
	}
	l.ring.Write(frame[:audio.FrameLen])
	l.primed.Store(true)
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
