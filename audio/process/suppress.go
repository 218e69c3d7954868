package process

import "math"

// suppressor takes out of the filter's error what is still echo, by a gain for
// each frequency, and puts noise in the place of what it has taken.
type suppressor struct {
	window [2 * hop]float64 // square root of a Hann window
	last   [hop]float64     // the frame before
	out    [hop]float64     // the second half of the last block
	block  [size]float64
	bin    [bins]complex128

	smooth [bins]float64 // power of the error
	leaks  [bands]leak
	gain   [bins]float64
	hold   [bins]float64 // the expected echo at its recent loudest
	floor  [bins]float64 // the noise that is always there
	seed   uint64
}

const (
	// least is the smallest gain: -50 dB.
	least = 0.003
	// over is by how much the echo is overrated, because hearing it is worse than
	// missing a little of a voice.
	over = 2.0
	// bias is what the floor, which follows the quiet moments, is under the mean.
	bias = 6.0
	// astir is how quickly a filter becomes unsure of itself that leaves more echo
	// than it thinks: tenfold in half a second.
	astir = 0.1
	// bands are as wide as bandWide bins, 750 Hz.
	bandWide = 16
	bands    = (bins + bandWide - 1) / bandWide
	// leastLeak is the part of the predicted echo that no linear filter predicts
	// (a small speaker's distortion): -33 dB.
	leastLeak = 0.0005
)

// leak finds how much of the predicted echo is still there, in one band: as far as
// the power of the error goes up and down with that of the echo, it is echo
// (Valin, "On adjusting the learning rate in frequency domain echo cancellation
// with double-talk", IEEE Trans. ASLP 15, 2007). A voice at the microphone goes
// its own ways.
type leak struct{ e, y, ey, yy float64 }

func (l *leak) add(e, y float64) float64 {
	const slow, quick = 0.99, 0.02
	de, dy := e-l.e, y-l.y
	l.e += quick * de
	l.y += quick * dy
	l.ey = slow*l.ey + (1-slow)*de*dy
	l.yy = slow*l.yy + (1-slow)*dy*dy
	return min(max(l.ey/(l.yy+1), leastLeak), 1)
}

func (s *suppressor) init() {
	for i := range s.window {
		s.window[i] = math.Sin(math.Pi * (float64(i) + 0.5) / (2 * hop))
	}
	for k := range s.gain {
		s.gain[k], s.floor[k] = 1, -1
	}
	s.seed = 88172645463325252
}

// clean writes the cleaned frame before err, which is 10 ms late.
func (s *suppressor) clean(fft *transform, frame []int16, err *[hop]float64, f *filter) {
	for i := range hop {
		s.block[i] = s.last[i] * s.window[i]
		s.block[hop+i] = err[i] * s.window[hop+i]
	}
	clear(s.block[2*hop:])
	copy(s.last[:], err[:])
	fft.forward(s.bin[:], s.block[:])
	s.gains(f)
	for k := range s.bin {
		s.bin[k] = s.bin[k]*complex(s.gain[k], 0) + s.comfort(k)
	}
	fft.backward(s.block[:], s.bin[:])
	for i := range hop {
		x := s.out[i] + s.block[i]*s.window[i]
		s.out[i] = s.block[hop+i] * s.window[hop+i]
		frame[i] = int16(min(max(math.Round(x), math.MinInt16), math.MaxInt16))
	}
}

// gains follows the power of the error and of the echo in it. The window holds
// half the power of its two frames.
func (s *suppressor) gains(f *filter) {
	part := leastLeak
	for k := range s.bin {
		if k%bandWide == 0 {
			e, y := 0.0, 0.0
			for i := k; i < min(k+bandWide, bins); i++ {
				e += sq(s.bin[i])
				y += f.echo[i]
			}
			part = s.leaks[k/bandWide].add(e, y)
		}
		p := sq(s.bin[k])
		if s.floor[k] < 0 {
			s.floor[k] = p
		}
		s.smooth[k] = 0.6*s.smooth[k] + 0.4*p
		left := part * f.echo[k]
		s.hold[k] = max(f.echo[k], 0.85*s.hold[k])
		if f.lost {
			left = s.hold[k]
		}
		f.astir[k] = 0
		if part > 2*leastLeak && left > f.unsure[k] {
			f.astir[k] = astir
		}
		echo := over * max(f.unsure[k], left)
		g := 1 - echo/(s.smooth[k]+1)
		if g < least {
			g = least
		}
		// Down at once, up slowly: an echo that comes back for a moment is worse.
		if g < s.gain[k] {
			s.gain[k] = g
		} else {
			s.gain[k] += 0.3 * (g - s.gain[k])
		}
		if s.gain[k] > 0.5 || p < s.floor[k] {
			s.floor[k] = min(s.floor[k]*1.03, 0.9*s.floor[k]+0.1*p)
		}
	}
}

// comfort is noise of the floor's power for what the gain has taken away.
func (s *suppressor) comfort(k int) complex128 {
	g := s.gain[k]
	if g > 0.9 {
		return 0
	}
	// xorshift, Marsaglia 2003: only its hiss matters.
	s.seed ^= s.seed << 13
	s.seed ^= s.seed >> 7
	s.seed ^= s.seed << 17
	angle := float64(s.seed>>11) / (1 << 53) * 2 * math.Pi
	return unit(angle) * complex(math.Sqrt(bias*s.floor[k]*(1-g*g)), 0)
}
