package main

import (
	"math"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest"
	"nxphone/audio/quality"
)

// steady are the marks of a recorder that reads every 10 ms; late readers are
// made of them.
func steady(zero time.Time, n int) []mark {
	var all []mark
	for i := 480; i <= n; i += 480 {
		all = append(all, mark{i, zero.Add(span(i))})
	}
	return all
}

func TestRecordingKnowsItsTimes(t *testing.T) {
	zero := time.Unix(1000, 0)
	marks := steady(zero, 10*audio.Rate)
	for i := range marks {
		marks[i].at = marks[i].at.Add(time.Duration(i*7%50) * time.Millisecond) // read late, as it goes
	}
	r := newRecording(make([]int16, 10*audio.Rate), marks)
	for _, i := range []int{0, 5, 100000, 10*audio.Rate - 1} {
		if off := r.when(i).Sub(zero.Add(span(i))); off < 0 || off > time.Millisecond {
			t.Errorf("sample %d is %v off", i, off)
		}
		if got := r.index(r.when(i)); got < i-1 || got > i+1 {
			t.Errorf("sample %d is found at %d", i, got)
		}
	}
}

func TestRecordingWithAHole(t *testing.T) {
	zero := time.Unix(1000, 0)
	marks := steady(zero, 10*audio.Rate)
	for i := range marks {
		if marks[i].n > 5*audio.Rate {
			marks[i].at = marks[i].at.Add(300 * time.Millisecond) // 0.3 s were lost at 5 s
		}
	}
	r := newRecording(make([]int16, 10*audio.Rate), marks)
	if off := r.when(8 * audio.Rate).Sub(zero.Add(8300 * time.Millisecond)); off < -time.Millisecond || off > time.Millisecond {
		t.Errorf("behind the hole the time is %v off", off)
	}
}

func TestCutOutsideIsSilence(t *testing.T) {
	zero := time.Unix(1000, 0)
	pcm := make([]int16, audio.Rate)
	for i := range pcm {
		pcm[i] = 7
	}
	r := newRecording(pcm, steady(zero, len(pcm)))
	got := r.cut(zero.Add(-10*time.Millisecond), 960)
	if got[0] != 0 || got[470] != 0 || got[490] != 7 {
		t.Error("what was before the recording is no silence")
	}
	if got := r.cut(zero.Add(time.Hour), 10); got[0] != 0 {
		t.Error("what was after the recording is no silence")
	}
}

func TestDelays(t *testing.T) {
	said := quality.PCM(audiotest.Voice(3, 6*time.Second, -24))
	zero := time.Unix(1000, 0)
	began := zero.Add(500 * time.Millisecond)
	// Heard 87 ms later, and 130 ms later from the middle on, half as loud, in
	// another's voice at a tenth.
	heard := make([]int16, len(said)+audio.Rate)
	other := audiotest.Voice(4, 7*time.Second, -44)
	for i := range heard {
		v := other[i]
		late := 87
		if i > len(heard)/2 {
			late = 130
		}
		if j := i - audio.Rate/2 - late*48; j >= 0 && j < len(said) {
			v += float64(said[j]) / 2
		}
		heard[i] = int16(v)
	}
	found := delays(said, began, newRecording(heard, steady(zero, len(heard))))
	ms := inOrder(found)
	if len(ms) < 15 {
		t.Fatalf("%d windows found", len(ms))
	}
	if math.Abs(ms[0]-87) > 1 || math.Abs(ms[len(ms)-1]-130) > 1 {
		t.Errorf("between %v and %v ms, want 87 and 130", ms[0], ms[len(ms)-1])
	}
	for _, f := range found {
		if f.alike < delayAlike || f.alike > 1.0001 {
			t.Errorf("correlation %v", f.alike)
		}
	}
}

func TestNoDelayWhereNothingIsAlike(t *testing.T) {
	said := quality.PCM(audiotest.Voice(3, 4*time.Second, -24))
	zero := time.Unix(1000, 0)
	for name, heard := range map[string][]int16{
		"silence": make([]int16, 5*audio.Rate), "somebody else": quality.PCM(audiotest.Voice(9, 5*time.Second, -24)), "too short": make([]int16, 100),
	} {
		if found := delays(said, zero, newRecording(heard, steady(zero, len(heard)))); len(found) > 1 {
			t.Errorf("%s: %v", name, found)
		}
	}
}
