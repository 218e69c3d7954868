package jitter_test

import (
	"math"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/codec"
	"nxphone/audio/jitter"
	"nxphone/audio/tone"
)

// A codec satisfies the buffer's idea of one.
var _ jitter.Decoder = codec.Decoder(nil)

// coded is a signal as packets of a real codec.
func coded(t testing.TB, name codec.Name, pt uint8, sig tone.Signal, d time.Duration, o codec.Options) []sent {
	t.Helper()
	e, err := codec.NewEncoder(name, o)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	g := tone.NewGenerator(sig)
	pcm, out := make([]int16, codec.PacketLen), make([]byte, codec.MaxPacket)
	var all []sent
	for i := range int(d / (20 * time.Millisecond)) {
		g.Fill(pcm)
		n, err := e.Encode(pcm, out)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			continue
		}
		all = append(all, sent{
			at: time.Duration(i) * 20 * time.Millisecond,
			Packet: jitter.Packet{
				SSRC: 1, PayloadType: pt, Seq: uint16(len(all)), Timestamp: uint32(i * name.ClockRate() / 50),
				Payload: append([]byte(nil), out[:n]...),
			},
		})
	}
	return all
}

// real is a simulation with the real codecs.
func real(t testing.TB) *sim {
	s := newSim(jitter.Config{})
	formats := map[uint8]jitter.Format{}
	for pt, name := range map[uint8]codec.Name{111: codec.Opus, 8: codec.PCMA, 0: codec.PCMU} {
		d, err := codec.NewDecoder(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(d.Close)
		formats[pt] = jitter.Format{Decoder: d, ClockRate: name.ClockRate()}
	}
	s.buf.SetFormats(formats)
	return s
}

func TestTheTestSignalArrives(t *testing.T) {
	for _, c := range []struct {
		name   codec.Name
		pt     uint8
		harm   func(p []sent) []sent
		clean  float64
		longer time.Duration
	}{
		{codec.Opus, 111, func(p []sent) []sent { return p }, 97, 220 * time.Millisecond},
		{codec.PCMA, 8, func(p []sent) []sent { return p }, 97, 220 * time.Millisecond},
		{codec.PCMU, 0, func(p []sent) []sent { return p }, 97, 220 * time.Millisecond},
		{codec.Opus, 111, everyTenthLost, 93, 240 * time.Millisecond},
		{codec.PCMA, 8, everyTenthLost, 93, 240 * time.Millisecond},
		{codec.Opus, 111, shaken, 90, 280 * time.Millisecond},
		{codec.PCMU, 0, shaken, 90, 280 * time.Millisecond},
	} {
		s := real(t)
		packets := coded(t, c.name, c.pt, tone.TwoTone(440, 620), 10*time.Second, codec.Options{PacketLoss: 20})
		all := s.listen(c.harm(packets), 10*time.Second)
		r := tone.Check(sound(all), audio.Rate, 440, 620, 1000, 1400)
		if !r.OK() || r.Clean < c.clean || r.LongestGap() > c.longer {
			t.Errorf("%s: %+v\n%+v", c.name, r, last(all))
		}
	}
}

func everyTenthLost(p []sent) []sent {
	var kept []sent
	for i := range p {
		if i%10 != 5 {
			kept = append(kept, p[i])
		}
	}
	return kept
}

// shaken packets arrive up to 60 ms late, and so sometimes out of order.
func shaken(p []sent) []sent {
	p = append([]sent(nil), p...)
	for i := range p {
		p[i].at += time.Duration(i*7919%61) * time.Millisecond
	}
	return p
}

// Slow clocks at either end do not change a tone: what is put in and taken out
// are whole periods.
func TestCorrectionsAreNotHeard(t *testing.T) {
	steady := tone.Signal{Segments: []tone.Segment{{F1: 440, DB: -12, Dur: time.Hour}}}
	packets := coded(t, codec.PCMA, 8, steady, 40*time.Second, codec.Options{})
	for _, ppm := range []int{-2000, 2000} {
		s := real(t)
		s.pull = audio10ms(ppm)
		all := s.listen(packets, 40*time.Second-100*time.Millisecond)
		st := last(all)
		if st.InsertedSamplesForDeceleration+st.RemovedSamplesForAcceleration < 48*40 {
			t.Errorf("%d ppm: hardly anything was corrected: %+v", ppm, st)
		}
		if st.ConcealedSamples > 0 {
			t.Errorf("%d ppm: concealed %d", ppm, st.ConcealedSamples)
		}
		pcm := sound(all)[audio.Rate:]
		worst := 1.0
		for len(pcm) >= 1200 { // eleven periods
			worst = math.Min(worst, tone.Presence(pcm[:1200], audio.Rate, 440))
			pcm = pcm[1200:]
		}
		if worst < 0.995 {
			t.Errorf("%d ppm: in the worst 25 ms only %.3f of the power is the tone", ppm, worst)
		}
	}
}

func TestOpusPauses(t *testing.T) {
	talk := tone.Signal{Segments: []tone.Segment{
		{F1: 300, F2: 900, DB: -14, Dur: 1500 * time.Millisecond}, {Dur: 2500 * time.Millisecond},
	}}
	packets := coded(t, codec.Opus, 111, talk, 20*time.Second, codec.Options{DTX: true})
	if len(packets) > 800 {
		t.Fatalf("%d of 1000 packets: the encoder does not pause", len(packets))
	}
	s := real(t)
	all := s.listen(packets, 20*time.Second-100*time.Millisecond)
	st := last(all)
	if st.PacketsLost+st.PacketsDiscarded+st.ConcealedSamples+st.ConcealmentEvents != 0 {
		t.Errorf("%+v", st)
	}
	if k := kinds(all); k[jitter.Comfort] < 200 || k[jitter.Concealed] > 0 {
		t.Errorf("frames %v", k)
	}
	heard := 0
	for _, h := range all {
		if tone.Power(h.pcm, audio.Rate, 300) > -20 {
			heard++
		}
	}
	if heard < 720 || heard > 780 { // five times 1.5 s
		t.Errorf("%d frames of talk", heard)
	}
}

func TestCodecSwitchWithRealCodecs(t *testing.T) {
	steady := tone.Signal{Segments: []tone.Segment{{F1: 440, DB: -12, Dur: time.Hour}}}
	packets := coded(t, codec.Opus, 111, steady, 2*time.Second, codec.Options{})
	for _, p := range coded(t, codec.PCMU, 0, steady, 2*time.Second, codec.Options{}) {
		p.at += 2 * time.Second
		p.Seq += 100
		packets = append(packets, p)
	}
	s := real(t)
	all := s.listen(packets, 4*time.Second-50*time.Millisecond)
	if k := kinds(all); k[jitter.Concealed]+k[jitter.Silence]+k[jitter.Comfort] != 0 {
		t.Errorf("frames %v, %+v", k, last(all))
	}
	limit := int(math.MaxInt16*math.Pow(10, -12.0/20)*2*math.Pi*440/audio.Rate) * 3
	if w := largestStep(sound(all)[480:]); w > limit {
		t.Errorf("a click of %d at the switch", w)
	}
}

func TestNothingAllocates(t *testing.T) {
	s := real(t)
	packets := coded(t, codec.Opus, 111, tone.TwoTone(440, 620), 20*time.Second, codec.Options{})
	pcm := make([]int16, audio.FrameLen)
	i := 0
	turn := func() {
		s.now = s.now.Add(20 * time.Millisecond)
		p := packets[i%len(packets)].Packet
		p.Seq, p.Timestamp, p.Arrived = uint16(i), uint32(i*960), s.now
		if i%9 != 4 {
			s.buf.Push(p)
		}
		i++
		s.buf.Pull(pcm)
		s.buf.Pull(pcm)
		_ = s.buf.Stats()
	}
	for range 50 {
		turn()
	}
	if n := testing.AllocsPerRun(500, turn); n != 0 {
		t.Errorf("%v allocations in 20 ms", n)
	}
}

func BenchmarkPull(b *testing.B) {
	for _, c := range []struct {
		name codec.Name
		pt   uint8
	}{{codec.Opus, 111}, {codec.PCMA, 8}} {
		b.Run(string(c.name), func(b *testing.B) {
			s := real(b)
			packets := coded(b, c.name, c.pt, tone.TwoTone(440, 620), 20*time.Second, codec.Options{})
			pcm := make([]int16, audio.FrameLen)
			step := uint32(c.name.ClockRate() / 50)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ { // 20 ms a turn: one packet, two frames
				s.now = s.now.Add(20 * time.Millisecond)
				p := packets[i%len(packets)].Packet
				p.Seq, p.Timestamp, p.Arrived = uint16(i), uint32(i)*step, s.now
				s.buf.Push(p)
				s.buf.Pull(pcm)
				s.buf.Pull(pcm)
			}
		})
	}
}

// The buffer alone, without a codec.
func BenchmarkPullToy(b *testing.B) {
	s := newSim(jitter.Config{})
	pcm, payload := make([]int16, audio.FrameLen), toyPacket(0, 960)
	for i := 0; b.Loop(); i++ {
		s.now = s.now.Add(20 * time.Millisecond)
		s.buf.Push(jitter.Packet{SSRC: 1, PayloadType: 111, Seq: uint16(i), Timestamp: uint32(i * 960), Payload: payload, Arrived: s.now})
		s.buf.Pull(pcm)
		s.buf.Pull(pcm)
	}
}
