package jitter_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"nxphone/audio"
	"nxphone/audio/jitter"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Producers, the puller, a reader of the statistics and a change of formats,
// all at once; the race detector watches.
func TestEverybodyAtOnce(t *testing.T) {
	b := jitter.New(jitter.Config{})
	formats := map[uint8]jitter.Format{111: {Decoder: &toy{fec: true}, ClockRate: 48000}}
	b.SetFormats(formats)
	var wg sync.WaitGroup
	for producer := range 2 {
		wg.Go(func() {
			for i := producer; i < 4000; i += 2 {
				b.Push(jitter.Packet{
					SSRC: 1, PayloadType: 111, Seq: uint16(i), Timestamp: uint32(i * 960), Payload: toyPacket(i*960, 960),
				})
			}
		})
	}
	stop := make(chan struct{})
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				if st := b.Stats(); st.ConcealedSamples > st.TotalSamplesReceived+audio.Rate {
					t.Errorf("%+v", st)
					return
				}
				b.SetFormats(formats)
			}
		}
	})
	pcm := make([]int16, audio.FrameLen)
	for range 8000 {
		b.Pull(pcm)
	}
	close(stop)
	wg.Wait()
	for range 300 {
		b.Pull(pcm)
	}
	st := b.Stats()
	if st.PacketsReceived+st.PacketsDiscarded+st.PacketsDuplicated < 4000 {
		t.Errorf("packets went missing: %+v", st)
	}
}

// Whatever comes, nothing breaks, and the buffer plays again afterwards.
func TestAnythingMayCome(t *testing.T) {
	for seed := range uint64(24) {
		rng := rand.New(rand.NewPCG(seed, 1))
		s := newSim(jitter.Config{})
		s.codec.fec = seed%2 == 0
		pcm := make([]int16, audio.FrameLen)
		seq, ts := uint16(rng.Uint32()), rng.Uint32()
		durs := []int{120, 240, 480, 960, 1920, 2880, 5760, 7, 961}
		for range 3000 {
			s.now = s.now.Add(time.Duration(rng.IntN(12000)) * time.Microsecond)
			for range rng.IntN(3) {
				dur := durs[rng.IntN(len(durs))]
				seq, ts = seq+1, ts+uint32(dur)
				p := jitter.Packet{
					SSRC: 1, PayloadType: 111, Seq: seq, Timestamp: ts,
					Payload: toyPacket(0, dur), Arrived: s.now,
				}
				switch rng.IntN(12) {
				case 0:
					p.Seq += uint16(rng.IntN(200) - 100)
				case 1:
					p.Timestamp += uint32(rng.IntN(200000) - 100000)
				case 2:
					p.PayloadType = uint8(rng.IntN(256))
				case 3:
					p.SSRC = uint32(rng.IntN(3))
				case 4:
					p.Payload = p.Payload[:rng.IntN(12)]
				case 5:
					p.Arrived = p.Arrived.Add(time.Duration(rng.IntN(4000)-2000) * time.Millisecond)
				case 6:
					p.Seq, p.Timestamp = uint16(rng.Uint32()), rng.Uint32()
				}
				s.buf.Push(p)
			}
			s.buf.Pull(pcm[:rng.IntN(len(pcm)+1)])
		}
		s.phase = s.now.Sub(s.start) + 5*time.Second
		clean := stream(400)
		for i := range clean {
			clean[i].at += s.phase
			clean[i].SSRC = 77
		}
		all := s.listen(clean, s.phase+7*time.Second)
		for _, h := range all[200:] {
			if h.frame.Kind != jitter.Normal || h.stats.Buffered > 150*time.Millisecond {
				t.Fatalf("seed %d: %v with %v buffered", seed, h.frame.Kind, h.stats.Buffered)
			}
		}
	}
}
