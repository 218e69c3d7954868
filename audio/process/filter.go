package process

import (
	"math"

	"nxphone/audio/fft"
)

// filter is the Kalman filter of the echo path.
type filter struct {
	// re and im are the coefficients, cov how unsure each is (the diagonal of the
	// state error covariance).
	re, im, cov [partitions][bins]float32
	// near is the power of what is no echo, the measurement noise.
	near [bins]float32
	// unsure is the power of the echo that the filter cannot predict.
	unsure [bins]float32
	// last is the power of the echo by the last partition, fade the share of power
	// that the room keeps from one block to the next. What comes after the last
	// partition fades on like it.
	last [bins]float32
	fade float32
	// astir is by how much each frequency's uncertainty grows because more echo is
	// left than it allows for.
	astir  [bins]float32
	turn   int // the partition that is constrained next
	lag    int // the reference's delay before the first partition, in blocks
	astray int // blocks in a row that were made worse
	// lost: what is expected is not what is there.
	lost    bool
	lostFor int // blocks in a row
	gone    int // the same, pauses left out

	weight, gr, gi [bins]float32
}

const (
	// forget is the room's memory for each block of 10 ms: the share of the path
	// that stays as it was (the transition factor A of the papers).
	forget = 0.9995
	// firstCov is the uncertainty of a room that nobody has heard, for a whole
	// path of gain 1 spread over its partitions.
	firstCov = 0.3
	// lostLong is how many blocks in a row a wrong filter is waited for to be
	// moved to its place, before it learns anew.
	lostLong = 20
	// lostForGood is how many it may be wrong before it is given up.
	lostForGood = 120
	// lostShare is the part of the expected echo that must be found in the
	// microphone.
	lostShare = 0.45
	// evident is how much must be expected for that to be told, in loud frequencies
	// times blocks.
	evident = 10
	// leastNear is a noise power that a microphone always has.
	leastNear = size * 4.0
	// overlap is the share of a transform that holds samples (the papers' M/R).
	overlap = float32(hop) / size
	// lateFrom and lateTop: from which partition on only the lower frequencies are
	// kept. A room swallows what is above 13 kHz sooner.
	lateFrom, lateTop = 8, 280
)

func (f *filter) reset() {
	f.forgetFrom(0, partitions)
	for k := range f.near {
		f.near[k] = leastNear * 100
	}
	f.astray = 0
}

// forgetFrom makes some partitions as they were at the beginning.
func (f *filter) forgetFrom(from, to int) {
	for p := from; p < to; p++ {
		clear(f.re[p][:])
		clear(f.im[p][:])
		// Rooms fade: what comes late is weak.
		fade := float32(firstCov * math.Pow(10, -float64(p)/15))
		for k := range f.cov[p] {
			f.cov[p][k] = fade
		}
	}
}

// doubt makes the filter as unsure of itself as a part of what it has learnt.
func (f *filter) doubt(part float32) {
	for p := range partitions {
		re, im, cov := &f.re[p], &f.im[p], &f.cov[p]
		for k := range cov {
			cov[k] = min(cov[k]+part*(re[k]*re[k]+im[k]*im[k]), firstCov)
		}
	}
}

// move changes the lag. What has been learnt goes along: a partition is a block.
func (f *filter) move(lag int) {
	by := lag - f.lag
	f.lag = lag
	if by > 0 {
		by = min(by, partitions)
		copy(f.re[:], f.re[by:])
		copy(f.im[:], f.im[by:])
		copy(f.cov[:], f.cov[by:])
		f.forgetFrom(partitions-by, partitions)
		return
	}
	by = min(-by, partitions)
	copy(f.re[by:], f.re[:partitions-by])
	copy(f.im[by:], f.im[:partitions-by])
	copy(f.cov[by:], f.cov[:partitions-by])
	f.forgetFrom(0, by)
}

// doubted finds out whether the echo is another than expected. wrong: what was
// expected of late is not there; evident: enough was expected to tell.
func (f *filter) doubted(wrong, evident, known, apart bool) {
	f.lost = known && (apart || wrong)
	if !f.lost {
		f.lostFor = 0
	} else if f.lostFor++; f.lostFor%lostLong == 0 {
		f.doubt(0.3)
	}
	if f.lost {
		f.gone++
	} else if evident || !known {
		f.gone = 0
	}
}

// idle lets the uncertainty of a silent far end run out of what is suppressed.
func (f *filter) idle() {
	for k := range f.unsure {
		f.unsure[k] *= 0.7
	}
}

// top is the highest bin that a partition works on.
func top(p int, x *spectrum) int {
	if p >= lateFrom {
		return min(x.top, lateTop)
	}
	return x.top
}

// expect gives the expected echo, and how unsure it is, of a far end whose
// newest block is at.
func (f *filter) expect(yr, yi []float32, spectra *[history]spectrum, at int) {
	clear(yr)
	clear(yi)
	clear(f.unsure[:])
	for p := range partitions {
		x := &spectra[(at+p)%history]
		n := top(p, x)
		xr, xi, pow := x.re[:n], x.im[:n], x.power[:n]
		wr, wi, cov := f.re[p][:n], f.im[p][:n], f.cov[p][:n]
		sr, si, un := yr[:n], yi[:n], f.unsure[:n]
		for k, a := range xr {
			b, c, d := xi[k], wr[k], wi[k]
			sr[k] += a*c - b*d
			si[k] += a*d + b*c
			un[k] += cov[k] * pow[k]
		}
	}
	for k := range f.unsure {
		f.unsure[k] *= overlap
	}
	x := &spectra[(at+partitions-1)%history]
	clear(f.last[:])
	for k := range top(partitions-1, x) {
		re, im := f.re[partitions-1][k], f.im[partitions-1][k]
		f.last[k] = overlap * x.power[k] * (re*re + im*im)
	}
}

// fades finds out how the room fades, from the later parts of what is known of
// it.
func (f *filter) fades() {
	const part = 6
	sum := func(from int) float64 {
		all := float32(0)
		for p := from; p < from+part; p++ {
			for k := lowest; k < lowest+looked; k++ {
				all += f.re[p][k]*f.re[p][k] + f.im[p][k]*f.im[p][k]
			}
		}
		return float64(all)
	}
	now := math.Pow(sum(partitions-part)/(sum(partitions-2*part)+1e-12), 1.0/part)
	f.fade += 0.2 * (float32(min(max(now, 0.3), 0.93)) - f.fade)
}

// update is one step of the Kalman filter, with the error's spectrum.
func (f *filter) update(er, ei []float32, spectra *[history]spectrum, at int) {
	er, ei = er[:bins], ei[:bins]
	for k := range bins {
		// The near end's power is what the error holds beyond the uncertainty.
		pe := er[k]*er[k] + ei[k]*ei[k]
		near := max(0.9*f.near[k]+0.1*pe, leastNear)
		f.near[k] = near
		w := 1 / (f.unsure[k]/overlap + near)
		f.weight[k] = overlap * w
		f.gr[k], f.gi[k] = er[k]*w, ei[k]*w
	}
	const a2 = forget * forget
	for p := range partitions {
		x := &spectra[(at+p)%history]
		n := top(p, x)
		xr, xi, pow := x.re[:n], x.im[:n], x.power[:n]
		wr, wi, cov := f.re[p][:n], f.im[p][:n], f.cov[p][:n]
		gr, gi, weight, astir := f.gr[:n], f.gi[:n], f.weight[:n], f.astir[:n]
		for k, c := range cov {
			a, b, g, h := xr[k], xi[k], gr[k], gi[k]
			u := forget * (wr[k] + c*(a*g+b*h))
			v := forget * (wi[k] + c*(a*h-b*g))
			wr[k], wi[k] = u, v
			c = a2*(1-c*pow[k]*weight[k])*c + (1-a2)*(u*u+v*v)
			cov[k] = min(max(c*(1+astir[k]), 1e-9), firstCov)
		}
	}
}

// constrained is how many partitions are brought back to their length in each
// block; all of them would cost two transforms each.
const constrained = 3

// constrain takes what has grown beyond hop taps out of some partitions, in
// turns.
func (f *filter) constrain(t *fft.Transform[float32], room []float32) {
	for range constrained {
		re, im := f.re[f.turn][:], f.im[f.turn][:]
		t.Inverse(room, re, im)
		clear(room[hop:])
		t.Forward(re, im, room)
		f.turn = (f.turn + 1) % partitions
	}
}
