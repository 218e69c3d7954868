package process

import (
	"math"
	"sync/atomic"

	"nxphone/audio"
)

const (
	rate    = audio.Rate
	silence = audio.Silence
)

const (
	// LimiterDelay is how much later than its input a Limiter's output is, in
	// samples: 3 ms, in which the gain comes down before what is too loud.
	LimiterDelay = 144
	// usualSpeech is the level that a voice is taken to have before it has been
	// heard: the nominal one of ITU-T P.56 (-26 dBov), in dBFS as of a sinusoid.
	usualSpeech = -23
	// leastSpeech is the least running level that sounds are measured by.
	leastSpeech = -40
	// headroom is by how much a sample may be over the running level of the
	// voice, in dB. The peaks of a voice that speaks evenly lie under it.
	headroom = 18
	// A tone that is over the voice by toneOver is brought to toneUnder under
	// it, in dB, and never louder than loudestTone.
	toneOver, toneUnder = 3, 5
	loudestTone         = -26
	// An event is something that needs a gain of less than -3 dB; it is over when
	// there has been none for eventGap frames, and its kind is known after
	// eventWait.
	eventGain = 0.7079
	eventGap  = 50
	eventWait = 2
)

// Limiter protects the ear. It is meant for what goes to a headset:
//
//   - no sample is ever above the ceiling, whatever comes in;
//   - what is far above the running level of the voice is held at [headroom]
//     over it, from its first sample on: a shriek that follows a whisper;
//   - a lone loud tone (a whistle, a fax machine, a howl) is brought under the
//     level of the voice within 10 ms.
//
// A voice of even level passes bit by bit. Everything is [LimiterDelay] late.
// Process belongs to one goroutine and neither locks nor allocates; Ceiling and
// Events may be used from any.
type Limiter struct {
	ceiling atomic.Uint32 // bits of a float32, in sample units
	events  [eventKinds]atomic.Uint32
	deepest atomic.Uint32 // bits of a float32: the least gain of all events

	peak  peakLimiter
	tones toneDetector
	voice levelTracker
	// duck is the gain that a tone is let through with, dB; held how many parts
	// it stays there.
	duck  float64
	held  int
	block [part]float32

	// The event under way: frames since it began (0: none), since it was seen
	// last, and its kind.
	age, gap int
	kind     EventKind
	counted  bool
}

// EventKind is what a Limiter has protected from.
type EventKind int

const (
	// Peak: louder than the ceiling. Jump: suddenly far louder than the voice
	// before. Tone: a lone loud tone.
	Peak EventKind = iota
	Jump
	Tone
	eventKinds
)

// Events are how often a Limiter has had to act, by kind, since it was made. What
// goes on, or comes again within half a second, is one event.
type Events struct{ Peaks, Jumps, Tones int }

// All is the number of events of all kinds.
func (e Events) All() int { return e.Peaks + e.Jumps + e.Tones }

// NewLimiter makes a limiter with a ceiling in dBFS (0 is full scale).
func NewLimiter(ceiling float64) *Limiter {
	l := &Limiter{}
	l.peak.init(LimiterDelay)
	l.voice.level = usualSpeech
	l.deepest.Store(math.Float32bits(1))
	l.SetCeiling(ceiling)
	return l
}

// SetCeiling changes the ceiling, in dBFS, from the next frame on.
func (l *Limiter) SetCeiling(dbfs float64) {
	c := float32(math.MaxInt16 * amplitude(min(dbfs, 0)))
	l.ceiling.Store(math.Float32bits(c))
}

// Events are the events so far.
func (l *Limiter) Events() Events {
	return Events{Peaks: int(l.events[Peak].Load()), Jumps: int(l.events[Jump].Load()), Tones: int(l.events[Tone].Load())}
}

// Deepest is the most that an event was brought down by, in dB: 0 or less.
func (l *Limiter) Deepest() float64 {
	return 20 * math.Log10(float64(math.Float32frombits(l.deepest.Load())))
}

// slowly is the factor by which a gain rises with each sample: 30 dB a second.
var slowly = float32(math.Pow(10, 30.0/20/rate))

// Process limits a frame in place.
func (l *Limiter) Process(frame []int16) {
	most := math.Float32frombits(l.ceiling.Load())
	soft := min(most, float32(math.MaxInt16*amplitude(max(l.voice.level, leastSpeech)+headroom)))
	b := bounds{soft: soft, most: most, hold: rate / 10, up: slowly}
	tonal := false
	power := 0.0
	least, asked, kind := float32(1), float32(1), Peak
	for i := 0; i < len(frame); i += part {
		out := frame[i:min(i+part, len(frame))]
		block := l.block[:len(out)]
		for j, x := range out {
			block[j] = float32(x)
		}
		power += energy(block)
		tone := l.follow(block)
		b.gain = float32(amplitude(l.duck))
		least = min(least, l.peak.step(out, block, b))
		asked = min(asked, l.peak.asked)
		if tone {
			tonal, asked = true, min(asked, b.gain)
		}
		switch {
		case tone && b.gain < eventGain:
			kind = Tone
		case kind == Peak && l.peak.asked < eventGain && soft < 0.95*most:
			kind = Jump
		}
	}
	// What was held back is not how the voice sounds.
	level := powerDB(min(power/float64(len(frame)), float64(soft)*float64(soft)/2))
	if !tonal && power > 0 {
		l.voice.take(level)
	}
	l.note(asked, least, kind)
}

// follow looks for a tone in a part, and sets how far it is ducked.
func (l *Limiter) follow(block []float32) bool {
	level, tone := l.tones.take(block)
	voice := max(l.voice.level, leastSpeech)
	switch {
	case tone && level > min(voice+toneOver, loudestTone+toneOver+toneUnder):
		l.duck = min(l.duck, min(voice-toneUnder, loudestTone)-level)
		l.held = rate / part / 5 // 200 ms
	case l.held > 0:
		l.held--
	default:
		l.duck = min(0, l.duck+40.0*part/rate) // 40 dB a second
	}
	return tone
}

// note counts events: asked is the gain that something needed in this frame,
// gain the one in force.
func (l *Limiter) note(asked, gain float32, kind EventKind) {
	if asked < eventGain {
		if l.age == 0 {
			l.age, l.counted, l.kind = 1, false, kind
		}
		l.kind, l.gap = max(l.kind, kind), 0
	}
	if l.age == 0 {
		return
	}
	if gain < math.Float32frombits(l.deepest.Load()) {
		l.deepest.Store(math.Float32bits(gain))
	}
	if l.age++; l.age > eventWait && !l.counted {
		l.counted = true
		l.events[l.kind].Add(1)
	}
	if l.gap++; l.gap > eventGap {
		l.age = 0
	}
}

// amplitude is a level in dB as a factor.
func amplitude(db float64) float64 { return math.Pow(10, db/20) }

func energy(block []float32) float64 {
	sum := 0.0
	for _, x := range block {
		sum += float64(x * x)
	}
	return sum
}
