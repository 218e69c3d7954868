package main

import (
	"math"
	"slices"
	"time"

	"nxphone/audio"
	"nxphone/audio/fft"
)

// How the delay of a sound is looked for.
const (
	// delayRate is enough for speech, and a quarter of the work.
	delayRate = audio.Rate / 4
	// delayWindow is compared at once, every delayHop: as short as a jitter buffer
	// moves, and as long as a syllable is recognised by.
	delayWindow = 400 * time.Millisecond
	delayHop    = 200 * time.Millisecond
	// delayMost is the longest delay that is looked for.
	delayMost = 1200 * time.Millisecond
	// delayAlike is the correlation from which on a window counts as found.
	delayAlike = 0.55
)

// found is the delay of one window.
type found struct {
	at    time.Duration // of the window's middle, from the beginning of the speech
	delay float64       // in milliseconds
	alike float64       // the correlation, up to 1
}

// delays compares what was said from a moment on with a recording, window by
// window. Windows of near silence, and those that are not found again, are left
// out.
func delays(said []int16, began time.Time, r recording) []found {
	const n = 32768 // a window and the longest delay, at delayRate
	window, hop, most := count(delayWindow), count(delayHop), count(delayMost)
	ref := sharpen(said)
	loud := math.Sqrt(power(ref))
	t := fft.New[float64](n)
	var all []found
	for at := 0; at+window <= len(ref); at += hop {
		w := ref[at : at+window]
		energy := power(w) * float64(window)
		if math.Sqrt(power(w)) < 0.2*loud {
			continue
		}
		from := began.Add(time.Duration(at) * time.Second / delayRate)
		heard := sharpen(r.cut(from, (window+most)*audio.Rate/delayRate))
		lag, alike := search(t, w, heard, energy)
		if alike >= delayAlike {
			middle := time.Duration(at+window/2) * time.Second / delayRate
			all = append(all, found{middle, float64(lag) * 1000 / delayRate, alike})
		}
	}
	return all
}

// count is a length in samples at delayRate.
func count(d time.Duration) int { return int(d * delayRate / time.Second) }

// sharpen brings sound to delayRate and lifts what is high, so that the right
// place stands out from those a pitch period beside it.
func sharpen(pcm []int16) []float64 {
	const k = audio.Rate / delayRate
	out := make([]float64, len(pcm)/k)
	before := 0.0
	for i := range out {
		sum := 0.0
		for _, x := range pcm[i*k : (i+1)*k] {
			sum += float64(x)
		}
		sum /= k
		out[i], before = sum-0.9*before, sum
	}
	return out
}

func power(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	return sum / float64(max(1, len(x)))
}

// search finds the lag at which a window of some energy is most like what was
// heard, and the normalised correlation there.
func search(t *fft.Transform[float64], w, heard []float64, energy float64) (lag int, alike float64) {
	correlation := correlate(t, w, heard)
	// The energy of what was heard under the window, sample by sample.
	under := power(heard[:len(w)]) * float64(len(w))
	for i := 0; i+len(w) < len(heard); i++ {
		if c := correlation[i] / math.Sqrt(energy*under+1); c > alike {
			lag, alike = i, c
		}
		under += heard[i+len(w)]*heard[i+len(w)] - heard[i]*heard[i]
	}
	return lag, alike
}

// correlate is the sum over w[i] heard[i+lag] for each lag of 0 and more, by the
// transform; both are shorter than it together.
func correlate(t *fft.Transform[float64], w, heard []float64) []float64 {
	n := t.Len()
	wr, wi, hr, hi := make([]float64, t.Bins()), make([]float64, t.Bins()), make([]float64, t.Bins()), make([]float64, t.Bins())
	x := make([]float64, n)
	copy(x, w)
	t.Forward(wr, wi, x)
	clear(x)
	copy(x, heard)
	t.Forward(hr, hi, x)
	for k := range wr { // times the conjugate of w
		wr[k], wi[k] = hr[k]*wr[k]+hi[k]*wi[k], hi[k]*wr[k]-hr[k]*wi[k]
	}
	t.Inverse(x, wr, wi)
	return x
}

// inOrder are the delays, the smallest first.
func inOrder(all []found) []float64 {
	var ms []float64
	for _, f := range all {
		ms = append(ms, f.delay)
	}
	slices.Sort(ms)
	return ms
}

func mean(x []float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}
