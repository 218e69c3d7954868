package main

import (
	"context"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest/scene"
	"nxphone/audio/quality"
)

// speech is what is said in calls: a man for the first half, a woman for the
// second.
func speech(ctx context.Context, d time.Duration) ([]int16, error) {
	his, err := scene.Speak(ctx, scene.Male(), d/2, -24)
	if err != nil {
		return nil, err
	}
	hers, err := scene.Speak(ctx, scene.Female(), d-d/2, -24)
	if err != nil {
		return nil, err
	}
	return quality.PCM(append(his, hers...)), nil
}

// samples is a length of time at 48 kHz.
func samples(d time.Duration) int { return int(d * audio.Rate / time.Second) }
