package main

import (
	"math"
	"strings"
	"testing"
	"time"

	"nxphone/audio/audiotest/trace"
	"nxphone/audio/quality"
)

// made is what a receiver might have made of a trace.
func made(who string, ms, concealed, stoi float64) heard {
	h := heard{who: who, received: received{Delay: ms - 20, Target: ms - 30, Concealed: concealed}, score: quality.Score{STOI: stoi, ESTOI: stoi, NSIM: stoi, LSD: 3}}
	for i := range 20 {
		h.found = append(h.found, found{time.Duration(i) * time.Second, ms + float64(i%2), 1})
	}
	return h
}

func TestReceiveAgainstChromium(t *testing.T) {
	fates := []trace.Fate{{}, {Lost: true}, {Delay: time.Second}}
	var s Section
	tellReceive(&s, []passage{
		{trace: trace.Trace{Name: "loss 5 %", Fates: fates}, heard: []heard{made("nxphone", 99.4, 0.01, .99), made("Chromium", 90, 0.02, .98)}},
		{trace: trace.Trace{Name: "jitter 50 ms", Fates: fates}, heard: []heard{made("nxphone", 99.4, 0, .98), made("Chromium", 90, 0, .98)}},
		{trace: trace.Trace{Name: "silence", Fates: fates}, heard: []heard{{who: "nxphone"}, made("Chromium", 90, 0, .98)}},
	})
	var got []string
	for _, c := range s.Checks {
		got = append(got, c.What+": "+c.Verdict())
	}
	want := []string{
		"loss 5 %: mean delay: met", "loss 5 %: concealed: met", "loss 5 %: STOI: met",
		// Where there is only jitter, 10 ms more are too many.
		"jitter 50 ms: mean delay: missed by 9.40 ms", "jitter 50 ms: concealed: met", "jitter 50 ms: STOI: met",
		"silence: mean delay: not measured", "silence: concealed: met", "silence: STOI: missed by 0.980",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	row := strings.Join(s.Tables[0].Rows[0], "|")
	if !strings.HasPrefix(row, "loss 5 %|nxphone|100 ms|100 ms|79 ms|69 ms|1.00 %|0.990|0.990|0.990|3.00 dB|") {
		t.Error(row)
	}
	if row := s.Tables[0].Rows[4]; row[2] != "-" || row[11] != "-" {
		t.Error(row)
	}
	if len(s.Pictures) != 5 || s.Pictures[2].Name != "receive-loss-5" {
		t.Errorf("%d pictures", len(s.Pictures))
	}
	net := s.Pictures[2].Lines[2].Points
	if !math.IsNaN(net[1].Y) || net[2].Y != 1000 {
		t.Errorf("the network's line is %v", net)
	}
}

func TestGapsInTheDelayAreGapsInThePicture(t *testing.T) {
	h := heard{who: "x", found: []found{{at: 0, delay: 50}, {at: delayHop, delay: 51}, {at: 5 * time.Second, delay: 52}}}
	points := delayPicture(passage{heard: []heard{h}}).Lines[0].Points
	if len(points) != 4 || !math.IsNaN(points[2].Y) {
		t.Errorf("%v", points)
	}
}

func TestReasonsAreOfTheFigures(t *testing.T) {
	fast, slow := made("nxphone", 80, 0.02, .97), made("Chromium", 100, 0.01, .98)
	if got := reason(fast, slow); got != "it waits 20 ms less for what is late or can be mended" {
		t.Error(got)
	}
	if got := reason(slow, fast); got != "" {
		t.Error(got)
	}
	for i := range 5 {
		slow.found[i].delay += 50
	}
	if got := reason(slow, fast); !strings.HasPrefix(got, "its delay moves more (51 ms") {
		t.Error(got)
	}
}
