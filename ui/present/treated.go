package present

import (
	"math"
	"strconv"
	"strings"

	"nxphone/call"
)

// treated says what is done to the sound of a call: what is on, and by how much
// it changes the sound just now where that is known.
func treated(s call.Treatment, t Texts) string {
	if s == (call.Treatment{}) {
		return ""
	}
	state := func(on bool, db float64) string {
		switch {
		case !on:
			return t.Text("details.off")
		case math.Abs(db) < 0.5:
			return t.Text("details.on")
		}
		return decibels(db)
	}
	return t.Text("details.sound", "echo", state(s.Echo, -s.EchoLoss), "noise", state(s.Noise, -s.NoiseLoss), "gain", state(s.Gain, s.GainDB))
}

// decibels is a change of loudness, with its sign.
func decibels(db float64) string {
	n := int(math.Round(db))
	if n < 0 {
		return "\u2212" + strconv.Itoa(-n) + " dB"
	}
	return "+" + strconv.Itoa(n) + " dB"
}

// ear says what the ear was protected from, or that it is not; "" for nothing.
func ear(s call.Treatment, t Texts) string {
	if s != (call.Treatment{}) && !s.Limit {
		return t.Text("details.unprotected")
	}
	return loud(s, t)
}

// loud says what the ear was protected from, "" for nothing.
func loud(s call.Treatment, t Texts) string {
	if s.Loud() == 0 {
		return ""
	}
	var kinds []string
	for _, k := range []struct {
		n    int
		what string
	}{{s.Tones, "tones"}, {s.Jumps, "jumps"}, {s.Peaks, "peaks"}} {
		if k.n > 0 {
			kinds = append(kinds, Count(t, k.what, k.n))
		}
	}
	return t.Text("details.loud", "what", strings.Join(kinds, ", "))
}
