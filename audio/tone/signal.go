package tone

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Segment is a stretch of sound: one or two sinusoids, or silence.
type Segment struct {
	// F1 and F2 are frequencies in Hz; 0 is no sinusoid. Both 0 is silence.
	F1, F2 float64
	// DB is the level of F1 in dBFS (0 is a full-scale sinusoid).
	DB float64
	// Twist is how much louder than F1 F2 is, in dB.
	Twist float64
	// Dur is how long the segment lasts.
	Dur time.Duration
}

// Signal is a sequence of segments.
type Signal struct {
	Segments []Segment
	// Times is how often the sequence is played; 0 is without end.
	Times int
}

// Repeat is the same signal played n times; n 0 is without end.
func (s Signal) Repeat(n int) Signal {
	s.Times = n
	return s
}

// Dur is the length of the whole signal, 0 where it has no end.
func (s Signal) Dur() time.Duration { return s.period() * time.Duration(s.Times) }

// period is the length of one pass.
func (s Signal) period() time.Duration {
	var d time.Duration
	for _, seg := range s.Segments {
		d += seg.Dur
	}
	return d
}

// Level of each sinusoid of a call-progress tone, in dBFS.
const Level = -18

// Plan is the set of call-progress tones of a country.
type Plan struct {
	// Dial invites to dial.
	Dial Signal
	// Ringback: the far end is being alerted. Without end.
	Ringback Signal
	// Busy: the far end is in another call. Without end; see Signal.Repeat.
	Busy Signal
	// Congestion: the call cannot be made. Without end.
	Congestion Signal
	// End is a short soft sign that the call is over. It ends by itself.
	End Signal
}

// Korea is the plan of the Republic of Korea. Frequencies and cadences are
// those of ITU-T E.180 Supplement 2 as far as they could be confirmed; the end
// sign is our own, no network has one.
func Korea() Plan {
	return Plan{
		Dial:       cadence(350, 440, time.Second, 0),
		Ringback:   cadence(440, 480, time.Second, 2*time.Second),
		Busy:       cadence(480, 620, 500*time.Millisecond, 500*time.Millisecond),
		Congestion: cadence(480, 620, 300*time.Millisecond, 200*time.Millisecond),
		End: Signal{Times: 1, Segments: []Segment{
			{F1: 620, DB: Level - 6, Dur: 120 * time.Millisecond},
			{Dur: 80 * time.Millisecond},
			{F1: 480, DB: Level - 6, Dur: 160 * time.Millisecond},
			{Dur: 40 * time.Millisecond},
		}},
	}
}

// cadence is a pair of sinusoids, on and off without end.
func cadence(f1, f2 float64, on, off time.Duration) Signal {
	s := Signal{Segments: []Segment{{F1: f1, F2: f2, DB: Level, Dur: on}}}
	if off > 0 {
		s.Segments = append(s.Segments, Segment{Dur: off})
	}
	return s
}

// TestLevel is the level of TwoTone in dBFS, an amplitude of 0.3.
const TestLevel = -10.46

// TwoTone is the test signal by which each side of a call proves what it
// heard: 0.4 s of f1, 0.4 s of f2, 0.2 s of silence, without end. Check finds
// it again.
func TwoTone(f1, f2 float64) Signal {
	return Signal{Segments: []Segment{
		{F1: f1, DB: TestLevel, Dur: 400 * time.Millisecond},
		{F1: f2, DB: TestLevel, Dur: 400 * time.Millisecond},
		{Dur: 200 * time.Millisecond},
	}}
}

// ErrDigit: a character that no telephone keypad has.
var ErrDigit = errors.New("tone: not a DTMF digit")

// Digits is the DTMF keypad, row by row.
const Digits = "123A456B789C*0#D"

// dtmfRows and dtmfColumns are the frequencies of ITU-T Q.23 in Hz.
func dtmfRows() [4]float64    { return [4]float64{697, 770, 852, 941} }
func dtmfColumns() [4]float64 { return [4]float64{1209, 1336, 1477, 1633} }

// DTMF is the digits as tones, on and off for the given times each, at -12 and
// -10 dBFS: the high group is sent a little stronger, since lines lose more of
// it. On
// is at least 40 ms and off at least 30 ms where a machine is to listen (Q.24).
// Letters may be small.
func DTMF(digits string, on, off time.Duration) (Signal, error) {
	s := Signal{Times: 1}
	for _, d := range digits {
		seg, err := dtmfSegment(d, on)
		if err != nil {
			return Signal{}, err
		}
		s.Segments = append(s.Segments, seg, Segment{Dur: off})
	}
	return s, nil
}

func dtmfSegment(digit rune, on time.Duration) (Segment, error) {
	for i, d := range Digits {
		if d == digit || d >= 'A' && d+'a'-'A' == digit {
			return Segment{F1: dtmfRows()[i/4], F2: dtmfColumns()[i%4], DB: -12, Twist: 2, Dur: on}, nil
		}
	}
	return Segment{}, fmt.Errorf("%w: %q", ErrDigit, digit)
}

// amplitude of a sinusoid at this level, in 16-bit units.
func amplitude(db float64) float64 { return math.MaxInt16 * math.Pow(10, db/20) }
