package kiosk

import (
	"time"

	"nxphone/call"
)

const (
	// warnTime is how long before the end of a silent call a warning is shown
	// and spoken, or a third of the time allowed where that is shorter.
	warnTime = 20 * time.Second
	// overFloor is how far speech stands above a side's noise, in dB.
	overFloor = 6
	// floorRise is how fast the noise is believed to have become louder, in dB
	// a second. Speech has pauses, which bring the floor down again; a lorry
	// that stays is taken for noise after a minute or two.
	floorRise = 0.2
	// floorStart is the noise before anything is known. A booth is louder:
	// its noise counts as speech at first, and the visitor has the benefit.
	floorStart = -70
	// What is fainter than these (dBFS) is no speech, whatever the noise. The
	// far end has a headset; the visitor may stand a step away.
	gateMic, gateFar = -55, -50
)

// ear decides when somebody last spoke, from levels of one second each. It errs
// on the side of speech: ending a call on somebody who is there is the worst
// that a booth can do.
type ear struct {
	last     time.Time // when somebody spoke, or gave another sign
	heard    time.Time // of the newest figures
	stats    call.Stats
	mic, far float64 // the floors
}

func newEar(now time.Time) ear {
	return ear{last: now, heard: now, mic: floorStart, far: floorStart}
}

// alive: somebody gave a sign of life.
func (e *ear) alive(now time.Time) {
	if now.After(e.last) {
		e.last = now
	}
}

// hear takes the measurements of a call. The microphone counts only where it
// does not hear the booth's own voice. Figures that are the same as the last
// ones are no new ones: the snapshot had another reason.
//
// On hold the far end's sound is music or a recording, and nobody. The
// microphone hears that out of the loudspeaker, so that it counts as the
// visitor only in seconds in which the far end is quiet.
func (e *ear) hear(s call.Stats, mic, held bool, now time.Time) {
	if s == e.stats {
		return
	}
	seconds := min(now.Sub(e.heard), 10*time.Second).Seconds()
	e.stats, e.heard = s, now
	far := speech(s.LevelOut, &e.far, gateFar, seconds)
	near := false
	if mic {
		near = speech(s.LevelMic, &e.mic, gateMic, seconds)
	}
	if held {
		far, near = false, near && s.LevelOut < gateFar
	}
	if far || near {
		e.alive(now)
	}
}

// speech reports whether a level stands out, and moves the floor.
func speech(level float64, floor *float64, gate, seconds float64) bool {
	*floor = min(level, *floor+floorRise*seconds)
	return level >= gate && level >= *floor+overFloor
}
