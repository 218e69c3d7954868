package demosbc

import (
	"bytes"
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

// roll is a sound in one codec, cut into packets of 20 ms. They are encoded
// when they are first sent, so that no sound has to be waited for, and kept:
// a call that plays what was played before costs no more than one that echoes.
// Safe for use from several goroutines.
type roll struct {
	count int    // packets in all
	loop  int    // after the last packet comes this one
	ticks uint32 // length of a packet in units of the RTP clock

	mu      sync.Mutex
	enc     codec.Encoder // nil when everything is encoded
	pcm     []int16       // what is not encoded yet
	packets [][]byte
}

// packet is the packet numbered i; nil when it could not be encoded.
func (r *roll) packet(i int) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.packets) <= i && r.enc != nil {
		out := make([]byte, codec.MaxPacket)
		n, err := r.enc.Encode(r.pcm[:codec.PacketLen], out)
		if err != nil {
			n = 0
		}
		r.packets = append(r.packets, bytes.Clone(out[:n])) // what is kept is no longer than it must be
		if r.pcm = r.pcm[codec.PacketLen:]; len(r.packets) == r.count {
			r.release()
		}
	}
	if i >= len(r.packets) {
		return nil
	}
	return r.packets[i]
}

// after is the number of the packet that follows i.
func (r *roll) after(i int) int {
	if i+1 < r.count {
		return i + 1
	}
	return r.loop
}

// release frees the encoder.
func (r *roll) release() {
	if r.enc != nil {
		r.enc.Close()
		r.enc, r.pcm = nil, nil
	}
}

// library keeps the rolls. Safe for use from several goroutines.
type library struct {
	mu    sync.Mutex
	rolls map[rollKey]*roll
}

type rollKey struct {
	what sound
	name codec.Name
}

func newLibrary() *library { return &library{rolls: make(map[rollKey]*roll)} }

// roll returns the sound's packets, nil when it has none of its own or there
// is no such codec.
func (l *library) roll(what sound, name codec.Name) *roll {
	key := rollKey{what, name}
	l.mu.Lock()
	defer l.mu.Unlock()
	if r, ok := l.rolls[key]; ok {
		return r
	}
	pcm, loop := compose(what)
	if pcm == nil {
		return nil
	}
	// Half the usual effort: these are tones, and a phone with the demo SBC
	// inside pays for them.
	enc, err := codec.NewEncoder(name, codec.Options{NoFEC: true, Complexity: 4})
	if err != nil {
		return nil
	}
	r := &roll{
		count: len(pcm) / codec.PacketLen, loop: loop, enc: enc, pcm: pcm,
		ticks: uint32(name.ClockRate() * int(packetDur.Milliseconds()) / 1000),
	}
	l.rolls[key] = r
	return r
}

// close frees the encoders of the sounds that nobody heard to the end.
func (l *library) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.rolls {
		r.mu.Lock()
		r.release()
		r.mu.Unlock()
	}
}

// compose makes a sound and says where it loops to, in packets; nil for those
// that have none of their own.
func compose(what sound) (pcm []int16, loop int) {
	switch what {
	case soundTone:
		// The repetition leaves out the onset: its codec state would not fit.
		return earlyTone(), 10
	case soundMessage:
		pcm = message()
		return pcm, len(pcm)/codec.PacketLen - 1
	case soundMusic:
		return music(), 0
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

// earlyTone is one second. From any packet to the end it is a whole number of
// periods in every fifth of a second, so that it repeats without a click.
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

// strike adds a bell-like note at a time in seconds: three partials, the
// higher the sooner gone. What rings past the end wraps round to the
// beginning, so a loop has no seam.
func strike(b []float64, at, hz, gain float64) {
	const length, attack, release = 43200, 200, 2400 // samples
	start := int(at * audio.Rate)
	for p := 1.0; p <= 3; p++ {
		// A decaying sine is a resonator with two poles: two products for each
		// sample instead of a sine and a power.
		w := 2 * math.Pi * hz * p / audio.Rate
		r := math.Exp(-(2.5 + 2*p) / audio.Rate)
		c1, c2 := 2*r*math.Cos(w), r*r
		before, now := 0.0, r*math.Sin(w)*gain/(p*p)
		pos := start % len(b)
		for i := range length {
			v := before
			switch {
			case i < attack:
				v *= float64(i) / attack
			case i > length-release:
				v *= float64(length-i) / release
			}
			b[pos] += v
			before, now = now, c1*now-c2*before
			if pos++; pos == len(b) {
				pos = 0
			}
		}
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
