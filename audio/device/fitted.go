package device

import (
	"sync/atomic"

	"nxphone/audio"
)

// fitted makes of a device's own format what a line carries: 48 kHz mono.
// Devices are opened as they are (44.1 kHz, two channels), because what
// miniaudio would convert with is not good enough for a voice: its resampler
// leaves images at -6 dB, and its way from two channels to one halves a
// microphone that has sound on one of them.
type fitted struct {
	line // in the device's format
	rate int
	// channels of a microphone; a speaker has one, which the sound system plays
	// on all of them.
	channels int

	mix     *mixdown
	convert *audio.Resampler
	// Of a microphone: raw frames, one channel of them, and what is converted
	// and not read yet.
	raw, mono []int16
	ready     []int16
	left      atomic.Int64 // len of what is ready
	// Of a speaker.
	wide []int16
}

// fits reports whether a device's format can be converted here.
func fits(channels, rate int) bool {
	_, err := audio.NewResampler(rate, audio.Rate)
	return err == nil && rate >= 8000 && rate <= 192000 && channels >= 1 && channels <= maxChannels
}

// maxChannels is how many of a microphone's channels are looked at; of more the
// sound system makes two.
const maxChannels = 4

// fit wraps a line where it is not what is wanted already. The format must be
// one that fits.
func fit(l line, dir Direction, channels, rate int) line {
	if channels == 1 && rate == audio.Rate {
		return l
	}
	f := &fitted{line: l, rate: rate, channels: channels}
	if dir == Speaker {
		f.convert, _ = audio.NewResampler(audio.Rate, rate) // it fits
		f.wide = make([]int16, f.convert.OutLen(audio.FrameLen))
		return f
	}
	f.convert, _ = audio.NewResampler(rate, audio.Rate)
	f.mix = newMixdown(channels, rate)
	block := rate / 100
	f.raw, f.mono = make([]int16, block*channels), make([]int16, block)
	f.ready = make([]int16, 0, audio.FrameLen+f.convert.OutLen(block))
	return f
}

// outside is how many samples at 48 kHz a number of the device's frames is.
func (f *fitted) outside(frames int) int {
	if f.rate == audio.Rate {
		return frames
	}
	// Less one: the resampler gives one more or one less at times, and what is
	// said to wait must be there.
	return max(0, int(int64(frames)*audio.Rate/int64(f.rate))-1)
}

func (f *fitted) queued() int {
	return f.outside(f.line.queued()/f.channels) + int(f.left.Load())
}

func (f *fitted) read(dst []int16) int {
	n := 0
	for n < len(dst) {
		if len(f.ready) == 0 && !f.refill() {
			break
		}
		k := copy(dst[n:], f.ready)
		f.drop(k)
		n += k
	}
	return n
}

// refill converts the next block of the device's, as far as there is one.
func (f *fitted) refill() bool {
	frames := min(f.line.queued()/f.channels, len(f.mono))
	if frames == 0 {
		return false
	}
	got := f.line.read(f.raw[:frames*f.channels]) / f.channels
	f.mix.mix(f.mono[:got], f.raw)
	f.ready = f.ready[:cap(f.ready)]
	f.ready = f.ready[:f.convert.Process(f.ready, f.mono[:got])]
	f.left.Store(int64(len(f.ready)))
	return len(f.ready) > 0
}

// drop forgets the first n samples that are ready.
func (f *fitted) drop(n int) {
	f.ready = f.ready[:copy(f.ready, f.ready[n:])]
	f.left.Store(int64(len(f.ready)))
}

func (f *fitted) discard(n int) int {
	first := min(n, len(f.ready))
	f.drop(first)
	frames := int(int64(max(n-first, 0)) * int64(f.rate) / audio.Rate)
	return first + int(int64(f.line.discard(frames*f.channels)/f.channels)*audio.Rate/int64(f.rate))
}

func (f *fitted) write(src []int16) int {
	for part := src; len(part) > 0; {
		k := min(len(part), audio.FrameLen)
		f.line.write(f.wide[:f.convert.Process(f.wide, part[:k])])
		part = part[k:]
	}
	return len(src)
}

func (f *fitted) dropped() uint64 {
	return f.line.dropped() / uint64(f.channels) * audio.Rate / uint64(f.rate)
}

func (f *fitted) missed() uint64 { return f.line.missed() * audio.Rate / uint64(f.rate) }
