package demosbc

import (
	"math"
	"sync"

	"nxphone/audio"
	"nxphone/audio/codec"
)

// sound is what a phone hears from us.
type sound int

const (
	soundNone    sound = iota // no packets at all
	soundEcho                 // the phone's own packets
	soundTone                 // early media: a steady tone
	soundMessage              // a chime, a test signal, a chime; then silence
	soundMusic                // on hold: broken chords, for ever
)

// The frequencies that the sounds are made of, in Hz, for those who want to
// find them again in a recording.
const (
	// EarlyToneHz is the early media of 601.
	EarlyToneHz = 440
	// TestLowHz and TestHighHz sound together for one second in the middle of
	// the message of 602. They are no harmonics of each other or of the chime.
	TestLowHz  = 700
	TestHighHz = 1900
)

// level is the peak of every sound, some -14 dBFS: as loud as a voice.
const level = 6500

// roll is a sound in one codec, cut into packets of 20 ms. After the last
// packet comes packets[loop].
type roll struct {
	packets [][]byte
	loop    int
	ticks   uint32 // length of a packet in units of the RTP clock
}

// library encodes each sound once for each codec, when it is first wanted, and
// keeps it: a call that plays costs no more than one that echoes. Safe for use
// from several goroutines.
type library struct {
	mu    sync.Mutex
	rolls map[rollKey]func() *roll
}

type rollKey struct {
	what sound
	name codec.Name
}

func newLibrary() *library { return &library{rolls: make(map[rollKey]func() *roll)} }

// roll returns the sound's packets, nil when it has none of its own. It takes
// some milliseconds for each second of sound the first time.
func (l *library) roll(what sound, name codec.Name) *roll {
	pcm, loop := compose(what)
	if pcm == nil {
		return nil
	}
	key := rollKey{what, name}
	l.mu.Lock()
	get, ok := l.rolls[key]
	if !ok {
		get = sync.OnceValue(func() *roll { return record(pcm(), loop, name) })
		l.rolls[key] = get
	}
	l.mu.Unlock()
	return get()
}

// record encodes pcm. A sound that loops to its beginning is encoded twice and
// the second pass kept, so that the codec's memory fits at the seam.
func record(pcm []int16, loop int, name codec.Name) *roll {
	// Half the usual effort: these are tones, and a phone with the demo SBC
	// inside pays for them while it rings.
	enc, err := codec.NewEncoder(name, codec.Options{NoFEC: true, Complexity: 4})
	if err != nil {
		return nil // no such codec: the call is silent
	}
	defer enc.Close()
	packets := encode(enc, pcm)
	if loop == 0 {
		packets = encode(enc, pcm)
	}
	if len(packets) == 0 {
		return nil
	}
	return &roll{
		packets: packets,
		loop:    min(loop, len(packets)-1),
		ticks:   uint32(name.ClockRate() * int(packetDur.Milliseconds()) / 1000),
	}
}

// encode cuts pcm into packets; a rest shorter than one is left out.
func encode(enc codec.Encoder, pcm []int16) [][]byte {
	var packets [][]byte
	out := make([]byte, codec.MaxPacket)
	for ; len(pcm) >= codec.PacketLen; pcm = pcm[codec.PacketLen:] {
		n, err := enc.Encode(pcm[:codec.PacketLen], out)
		if err != nil || n == 0 {
			return packets
		}
		packets = append(packets, append([]byte(nil), out[:n]...))
	}
	return packets
}

// lastPacket as a loop repeats only the end of a sound.
const lastPacket = math.MaxInt

// compose says how a sound is made and where it loops to, in packets. Sounds
// that are none have no maker.
func compose(what sound) (pcm func() []int16, loop int) {
	switch what {
	case soundTone:
		return earlyTone, 0
	case soundMessage:
		return message, lastPacket
	case soundMusic:
		return music, 0
	}
	return nil, 0
}

// Notes in Hz, equal temperament on A4 = 440.
const (
	noteA3 = 220.00
	noteC4 = 261.63
	noteE4 = 329.63
	noteF4 = 349.23
	noteG4 = 392.00
	noteA4 = 440.00
	noteB4 = 493.88
	noteC5 = 523.25
	noteD5 = 587.33
	noteE5 = 659.26
	noteG5 = 783.99
	noteC6 = 1046.50
)

// earlyTone is one second, a whole number of periods, so that it repeats
// without a click.
func earlyTone() []int16 {
	b := make([]float64, audio.Rate)
	for i := range b {
		b[i] = math.Sin(2 * math.Pi * EarlyToneHz * seconds(i))
	}
	return finish(b)
}

// message is a rising chime, the two test tones, a falling chime and a little
// silence whose last packet then repeats.
func message() []int16 {
	b := make([]float64, 6*audio.Rate)
	for i, hz := range []float64{noteC5, noteE5, noteG5, noteC6} {
		strike(b, 0.1+0.22*float64(i), hz, 1.0)
	}
	testTones(b, 2.0, 1.0)
	for i, hz := range []float64{noteC6, noteG5, noteE5, noteC5} {
		strike(b, 3.2+0.22*float64(i), hz, 1.0)
	}
	return finish(b)
}

// music is a loop of four broken chords, quiet, eight seconds.
func music() []int16 {
	b := make([]float64, 8*audio.Rate)
	chords := [][]float64{
		{noteC4, noteE4, noteG4, noteC5, noteE5, noteC5, noteG4, noteE4},
		{noteA3, noteE4, noteA4, noteC5, noteE5, noteC5, noteA4, noteE4},
		{noteF4, noteA4, noteC5, noteF4 * 2, noteC5, noteA4, noteF4, noteC4},
		{noteG4, noteB4, noteD5, noteG5, noteD5, noteB4, noteG4, noteD5},
	}
	for c, chord := range chords {
		for i, hz := range chord {
			strike(b, float64(c)*2+0.25*float64(i), hz, 0.6)
		}
	}
	return finish(b)
}

// strike adds a bell-like note at a time in seconds: four partials, the higher
// the sooner gone. What rings past the end wraps round to the beginning, so a
// loop has no seam.
func strike(b []float64, at, hz, gain float64) {
	const length = 1.2
	start := int(at * audio.Rate)
	for i := range int(length * audio.Rate) {
		t := seconds(i)
		v := 0.0
		for p := 1.0; p <= 4; p++ {
			v += math.Sin(2*math.Pi*hz*p*t) * math.Exp(-(2.5+2*p)*t) / (p * p)
		}
		attack := math.Min(1, t/0.004)
		release := math.Min(1, (length-t)/0.05)
		b[(start+i)%len(b)] += gain * v * attack * release
	}
}

// testTones adds TestLowHz and TestHighHz, equally loud, for a time in seconds.
func testTones(b []float64, at, length float64) {
	start := int(at * audio.Rate)
	for i := range int(length * audio.Rate) {
		t := seconds(i)
		ramp := math.Min(1, math.Min(t, length-t)/0.01)
		b[start+i] += ramp * (math.Sin(2*math.Pi*TestLowHz*t) + math.Sin(2*math.Pi*TestHighHz*t)) / 2
	}
}

func seconds(i int) float64 { return float64(i) / audio.Rate }

// finish scales to the common level and rounds. Peaks of overlapping notes are
// bent softly instead of clipped.
func finish(b []float64) []int16 {
	pcm := make([]int16, len(b))
	for i, v := range b {
		pcm[i] = int16(math.Round(level * math.Tanh(v*0.9) / math.Tanh(0.9)))
	}
	return pcm
}
