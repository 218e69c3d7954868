package quality

import (
	"math"
	"slices"
	"time"

	"nxphone/audio"
	"nxphone/audio/fft"
)

// Segment is where a piece of the reference was found.
type Segment struct {
	At          int     // the piece's first sample in the reference
	Lag         int     // it begins at At+Lag in what was heard
	Correlation float64 // how alike the third of a second around it is there, up to 1
}

const (
	alignCoarse  = 4                 // samples in a step of the search
	alignWindow  = audio.Rate / 3    // what is compared
	alignPiece   = audio.Rate / 12   // what is taken
	alignFade    = audio.Rate / 200  // between two pieces, 5 ms
	alignPlaces  = 12                // of each piece that may be the right one
	alignNear    = audio.Rate / 1000 // no two of them are nearer than this
	alignQuiet   = 1e-3              // of the loudest window's power: too quiet to be found
	alignMove    = 0.05              // what any change of place costs, in correlation
	alignFurther = 0.5 / audio.Rate  // and what each sample of it costs
)

// Align brings heard into step with spoken, both at 48 kHz: a sound as long as
// spoken, made of pieces of a twelfth of a second of heard, each from where the
// third of a second around it is most alike, at most so far before or after. Where
// spoken is silent, the place of the piece before holds. A jitter buffer that
// stretches by some milliseconds, which nobody hears, costs a longer piece more than
// it deserves.
//
// The places together are the path of the greatest likeness, faint pieces counting
// less, minus the cost of its moves (as in dynamic time warping), so one odd piece
// does not go astray.
func Align(spoken, heard []float64, within time.Duration) ([]float64, []Segment) {
	search := newSearch(spoken, heard, samples(within))
	var pieces []candidates
	for at := 0; at < len(spoken); at += alignPiece {
		pieces = append(pieces, search.places(at))
	}
	segments := cheapest(pieces)
	for i := range segments {
		search.refine(&segments[i])
	}
	fillQuiet(segments)
	return join(heard, segments, len(spoken)), segments
}

// candidates are the places of a piece that look right; none of a quiet one.
type candidates struct {
	at     int
	places []Segment
	weight float64 // of the piece, up to 1: what is faint is easily mistaken
}

// search finds pieces of one sound in another, roughly at a quarter of the rate and
// then to the sample.
type search struct {
	spoken, heard []float64
	a, b          []float64 // the same, at the lower rate
	reach         int       // in steps
	loudest       float64
	t             *fft.Transform[float64]
	in            []float64
	re, im        [2][]float64
	sums          []float64 // of b's powers, from the beginning
}

func newSearch(spoken, heard []float64, within int) *search {
	s := &search{spoken: spoken, heard: heard, a: resample(spoken, 1, alignCoarse), b: resample(heard, 1, alignCoarse), reach: within / alignCoarse}
	size := 8
	for size < alignWindow/alignCoarse+2*s.reach+1 {
		size *= 2
	}
	s.t = fft.New[float64](size)
	s.in = make([]float64, size)
	for i := range s.re {
		s.re[i], s.im[i] = make([]float64, s.t.Bins()), make([]float64, s.t.Bins())
	}
	s.sums = make([]float64, len(s.b)+1)
	for i, v := range s.b {
		s.sums[i+1] = s.sums[i] + v*v
	}
	for at := 0; at < len(spoken); at += alignPiece {
		from, to := s.window(at)
		s.loudest = max(s.loudest, power(s.a[from:to]))
	}
	return s
}

// window is what is compared for a piece, in steps.
func (s *search) window(at int) (from, to int) {
	middle := (at + alignPiece/2) / alignCoarse
	const half = alignWindow / alignCoarse / 2
	return min(max(middle-half, 0), len(s.a)), min(middle+half, len(s.a))
}

// energy is the power of b between two steps, either of which may be outside.
func (s *search) energy(from, to int) float64 {
	return s.sums[min(max(to, 0), len(s.b))] - s.sums[min(max(from, 0), len(s.b))]
}

// places are the local maxima of the normalised correlation.
func (s *search) places(at int) candidates {
	c := candidates{at: at}
	from, to := s.window(at)
	own := power(s.a[from:to])
	if own <= alignQuiet*s.loudest || s.loudest == 0 {
		return c
	}
	c.weight = min(1, 4*math.Sqrt(own/s.loudest))
	// The correlation of the window with the stretch around it in the other sound.
	clear(s.in)
	copy(s.in, s.a[from:to])
	s.t.Forward(s.re[0], s.im[0], s.in)
	clear(s.in)
	first := from - s.reach // of the stretch, in b
	for i := range min(len(s.in), to-from+2*s.reach) {
		if j := first + i; j >= 0 && j < len(s.b) {
			s.in[i] = s.b[j]
		}
	}
	s.t.Forward(s.re[1], s.im[1], s.in)
	for k := range s.re[0] {
		ar, ai, br, bi := s.re[0][k], s.im[0][k], s.re[1][k], s.im[1][k]
		s.re[1][k], s.im[1][k] = ar*br+ai*bi, ar*bi-ai*br
	}
	s.t.Inverse(s.in, s.re[1], s.im[1])
	like := s.in[:2*s.reach+1]
	for lag := range like {
		there := s.energy(first+lag, first+lag+to-from)
		// A stretch that is nearly silent is like nothing.
		like[lag] /= math.Sqrt(own * max(there, own*1e-4))
	}
	for range alignPlaces {
		best := 0
		for lag, v := range like {
			if v > like[best] {
				best = lag
			}
		}
		if like[best] <= 0 {
			break
		}
		c.places = append(c.places, Segment{At: at, Lag: (best - s.reach) * alignCoarse, Correlation: like[best]})
		const near = alignNear / alignCoarse
		for lag := max(0, best-near); lag <= min(best+near, len(like)-1); lag++ {
			like[lag] = math.Inf(-1)
		}
	}
	return c
}

// cheapest is the path through the places of all pieces with the greatest sum of
// correlations less the moves (Viterbi).
func cheapest(pieces []candidates) []Segment {
	type step struct {
		score float64
		from  int
	}
	table := make([][]step, len(pieces))
	last := -1 // the last piece with places
	for i, p := range pieces {
		table[i] = make([]step, len(p.places))
		for j, place := range p.places {
			best := step{score: 0, from: -1}
			if last >= 0 {
				best.score = math.Inf(-1)
				for k, before := range pieces[last].places {
					if v := table[last][k].score - moving(before.Lag, place.Lag); v > best.score {
						best = step{v, k}
					}
				}
			}
			table[i][j] = step{best.score + p.weight*place.Correlation, best.from}
		}
		if len(p.places) > 0 {
			last = i
		}
	}
	out := make([]Segment, len(pieces))
	for i, p := range pieces {
		out[i].At = p.at
	}
	if last < 0 {
		return out
	}
	at := 0
	for j, s := range table[last] {
		if s.score > table[last][at].score {
			at = j
		}
	}
	for i := last; i >= 0; i-- {
		if len(pieces[i].places) == 0 {
			continue
		}
		out[i] = pieces[i].places[at]
		at = table[i][at].from
	}
	return out
}

// moving is what it costs when the place changes.
func moving(from, to int) float64 {
	d := math.Abs(float64(to - from))
	if d <= alignCoarse {
		return 0
	}
	return alignMove + alignFurther*d
}

// fillQuiet gives the pieces without a place that of the one before, those at the
// beginning that of the first.
func fillQuiet(out []Segment) {
	known := func(g Segment) bool { return g.Correlation > 0 }
	first := slices.IndexFunc(out, known)
	if first < 0 {
		return
	}
	lag := out[first].Lag
	for i := range out {
		if known(out[i]) {
			lag = out[i].Lag
		} else {
			out[i].Lag = lag
		}
	}
}

// refine moves a segment to the very sample.
func (s *search) refine(g *Segment) {
	if g.Correlation == 0 {
		return
	}
	from, to := s.window(g.At)
	from, to = from*alignCoarse, min(to*alignCoarse, len(s.spoken))
	best, place := math.Inf(-1), g.Lag
	for lag := g.Lag - alignCoarse; lag <= g.Lag+alignCoarse; lag++ {
		lo, hi := max(from, -lag), min(to, len(s.heard)-lag)
		sum := 0.0
		for i := lo; i < hi; i++ {
			sum += s.spoken[i] * s.heard[i+lag]
		}
		if sum > best {
			best, place = sum, lag
		}
	}
	g.Lag = place
}

// join puts the pieces together, with a short fade where the place changes.
func join(heard []float64, segments []Segment, n int) []float64 {
	out := make([]float64, n)
	get := func(i int) float64 {
		if i < 0 || i >= len(heard) {
			return 0
		}
		return heard[i]
	}
	for k, g := range segments {
		for i := g.At; i < min(g.At+alignPiece, n); i++ {
			out[i] = get(i + g.Lag)
		}
		if k == 0 || segments[k-1].Lag == g.Lag {
			continue
		}
		for i := range min(alignFade, n-g.At) {
			w := (float64(i) + 0.5) / alignFade
			out[g.At+i] = w*out[g.At+i] + (1-w)*get(g.At+i+segments[k-1].Lag)
		}
	}
	return out
}
