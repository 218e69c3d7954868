package quality

import (
	"math"
	"time"
)

// EModel is the transmission planning model of ITU-T: from what a network does to
// a call, what listeners on average say of it. Opus is rated on the wideband scale
// (G.107.1, 2019 with Corrigendum 1), G.711 on the narrow-band scale (G.107,
// 2015); the two are not to be compared with each other.
//
// Loudness, noise and side tone are the Recommendations' defaults, and echo is
// taken to be cancelled at both ends, so that of the delay its length alone counts.
type EModel struct {
	Codec Codec
	// Delay is from mouth to ear: half the round trip, the jitter buffer, packet and
	// codec, and the devices of both ends.
	Delay time.Duration
	// Loss is the share (0 to 1) of the sound that had to be concealed, after
	// redundancy has mended what it could.
	Loss float64
	// Burst is the burst ratio, see BurstRatio; 0 is 1, loss at random. G.107.1 has
	// no place for it, so for Opus it does not count.
	Burst float64
}

// Codec is what the model knows of a codec.
type Codec int

const (
	// G711 is G.711 with concealment.
	G711 Codec = iota
	// Opus is Opus in wideband or more.
	Opus
)

// parameters are the equipment impairment Ie and the robustness against loss Bpl.
//
// G.711 with concealment has Ie 0 and Bpl 25.1 (G.113, Tables I.1 and I.3, for the
// concealment of G.711 Appendix I). For Opus there is no value in G.113. The
// codec for which there are values and which is nearest to it, AMR-WB at 23.05
// kbit/s, has an Ie of 1 (Table IV.1) and a Bpl of 4.6 (Table IV.4), and they are
// taken.
func (c Codec) parameters() (ie, bpl float64) {
	if c == Opus {
		return 1, 4.6
	}
	return 0, 25.1
}

// The rating of a connection with nothing but the defaults (G.107 section 7.7,
// G.107.1 section 7.2).
const (
	narrowBest = 93.2
	wideBest   = 129.0
)

// R is the transmission rating: at most 93.2 for G.711 and 128 for Opus, at least
// 0.
func (m EModel) R() float64 {
	ie, bpl := m.Codec.parameters()
	best, burst := narrowBest, min(max(m.Burst, 1), 8) // the range of G.107, Table 2
	if m.Codec == Opus {
		best, burst = wideBest, 1
	}
	loss := 100 * min(max(m.Loss, 0), 1)
	// G.107 (7-29), G.107.1 (7-15).
	impairment := ie + (95-ie)*loss/(loss/burst+bpl)
	return max(best-delayImpairment(m.Delay)-impairment, 0)
}

// delayImpairment is Idd: what a conversation suffers from delay alone, beginning
// at 100 ms (G.107 (7-27) and (7-28), with the defaults sT = 1 and mT = 100 ms).
func delayImpairment(d time.Duration) float64 {
	ms := float64(d) / float64(time.Millisecond)
	if ms <= 100 {
		return 0
	}
	x := math.Log2(ms / 100)
	root := func(v float64) float64 { return math.Pow(1+math.Pow(v, 6), 1.0/6) }
	return 25 * (root(x) - 3*root(x/3) + 2)
}

// MOS is the mean opinion score on the codec's own scale, 1 (bad) to 4.5 (G.107
// Annex B, G.107.1 Annex A).
func (m EModel) MOS() float64 {
	r := m.R()
	if m.Codec == Opus {
		r /= 1.29
	}
	return opinion(r)
}

// opinion is the curve from a rating of at most 100 to a mean opinion score.
func opinion(r float64) float64 {
	switch {
	case r <= 0:
		return 1
	case r >= 100:
		return 4.5
	}
	// The curve falls under 1 for ratings below 6.5.
	return max(1+0.035*r+r*(r-60)*(100-r)*7e-6, 1)
}

// BurstRatio is how much longer the bursts of loss are than they would be at
// random (G.107 section 7.5): length is their mean length in packets, loss the
// share (0 to 1) of packets lost.
func BurstRatio(length, loss float64) float64 {
	return max(length, 1) * (1 - min(max(loss, 0), 1))
}
