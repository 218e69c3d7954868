package process

import (
	"math"

	"nxphone/audio/fft"
)

// suppressor takes out of the filter's error what is still echo, by a gain for
// each frequency, and puts noise in the place of what it has taken.
type suppressor struct {
	window           [2 * hop]float32 // square root of a Hann window
	lastMic, lastFar [hop]float32     // the frames before
	out              [hop]float32     // the second half of the last block
	block            [size]float32

	// The spectra of the microphone and of the expected echo, then of what is
	// left.
	yr, yi, sr, si [bins]float32
	mean           [looked]float32 // of both powers
	met, had, vary float32         // see look
	share          float32         // of the expected echo that is there
	used           float32         // of the expected echo that is taken away
	alpha          [bands]ratio
	told, loud     float32 // recent powers of the expected echo and the microphone
	// The same of this frame, and of the result: means of samples.
	toldNow, loudNow, outNow float32

	smooth [bins]float32 // power of what is left
	hold   [bins]float32 // the expected echo at its recent loudest
	first  [bins]float32 // the same of the reference, for before the room is known
	heard  int           // blocks in which there was a far end to hear
	tail   [bins]float32 // of a room that is longer than the filter
	own    [bands]leak
	cross  [bands]leak
	echo   [bins]float32 // what is taken for echo
	gain   [bins]float32
	floor  [bins]float32 // the noise that is always there, 0 before there was any
	near   float32       // 1: there is a voice at the microphone
	busy   float32       // 1: the far end is heard
	// wary is 1 when the filter is wrong, and fades in a second: what it leaves then
	// is rather an echo of the new room than a voice.
	wary   float32
	mended bool
	gentle bool
	seed   uint64
}

// situation is what the suppressor is told of a block.
type situation struct {
	active, off, located, unknown, gentle bool
	recent                                *spectrum
}

const (
	// least is the smallest gain: -50 dB.
	least = 0.003
	// leastGentle is the same where there is hardly an echo: -12 dB.
	leastGentle = 0.25
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

// ratio is a mean of products over one of powers.
type ratio struct{ num, den, used float32 }

// leak finds how much of a predicted echo is still there: as far as the power of
// the error goes up and down with that of the echo, it is echo (Valin, "On
// adjusting the learning rate in frequency domain echo cancellation with
// double-talk", IEEE Trans. ASLP 15, 2007). A voice at the microphone goes its own
// ways, so by chance alone some is found too: of the slope of the regression
// chance times its standard error is taken off.
type leak struct{ e, y, ee, ey, yy float64 }

func (l *leak) add(e, y, chance float64) float32 {
	const slow, quick = 0.99, 0.02
	// independent is how many of the blocks that count tell something new.
	const independent = 8
	de, dy := e-l.e, y-l.y
	l.e += quick * de
	l.y += quick * dy
	l.ee = slow*l.ee + (1-slow)*de*de
	l.ey = slow*l.ey + (1-slow)*de*dy
	l.yy = slow*l.yy + (1-slow)*dy*dy
	slope := l.ey / (l.yy + 1)
	rest := max(l.ee-slope*l.ey, 0)
	return float32(min(max(slope-chance*math.Sqrt(rest/(l.yy+1)/independent), leastLeak), 1))
}

func (s *suppressor) init() {
	for i := range s.window {
		s.window[i] = float32(math.Sin(math.Pi * (float64(i) + 0.5) / (2 * hop)))
	}
	for k := range s.gain {
		s.gain[k] = 1
	}
	for b := range s.alpha {
		s.alpha[b].used = 1
	}
	s.share, s.used = 1, 1
	s.seed = 88172645463325252
}

// transform windows a frame and the one before.
func (s *suppressor) transform(t *fft.Transform[float32], re, im []float32, last *[hop]float32, frame []float32) {
	for i, x := range frame[:hop] {
		s.block[i] = last[i] * s.window[i]
		s.block[hop+i] = x * s.window[hop+i]
		last[i] = x
	}
	clear(s.block[2*hop:])
	t.Forward(re, im, s.block[:])
}

// look takes a frame of the microphone and the echo that is expected in it, and
// finds out how much of the one is in the other. A right filter's echo is there,
// whoever else speaks; a wrong one's is not. The share is the slope of the
// microphone on the expected echo over the band of voices, each frequency counted
// by how loud the expected echo is in it, with one and a half times its standard
// error added: it is low only where the echo is surely elsewhere.
func (s *suppressor) look(t *fft.Transform[float32], mic, expected []float32) {
	s.transform(t, s.yr[:], s.yi[:], &s.lastMic, mic)
	s.transform(t, s.sr[:], s.si[:], &s.lastFar, expected)
	const keep = 0.7
	met, had, vary := float32(0), float32(0), float32(0)
	told, loud := float32(0), float32(0)
	for i := range s.mean {
		k := lowest + i
		a, b, c, d := s.yr[k], s.yi[k], s.sr[k], s.si[k]
		y, e := a*a+b*b, c*c+d*d
		told, loud = told+e, loud+y
		s.mean[i] = faded(0.9*s.mean[i]) + 0.1*(y+e)
		w := 1 / (s.mean[i] + y + e + 1)
		cross := a*c + b*d
		met += cross * w
		had += e * w
		vary += 0.5 * (y + e - 2*cross) * w * e * w
	}
	s.met = keep*s.met + met
	s.had = keep*s.had + had
	s.vary = keep*keep*s.vary + vary
	s.told = keep*s.told + (1-keep)*told
	s.loud = keep*s.loud + (1-keep)*loud
	const prior = 2
	s.share = (s.met + prior + 1.5*float32(math.Sqrt(float64(s.vary)))) / (s.had + prior)
	s.toldNow, s.loudNow = power(expected), power(mic)
}

// trust: the filter was wrong but has been moved to its place before it could
// learn anything wrong. What was found before counts less, and once the echo is
// there again there is nothing to be wary of.
func (s *suppressor) trust() {
	const part = 0.2
	s.met, s.had, s.vary, s.mended = part*s.met, part*s.had, part*part*s.vary, true
}

// power is the mean power of samples.
func power(x []float32) float32 {
	sum := float32(0)
	for _, v := range x {
		sum += v * v
	}
	return sum / float32(len(x))
}

// clean writes the cleaned frame before the last, which is 10 ms late.
func (s *suppressor) clean(t *fft.Transform[float32], frame []int16, f *filter, now situation) {
	s.subtract(now)
	s.gains(f, now)
	for k := range s.yr {
		g := s.gain[k]
		s.yr[k] *= g
		s.yi[k] *= g
	}
	if !now.off {
		s.comfort()
	}
	t.Inverse(s.block[:], s.yr[:], s.yi[:])
	sum := float32(0)
	for i := range hop {
		x := s.out[i] + s.block[i]*s.window[i]
		s.out[i] = s.block[hop+i] * s.window[hop+i]
		sum += x * x
		frame[i] = int16(min(max(math.Round(float64(x)), math.MinInt16), math.MaxInt16))
	}
	s.outNow = sum / hop
}

// subtract takes the expected echo from the microphone, or less of it in a band
// where it is not.
func (s *suppressor) subtract(now situation) {
	want := min(max((s.share-0.3)/0.3, 0), 1)
	if now.off || !now.located {
		want = 0 // nothing that a filter expects without an echo is true
	}
	s.used = towards(s.used, want, 0.6)
	for b := range s.alpha {
		r := &s.alpha[b]
		from, to := b*bandWide, min((b+1)*bandWide, bins)
		num, den := float32(0), float32(0)
		for k := from; k < to; k++ {
			num += s.yr[k]*s.sr[k] + s.yi[k]*s.si[k]
			den += s.sr[k]*s.sr[k] + s.si[k]*s.si[k]
		}
		r.num = 0.85*r.num + num
		r.den = faded(0.85*r.den) + den
		if r.den == 0 {
			r.num, r.used = 0, 0
		}
		// An expected echo that makes a band louder has less than half its power
		// in common with it.
		part := min(max((r.num/(r.den+1)-0.3)/0.2, 0), 1)
		r.used += 0.5 * (part - r.used)
		a := s.used * r.used
		for k := from; k < to; k++ {
			s.yr[k] -= a * s.sr[k]
			s.yi[k] -= a * s.si[k]
		}
	}
}

// gains follows the power of what is left and of the echo in it. The window holds
// half the power of its two frames.
func (s *suppressor) gains(f *filter, now situation) {
	s.gentle = now.gentle
	s.expected(f, now)
	s.judge(now)
	// In the far end's pauses and where both speak it matters more to hear the
	// near end, else that no echo is heard: it is overrated then.
	over := 6 - 5*s.near
	lowest := float32(least)
	top := 1 - 0.35*s.busy*(1-s.near)
	if s.gentle {
		over, lowest, top = 1.5, leastGentle, 1
	}
	absent := !now.located && !now.unknown
	for k := range s.gain {
		g := min(max(1-over*s.echo[k]/(s.smooth[k]+1), lowest), top)
		if now.off || absent {
			g = 1
		}
		// Down at once, up slowly: an echo that comes back for a moment is worse.
		if g < s.gain[k] && !now.off {
			s.gain[k] = g
		} else {
			s.gain[k] = towards(s.gain[k], g, 0.3)
		}
	}
}

// faded is what is left of a power, nothing where it is far too little to matter:
// numbers next to nought are slow on many processors, and there are thousands here.
func faded(x float32) float32 {
	if x < 1e-20 {
		return 0
	}
	return x
}

// towards goes a part of the way, and all of it where little is left.
func towards(x, to, part float32) float32 {
	d := to - x
	if d < 0.002 && d > -0.002 {
		return to
	}
	return x + part*d
}

// expected finds what is echo in what is left.
func (s *suppressor) expected(f *filter, now situation) {
	fade, wide := float32(0.6), float32(0)
	if f.lost {
		fade = 0.93
	}
	for k := range s.hold {
		p := s.sr[k]*s.sr[k] + s.si[k]*s.si[k]
		s.hold[k] = max(p, faded(fade*s.hold[k]))
		s.tail[k] = faded(f.fade * (s.tail[k] + f.last[k]))
		wide += s.hold[k]
	}
	if f.lost {
		s.wary = 1
	} else {
		s.wary *= 0.985
		if s.mended {
			s.wary, s.mended = 0, false
		}
	}
	// Exact silence is a microphone that is only just opening, or shut in the
	// hardware. It tells nothing of the room, and a floor of nothing never rises.
	shut := s.loudNow == 0
	chance := float64(1 - s.wary)
	stir := astir * max(1-s.near, s.wary)
	for b := range s.own {
		from, to := b*bandWide, min((b+1)*bandWide, bins)
		e, y := float32(0), float32(0)
		for k := from; k < to; k++ {
			p := s.yr[k]*s.yr[k] + s.yi[k]*s.yi[k]
			s.smooth[k] = faded(0.6*s.smooth[k]) + 0.4*p
			switch {
			case shut:
			case s.floor[k] == 0:
				s.floor[k] = p
			case !s.quiet(k):
				s.floor[k] = min(s.floor[k]*1.03, 0.9*s.floor[k]+0.1*p)
			case p < s.floor[k]:
				s.floor[k] += 0.02 * (p - s.floor[k])
			}
			e += p
			y += s.hold[k]
		}
		own := s.own[b].add(float64(e), float64(y), chance)
		spread := s.cross[b].add(float64(e), float64(wide), chance) * wide / float32(to-from)
		for k := from; k < to; k++ {
			left := max(own*s.hold[k], min(spread, s.smooth[k]))
			f.astir[k] = 0
			if own > 2*leastLeak && left > f.unsure[k] {
				f.astir[k] = stir
			}
			s.echo[k] = max(f.unsure[k], left, s.tail[k])
		}
	}
	if f.lost {
		for k := range s.echo {
			s.echo[k] = max(s.echo[k], 1.3*s.hold[k], s.hold[max(k-1, 0)], s.hold[min(k+1, bins-1)])
		}
	}
	// Half right is half wrong.
	if wrong := min(max((0.9-s.share)*2, 0), 1); wrong > 0 && !f.lost {
		for k, h := range s.hold {
			s.echo[k] = max(s.echo[k], 2*wrong*h)
		}
	}
	s.unknown(now)
}

// quiet: this frequency is held down, so it tells nothing of the room's noise.
func (s *suppressor) quiet(k int) bool { return s.gain[k] < 0.45 }

// unknownFor is how many blocks of the far end's voice an echo is looked for
// before it is believed that there is none, unknownLeast where nothing at all has
// been found.
const unknownFor, unknownLeast = 150, 90

// unknown is for the time before it is known where the echo is, if there is one:
// all that the far end says may come back.
func (s *suppressor) unknown(now situation) {
	for k, p := range now.recent.power {
		s.first[k] = max(p, faded(0.96*s.first[k]))
	}
	if now.recent.loud > audible {
		s.heard = min(s.heard+1, unknownFor)
	}
	if !now.unknown {
		return
	}
	for k := range s.echo {
		s.echo[k] = max(s.echo[k], 2*overlap*s.first[k])
	}
}

// judge finds out whether there is a voice at the microphone besides echo and
// noise, and whether the far end is heard.
func (s *suppressor) judge(now situation) {
	const wide, few = 4, looked / 4
	score, busy := float32(0), float32(0)
	for b := range few {
		e, r, n, h := float32(0), float32(0), float32(0), float32(0)
		for k := lowest + b*wide; k < lowest+(b+1)*wide; k++ {
			e += s.smooth[k]
			r += s.echo[k]
			n += bias * s.floor[k]
			h += s.hold[k]
		}
		score += min(max(float32(10*math.Log10(float64((e+1)/(r+n+1)))), -3), 12)
		if h+r > n {
			busy++
		}
	}
	score /= few
	near := min(max((score-1.5)/3.5, 0), 1)
	if near > s.near {
		s.near = near
	} else {
		s.near += 0.08 * (near - s.near)
	}
	if !now.active || s.gentle {
		busy = 0
	}
	s.busy += 0.2 * (min(busy/4, 1) - s.busy)
}

// comfort puts noise of the floor's power in the place of what the gain has taken
// away, a little less of it: who hears it speaks himself just now.
func (s *suppressor) comfort() {
	const level = 0.4
	for k, g := range s.gain {
		missing := level - g*g
		if missing <= 0 {
			continue
		}
		// xorshift, Marsaglia 2003: only its hiss matters.
		s.seed ^= s.seed << 13
		s.seed ^= s.seed >> 7
		s.seed ^= s.seed << 17
		a := float32(math.Sqrt(float64(bias * s.floor[k] * missing)))
		c := &circle[s.seed>>58]
		s.yr[k] += a * c[0]
		s.yi[k] += a * c[1]
	}
}

// circle holds directions, for the phases of noise.
var circle = func() (c [64][2]float32) {
	for i := range c {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / 64)
		c[i] = [2]float32{float32(cos), float32(sin)}
	}
	return c
}()
