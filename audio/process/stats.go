package process

import (
	"math"
	"sync/atomic"
	"time"

	"nxphone/audio"
)

// EchoStats is what a canceller knows of its room.
type EchoStats struct {
	// On is what SetOn was told last.
	On bool
	// Gentle: there is no echo worth suppressing (a headset), so the near end is
	// left alone but for what the linear filter takes away.
	Gentle bool
	// Delay is from Far's taking a frame to the strongest echo's reaching Near, to
	// 10 ms. It is 0 as long as no echo has been found.
	Delay time.Duration
	// ReturnLoss is how much quieter the echo reaches the microphone than it left
	// for the speaker, in dB (ERL, ITU-T G.168). Negative: it is louder.
	ReturnLoss float64
	// Enhancement is how much quieter than the microphone the result has been of
	// late while the far end spoke, in dB (ERLE). It counts a voice at the
	// microphone as echo that was left.
	Enhancement float64
}

// stats are the figures as they cross to other goroutines.
type stats struct {
	far, told, mic, out float64 // recent mean powers, of the audio goroutine
	count               int

	gentle        atomic.Bool
	delay         atomic.Int64
	loss, enhance atomic.Uint64
}

// tell brings the figures up to date, ten times a second.
func (e *Echo) tell(active bool) {
	s := &e.stats
	if active {
		const slow = 0.01
		loud := float64(e.spectra[(e.at+e.filter.lag)%history].loud)
		s.far += slow * (loud - s.far)
		s.told += slow * (float64(e.rest.toldNow) - s.told)
		s.mic += slow * (float64(e.rest.loudNow) - s.mic)
		s.out += slow * (float64(e.rest.outNow) - s.out)
	}
	if s.count++; s.count%10 != 0 {
		return
	}
	e.filter.fades()
	s.gentle.Store(e.rest.gentle)
	s.loss.Store(math.Float64bits(10 * math.Log10((s.far+1)/(s.told+1e-3))))
	s.enhance.Store(math.Float64bits(10 * math.Log10((s.mic+1)/(s.out+1))))
	delay := time.Duration(0)
	if e.align.known() {
		delay = time.Duration(e.filter.lag+e.filter.strongest()+e.waiting) * audio.FrameDur
	}
	s.delay.Store(int64(delay))
}

// strongest is the partition that the most of the echo comes from.
func (f *filter) strongest() int {
	best, most := 0, float32(0)
	for p := range partitions {
		sum := float32(0)
		for k := lowest; k < lowest+looked; k++ {
			sum += f.re[p][k]*f.re[p][k] + f.im[p][k]*f.im[p][k]
		}
		if sum > most {
			best, most = p, sum
		}
	}
	return best
}

// Stats gives the figures of the last tenth of a second.
func (e *Echo) Stats() EchoStats {
	s := &e.stats
	return EchoStats{
		On:          !e.off.Load(),
		Gentle:      s.gentle.Load(),
		Delay:       time.Duration(s.delay.Load()),
		ReturnLoss:  math.Float64frombits(s.loss.Load()),
		Enhancement: math.Float64frombits(s.enhance.Load()),
	}
}
