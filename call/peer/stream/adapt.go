package stream

import "time"

// Bounds of the bit rate, in bit/s, and where a call begins. Below 16 kb/s Opus
// narrows the band of a voice, above 48 kb/s a mono voice gains nothing more.
const (
	MinBitrate   = 16000
	MaxBitrate   = 48000
	startBitrate = 32000
)

// Frame is what one step of a packet's length is; a packet has one to three.
const Frame = 20 * time.Millisecond

// How loss is believed. A report of much loss counts at once, since loss comes
// in bursts that fall between reports; it is forgotten with a time constant of
// lossFade.
const (
	startLoss = 0.05
	lossFade  = 20 * time.Second

	fecOn, fecOff = 0.01, 0.002 // of expected loss
	// oneCopy and twoCopies are where RED begins, the other two where it ends.
	// In-band FEC goes on beside it: the copy of the packet before carries the
	// redundancy of the one before that.
	oneCopy, oneCopyEnds     = 0.06, 0.03
	twoCopies, twoCopiesEnds = 0.14, 0.09
	// primaryOfOne and primaryOfTwo bound the bit rate while everything is sent
	// two or three times.
	primaryOfOne, primaryOfTwo = 32000, 24000
)

// How the bit rate follows the network.
const (
	// A queue stands in the network when even the shortest round trip of the
	// last queueWindow is so much above the shortest one of the last half to whole minute.
	// The shortest is taken because jitter moves the longest only.
	queueWindow = 4 * time.Second
	queueSome   = 80 * time.Millisecond
	queueLong   = 300 * time.Millisecond
	queueGone   = 30 * time.Millisecond
	baseWindow  = 30 * time.Second

	cutSome, cutLong = 0.7, 0.5
	cutPause         = 2 * time.Second // a cut needs time to show
	// lossJam is the loss that together with half a queue means congestion.
	lossJam = 0.1
	// cleanLoss is the most that lets the bit rate grow, after holdAfterCut and
	// then every growEvery.
	cleanLoss    = 0.02
	growStep     = 2000
	growEvery    = 5 * time.Second
	holdAfterCut = 10 * time.Second

	// Packets grow longer at narrowBitrate, where the headers of 50 packets a
	// second are as much as the voice, and shorter again at wideBitrate, or
	// where single packets get lost: a long one takes more with it.
	narrowBitrate, wideBitrate = 18000, 28000
	longerLoss, shorterLoss    = 0.04, 0.05
	frameHold                  = 10 * time.Second

	// remFor is how long a bandwidth estimate of the far end holds.
	remFor = 10 * time.Second
	// headers of a packet: IPv4, UDP, RTP and the tag of SRTP.
	headers = 20 + 8 + 12 + 16
)

// Limits are what the far end and the settings allow.
type Limits struct {
	// MaxBitrate in bit/s; 0 is MaxBitrate.
	MaxBitrate int
	// FEC: the far end makes use of in-band redundancy.
	FEC bool
	// RED: both ends can (RFC 2198).
	RED bool
	// MinFrame and MaxFrame bound a packet's length, in steps of Frame; 0 is
	// one and three of them.
	MinFrame, MaxFrame time.Duration
}

// Plan is what the encoder is to do from the next packet on.
type Plan struct {
	// Bitrate of the codec in bit/s; copies come on top.
	Bitrate int
	// FEC: in-band redundancy, dosed for Loss percent of the packets.
	FEC  bool
	Loss int
	// Copies is how many earlier packets go along with each, 0 to 2.
	Copies int
	// Frame is the length of a packet: 20, 40 or 60 ms.
	Frame time.Duration
}

// Adapter makes plans from the reports of the far end. Its owner calls it from
// one goroutine at a time. It does not allocate.
type Adapter struct {
	lim  Limits
	plan Plan
	// loss is the share of packets that is expected to get lost.
	loss   float64
	lossAt time.Time
	copies int // that loss asks for, allowed or not
	rate   float64

	trips         [8]trip // the last round trips, a ring
	trip          int
	base, oldBase time.Duration // the shortest of this window and the one before
	baseAt        time.Time
	cut, grown    time.Time
	reframed      time.Time
	estimate      int // of the far end, bit/s
	estimated     time.Time
}

// trip is one measured round trip.
type trip struct {
	rtt time.Duration
	at  time.Time
}

// NewAdapter begins with what holds before the first report.
func NewAdapter(lim Limits) *Adapter {
	a := &Adapter{loss: startLoss, rate: startBitrate}
	a.Limit(lim)
	return a
}

// Limit changes what is allowed, as a new description of the far end does.
func (a *Adapter) Limit(lim Limits) Plan {
	if lim.MaxBitrate <= 0 || lim.MaxBitrate > MaxBitrate {
		lim.MaxBitrate = MaxBitrate
	}
	lim.MinFrame = steps(lim.MinFrame, Frame)
	lim.MaxFrame = max(steps(lim.MaxFrame, 3*Frame), lim.MinFrame)
	a.lim = lim
	a.decide(time.Time{})
	return a.plan
}

// steps rounds a length down to whole steps, of which there are one to three.
func steps(d, unset time.Duration) time.Duration {
	if d <= 0 {
		return unset
	}
	return min(max(d/Frame, 1), 3) * Frame
}

// Report takes what the far end has told and gives the plan that follows.
func (a *Adapter) Report(f Feedback, now time.Time) Plan {
	if f.Estimate > 0 {
		a.estimate, a.estimated = f.Estimate, now
	}
	if f.Told {
		a.believe(f.Lost, now)
		queue, known := a.queue(f.RTT, now)
		a.pace(f.Lost, queue, known, now)
		a.reframe(f.Lost, queue, now)
	}
	a.decide(now)
	return a.plan
}

// believe takes one report's loss into what is expected.
func (a *Adapter) believe(lost float64, now time.Time) {
	if !a.lossAt.IsZero() {
		// exp(-t/T) by its first terms' quotient: close enough, and never below
		// zero.
		t := max(now.Sub(a.lossAt), 0)
		a.loss *= float64(lossFade) / float64(lossFade+t)
	}
	a.lossAt = now
	a.loss = max(a.loss, min(max(lost, 0), 1))
}

// queue says how much of the round trip is spent in a standing queue.
func (a *Adapter) queue(rtt time.Duration, now time.Time) (queue time.Duration, known bool) {
	if rtt <= 0 {
		return 0, false
	}
	switch {
	case a.base == 0:
		a.base, a.oldBase, a.baseAt = rtt, rtt, now
	case now.Sub(a.baseAt) > baseWindow:
		a.base, a.oldBase, a.baseAt = rtt, a.base, now
	}
	a.base = min(a.base, rtt)
	a.trips[a.trip%len(a.trips)] = trip{rtt, now}
	a.trip++
	shortest, n := rtt, 0
	for i := 1; i <= min(a.trip, len(a.trips)); i++ {
		t := a.trips[(a.trip-i)%len(a.trips)]
		// Two at least: reports may come only every five seconds.
		if n >= 2 && now.Sub(t.at) > queueWindow {
			break
		}
		shortest = min(shortest, t.rtt)
		n++
	}
	return shortest - min(a.base, a.oldBase), n >= 2
}

// pace moves the bit rate: down by a factor, up by a step.
func (a *Adapter) pace(lost float64, queue time.Duration, known bool, now time.Time) {
	factor := 1.0
	switch {
	case known && queue > queueLong:
		factor = cutLong
	case known && (queue > queueSome || queue > queueSome/2 && lost > lossJam):
		factor = cutSome
	}
	if factor < 1 {
		if now.Sub(a.cut) >= cutPause {
			a.rate = max(a.rate*factor, MinBitrate)
			a.cut, a.grown = now, now
		}
		return
	}
	clean := lost <= cleanLoss && queue < queueGone
	if clean && now.Sub(a.cut) >= holdAfterCut && now.Sub(a.grown) >= growEvery {
		if !a.grown.IsZero() {
			a.rate = min(a.rate+growStep, float64(a.lim.MaxBitrate))
		}
		a.grown = now
	}
}

// reframe chooses the length of packets.
func (a *Adapter) reframe(lost float64, queue time.Duration, now time.Time) {
	if now.Sub(a.reframed) < frameHold && !a.reframed.IsZero() {
		return
	}
	want := a.plan.Frame
	switch {
	case a.rate <= narrowBitrate && queue > queueSome && lost <= longerLoss:
		want += Frame
	case a.rate >= wideBitrate || lost >= shorterLoss && queue < queueSome:
		want -= Frame
	}
	want = min(max(want, a.lim.MinFrame), a.lim.MaxFrame)
	if want != a.plan.Frame {
		a.plan.Frame, a.reframed = want, now
	}
}

// decide puts the plan together.
func (a *Adapter) decide(now time.Time) {
	p := &a.plan
	p.Frame = min(max(p.Frame, a.lim.MinFrame), a.lim.MaxFrame)
	switch {
	case a.loss >= fecOn:
		p.FEC = true
	case a.loss < fecOff:
		p.FEC = false
	}
	p.FEC = p.FEC && a.lim.FEC
	p.Loss = min(max(int(a.loss*100+0.5), 1), 100)
	switch {
	case a.loss >= twoCopies:
		a.copies = 2
	case a.loss >= oneCopy && a.copies == 0, a.loss < twoCopiesEnds && a.copies == 2:
		a.copies = 1
	}
	if a.loss < oneCopyEnds {
		a.copies = 0
	}
	p.Copies = a.copies
	jammed := !a.cut.IsZero() && now.Sub(a.cut) < holdAfterCut
	if !a.lim.RED || jammed { // loss by congestion is not cured by more traffic
		p.Copies = 0
	}
	rate := min(int(a.rate), a.lim.MaxBitrate)
	switch p.Copies {
	case 1:
		rate = min(rate, primaryOfOne)
	case 2:
		rate = min(rate, primaryOfTwo)
	}
	if a.estimate > 0 && now.Sub(a.estimated) < remFor {
		over := headers * 8 * int(time.Second/p.Frame)
		rate = min(rate, max((a.estimate-over)/(1+p.Copies), MinBitrate))
	}
	// A far end that allows less than MinBitrate gets what it allows.
	p.Bitrate = rate
}
