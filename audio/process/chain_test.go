package process

import (
	"math"
	"sync"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest"
)

var everything = Settings{HighPass: true, Echo: true, Noise: true, Gain: true, Limit: true, Ceiling: -6}

func TestChainOfNothing(t *testing.T) {
	in := pcm(audiotest.Voice(1, 2*time.Second, 0))
	c := NewChain(Settings{})
	for name, f := range map[string]func([]int16){"near": c.Near, "far": c.Far} {
		for i, y := range inFrames(in, 0, f) {
			if y != in[i] {
				t.Fatalf("%s: sample %d is %d, was %d", name, i, y, in[i])
			}
		}
	}
	if near, far := (Settings{}).Delay(); near != 0 || far != 0 {
		t.Errorf("it says that it delays by %v and %v", near, far)
	}
}

// delayOf finds how much later one sound is than another, in samples.
func delayOf(in, out []int16) int {
	best, where := 0.0, 0
	for lag := range 1200 {
		sum := 0.0
		for i := 20000; i < 26000; i++ {
			sum += float64(in[i-lag]) * float64(out[i])
		}
		if sum > best {
			best, where = sum, lag
		}
	}
	return where
}

func TestChainDelay(t *testing.T) {
	in := pcm(audiotest.Voice(1, time.Second, -26))
	for _, s := range []Settings{{Echo: true}, {Noise: true}, {Gain: true}, {Limit: true, Ceiling: -6}, everything} {
		near, far := s.Delay()
		c := NewChain(s)
		if got, want := delayOf(in, inFrames(in, 0, c.Near)), int(near*rate/time.Second); got < want-2 || got > want+20 {
			t.Errorf("%+v: near is %d samples late, it says %d", s, got, want)
		}
		if got, want := delayOf(in, inFrames(in, 0, NewChain(s).Far)), int(far*rate/time.Second); got != want {
			t.Errorf("%+v: far is %d samples late, it says %d", s, got, want)
		}
	}
}

// click is the largest step between neighbours, of samples that come from a
// tone of 300 Hz.
func click(x []int16) int {
	worst := 0
	for i := 1; i < len(x); i++ {
		worst = max(worst, int(math.Abs(float64(x[i])-float64(x[i-1]))))
	}
	return worst
}

// Everything goes on and off again and again while a tone sounds, in steps that
// do not even wait for one another.
func TestChainSwitchesWithoutAClick(t *testing.T) {
	in := pcm(sine(300, -12, 3*time.Second))
	usual := click(in)
	for _, s := range []Settings{{HighPass: true}, {Echo: true}, {Noise: true}, {Gain: true}, {Limit: true, Ceiling: -6}, everything} {
		for name, far := range map[string]bool{"near": false, "far": true} {
			c, n := NewChain(Settings{}), 0
			out := inFrames(in, 0, func(frame []int16) {
				if n++; n%13 == 0 {
					if n%2 == 0 {
						c.Set(s)
					} else {
						c.Set(Settings{})
					}
				}
				if far {
					c.Far(frame)
				} else {
					c.Near(frame)
				}
			})
			if got := click(out); got > usual*3/2 {
				t.Errorf("%s, %+v: a step of %d, in the tone are %d", name, s, got, usual)
			}
			if got := loudness(out[rate:]); got < -16 {
				t.Errorf("%s, %+v: %.1f dBFS are left of -12", name, s, got)
			}
		}
	}
}

func TestChainStats(t *testing.T) {
	c := NewChain(everything)
	voice, loud := pcm(plus(audiotest.Voice(1, 5*time.Second, -44), hiss(2, -66, 5*time.Second))), pcm(sine(2100, -3, 5*time.Second))
	mic, sent := -127.0, -127.0
	inFrames(voice, 0, func(frame []int16) {
		c.Near(frame)
		mic, sent = max(mic, c.Stats().Mic), max(sent, c.Stats().Sent)
	})
	inFrames(loud, 0, c.Far)
	s := c.Stats()
	if s.Alive < 300 || s.Alive > 500 {
		t.Errorf("%d frames of 500 had sound", s.Alive)
	}
	if s.Settings != everything || s.Events.Tones != 1 || s.Deepest > -10 || s.Gain < 5 {
		t.Errorf("%+v", s)
	}
	if mic > -30 || mic < -44 || sent < mic+3 || s.Heard > -20 || s.Heard < -40 {
		t.Errorf("levels %.1f %.1f %.1f", mic, sent, s.Heard)
	}
	if s.Reduced < 6 || !s.Cancelled.On {
		t.Errorf("the noise is reduced by %.1f dB; canceller %+v", s.Reduced, s.Cancelled)
	}
	c.Set(Settings{})
	if s := c.Stats(); s.Gain != 0 || s.Reduced != 0 || s.Cancelled != (EchoStats{}) || s.Events.Tones != 1 {
		t.Errorf("off: %+v", s)
	}
}

// Others set and ask while the sound runs; the race detector is the judge.
func TestChainIsSharedSafely(t *testing.T) {
	c := NewChain(everything)
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for on := false; ; on = !on {
				select {
				case <-done:
					return
				default:
				}
				s := everything
				s.Echo, s.Gain, s.Ceiling = on, !on, c.Stats().Ceiling
				c.Set(s)
			}
		})
	}
	in := pcm(audiotest.Voice(1, time.Second, -26))
	inFrames(in, 0, func(frame []int16) {
		c.Far(frame)
		c.Near(frame)
	})
	close(done)
	wg.Wait()
}

// closing is a device that counts.
type closing struct {
	audio.Duplex
	inputs, all int
}

func (c *closing) CloseInput() error { c.inputs++; return nil }
func (c *closing) Close() error      { c.all++; return nil }

func TestChainWrap(t *testing.T) {
	var got []int16
	far := pcm(audiotest.Voice(1, time.Second, -26))
	dev := &closing{Duplex: audio.Join(&tape{in: pcm(sine(20, -6, time.Second))}, &tape{out: &got})}
	w := NewChain(Settings{HighPass: true, Limit: true, Ceiling: -6}).Wrap(dev)
	frame := make([]int16, frameLen)
	last := 0.0
	for i := 0; w.Read(frame); i += frameLen {
		last = loudness(frame)
		copy(frame, far[i:])
		if w.Room() {
			w.Write(frame)
		}
		if frame[7] != far[i+7] {
			t.Fatal("the caller's frame was changed")
		}
	}
	if last > -45 {
		t.Errorf("20 Hz come through at %.1f dBFS", last)
	}
	for i := LimiterDelay; i < len(got); i++ {
		if got[i] != far[i-LimiterDelay] {
			t.Fatalf("sample %d for the speaker is %d, want %d", i, got[i], far[i-LimiterDelay])
		}
	}
	if err := w.(audio.InputCloser).CloseInput(); err != nil || dev.inputs != 1 {
		t.Error("the microphone cannot be closed alone")
	}
	if err := w.Close(); err != nil || dev.all != 1 {
		t.Error("the device is not closed")
	}
	if _, ok := NewChain(Settings{}).Wrap(struct{ audio.Duplex }{dev}).(audio.InputCloser); ok {
		t.Error("a device that cannot close its microphone says that it can")
	}
}

// tape is a microphone that hears in, and a speaker whose sound goes to out.
type tape struct {
	in  []int16
	out *[]int16
}

func (m *tape) Read(frame []int16) bool {
	n := copy(frame, m.in)
	m.in = m.in[n:]
	return n == len(frame)
}
func (m *tape) Room() bool          { return true }
func (m *tape) Write(frame []int16) { *m.out = append(*m.out, frame...) }

func BenchmarkChain(b *testing.B) {
	for name, s := range map[string]Settings{"nothing": {}, "everything": everything} {
		b.Run(name, func(b *testing.B) {
			c := NewChain(s)
			far, frame := pcm(audiotest.Voice(2, time.Second, -26)), make([]int16, frameLen)
			i := 0
			benchmark(b, audiotest.Voice(1, 2*time.Second, -26), func(near []int16) {
				copy(frame, far[i:])
				c.Far(frame)
				c.Near(near)
				i = (i + frameLen) % len(far)
			})
		})
	}
}

// quieter is a stage that takes 20 dB off everything, as a canceller does of an
// echo.
type quieter struct{}

func (quieter) Process(frame []int16) {
	for i := range frame {
		frame[i] /= 10
	}
}

// What is left of an echo is no faint voice that the gain should lift.
func TestGainIsDeafToWhatIsLeft(t *testing.T) {
	for name, c := range map[string]struct {
		stage       stage
		least, most float64 // of the gain in the end, dB
	}{"an echo": {quieter{}, 0, 0}, "a voice": {nil, 15, 30}} {
		chain := NewChain(Settings{Gain: true})
		with := *chain.want.Load()
		with.near[echoStage] = c.stage
		chain.want.Store(&with)
		level := -44.0
		if c.stage != nil {
			level += 20
		}
		inFrames(pcm(audiotest.Voice(1, 6*time.Second, level)), 0, chain.Near)
		if got := chain.Stats().Gain; got < c.least || got > c.most {
			t.Errorf("%s: the gain is %.1f dB, want %v to %v", name, got, c.least, c.most)
		}
	}
}

func TestRemains(t *testing.T) {
	voice := pcm(audiotest.Voice(1, 2*time.Second, -26))
	for name, c := range map[string]struct {
		far   bool
		db    float64 // of what is left of it
		voice bool
	}{
		"a voice": {false, 0, true}, "noise was with it": {false, -6, true}, "noise": {false, -16, false},
		"a voice beside an echo": {true, -3, true}, "an echo": {true, -25, false}, "an echo not known yet": {true, -7, false},
	} {
		var r remains
		deaf, n := 0, 0
		far := make([]int16, frameLen)
		if c.far {
			copy(far, voice[rate:])
		}
		out := make([]int16, frameLen)
		for i := 2 * frameLen; i+frameLen <= len(voice); i += frameLen {
			r.played(far)
			r.before(voice[i : i+frameLen])
			for j, x := range voice[i-2*frameLen : i-frameLen] { // both are late
				out[j] = rounded(float64(x) * amplitude(c.db))
			}
			if r.after(out, 2) {
				deaf++
			}
			n++
		}
		if share := float64(deaf) / float64(n); share > 0.1 && c.voice || share < 0.8 && !c.voice {
			t.Errorf("%s: %.0f %% of the frames are no voice", name, 100*share)
		}
	}
}

func TestGainMayBeDeafened(t *testing.T) {
	g := NewGain()
	g.Deafen(true)
	in := pcm(audiotest.Voice(1, 3*time.Second, -44))
	inFrames(in, 0, g.Process)
	if g.DB() != 0 {
		t.Errorf("what is no voice is lifted by %.1f dB", g.DB())
	}
	g.Deafen(false)
	if inFrames(in, 0, g.Process); g.DB() < 5 {
		t.Errorf("a voice is lifted by %.1f dB", g.DB())
	}
}

// The noise of a room is found soon, although devices and the canceller begin with
// exact silence; and again behind a microphone that was shut in the hardware.
func TestChainFindsTheNoiseSoon(t *testing.T) {
	for _, before := range []time.Duration{0, 10 * time.Millisecond, 2 * time.Second} {
		silent := make([]float64, at(before))
		in := pcm(after(after(silent, hiss(1, -40, 6*time.Second)), after(make([]float64, 2*rate), hiss(2, -40, 3*time.Second))))
		out := inFrames(in, 0, NewChain(Settings{HighPass: true, Echo: true, Noise: true}).Near)
		first := at(before + 3*time.Second)
		if got := loudness(out[first : first+rate]); got > -48 {
			t.Errorf("silent for %v: after 3 s the noise is at %.1f dBFS, it is -40", before, got)
		}
		again := at(before + 9*time.Second)
		if got := loudness(out[again : again+rate]); got > -48 {
			t.Errorf("silent for %v: a second after the shut microphone the noise is at %.1f dBFS", before, got)
		}
		if shut := at(before + 7*time.Second); highest(out[shut:shut+rate/2]) != 0 {
			t.Error("the shut microphone is not silent")
		}
	}
}
