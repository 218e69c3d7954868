package check

import (
	"math"
	"slices"

	"nxphone/audio"
)

// Voice is what a microphone gave while somebody was asked to speak, in dBFS.
type Voice struct {
	// Speech is the level of the louder parts (the 90th percentile of stretches
	// of 50 ms), Noise that of the quiet ones between them (the 10th).
	Speech, Noise float64
	// Clipped is the share of stretches that hold samples at full scale.
	Clipped float64
	// Dead: the samples never differ from each other. No room is that quiet: a
	// switch on the headset or in the system is off.
	Dead bool
}

const (
	// stretch is the piece of sound that has one level: 50 ms, shorter than a
	// syllable.
	stretch = audio.Rate / 20
	// fullScale is where samples count as clipped.
	fullScale = 32700
)

// Measure gives the figures of a recording at 48 kHz.
func Measure(pcm []int16) Voice {
	v := Voice{Speech: audio.Silence, Noise: audio.Silence, Dead: true}
	for _, x := range pcm {
		if x != pcm[0] {
			v.Dead = false
			break
		}
	}
	var levels []float64
	clipped := 0
	for rest := pcm; len(rest) >= stretch; rest = rest[stretch:] {
		level, full := loudness(rest[:stretch])
		levels = append(levels, level)
		if full {
			clipped++
		}
	}
	if len(levels) == 0 {
		return v
	}
	slices.Sort(levels)
	v.Speech = levels[len(levels)*9/10]
	v.Noise = levels[len(levels)/10]
	v.Clipped = float64(clipped) / float64(len(levels))
	return v
}

// loudness is the level of a stretch, without the constant part that cheap
// sound cards add, and whether a sample stands at full scale.
func loudness(pcm []int16) (level float64, full bool) {
	sum := 0.0
	for _, x := range pcm {
		sum += float64(x)
		full = full || x >= fullScale || x <= -fullScale
	}
	mean, power := sum/float64(len(pcm)), 0.0
	for _, x := range pcm {
		d := float64(x) - mean
		power += d * d
	}
	return audio.DBFS(math.Sqrt(2 * power / float64(len(pcm)))), full
}

// Code names what a part of the check has found. The strings are stable: the
// catalogue has words for each, and logs hold them.
type Code string

// What can be found.
const (
	Skipped Code = "" // this part was not asked for, or the check ended before

	MicOK      Code = "mic-ok"
	MicMissing Code = "mic-missing" // could not be opened
	MicDead    Code = "mic-dead"    // digital silence: a switch is off
	MicSilent  Code = "mic-silent"  // noise, and nobody heard to speak
	MicQuiet   Code = "mic-quiet"   // far away, or turned down
	MicLoud    Code = "mic-loud"    // overdriven
	MicNoisy   Code = "mic-noisy"   // the room or the line is louder than is good

	SpeakerOK      Code = "speaker-ok"      // played; whether it was heard only the user knows
	SpeakerMissing Code = "speaker-missing" // could not be opened

	LineOK      Code = "line-ok"
	LineUnset   Code = "line-unset"    // no echo number
	LineFailed  Code = "line-failed"   // the call was not answered: Result.Reason
	LineNoSound Code = "line-no-sound" // answered, and nothing came back
	LineLoss    Code = "line-loss"     // packets are lost
	LineSlow    Code = "line-slow"     // the way there and back takes long
	LineUneven  Code = "line-uneven"   // packets come irregularly
)

// The limits of a good microphone. A headset gives -30 to -12 dBFS in speech.
const (
	silentBelow = -55 // nobody can have spoken into it
	quietBelow  = -38
	noisyAbove  = -45 // of the quiet stretches
	speechAbove = 12  // dB over the noise that is speech and not the noise itself
	loudAbove   = 0.1 // share of clipped stretches
)

// JudgeVoice says in one word what is most wrong with a microphone.
func JudgeVoice(v Voice) Code {
	over := v.Speech - v.Noise
	switch {
	case v.Dead:
		return MicDead
	case v.Speech < silentBelow, over < speechAbove/2:
		return MicSilent
	case v.Clipped > loudAbove:
		return MicLoud
	case v.Noise > noisyAbove && over < 2*speechAbove:
		return MicNoisy
	case v.Speech < quietBelow:
		return MicQuiet
	}
	return MicOK
}
