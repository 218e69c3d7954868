package kiosk

import (
	"math"
	"time"

	"nxphone/audio"
	"nxphone/audio/tone"
)

// The self-test's signal: three notes that no fan, lorry or ringing telephone
// plays in this order, loud enough for a speaker in the open and short enough
// for the neighbours.
const (
	noteLevel = -14 // dBFS
	noteOn    = 240 * time.Millisecond
	noteOff   = 120 * time.Millisecond
	// listenFirst is how long only the noise is recorded, echoWithin the
	// longest way round that is looked for.
	listenFirst = 400 * time.Millisecond
	echoWithin  = 1500 * time.Millisecond
	// hop is how finely the recording is looked through, and window how much
	// is looked at for each step.
	hop    = 10 * time.Millisecond
	window = 40 * time.Millisecond
)

// notes are the frequencies in Hz: far apart, within a narrow-band codec, and
// no harmonics of each other.
func notes() [3]float64 { return [3]float64{1000, 1480, 770} }

func testSignal() tone.Signal {
	s := tone.Signal{Times: 1}
	for _, f := range notes() {
		s.Segments = append(s.Segments, tone.Segment{F1: f, DB: noteLevel, Dur: noteOn}, tone.Segment{Dur: noteOff})
	}
	return s
}

// recordFor is how long a whole recording is.
func recordFor() time.Duration { return listenFirst + testSignal().Dur() + echoWithin }

func samplesIn(d time.Duration) int { return int(d * audio.Rate / time.Second) }

// scope plays the signal and records what comes back, frame by frame. It
// belongs to one audio goroutine.
type scope struct {
	play *tone.Generator // nil until armed
	rec  []int16
	lead int // frames that are left before the signal begins
	// from is how many samples had been recorded when the signal began.
	from  int
	begun bool
	full  chan struct{} // closed when enough has been recorded
}

func newScope() *scope {
	return &scope{
		play: tone.NewGenerator(testSignal()), rec: make([]int16, 0, samplesIn(recordFor())),
		lead: int(listenFirst / audio.FrameDur), full: make(chan struct{}),
	}
}

// next fills the next frame that is to be played.
func (s *scope) next(frame []int16) {
	clear(frame)
	if s.lead > 0 {
		s.lead--
		return
	}
	if !s.begun {
		s.begun, s.from = true, len(s.rec)
	}
	s.play.Fill(frame)
}

// take records one frame.
func (s *scope) take(frame []int16) {
	if len(s.rec) == cap(s.rec) {
		return
	}
	s.rec = append(s.rec, frame[:min(len(frame), cap(s.rec)-len(s.rec))]...)
	if len(s.rec) == cap(s.rec) {
		close(s.full)
	}
}

// found is what a recording says.
type found struct {
	heard bool
	delay time.Duration
	level float64 // of the notes, dBFS
	dead  bool    // digital silence: not even noise
}

const (
	// clear* are what makes a window count: the note stands so many dB above
	// the other two, and above what was there before the signal.
	clearOfOthers, clearOfNoise = 8, 8
	// heardShare of the windows of each note must be clear: a machine that is
	// busy drops pieces of them, and
	heardShare = 0.5
	// early and late, in hops, are how far a note may then stand from where
	// the one before it says.
	early, late = 6, 25
	// noteFloor is the level under which nothing is looked for, in dBFS.
	noteFloor = -85
)

// look finds the notes in the recording.
func (s *scope) look() found { return lookFor(s.rec, s.from, s.begun) }

func lookFor(rec []int16, from int, begun bool) found {
	loudest := int16(0)
	for _, x := range rec {
		loudest = max(loudest, x, -max(x, -math.MaxInt16))
	}
	// One step of a converter is dither, not sound.
	if loudest <= 1 {
		return found{dead: true, level: audio.Silence}
	}
	if !begun {
		return found{level: audio.Silence}
	}
	p := spectrum(rec)
	noise := loudestIn(p[:max(0, min(len(p), from/samplesIn(hop)-samplesIn(window)/samplesIn(hop)))])
	best := found{level: audio.Silence}
	bestScore := 0.0
	for d := time.Duration(0); d <= echoWithin; d += hop {
		score, level := match(p, from/samplesIn(hop)+int(d/hop), noise)
		if score > bestScore {
			bestScore, best.delay, best.level = score, d, level
		}
	}
	best.heard = bestScore > 0
	if !best.heard {
		best.delay, best.level = 0, audio.Silence
	}
	return best
}

// spectrum is the level of each note in each window.
func spectrum(rec []int16) [][3]float64 {
	step, n := samplesIn(hop), samplesIn(window)
	var out [][3]float64
	for at := 0; at+n <= len(rec); at += step {
		var w [3]float64
		for i, f := range notes() {
			w[i] = tone.Power(rec[at:at+n], audio.Rate, f)
		}
		out = append(out, w)
	}
	return out
}

// loudestIn is the loudest that each note's frequency was.
func loudestIn(p [][3]float64) [3]float64 {
	out := [3]float64{audio.Silence, audio.Silence, audio.Silence}
	for _, w := range p {
		for i, l := range w {
			out[i] = max(out[i], l)
		}
	}
	return out
}

// match compares the notes with what follows from window at on. The score is 0
// where one of them is not there; else the higher the better it fits.
func match(p [][3]float64, at int, noise [3]float64) (score, level float64) {
	sum, n := 0.0, 0
	for i := range notes() {
		from, to := at, at // the first note says where the others are
		if i > 0 {
			from, to = at-early, at+late
		}
		bestSum, bestN, bestAt := 0.0, 0, at
		for k := max(from, 0); k <= to; k++ {
			if s, n := clearIn(p, k, i, noise[i]); n > bestN || n == bestN && s > bestSum {
				bestSum, bestN, bestAt = s, n, k
			}
		}
		if float64(bestN) < heardShare*float64(noteWindows) {
			return 0, audio.Silence
		}
		sum, n = sum+bestSum, n+bestN
		at = bestAt + int((noteOn+noteOff)/hop)
	}
	level = sum / float64(n)
	return float64(n)*1000 + level + 200, level
}

// noteWindows is how many windows lie wholly in a note.
const noteWindows = int((noteOn-window)/hop) + 1

// clearIn counts the windows from at on, for the length of a note, in which note
// i is clear, and adds up their levels.
func clearIn(p [][3]float64, at, i int, noise float64) (sum float64, n int) {
	for k := at; k < at+noteWindows && k < len(p); k++ {
		l, others := p[k][i], max(p[k][(i+1)%3], p[k][(i+2)%3])
		if l > noteFloor && l > others+clearOfOthers && l > noise+clearOfNoise {
			sum += l
			n++
		}
	}
	return sum, n
}
