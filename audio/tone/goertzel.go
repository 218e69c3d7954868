package tone

import (
	"math"

	"nxphone/audio"
)

// power is the mean power that pcm carries at freq (Hz), in squared 16-bit
// units: a sinusoid of amplitude a gives a*a/2. It is Goertzel's recursion
// (Goertzel 1958), which for one frequency is cheaper than a transform.
func power(pcm []int16, rate int, freq float64) float64 {
	if len(pcm) == 0 {
		return 0
	}
	k := 2 * math.Cos(2*math.Pi*freq/float64(rate))
	var p, q float64
	for _, x := range pcm {
		p, q = float64(x)+k*p-q, p
	}
	n := float64(len(pcm))
	return 2 * (p*p + q*q - k*p*q) / (n * n)
}

// Power is the mean power that pcm carries at freq (Hz) in dBFS: 0 is a
// full-scale sinusoid, audio.Silence (-127) nothing. The resolution is about
// rate/len(pcm) Hz.
func Power(pcm []int16, rate int, freq float64) float64 {
	return audio.DBFS(math.Sqrt(2 * power(pcm, rate, freq)))
}

// Presence is the share of all of the power in pcm that lies at freq, 0 to 1.
func Presence(pcm []int16, rate int, freq float64) float64 {
	all := meanSquare(pcm)
	if all == 0 {
		return 0
	}
	return min(1, power(pcm, rate, freq)/all)
}

func meanSquare(pcm []int16) float64 {
	var s float64
	for _, x := range pcm {
		s += float64(x) * float64(x)
	}
	return s / float64(max(1, len(pcm)))
}
