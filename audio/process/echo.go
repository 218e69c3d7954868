package process

import (
	"math"

	"nxphone/audio"
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
	// slack is how many frames of the reference wait before they are used:
	// speaker and microphone are served in turns that are not quite regular, and
	// the reference must not run dry. It comes off the delay that the filter sees,
	// which is never under 40 ms with a real device.
	slack = 2
	// most is how many frames may wait: what is above was written to a speaker
	// that does not play.
	most = 24
	// patience is how many frames in a row may be late before the speaker is
	// taken to have stopped.
	patience = 4
)

// Echo cancels the echo of one call.
type Echo struct {
	fft *transform

	// The reference: frames that wait, and the newest size samples in use.
	queue   [most][hop]int16
	first   int
	waiting int
	running bool
	dry     int // frames in a row that were not there
	silence [hop]int16
	far     [size]float64
	// spectra are the reference's of the last blocks, a ring; newest is at.
	spectra [history][bins]complex128
	at      int
	// power is the reference's in each of them.
	power [history]float64

	where  locator
	align  aligner
	shift  shifter
	filter filter
	rest   suppressor

	mic [size]float64 // the newest samples of the microphone

	block [size]float64
	err   [hop]float64
	bin   [bins]complex128
}

// NewEcho makes a canceller that knows nothing of the room yet.
func NewEcho() *Echo {
	e := &Echo{fft: newTransform(size)}
	e.align.fft, e.shift.fft = newTransform(span), newTransform(shifted)
	e.filter.reset()
	e.rest.init()
	return e
}

// Far takes a frame that is handed to the speaker.
func (e *Echo) Far(frame []int16) {
	if e.waiting == most {
		e.first, e.waiting = (e.first+1)%most, e.waiting-1
	}
	copy(e.queue[(e.first+e.waiting)%most][:], frame)
	e.waiting++
	if e.waiting > slack {
		e.running = true
	}
}

// Near takes the echo out of a frame of the microphone, in place.
func (e *Echo) Near(frame []int16) {
	e.reference()
	copy(e.mic[:], e.mic[hop:])
	for i, x := range frame {
		e.mic[size-hop+i] = float64(x)
	}
	if e.active() {
		e.fft.forward(e.bin[:], e.mic[:])
		if lag, jumped := e.where.look(e.bin[:], &e.spectra, e.at, e.align.known(), e.filter.lost); jumped {
			e.filter.lag = lag
			e.align.forget()
		} else if lag != e.filter.lag {
			e.filter.move(lag)
		}
	}
	e.estimate()
	loud := 0.0
	for i := range hop {
		d := float64(frame[i])
		e.err[i] = d - e.block[size-hop+i]
		loud += d * d
	}
	e.realign()
	e.adapt(loud)
	e.rest.clean(e.fft, frame, &e.err, &e.filter)
}

// realign moves the filter when the echo lies elsewhere than it expects.
func (e *Echo) realign() {
	e.align.take(e.mic[size-hop:], e.block[size-hop:])
	if !e.active() {
		return
	}
	late := e.align.look()
	if late == 0 {
		return
	}
	// Whole blocks are the lag's, so that nothing falls off either end.
	lag := min(max(e.filter.lag+int(math.Round(late/hop)), 0), lags-1)
	late -= float64(lag-e.filter.lag) * hop
	e.where.peak += lag - e.filter.lag
	e.filter.lag, e.where.lag = lag, lag
	e.shift.shift(&e.filter, e.fft, e.block[:], late)
	e.filter.doubt(0.01)
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
		if e.waiting > slack && e.filter.lag < lags-1 {
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
	sum := 0.0
	for i, x := range frame {
		tail[i] = float64(x)
		sum += tail[i] * tail[i]
	}
	e.at = (e.at + history - 1) % history
	e.fft.forward(e.spectra[e.at][:], e.far[:])
	e.power[e.at] = sum / hop
}

// active reports whether the far end has been loud enough within the filter's
// length to be heard, so that there can be an echo to learn from.
func (e *Echo) active() bool {
	for i := range lags {
		if e.power[(e.at+i)%history] > 100 { // -70 dBFS
			return true
		}
	}
	return false
}

// estimate leaves the echo as the filter expects it at the end of block.
func (e *Echo) estimate() {
	clear(e.bin[:])
	for p := range partitions {
		x, w := &e.spectra[(e.at+e.filter.lag+p)%history], &e.filter.w[p]
		for k := range bins {
			e.bin[k] += w[k] * x[k]
		}
	}
	e.filter.expected(e.bin[:])
	e.fft.backward(e.block[:], e.bin[:])
}

// adapt learns from what is left.
func (e *Echo) adapt(loud float64) {
	left := 0.0
	clear(e.block[:size-hop])
	for i, x := range e.err {
		e.block[size-hop+i] = x
		left += x * x
	}
	e.fft.forward(e.bin[:], e.block[:])
	e.filter.doubted(left, loud, e.align.known(), e.align.apart)
	if left > loud {
		// Better the echo as it came than one that is louder.
		for i := range e.err {
			e.err[i] = e.mic[size-hop+i]
		}
	}
	if left > 2*loud && loud > 0 {
		// The filter adds instead of taking away: the room has changed for good.
		e.filter.astray++
		if e.filter.astray > 2*lostLong {
			e.filter.reset()
			e.align.forget()
			e.align.right = 0
		}
	} else {
		e.filter.astray = 0
	}
	if !e.active() {
		e.filter.idle()
		return
	}
	if e.filter.lost && e.filter.lostFor < lostLong {
		return // it may be moved to its place yet
	}
	e.filter.update(e.bin[:], &e.spectra, e.at+e.filter.lag)
	e.filter.constrain(e.fft, e.block[:])
}

// filter is the Kalman filter of the echo path.
type filter struct {
	// w are the coefficients, cov how unsure each is (the diagonal of the state
	// error covariance).
	w   [partitions][bins]complex128
	cov [partitions][bins]float64
	// near is the power of what is no echo, the measurement noise.
	near [bins]float64
	// unsure is the power of the echo that the filter cannot predict, echo that of
	// what it does.
	unsure, echo [bins]float64
	// astir is by how much each frequency's uncertainty grows because more echo is
	// left than it allows for.
	astir  [bins]float64
	turn   int // the partition that is constrained next
	lag    int // the reference's delay before the first partition, in blocks
	astray int // blocks in a row that were made worse
	// left, loud and told are the recent powers of the error, the microphone and
	// the expected echo. lost: what is expected is not what is there.
	left, loud, told float64
	lost             bool
	lostFor          int // blocks in a row
}

const (
	// forget is the room's memory for each block of 10 ms: the share of the path
	// that stays as it was (the transition factor A of the papers).
	forget = 0.9985
	// firstCov is the uncertainty of a room that nobody has heard, for a whole
	// path of gain 1 spread over its partitions.
	firstCov = 0.2
	// lostLong is how many blocks in a row a wrong filter is waited for to be
	// moved to its place, before it learns anew.
	lostLong = 20
	// leastNear is a noise power that a microphone always has.
	leastNear = size * 4.0
	// overlap is the share of a transform that holds samples (the papers' M/R).
	overlap = float64(hop) / size
)

func (f *filter) reset() {
	f.forgetFrom(0, partitions)
	for k := range f.near {
		f.near[k] = leastNear * 100
	}
	f.astray = 0
}

// forgetFrom makes some partitions as they were at the beginning.
func (f *filter) forgetFrom(from, to int) {
	for p := from; p < to; p++ {
		clear(f.w[p][:])
		// Rooms fade: what comes late is weak.
		fade := firstCov * math.Pow(10, -float64(p)/15)
		for k := range f.cov[p] {
			f.cov[p][k] = fade
		}
	}
}

// doubt makes the filter as unsure of itself as a part of what it has learnt.
func (f *filter) doubt(part float64) {
	for p := range partitions {
		for k, w := range f.w[p][:] {
			f.cov[p][k] = min(f.cov[p][k]+part*sq(w), firstCov)
		}
	}
}

// move changes the lag. What has been learnt goes along: a partition is a block.
func (f *filter) move(lag int) {
	by := lag - f.lag
	f.lag = lag
	if by > 0 {
		copy(f.w[:], f.w[min(by, partitions):])
		copy(f.cov[:], f.cov[min(by, partitions):])
		f.forgetFrom(max(partitions-by, 0), partitions)
		return
	}
	by = min(-by, partitions)
	copy(f.w[by:], f.w[:partitions-by])
	copy(f.cov[by:], f.cov[:partitions-by])
	f.forgetFrom(0, by)
}

func (f *filter) expected(y []complex128) {
	for k, c := range y {
		f.echo[k] = sq(c)
	}
}

// doubted finds out whether the echo is another than expected. A right filter
// takes away, whoever else speaks; a wrong one adds.
func (f *filter) doubted(left, loud float64, known, apart bool) {
	told := 0.0
	for _, y := range f.echo {
		told += y
	}
	told *= 2 * overlap / size
	f.left = 0.6*f.left + 0.4*left
	f.loud = 0.6*f.loud + 0.4*loud
	f.told = 0.6*f.told + 0.4*told
	f.lost = known && (apart || f.left > 0.9*f.loud && f.told > 0.3*f.loud)
	if !f.lost {
		f.lostFor = 0
	} else if f.lostFor++; f.lostFor%lostLong == 0 {
		f.doubt(0.3)
	}
}

// idle lets the uncertainty of a silent far end run out of what is suppressed.
func (f *filter) idle() {
	for k := range f.unsure {
		f.unsure[k] *= 0.7
	}
}

func sq(c complex128) float64 { return real(c)*real(c) + imag(c)*imag(c) }

// update is one step of the Kalman filter.
func (f *filter) update(e []complex128, spectra *[history][bins]complex128, at int) {
	clear(f.unsure[:])
	for p := range partitions {
		x, cov := &spectra[(at+p)%history], &f.cov[p]
		for k := range bins {
			f.unsure[k] += cov[k] * sq(x[k])
		}
	}
	var gain [bins]complex128
	var weight [bins]float64
	for k := range bins {
		// The near end's power is what the error holds beyond the uncertainty.
		pe := sq(e[k])
		f.near[k] = max(0.9*f.near[k]+0.1*pe, leastNear)
		f.unsure[k] *= overlap
		weight[k] = 1 / (f.unsure[k]/overlap + f.near[k])
		gain[k] = e[k] * complex(weight[k], 0)
	}
	const a2 = forget * forget
	for p := range partitions {
		x, w, cov := &spectra[(at+p)%history], &f.w[p], &f.cov[p]
		for k := range bins {
			c := cov[k]
			xk := x[k]
			w[k] = forget * (w[k] + complex(c, 0)*conj(xk)*gain[k])
			c = a2*(1-overlap*c*sq(xk)*weight[k])*c + (1-a2)*sq(w[k])
			cov[k] = min(max(c*(1+f.astir[k]), 1e-9), firstCov)
		}
	}
}

// constrained is how many partitions are brought back to their length in each
// block; all of them would cost two transforms each.
const constrained = 3

// constrain takes what has grown beyond hop taps out of some partitions, in
// turns.
func (f *filter) constrain(fft *transform, room []float64) {
	for range constrained {
		w := f.w[f.turn][:]
		fft.backward(room, w)
		clear(room[hop:])
		fft.forward(w, room)
		f.turn = (f.turn + 1) % partitions
	}
}
