package tone

import (
	"time"
)

// How a digit is recognised, after ITU-T Q.24 with some margin for lossy
// codecs.
const (
	// dtmfWindow is the stretch that is looked at, dtmfHop how often. 20 ms
	// separate neighbouring row frequencies (73 Hz); a 40 ms digit fills at
	// least two windows wherever it begins.
	dtmfWindow = 20 * time.Millisecond
	dtmfHop    = 10 * time.Millisecond
	// dtmfFloor is the least mean square of each tone: -42 dBFS.
	dtmfFloor = 32767 * 32767 / 2 / 15849
	// dtmfTwist is how much one tone may exceed the other (10 dB), as a factor
	// of power.
	dtmfTwist = 10
	// dtmfRival is how much a tone must exceed the others of its group (8 dB).
	dtmfRival = 6.3
	// dtmfShare of all power must be the two tones; speech fails here.
	dtmfShare = 0.75
	// dtmfHits windows in a row begin a digit, dtmfMisses end it.
	dtmfHits   = 2
	dtmfMisses = 2
)

// Detector recognises DTMF digits in a stream of sound. It is for one
// goroutine at a time and does not allocate but for the digits that Digits
// returns.
type Detector struct {
	rate, hop int
	window    []int16
	fill      int

	candidate byte // what the last window looked like, 0 for nothing
	hits      int
	current   byte // the digit that is being pressed, 0 for none
	misses    int
	digits    []byte
}

// NewDetector makes a detector for sound at rate Hz (8000 or more).
func NewDetector(rate int) *Detector {
	return &Detector{
		rate:   rate,
		hop:    samples(dtmfHop, rate),
		window: make([]int16, samples(dtmfWindow, rate)),
		digits: make([]byte, 0, 64),
	}
}

// Add listens to the next samples, any number of them.
func (d *Detector) Add(pcm []int16) {
	for len(pcm) > 0 {
		n := copy(d.window[d.fill:], pcm)
		pcm = pcm[n:]
		if d.fill += n; d.fill < len(d.window) {
			return
		}
		d.decide(d.look())
		copy(d.window, d.window[d.hop:])
		d.fill = len(d.window) - d.hop
	}
}

// Digits returns what has been recognised since the last call.
func (d *Detector) Digits() string {
	s := string(d.digits)
	d.digits = d.digits[:0]
	return s
}

// Pressed is the digit that is being heard now, 0 for none.
func (d *Detector) Pressed() rune { return rune(d.current) }

// DetectDTMF recognises the digits in a whole recording.
func DetectDTMF(pcm []int16, rate int) string {
	d := NewDetector(rate)
	d.Add(pcm)
	return d.Digits()
}

// decide turns windows into digits: a digit counts when it begins.
func (d *Detector) decide(seen byte) {
	if seen != 0 && seen == d.candidate {
		d.hits++
	} else {
		d.candidate, d.hits = seen, 1
	}
	if d.current != 0 {
		if seen == d.current {
			d.misses = 0
			return
		}
		if d.misses++; d.misses < dtmfMisses {
			return
		}
		d.current, d.misses = 0, 0
	}
	if seen != 0 && d.hits >= dtmfHits {
		d.current = seen
		// A reader that never comes must not make the list grow for ever.
		if len(d.digits) < cap(d.digits) {
			d.digits = append(d.digits, seen)
		}
	}
}

// look says which digit the window holds, 0 for none.
func (d *Detector) look() byte {
	all := meanSquare(d.window)
	if all < 2*dtmfFloor {
		return 0
	}
	row, low, ok := d.strongest(dtmfRows())
	if !ok {
		return 0
	}
	column, high, ok := d.strongest(dtmfColumns())
	if !ok || low > high*dtmfTwist || high > low*dtmfTwist || low+high < dtmfShare*all {
		return 0
	}
	return Digits[row*4+column]
}

// strongest is the loudest frequency of a group, if it stands out enough.
func (d *Detector) strongest(group [4]float64) (index int, best float64, ok bool) {
	var second float64
	for i, f := range group {
		p := power(d.window, d.rate, f)
		if p > best {
			index, best, second = i, p, best
		} else if p > second {
			second = p
		}
	}
	return index, best, best >= dtmfFloor && best >= second*dtmfRival
}
