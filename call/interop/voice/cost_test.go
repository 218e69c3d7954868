package main

import (
	"errors"
	"math"
	"testing"
	"time"

	"nxphone/audio/audiotest"
	"nxphone/audio/quality"
)

// TestStages: every stage works.
func TestStages(t *testing.T) {
	far, mic := quality.PCM(audiotest.Voice(1, time.Second/2, -26)), quality.PCM(audiotest.Voice(5, time.Second/2, -26))
	for _, st := range stages() {
		t.Run(st.name, func(t *testing.T) {
			each, _, err := st.measure(far, mic)
			if err != nil || each <= 0 {
				t.Errorf("%v a frame, %v", each, err)
			}
		})
	}
}

// TestMeasureCountsAllocations: they are seen, and failures are told.
func TestMeasureCountsAllocations(t *testing.T) {
	pcm := make([]int16, 48000)
	var kept []byte
	st := stage{"x", func(_, _ []int16) (func(int) error, func(), error) {
		return func(int) error { kept = make([]byte, 1<<10); return nil }, nil, nil
	}}
	if _, allocs, err := st.measure(pcm, pcm); err != nil || math.Abs(allocs-0.8) > 0.25 {
		t.Errorf("%.2f allocations a frame (80 of 100 frames count), %v; %d", allocs, err, len(kept))
	}
	broken := errors.New("broken")
	st.make = func(_, _ []int16) (func(int) error, func(), error) {
		return func(i int) error {
			if i == 50 {
				return broken
			}
			return nil
		}, nil, nil
	}
	if _, _, err := st.measure(pcm, pcm); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
