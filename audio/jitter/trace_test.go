package jitter_test

import (
	"slices"
	"testing"
	"time"

	"nxphone/audio/audiotest"
	"nxphone/audio/audiotest/trace"
	"nxphone/audio/codec"
	"nxphone/audio/jitter"
	"nxphone/audio/quality"
)

// passed is what became of speech on its way through a trace.
type passed struct {
	said, heard []int16
	stats       jitter.Stats
	delays      []time.Duration // of each frame over the earliest possible, sorted
}

func (p passed) concealed() float64 {
	return float64(p.stats.ConcealedSamples) / float64(p.stats.TotalSamplesReceived)
}

// residence is WebRTC's jitterBufferDelay / jitterBufferEmittedCount, in ms.
func (p passed) residence() float64 {
	return milliseconds(p.stats.JitterBufferDelay) / float64(p.stats.JitterBufferEmittedCount)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// pass sends a generated voice as Opus through a trace.
func pass(t testing.TB, name string, length time.Duration) passed {
	t.Helper()
	var p passed
	for _, v := range audiotest.Voice(3, length, -24) {
		p.said = append(p.said, int16(v))
	}
	n := len(p.said) / codec.PacketLen
	tr, err := trace.New(name, n, 1)
	if err != nil {
		t.Fatal(err)
	}
	enc, err := codec.NewEncoder(codec.Opus, codec.Options{PacketLoss: max(10, int(100*tr.Loss()))})
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	var packets []sent
	out := make([]byte, codec.MaxPacket)
	for i, f := range tr.Fates {
		k, err := enc.Encode(p.said[i*codec.PacketLen:][:codec.PacketLen], out)
		if err != nil {
			t.Fatal(err)
		}
		if f.Lost {
			continue
		}
		packets = append(packets, sent{time.Duration(i)*trace.Period + f.Delay, jitter.Packet{
			SSRC: 1, PayloadType: 111, Seq: uint16(i), Timestamp: uint32(i * codec.PacketLen), Payload: slices.Clone(out[:k]),
		}})
	}
	s := real(t)
	position := time.Duration(0)
	s.run(packets, length, func(h heard) {
		p.heard, p.stats = append(p.heard, h.pcm...), h.stats
		if h.frame.Kind == jitter.Normal {
			p.delays = append(p.delays, h.at-position)
		}
		position = s.buf.Position()
	})
	slices.Sort(p.delays)
	return p
}

// What each network costs, over Opus and a voice: shares of concealed sound,
// mean stay in the buffer, playout delay over the earliest possible. The bounds
// are what was reached and a little more.
func TestTraces(t *testing.T) {
	for _, c := range []struct {
		name      string
		concealed float64 // percent
		residence float64 // ms
	}{
		{"clean", 0, 40},
		{"loss 20 % burst 3", 20.5, 65},
		{"jitter 100 ms", 0.6, 120},
		{"stall 300 ms every 5 s", 3.5, 310},
		{"reorder 5 %", 0.3, 65},
	} {
		p := pass(t, c.name, 12*time.Second)
		if got := 100 * p.concealed(); got > c.concealed {
			t.Errorf("%s: %.2f %% concealed", c.name, got)
		}
		if got := p.residence(); got > c.residence || got < 10 {
			t.Errorf("%s: %.1f ms in the buffer", c.name, got)
		}
		if got := p.delays[len(p.delays)/2]; got < 15*time.Millisecond {
			t.Errorf("%s: a delay of %v cannot be", c.name, got)
		}
	}
}

// BenchmarkTraces reports what each network costs; one turn is a minute of
// speech.
func BenchmarkTraces(b *testing.B) {
	for _, name := range trace.Names() {
		b.Run(trace.Trace{Name: name}.Slug(), func(b *testing.B) {
			var p passed
			for b.Loop() {
				p = pass(b, name, time.Minute)
			}
			mean := time.Duration(0)
			for _, d := range p.delays {
				mean += d / time.Duration(len(p.delays))
			}
			score := quality.Compare(quality.Floats(p.said), quality.Floats(p.heard))
			b.ReportMetric(100*p.concealed(), "%concealed")
			b.ReportMetric(p.residence(), "ms-buffer")
			b.ReportMetric(milliseconds(mean), "ms-delay")
			b.ReportMetric(milliseconds(p.delays[len(p.delays)*95/100]), "ms-p95")
			b.ReportMetric(score.STOI, "STOI")
		})
	}
}
