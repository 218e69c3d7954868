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

// TestJudgeEcho: a canceller that takes 20 dB off the echo and lets the near voice
// through 10 ms later is told as that.
func TestJudgeEcho(t *testing.T) {
	const part = 3 * time.Second
	far, near := audiotest.Voice(1, 3*part, -26), audiotest.Voice(5, 3*part, -26)
	take := scene.EchoCase{Name: "x", Room: scene.Room{Seed: 1, Delay: 50 * time.Millisecond, RT60: 100 * time.Millisecond}}.Make(far, near)
	out := scene.Later(scene.Add(scene.Gain(take.Echo, -20), take.Near), audio.FrameLen)
	f := judgeEcho(take, quality.PCM(out))
	if f.delay != audio.FrameDur {
		t.Fatalf("the delay is %v", f.delay)
	}
	if math.Abs(f.early-20) > 0.5 || math.Abs(f.settled-20) > 0.5 || !math.IsNaN(f.changed) {
		t.Errorf("return loss %.1f and %.1f dB, want 20; after no change %.1f", f.early, f.settled, f.changed)
	}
	if f.alone < 0.99 || f.both < 0.9 || math.Abs(f.kept) > 0.5 {
		t.Errorf("near voice: %+v", f)
	}
	for _, c := range echoChecks(take.Case, f, f) {
		if !c.Met() {
			t.Errorf("no worse than itself, but %s", c.Verdict())
		}
	}
}

// TestWithoutAEC3: what did not run is no bar.
func TestWithoutAEC3(t *testing.T) {
	none := echoFigures{both: math.NaN()}
	if got := echoChecks(scene.EchoCase{Name: "x"}, echoFigures{}, none); len(got) != 0 {
		t.Errorf("checks without a bar: %v", got)
	}
	if got := echoChecks(scene.EchoCase{Name: "base"}, echoFigures{early: 30, settled: 40, both: 0.9}, none); len(got) != 3 {
		t.Errorf("the base has bars of its own, but %d checks", len(got))
	}
	if got := echoChecks(scene.EchoCase{Name: "x", Change: 0.5}, echoFigures{}, echoFigures{}); len(got) != 4 {
		t.Errorf("%d checks of a scenario with a change", len(got))
	}
}

func TestKept(t *testing.T) {
	x := audiotest.Voice(1, 3*time.Second, -26)
	median, worst := kept(x, x, scene.Gain(x, -6))
	if math.Abs(median+6) > 0.01 || math.Abs(worst+6) > 0.01 {
		t.Errorf("half as loud: %.2f and %.2f dB", median, worst)
	}
	// A fifth of it is gone.
	y := append([]float64(nil), x...)
	for i := range y {
		if i/(audio.Rate/50)%5 == 0 {
			y[i] = 0
		}
	}
	if median, worst = kept(x, x, y); median < -0.01 || worst > -60 {
		t.Errorf("with holes: %.2f and %.2f dB", median, worst)
	}
}

func TestDelayOf(t *testing.T) {
	x := audiotest.Voice(1, 3*time.Second, -26)
	for _, n := range []int{0, 1, 432, 4800} {
		if got := delayOf(x, scene.Later(x, n)); got != n {
			t.Errorf("%d samples later is told as %d", n, got)
		}
	}
	if got := delayOf(make([]float64, 48000), x); got != 0 {
		t.Errorf("silence is %d samples later", got)
	}
}

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{"loud, +6 dB, 150 ms": "loud-6-db-150-ms", "base": "base", "-12 dB": "12-db", "": ""} {
		if got := slug(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}
