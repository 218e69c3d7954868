package tone_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/tone"
)

// play collects d of a signal at rate Hz.
func play(s tone.Signal, rate int, d time.Duration) []int16 {
	pcm := make([]int16, int(d.Seconds()*float64(rate)))
	tone.NewGeneratorAt(s, rate).Fill(pcm)
	return pcm
}

func TestKoreanPlan(t *testing.T) {
	p := tone.Korea()
	for _, c := range []struct {
		name    string
		sig     tone.Signal
		f1, f2  float64
		on, off time.Duration
	}{
		{"ringback", p.Ringback, 440, 480, time.Second, 2 * time.Second},
		{"busy", p.Busy, 480, 620, 500 * time.Millisecond, 500 * time.Millisecond},
		{"congestion", p.Congestion, 480, 620, 300 * time.Millisecond, 200 * time.Millisecond},
		{"dial", p.Dial, 350, 440, 3 * time.Second, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			pcm := play(c.sig, audio.Rate, 2*(c.on+c.off))
			at := func(d time.Duration) []int16 { // 50 ms from there
				i := int(d.Seconds() * audio.Rate)
				return pcm[i : i+2400]
			}
			for _, begin := range []time.Duration{0, c.on + c.off} {
				mid := at(begin + c.on/2)
				for _, f := range []float64{c.f1, c.f2} {
					if l := tone.Power(mid, audio.Rate, f); math.Abs(l-tone.Level) > 1 {
						t.Errorf("at %v: %g Hz has %.1f dBFS", begin+c.on/2, f, l)
					}
				}
				if c.off == 0 {
					continue
				}
				if l := tone.Power(at(begin+c.on-60*time.Millisecond), audio.Rate, c.f1); l < tone.Level-2 {
					t.Errorf("ends early: %.1f dBFS", l)
				}
				for _, x := range at(begin + c.on) {
					if x != 0 {
						t.Fatalf("sound in the pause after %v", begin)
					}
				}
			}
		})
	}
}

func TestEndSignEnds(t *testing.T) {
	end := tone.Korea().End
	if end.Dur() > time.Second || end.Dur() < 100*time.Millisecond {
		t.Errorf("lasts %v", end.Dur())
	}
	g := tone.NewGenerator(end)
	frame := make([]int16, audio.FrameLen)
	n := 0
	for more := true; more; n++ {
		more = g.Fill(frame)
	}
	if got := time.Duration(n) * audio.FrameDur; got != end.Dur() {
		t.Errorf("played %v of %v", got, end.Dur())
	}
	if g.Fill(frame); frame[0] != 0 || frame[479] != 0 || !g.Done() {
		t.Error("not silent after the end")
	}
	if d := tone.Korea().Busy.Repeat(3).Dur(); d != 3*time.Second {
		t.Errorf("three busy periods last %v", d)
	}
	if d := tone.Korea().Busy.Dur(); d != 0 {
		t.Errorf("an endless signal lasts %v", d)
	}
}

// A step of a sample beyond what the sinusoids themselves can do is a click.
func TestNoClicks(t *testing.T) {
	p := tone.Korea()
	for name, sig := range map[string]tone.Signal{
		"ringback": p.Ringback, "busy": p.Busy, "congestion": p.Congestion,
		"dial": p.Dial, "end": p.End, "test": tone.TwoTone(1000, 1400),
	} {
		var limit float64
		for _, s := range sig.Segments {
			a := math.MaxInt16 * math.Pow(10, s.DB/20)
			limit = max(limit, 2*math.Pi/audio.Rate*a*(s.F1+s.F2)+2)
		}
		prev := int16(0)
		for i, x := range play(sig, audio.Rate, 7*time.Second) {
			if d := math.Abs(float64(x) - float64(prev)); d > limit {
				t.Errorf("%s: step of %.0f at %v, the sinusoids do %.0f", name, d,
					time.Duration(i)*time.Second/audio.Rate, limit)
				break
			}
			prev = x
		}
	}
}

func TestReleaseFadesWithin8ms(t *testing.T) {
	g := tone.NewGenerator(tone.Korea().Dial)
	pcm := make([]int16, 2000)
	g.Fill(pcm)
	prev := pcm[len(pcm)-1]
	g.Release()
	g.Release() // a second time changes nothing
	tail := make([]int16, 480)
	if g.Fill(tail) {
		t.Error("still playing 10 ms after Release")
	}
	for i, x := range tail {
		if d := math.Abs(float64(x) - float64(prev)); d > 500 {
			t.Fatalf("step of %.0f at sample %d", d, i)
		}
		prev = x
	}
	if tail[390] != 0 || tail[200] == 0 {
		t.Errorf("ramp: %d in the middle, %d after 8 ms", tail[200], tail[390])
	}
}

func TestEmptySignals(t *testing.T) {
	for name, s := range map[string]tone.Signal{
		"none":      {},
		"no length": {Segments: []tone.Segment{{F1: 440}}},
	} {
		g := tone.NewGenerator(s)
		frame := []int16{7, 7}
		if g.Fill(frame) || frame[0] != 0 {
			t.Errorf("%s: not over, or not silent: %v", name, frame)
		}
	}
}

func TestMixIntoSaturates(t *testing.T) {
	g := tone.NewGenerator(tone.Signal{Segments: []tone.Segment{{F1: 480, Dur: time.Second}}})
	pcm := make([]int16, 4800)
	for i := range pcm {
		pcm[i] = 30000
	}
	if !g.MixInto(pcm) {
		t.Error("over too early")
	}
	for i, x := range pcm {
		if x < -3000 {
			t.Fatalf("sample %d wrapped to %d", i, x)
		}
	}
}

func TestGeneratorDoesNotAllocate(t *testing.T) {
	g := tone.NewGenerator(tone.Korea().Congestion)
	d := tone.NewDetector(audio.Rate)
	frame := make([]int16, audio.FrameLen)
	if n := testing.AllocsPerRun(500, func() {
		g.Fill(frame)
		g.MixInto(frame)
		d.Add(frame)
	}); n != 0 {
		t.Errorf("%v allocations per frame", n)
	}
}

func TestPowerAndPresence(t *testing.T) {
	pcm := play(tone.Signal{Segments: []tone.Segment{{F1: 1000, DB: -20, Dur: time.Second}}}, 8000, 500*time.Millisecond)[800:3200]
	if l := tone.Power(pcm, 8000, 1000); math.Abs(l+20) > 0.2 {
		t.Errorf("level %.2f, want -20", l)
	}
	if l := tone.Power(pcm, 8000, 1500); l > -60 {
		t.Errorf("absent frequency at %.1f dBFS", l)
	}
	if p := tone.Presence(pcm, 8000, 1000); p < 0.999 {
		t.Errorf("presence %.4f", p)
	}
	if p := tone.Presence(make([]int16, 160), 8000, 1000); p != 0 {
		t.Errorf("presence in silence %v", p)
	}
	if l := tone.Power(nil, 8000, 1000); l != audio.Silence {
		t.Errorf("level of nothing %v", l)
	}
}

func TestCheck(t *testing.T) {
	const rate = 8000
	good := play(tone.TwoTone(440, 620), rate, 5*time.Second)
	silence := make([]int16, rate)
	cut := append([]int16(nil), good...)
	clear(cut[rate : rate+rate/2])
	noise := make([]int16, 2*rate)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = int16(rng.IntN(8000) - 4000)
	}
	mixed := append([]int16(nil), good...)
	audio.MixInto(mixed, play(tone.TwoTone(1000, 1400), rate, 5*time.Second), 2)
	other := play(tone.TwoTone(1000, 1400), rate, 5*time.Second)

	for _, c := range []struct {
		name   string
		pcm    []int16
		ok     bool
		heard  bool
		verify func(r tone.Report) bool
	}{
		{"whole", good, true, true, func(r tone.Report) bool { return r.Clean > 97 && r.LongestGap() <= 220*time.Millisecond }},
		{"late", append(append([]int16(nil), silence...), good...), true, true,
			func(r tone.Report) bool { return r.First >= time.Second && r.First <= 1040*time.Millisecond }},
		{"half a second missing", cut, true, true,
			func(r tone.Report) bool { return r.LongestGap() >= 480*time.Millisecond && r.Clean < 95 }},
		{"silence", silence, false, false, func(r tone.Report) bool { return r.Silent == 50 && r.RMS == audio.Silence }},
		{"noise", noise, false, false, func(r tone.Report) bool { return r.Unclear > 95 }},
		{"foreign louder", mixed, false, false, func(r tone.Report) bool { return r.Foreign > 100 }},
		{"foreign only", other, false, false, func(r tone.Report) bool { return r.F1 == 0 && r.F2 == 0 && r.Foreign > 150 }},
		{"nothing", nil, false, false, func(r tone.Report) bool { return r.Length == 0 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := tone.Check(c.pcm, rate, 440, 620, 1000, 1400)
			if r.OK() != c.ok || r.Heard != c.heard || !c.verify(r) {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestDTMFRefusesOtherCharacters(t *testing.T) {
	if _, err := tone.DTMF("12x", time.Second, 0); !errors.Is(err, tone.ErrDigit) {
		t.Errorf("got %v", err)
	}
	if s, err := tone.DTMF("", time.Second, 0); err != nil || len(s.Segments) != 0 {
		t.Errorf("empty: %v, %v", s, err)
	}
}
