package main

import (
	"math"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest"
	"nxphone/audio/audiotest/scene"
	"nxphone/audio/quality"
)

// TestJudgeNoise: a suppressor that takes 15 dB off the noise and nothing off the
// voice, 10 ms later, is told as that.
func TestJudgeNoise(t *testing.T) {
	const alone, talk = 2 * time.Second, 4 * time.Second
	speech := audiotest.Voice(1, talk, -26)
	voice := append(make([]float64, int(alone*audio.Rate/time.Second)), speech...)
	noise := scene.AtSNR(speech, scene.Pink(1, alone+talk), 10)
	take := noiseTake{"x", alone, voice, noise, scene.Add(voice, noise)}
	raw := judgeNoise(take, take.mixed)
	out := scene.Later(scene.Add(voice, scene.Gain(noise, -15)), audio.FrameLen)
	f := judgeNoise(take, out)
	if f.Delay != audio.FrameDur || raw.Delay != 0 {
		t.Errorf("delays %v and %v", f.Delay, raw.Delay)
	}
	if f.gain < 13 || f.gain > 15 || raw.gain != 0 {
		t.Errorf("SNR gains %.1f and %.1f dB, want 15 and 0", f.gain, raw.gain)
	}
	if math.Abs(raw.left-f.left-15) > 0.1 || math.Abs(raw.floor-f.floor-15) > 0.5 {
		t.Errorf("noise %.1f and %.1f dBFS alone, %.1f and %.1f between words", raw.left, f.left, raw.floor, f.floor)
	}
	if f.NSIM <= raw.NSIM || f.STOI <= raw.STOI {
		t.Errorf("less noise is no better: %+v, %+v", raw, f)
	}
}

func TestBetweenWords(t *testing.T) {
	const frame = audio.Rate / 50
	voice, heard := make([]float64, 40*frame), make([]float64, 40*frame)
	for i := range voice {
		heard[i] = 10
		if i/frame%10 == 0 {
			voice[i], heard[i] = 5000, 5000
		}
	}
	if got, want := betweenWords(voice, heard), quality.Level(heard[5*frame:6*frame]); math.Abs(got-want) > 1e-9 {
		t.Errorf("%.1f dBFS, want %.1f", got, want)
	}
	if got := betweenWords(heard, heard); !math.IsNaN(got) {
		t.Errorf("where nobody is silent it is %.1f dBFS", got)
	}
}
