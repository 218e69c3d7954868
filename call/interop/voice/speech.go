package main

import (
	"context"
	"encoding/binary"
	"math"
	"os"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest"
)

// speech is what is said through the networks.
func speech(_ context.Context, d time.Duration) ([]int16, error) {
	x := audiotest.Voice(3, d, -24)
	pcm := make([]int16, len(x))
	for i, v := range x {
		pcm[i] = int16(math.Round(min(max(v, math.MinInt16), math.MaxInt16)))
	}
	return pcm, nil
}

// writeRaw writes samples without a header, as the desktop's microphone takes
// them.
func writeRaw(file string, pcm []int16) error {
	b := make([]byte, 0, 2*len(pcm))
	for _, x := range pcm {
		b = binary.LittleEndian.AppendUint16(b, uint16(x))
	}
	return os.WriteFile(file, b, 0o600)
}

// samples is a length of time at 48 kHz.
func samples(d time.Duration) int { return int(d * audio.Rate / time.Second) }
