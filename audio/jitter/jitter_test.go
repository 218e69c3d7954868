package jitter_test

import (
	"testing"
	"time"

	"nxphone/audio/jitter"
)

func TestCleanStream(t *testing.T) {
	s := newSim(jitter.Config{})
	all := s.listen(stream(500), 10*time.Second)
	var first time.Duration = -1
	for _, h := range all {
		if h.frame.Kind == jitter.Normal {
			first = h.at
			break
		}
	}
	within(t, "first frame", first, 0, 63*time.Millisecond)
	if k := kinds(all); k[jitter.Concealed]+k[jitter.Silence]+k[jitter.Comfort] != 0 {
		t.Errorf("frames: %v", k)
	}
	// A clean network gives the sound back bit by bit, but for the ramp at the
	// very beginning.
	for i, x := range sound(all) {
		if i > 240 && x != wave(i) {
			t.Fatalf("sample %d is %d, want %d", i, x, wave(i))
		}
	}
	st := last(all)
	if st.PacketsReceived != 500 || st.PacketsLost != 0 || st.PacketsDiscarded != 0 || st.ConcealedSamples != 0 || st.ConcealmentEvents != 0 {
		t.Errorf("stats %+v", st)
	}
	within(t, "mean delay", st.JitterBufferDelay/time.Duration(st.JitterBufferEmittedCount), 20*time.Millisecond, 45*time.Millisecond)
	within(t, "jitter", st.Jitter, 0, time.Millisecond)
}

func TestReorderedAndDuplicated(t *testing.T) {
	packets := stream(300)
	for i := 2; i+1 < len(packets); i += 4 { // every second pair is swapped
		packets[i].at, packets[i+1].at = packets[i+1].at, packets[i].at
	}
	packets = append(packets, packets[50], packets[51], packets[100])
	s := newSim(jitter.Config{})
	all := s.listen(packets, 6*time.Second)
	if k := kinds(all); k[jitter.Concealed]+k[jitter.Silence] != 0 {
		t.Errorf("frames: %v", k)
	}
	st := last(all)
	if st.PacketsReceived != 300 || st.PacketsLost != 0 || st.PacketsDuplicated != 3 || st.PacketsDiscarded != 0 {
		t.Errorf("stats %+v", st)
	}
	if w := largestStep(sound(all)); w > 300 {
		t.Errorf("step of %d", w)
	}
}

func TestLoss(t *testing.T) {
	for _, c := range []struct {
		name                string
		fec                 bool
		lost                []int
		recovered, concealS uint64
		events              uint64
	}{
		{"one, rebuilt", true, []int{100}, 1, 0, 0},
		{"one, guessed", false, []int{100}, 0, 960, 1},
		{"two in a row, one rebuilt", true, []int{100, 101}, 1, 960, 1},
		{"three apart, guessed", false, []int{50, 100, 150}, 0, 3 * 960, 3},
		{"every tenth, rebuilt", true, []int{10, 20, 30, 40, 50, 60, 70, 80, 90}, 9, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSim(jitter.Config{})
			s.codec.fec = c.fec
			all := s.listen(drop(stream(300), c.lost...), 6*time.Second)
			st := last(all)
			if st.PacketsLost != uint64(len(c.lost)) || st.PacketsRecovered != c.recovered ||
				st.ConcealedSamples != c.concealS || st.ConcealmentEvents != c.events || st.SilentConcealedSamples != 0 {
				t.Errorf("stats %+v", st)
			}
			// A loss moves nothing: what is not guessed stands where it would.
			for i, x := range sound(all) {
				if i > 280*960 && x != wave(i) {
					t.Fatalf("sample %d is %d, want %d: the time line moved", i, x, wave(i))
				}
			}
			if w := largestStep(sound(all)); w > 8000 {
				t.Errorf("step of %d", w)
			}
		})
	}
}

func TestLongLossFadesToSilence(t *testing.T) {
	s := newSim(jitter.Config{})
	packets := stream(200)
	packets = append(packets[:50:50], packets[80:]...) // 600 ms are gone
	all := s.listen(packets, 4*time.Second)
	gone := time.Duration(0) // since the loss began to be heard
	for _, h := range all {
		if h.frame.Kind == jitter.Normal {
			gone = 0
			continue
		}
		if h.at < time.Second {
			continue
		}
		gone += 10 * time.Millisecond
		level := h.pcm[len(h.pcm)-1]
		switch {
		case gone <= 70*time.Millisecond && level != guessed:
			t.Errorf("%v into the loss the level is %d", gone, level)
		case gone > 250*time.Millisecond && level != 0:
			t.Errorf("%v into the loss it is not silent: %d", gone, level)
		}
	}
	st := last(all)
	if st.PacketsLost != 30 || st.ConcealmentEvents != 1 || st.ConcealedSamples < 22000 || st.ConcealedSamples > 29800 ||
		st.SilentConcealedSamples < 11000 { // what was there has been stretched first
		t.Errorf("stats %+v", st)
	}
	if k := all[len(all)-30].frame.Kind; k != jitter.Normal {
		t.Errorf("afterwards: %v", k)
	}
	within(t, "delay afterwards", st.Buffered, 10*time.Millisecond, 60*time.Millisecond)
}

func TestLatePacketMakesTheDelayGrow(t *testing.T) {
	packets := stream(200)
	packets[100].at += 150 * time.Millisecond // all the others are in time
	s := newSim(jitter.Config{})
	st := last(s.listen(packets, 4*time.Second))
	// The others were there, so 100 was taken for lost and came too late.
	if st.PacketsDiscarded != 1 || st.PacketsLost != 0 || st.ConcealedSamples != 960 {
		t.Errorf("one late: %+v", st)
	}

	packets = stream(400)
	for i := 100; i < len(packets); i++ { // the route becomes 60 ms longer
		packets[i].at += 60 * time.Millisecond
	}
	s = newSim(jitter.Config{})
	all := s.listen(packets, 8*time.Second)
	st = last(all)
	// What was there has been stretched until the first late one came.
	if st.PacketsDiscarded != 0 || st.PacketsLost != 0 || st.ConcealedSamples > 960 || st.InsertedSamplesForDeceleration < 20*48 {
		t.Errorf("longer route: %+v", st)
	}
	if k := kinds(all[300:]); k[jitter.Concealed]+k[jitter.Silence] != 0 {
		t.Errorf("after the change: %v", k)
	}
}

func TestUnevenArrivalRaisesTheTarget(t *testing.T) {
	packets := stream(1500)
	for i := range packets { // three come together every 60 ms
		packets[i].at = time.Duration(i/3*3+2) * 20 * time.Millisecond
	}
	s := newSim(jitter.Config{})
	all := s.listen(packets, 29*time.Second)
	st := last(all)
	// The first of three is 40 ms late when it comes, never more; the rest is
	// the margin.
	within(t, "target", st.Target, 45*time.Millisecond, 50*time.Millisecond)
	if k := kinds(all[1000:]); k[jitter.Concealed]+k[jitter.Silence] != 0 {
		t.Errorf("once it has learnt: %v", k)
	}
	if st.PacketsDiscarded != 0 || st.PacketsLost != 0 {
		t.Errorf("stats %+v", st)
	}
	within(t, "jitter", st.Jitter, 10*time.Millisecond, 40*time.Millisecond)
}

// One stall in twenty seconds is no habit: the delay that it leaves is played
// away, and nothing is left out.
func TestOneStallIsPlayedAway(t *testing.T) {
	packets := stream(1500)
	for i := 1100; i < 1125; i++ { // half a second stands still, then all at once
		packets[i].at = 1125 * 20 * time.Millisecond
	}
	s := newSim(jitter.Config{})
	all := s.listen(packets, 30*time.Second)
	st := last(all)
	if st.PacketsLost+st.PacketsDiscarded != 0 || st.RemovedSamplesForAcceleration < 400*48 || st.ConcealedSamples > 480*48 {
		t.Errorf("stats %+v", st)
	}
	worst := time.Duration(0)
	for _, h := range all[2450:] { // from two seconds after the stall on
		worst = max(worst, h.stats.Buffered)
		if h.at < 29900*time.Millisecond && h.frame.Kind != jitter.Normal {
			t.Errorf("%v at %v", h.frame.Kind, h.at)
		}
	}
	within(t, "buffered after the stall", worst, 20*time.Millisecond, 100*time.Millisecond)
}

// An hour with clocks that differ by 200 ppm, either way.
func TestClockDrift(t *testing.T) {
	for _, ppm := range []int{-200, 200} {
		s := newSim(jitter.Config{})
		s.pull = audio10ms(ppm)
		const length = time.Hour
		packets := stream(int(length / (20 * time.Millisecond)))
		var lo, hi time.Duration = time.Hour, 0
		var bad int
		var st jitter.Stats
		s.run(packets, length-100*time.Millisecond, func(h heard) {
			st = h.stats
			if h.at < time.Second {
				return
			}
			lo, hi = min(lo, h.stats.Buffered), max(hi, h.stats.Buffered)
			if h.frame.Kind != jitter.Normal {
				bad++
			}
		})
		if bad > 0 || st.ConcealedSamples > 0 || st.PacketsDiscarded > 0 {
			t.Errorf("%d ppm: %d frames were not whole, %+v", ppm, bad, st)
		}
		if hi > 90*time.Millisecond {
			t.Errorf("%d ppm: between %v and %v buffered", ppm, lo, hi)
		}
		if st.InsertedSamplesForDeceleration+st.RemovedSamplesForAcceleration == 0 {
			t.Errorf("%d ppm: nothing was corrected", ppm)
		}
	}
}

// audio10ms is a frame by the clock of a speaker that is so much too slow.
func audio10ms(ppm int) time.Duration {
	return 10*time.Millisecond + time.Duration(ppm)*10
}

func TestCodecSwitch(t *testing.T) {
	packets := stream(400)
	for i := 100; i < 400; i++ { // from Opus to G.711, another clock, timestamps from anywhere
		packets[i].PayloadType = 8
		packets[i].Timestamp = uint32(777 + i*160)
	}
	for i := 250; i < 400; i++ { // and back
		packets[i].PayloadType = 111
		packets[i].Timestamp = uint32(99999999 + i*960)
	}
	s := newSim(jitter.Config{})
	all := s.listen(packets, 8*time.Second)
	if k := kinds(all); k[jitter.Concealed]+k[jitter.Silence]+k[jitter.Comfort] != 0 {
		t.Errorf("frames: %v", k)
	}
	st := last(all)
	if st.PacketsLost+st.PacketsDiscarded+st.ConcealedSamples != 0 {
		t.Errorf("stats %+v", st)
	}
	if s.codec.resets != 2 {
		t.Errorf("the decoder was reset %d times", s.codec.resets)
	}
	if pt := all[350].frame.PayloadType; pt != 8 {
		t.Errorf("payload type %d in the middle", pt)
	}
	if pt := all[700].frame.PayloadType; pt != 111 {
		t.Errorf("payload type %d at the end", pt)
	}
}

func TestSSRCChange(t *testing.T) {
	packets := stream(300)
	for i := 100; i < 300; i++ {
		packets[i].SSRC, packets[i].Seq, packets[i].Timestamp = 2, uint16(7*i%7+i), uint32(i*960+12345)
	}
	// The old source goes on for a while beside the new one.
	old := stream(105)[100:]
	s := newSim(jitter.Config{})
	all := s.listen(append(packets, old...), 6*time.Second)
	st := last(all)
	if st.PacketsLost != 0 || st.PacketsReceived != 300 || st.PacketsDiscarded != 5 {
		t.Errorf("stats %+v", st)
	}
	if k := kinds(all); k[jitter.Concealed]+k[jitter.Silence] > 6 {
		t.Errorf("frames: %v", k)
	}
	if s.codec.resets != 2 {
		t.Errorf("the decoder was reset %d times", s.codec.resets)
	}
	// And back for good, once the new one is silent.
	back := stream(400)[320:]
	all = s.listen(back, 8*time.Second)
	if k := all[len(all)-20].frame.Kind; k != jitter.Normal {
		t.Errorf("back at the first source: %v", k)
	}
}

// Events and rubbish with an SSRC of their own do not take the stream over.
func TestOnlySoundMakesAStream(t *testing.T) {
	packets := stream(300)
	for i := 50; i < 250; i += 10 {
		foreign := packets[i]
		foreign.SSRC, foreign.Seq = 9, uint16(i)
		foreign.PayloadType, foreign.Payload = 101, []byte{1, 10, 0, 160}
		rubbish := packets[i]
		rubbish.SSRC, rubbish.Payload = 10, []byte("rubbish")
		packets = append(packets, foreign, rubbish)
	}
	s := newSim(jitter.Config{})
	all := s.listen(packets, 6*time.Second-50*time.Millisecond)
	st := last(all)
	if k := kinds(all); k[jitter.Concealed]+k[jitter.Silence] != 0 {
		t.Errorf("frames: %v", k)
	}
	if st.PacketsDiscarded != 40 || st.PacketsLost != 0 || s.codec.resets != 1 {
		t.Errorf("%d resets, %+v", s.codec.resets, st)
	}
}

func TestPauseOfTheSenderIsNoLoss(t *testing.T) {
	for _, c := range []struct {
		name   string
		marked bool // by an Opus packet without content
		pause  int  // packets that are not sent
	}{
		{"short", false, 5},
		{"short, announced", true, 5},
		{"half a second", false, 25},
		{"half a second, announced", true, 25},
		{"long, announced", true, 300},
		{"long", false, 300},
	} {
		t.Run(c.name, func(t *testing.T) {
			packets := stream(600)
			if c.marked {
				packets[99].Payload = []byte{0x78}
			}
			packets = append(packets[:100:100], packets[100+c.pause:]...)
			for i := 100; i < len(packets); i++ { // the numbers go on, the time leaps
				packets[i].Seq = uint16(65500 + i)
			}
			s := newSim(jitter.Config{})
			all := s.listen(packets, 12*time.Second-200*time.Millisecond)
			st := last(all)
			limit := uint64(0)
			if c.pause > 50 && !c.marked {
				// Nobody can tell a long unannounced pause from an outage.
				limit = 48000 * 6
			}
			if st.PacketsLost != 0 || st.PacketsDiscarded != 0 || st.ConcealedSamples > limit || st.ConcealmentEvents > limit {
				t.Errorf("stats %+v", st)
			}
			k := kinds(all)
			if c.marked && k[jitter.Concealed] > 0 {
				t.Errorf("frames: %v", k)
			}
			if got := all[len(all)-10]; got.frame.Kind != jitter.Normal {
				t.Errorf("after the pause: %v", got.frame.Kind)
			}
			within(t, "delay after the pause", st.Buffered, 15*time.Millisecond, 65*time.Millisecond)
		})
	}
}

func TestTimestampsSetAnew(t *testing.T) {
	for name, change := range map[string]func(p []sent){
		"forward":  func(p []sent) { shift(p, 1<<29) },
		"backward": func(p []sent) { shift(p, -1<<29) },
		"a little backward": func(p []sent) {
			shift(p, -48000)
		},
		"frozen": func(p []sent) {
			for i := range p {
				p[i].Timestamp = 5
			}
		},
		"counting in 8 kHz": func(p []sent) {
			for i := range p {
				p[i].Timestamp = uint32(i * 160)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			packets := stream(500)
			change(packets[200:])
			s := newSim(jitter.Config{})
			all := s.listen(packets, 10*time.Second-100*time.Millisecond)
			if k := kinds(all); k[jitter.Concealed]+k[jitter.Silence]+k[jitter.Comfort] > 4 {
				t.Errorf("frames: %v, %+v", k, last(all))
			}
			within(t, "delay", last(all).Buffered, 15*time.Millisecond, 80*time.Millisecond)
		})
	}
}

func shift(p []sent, by int) {
	for i := range p {
		p[i].Timestamp += uint32(by)
	}
}

func TestSequenceSetAnew(t *testing.T) {
	packets := stream(500)
	for i := 200; i < 500; i++ { // a restarted sender that keeps its SSRC
		packets[i].Seq += 20000
		packets[i].Timestamp += 1 << 30
	}
	packets[100].Seq += 30000 // and before that one stray packet
	s := newSim(jitter.Config{})
	all := s.listen(packets, 10*time.Second-100*time.Millisecond)
	st := last(all)
	// The stray and the first of the new numbers are refused.
	if st.PacketsDiscarded != 2 || st.PacketsReceived != 493 { // five come after the end
		t.Errorf("stats %+v", st)
	}
	if k := kinds(all); k[jitter.Concealed]+k[jitter.Silence] > 12 {
		t.Errorf("frames: %v", k)
	}
}

func TestPacketsWithoutSound(t *testing.T) {
	packets := stream(300)
	for i := 100; i < 110; i++ { // an event of telephone-event takes ten numbers and its timestamp stands still
		packets[i].PayloadType, packets[i].Payload = 101, []byte{1, 10, 0, 160}
		packets[i].Timestamp = packets[100].Timestamp
	}
	packets[150].Payload = []byte("what is this")[:7] // malformed
	packets[170].Payload = nil
	packets[190].Payload = toyPacket(190*960, 961) // only the decoder finds out
	s := newSim(jitter.Config{})
	all := s.listen(packets, 6*time.Second-50*time.Millisecond)
	st := last(all)
	if st.PacketsLost != 0 || st.PacketsReceived != 298 || st.PacketsDiscarded != 2 { // two come after the end
		t.Errorf("stats %+v", st)
	}
	if k := all[len(all)-3].frame.Kind; k != jitter.Normal {
		t.Errorf("afterwards %v", k)
	}
	// An event is a pause of the talker, not a loss.
	if st.ConcealedSamples > 3*960 {
		t.Errorf("concealed %d", st.ConcealedSamples)
	}
}

func TestPacketLengths(t *testing.T) {
	for _, dur := range []int{120, 240, 480, 960, 1440, 1920, 2880, 5760} {
		period := time.Duration(dur) * time.Second / 48000
		n := int(5 * time.Second / period)
		packets := make([]sent, n)
		for i := range packets {
			packets[i] = sent{at: time.Duration(i) * period, Packet: jitter.Packet{
				SSRC: 1, PayloadType: 111, Seq: uint16(i), Timestamp: uint32(i * dur), Payload: toyPacket(i*dur, dur),
			}}
		}
		s := newSim(jitter.Config{})
		all := s.listen(packets, 5*time.Second-period)
		k := kinds(all)
		// What is longer than the target must first teach it.
		if bad := k[jitter.Concealed] + k[jitter.Silence]; bad > 12 || dur <= 1440 && bad > 0 {
			t.Errorf("%v: %v", period, k)
		}
		if st := last(all); st.PacketsLost+st.PacketsDiscarded > 0 {
			t.Errorf("%v: %+v", period, st)
		}
	}
}

func TestPullerStandsStill(t *testing.T) {
	s := newSim(jitter.Config{})
	packets := stream(600)
	s.listen(packets[:100], 2*time.Second)
	// Five seconds without a pull: more than the queue holds.
	refused := 0
	for _, p := range packets[100:350] {
		p.Packet.Arrived = s.start.Add(p.at)
		if !s.buf.Push(p.Packet) {
			refused++
		}
	}
	if refused != 250-128 {
		t.Errorf("%d packets refused", refused)
	}
	s.phase = 7 * time.Second
	all := s.listen(packets[350:], 12*time.Second-100*time.Millisecond)
	for _, h := range all[100:] {
		if h.frame.Kind != jitter.Normal || h.stats.Buffered > 90*time.Millisecond {
			t.Fatalf("at %v: %v, %v buffered", h.at, h.frame.Kind, h.stats.Buffered)
		}
	}
}

func TestRefusals(t *testing.T) {
	s := newSim(jitter.Config{})
	if s.buf.Push(jitter.Packet{Payload: make([]byte, jitter.MaxPayload+1)}) {
		t.Error("a jumbo packet was taken")
	}
	if st := s.buf.Stats(); st.PacketsDiscarded != 1 {
		t.Errorf("stats %+v", st)
	}
	long := make([]int16, 5000)
	long[4999] = 7
	s.buf.Pull(long)
	s.buf.Pull(nil)
	if long[4999] != 7 {
		t.Error("more than 20 ms were written")
	}
}

func TestNothingBeforeTheFirstPacket(t *testing.T) {
	s := newSim(jitter.Config{})
	for _, h := range s.listen(nil, time.Second) {
		if h.frame.Kind != jitter.Silence || h.pcm[0] != 0 || h.stats != (jitter.Stats{Target: 60 * time.Millisecond}) {
			t.Fatalf("%+v", h)
		}
	}
}

// quietToy is the toy in a pause: what it decodes is as quiet as what it
// guesses.
type quietToy struct{ toy }

func (*quietToy) Decode(p []byte, pcm []int16) (int, error) {
	n, err := new(toy).Duration(p)
	for i := range pcm[:n] {
		pcm[i] = int16(5 * (i%2*2 - 1))
	}
	return n, err
}

func (*quietToy) Conceal(pcm []int16) error {
	clear(pcm)
	return nil
}

// A hole in a pause is left out where the packet behind it is there already, and
// the delay that went with it comes back; one in speech is filled.
func TestHoleInAPauseIsSkipped(t *testing.T) {
	const holes = 10
	gone := make([]int, holes)
	for i := range gone {
		gone[i] = 100 + 50*i
	}
	packets := drop(stream(650), gone...)
	for _, c := range []struct {
		name         string
		decoder      jitter.Decoder
		fewest, most uint64 // concealed samples
	}{
		{"speech", &toy{}, holes * 960, holes * 960},
		{"pause", &quietToy{}, 0, holes * 480},
	} {
		s := newSim(jitter.Config{})
		s.buf.SetFormats(map[uint8]jitter.Format{111: {Decoder: c.decoder, ClockRate: 48000}})
		st := last(s.listen(packets, 12*time.Second))
		delay := st.JitterBufferDelay / time.Duration(st.JitterBufferEmittedCount)
		if st.ConcealedSamples < c.fewest || st.ConcealedSamples > c.most {
			t.Errorf("%s: %d samples concealed, want %d to %d", c.name, st.ConcealedSamples, c.fewest, c.most)
		}
		within(t, c.name+": mean delay", delay, 20*time.Millisecond, 70*time.Millisecond)
	}
}
