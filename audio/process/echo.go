package process

import (
	"math"
	"sync/atomic"

	"nxphone/audio"
	"nxphone/audio/fft"
)

const (
	// hop is the block of the filter: one frame.
	hop = audio.FrameLen
	// size is the transform's length. Of a block's outputs hop are free of wrap
	// around, for partitions of up to size-hop+1 taps.
	size = 1024
	bins = size/2 + 1
	// partitions of hop taps each: 200 ms, a reverberant room.
	partitions = 20
	// lags are the delays, in frames, that the room can begin at: half a second,
	// the queues of a slow sound server.
	lags = 50
	// history is how many blocks of the reference are kept.
	history = lags + partitions
	// most is how many frames may wait: what is above was written to a speaker
	// that does not play.
	most = 24
	// slack is how many frames of the reference wait at first before they are
	// used: speaker and microphone are served in turns that are not quite regular,
	// and the reference must not run dry. It comes off the delay that the filter
	// sees, so an echo that comes sooner than that makes it less.
	slack = 2
	// patience is how many frames in a row may be late before the speaker is
	// taken to have stopped.
	patience = 4
	// audible is the power of a far end that can be heard: -67 dBFS.
	audible = 100
)

// Echo cancels the echo of one call. Far and Near belong to one goroutine; SetOn
// and Stats may be called from any.
type Echo struct {
	fft *fft.Transform[float32]

	// The reference: frames that wait, and the newest size samples in use.
	queue   [most][hop]int16
	first   int
	waiting int
	slack   int
	running bool
	dry     int // frames in a row that were not there
	silence [hop]int16
	far     [size]float32
	// spectra are the reference's of the last blocks, a ring; newest is at.
	spectra [history]spectrum
	at      int

	where  locator
	align  aligner
	shift  shifter
	filter filter
	rest   suppressor

	mic [size]float32 // the newest samples of the microphone
	// block holds the expected echo at its end, and is room for transforms.
	block  [size]float32
	re, im [bins]float32

	// anew: the filter has forgotten the room after it said what it expects.
	anew  bool
	off   atomic.Bool
	stats stats
}

// spectrum is one block of the reference.
type spectrum struct {
	re, im, power [bins]float32
	top           int     // above it is nothing
	loud          float32 // power of a sample
}

// NewEcho makes a canceller that knows nothing of the room yet, and is on.
func NewEcho() *Echo {
	e := &Echo{fft: fft.New[float32](size), slack: slack}
	e.align.fft, e.shift.fft = fft.New[float32](span), fft.New[float32](shifted)
	e.filter.reset()
	e.rest.init()
	return e
}

// SetOn switches the canceller while a call runs. Off, the microphone goes
// through unchanged, as late as before; the change takes 30 ms and makes no
// click. The room is learnt all the same.
func (e *Echo) SetOn(on bool) { e.off.Store(!on) }

// Far takes a frame that is handed to the speaker.
func (e *Echo) Far(frame []int16) {
	if e.waiting == most {
		e.first, e.waiting = (e.first+1)%most, e.waiting-1
	}
	copy(e.queue[(e.first+e.waiting)%most][:], frame)
	e.waiting++
	if e.waiting > e.slack {
		e.running = true
	}
}

// Near takes the echo out of a frame of the microphone, in place. What it gives
// is 10 ms late.
func (e *Echo) Near(frame []int16) {
	e.reference()
	copy(e.mic[:], e.mic[hop:])
	for i, x := range frame {
		e.mic[size-hop+i] = float32(x)
	}
	active := e.active()
	if active {
		e.locate()
	}
	absent := !e.located() && !e.unknown()
	if absent {
		// Nothing is expected and nothing learnt: a headset costs next to nothing.
		clear(e.block[:])
		clear(e.filter.unsure[:])
		clear(e.filter.last[:])
	} else {
		e.estimate()
	}
	e.realign(active)
	e.rest.look(e.fft, e.mic[size-hop:], e.block[size-hop:])
	e.filter.doubted(e.rest.share < lostShare, e.rest.had > evident, e.align.known(), e.align.apart)
	if e.filter.gone > lostForGood {
		e.restart() // a headset has been plugged in
	}
	e.adapt(active && !absent)
	e.rest.clean(e.fft, frame, &e.filter, situation{
		active: active, gentle: e.gentle(), unknown: e.unknown(), off: e.off.Load(), located: e.located(), recent: &e.spectra[e.at],
	})
	e.tell(active)
}

const (
	// weak is the return loss from which on the canceller becomes gentle, 33 dB,
	// and strong that under which it is so no more, 27 dB, as power ratios.
	weak, strong = 2000, 500
)

// located: it is known where the echo is.
func (e *Echo) located() bool { return e.where.located || e.align.known() }

// unknown: it is not known yet whether there is an echo, or one has just come.
func (e *Echo) unknown() bool {
	long := unknownFor
	if e.where.score[e.where.best] < 0.08 {
		long = unknownLeast
	}
	return !e.located() && (e.rest.heard < long || e.where.score[e.where.best] > leastFound)
}

// gentle decides whether there is an echo worth suppressing: not if the far end
// has been heard for a while and nothing of it has been found at the microphone,
// or so little that what the linear filter leaves of it is under any room's noise.
func (e *Echo) gentle() bool {
	if e.unknown() {
		return false
	}
	if !e.located() {
		return true
	}
	loss := float64(weak)
	if e.rest.gentle {
		loss = strong
	}
	return e.align.known() && !e.filter.lost && e.stats.far > loss*e.stats.told
}

// locate moves the filter by blocks to where the echo is.
func (e *Echo) locate() {
	e.fft.Forward(e.re[:], e.im[:], e.mic[:])
	was := e.located() || e.unknown()
	lag, jumped := e.where.look(e.re[:], e.im[:], &e.spectra, e.at, e.align.known(), e.filter.lost)
	switch {
	case jumped:
		e.filter.lag = lag
		e.align.forget()
	case lag != e.filter.lag:
		e.filter.move(lag)
	}
	if !was && e.located() {
		e.filter.reset() // it had learnt that there is no echo
	}
	if e.where.early() && e.slack > 0 {
		e.slack--
	}
	speaks := float64(e.spectra[(e.at+e.where.best)%history].loud) > max(0.5*e.stats.far, audible)
	if speaks && e.where.deaf(e.rest.told, e.rest.loud) {
		e.restart()
	}
}

// restart forgets the room.
func (e *Echo) restart() {
	if e.located() {
		e.rest.heard = 0
	}
	e.filter.reset()
	e.anew = true
	e.align.forget()
	e.align.right = 0
	e.where.restart()
}

// realign moves the filter when the echo lies elsewhere than it expects.
func (e *Echo) realign(active bool) {
	e.align.take(e.mic[size-hop:], e.block[size-hop:])
	if !active {
		return
	}
	if !e.where.located {
		return // what is expected is not an echo
	}
	late := e.align.look()
	if late == 0 {
		if e.align.drift != 0 {
			e.filter.rotate(e.align.drift)
			e.align.drift = 0
			e.estimate()
		}
		return
	}
	// Whole blocks are the lag's, so that nothing falls off either end.
	lag := min(max(e.filter.lag+int(math.Round(late/hop)), 0), lags-1)
	late -= float64(lag-e.filter.lag) * hop
	e.where.peak += lag - e.filter.lag
	e.filter.lag, e.where.lag = lag, lag
	e.shift.shift(&e.filter, e.fft, e.block[:], late)
	e.filter.doubt(0.01)
	e.rest.trust()
	e.estimate()
}

// reference brings the speaker's newest frames into use. Speaker and microphone
// are served in turns that are not regular, and their clocks differ: where a
// frame is not there yet the echo of an older one is due sooner, counted from
// the newest, and where there are more than enough, later. Nothing is lost and
// nothing learnt becomes wrong. Only a speaker that has stopped plays silence.
func (e *Echo) reference() {
	switch {
	case e.waiting > 0 && e.running:
		e.dry = 0
		e.advance(&e.queue[e.first])
		if e.waiting > e.slack && e.filter.lag < lags-1 {
			e.advance(&e.queue[e.first])
			e.rebase(1)
		}
		return
	case e.running && e.dry < patience && e.filter.lag > 0:
		e.dry++
		e.rebase(-1)
		return
	}
	if e.running {
		for range e.dry {
			e.rebase(1)
			e.push(&e.silence)
		}
		e.dry, e.running = 0, false // let the slack fill up again
	}
	e.push(&e.silence)
}

// advance brings a frame that waits into use.
func (e *Echo) advance(frame *[hop]int16) {
	e.push(frame)
	e.first, e.waiting = (e.first+1)%most, e.waiting-1
}

// rebase counts delays from a frame that is newer than before by some.
func (e *Echo) rebase(by int) {
	e.filter.lag += by
	e.where.rebase(by)
}

// push makes a frame the newest of the reference.
func (e *Echo) push(frame *[hop]int16) {
	copy(e.far[:], e.far[hop:])
	tail := e.far[size-hop:]
	sum := float32(0)
	for i, x := range frame {
		tail[i] = float32(x)
		sum += tail[i] * tail[i]
	}
	e.at = (e.at + history - 1) % history
	s := &e.spectra[e.at]
	s.loud = sum / hop
	e.fft.Forward(s.re[:], s.im[:], e.far[:])
	s.top = 0
	for k := range bins {
		s.power[k] = s.re[k]*s.re[k] + s.im[k]*s.im[k]
		if s.power[k] > faint {
			s.top = k + 1
		}
	}
}

// faint is what a frequency of the reference is not worth adapting for: twice the
// noise of 16 bits.
const faint = size / 6.0

// active reports whether the far end has been loud enough within the filter's
// length to be heard, so that there can be an echo to learn from.
func (e *Echo) active() bool {
	for i := range lags {
		if e.spectra[(e.at+i)%history].loud > audible {
			return true
		}
	}
	return false
}

// estimate leaves the echo as the filter expects it at the end of block.
func (e *Echo) estimate() {
	e.anew = false
	e.filter.expect(e.re[:], e.im[:], &e.spectra, e.at+e.filter.lag)
	e.fft.Inverse(e.block[:], e.re[:], e.im[:])
}

// adapt learns from what is left.
func (e *Echo) adapt(active bool) {
	left, loud := float32(0), float32(0)
	clear(e.block[:size-hop])
	for i := size - hop; i < size; i++ {
		e.block[i] = e.mic[i] - e.block[i]
		left += e.block[i] * e.block[i]
		loud += e.mic[i] * e.mic[i]
	}
	if left > 2*loud && loud > 0 {
		// The filter adds instead of taking away: the room has changed for good.
		e.filter.astray++
		if e.filter.astray > 2*lostLong {
			e.restart()
		}
	} else {
		e.filter.astray = 0
	}
	if !active {
		e.filter.idle()
		return
	}
	if e.filter.lost && e.filter.lostFor < lostLong {
		return // it may be moved to its place yet
	}
	if e.anew {
		// How unsure the old filter was says nothing of the new one: by it the first
		// step would be far too long, and the next echo expected a thousandfold.
		return
	}
	e.fft.Forward(e.re[:], e.im[:], e.block[:])
	e.filter.update(e.re[:], e.im[:], &e.spectra, e.at+e.filter.lag)
	e.filter.constrain(e.fft, e.block[:])
}
