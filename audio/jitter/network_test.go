package jitter_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"nxphone/audio/jitter"
)

// network is what may happen to packets on their way.
type network struct {
	name string
	harm func(rng *rand.Rand, p []sent) []sent
	// Bounds of what the listener gets, after ten seconds of learning.
	guessed float64       // share of the samples
	delay   time.Duration // mean time in the buffer
}

// jitterOf delays packets unevenly but keeps their order, as a queue does: the
// mean of the delay is so much, its distribution exponential.
func jitterOf(mean time.Duration) func(rng *rand.Rand, p []sent) []sent {
	return func(rng *rand.Rand, p []sent) []sent {
		var before time.Duration
		for i := range p {
			p[i].at = max(before, p[i].at+time.Duration(rng.ExpFloat64()*float64(mean)))
			before = p[i].at
		}
		return p
	}
}

// lossOf loses this share of the packets in bursts of this mean length, after
// Gilbert and Elliott.
func lossOf(share, burst float64) func(rng *rand.Rand, p []sent) []sent {
	return func(rng *rand.Rand, p []sent) []sent {
		bad := false
		var kept []sent
		for _, x := range p {
			if bad {
				bad = rng.Float64() >= 1/burst
			} else {
				bad = rng.Float64() < share/(1-share)/burst
			}
			if !bad {
				kept = append(kept, x)
			}
		}
		return kept
	}
}

// stallOf lets everything wait for so long, every so often.
func stallOf(length, every time.Duration) func(rng *rand.Rand, p []sent) []sent {
	return func(_ *rand.Rand, p []sent) []sent {
		for i := range p {
			if into := p[i].at % every; p[i].at > every && into < length {
				p[i].at += length - into
			}
		}
		return p
	}
}

func TestNetworks(t *testing.T) {
	for _, n := range []network{
		{"clean", func(_ *rand.Rand, p []sent) []sent { return p }, 0, 45 * time.Millisecond},
		{"jitter 5 ms", jitterOf(5 * time.Millisecond), 0.003, 60 * time.Millisecond},
		{"jitter 20 ms", jitterOf(20 * time.Millisecond), 0.01, 130 * time.Millisecond},
		{"jitter 50 ms", jitterOf(50 * time.Millisecond), 0.01, 275 * time.Millisecond},
		{"loss 5 %", lossOf(0.05, 1), 0.012, 50 * time.Millisecond},
		{"loss 10 % in bursts of 3", lossOf(0.10, 3), 0.09, 60 * time.Millisecond},
		{"stalls of 300 ms every 5 s", stallOf(300*time.Millisecond, 5*time.Second), 0.006, 310 * time.Millisecond},
	} {
		t.Run(n.name, func(t *testing.T) {
			s := newSim(jitter.Config{})
			s.codec.fec = true
			packets := n.harm(rand.New(rand.NewPCG(4, 2)), stream(60*50))
			var begin, end jitter.Stats
			s.run(packets, time.Minute-500*time.Millisecond, func(h heard) {
				if h.at < 10*time.Second {
					begin = h.stats
				}
				end = h.stats
			})
			all := float64(end.TotalSamplesReceived - begin.TotalSamplesReceived)
			share := float64(end.ConcealedSamples-begin.ConcealedSamples) / all
			delay := (end.JitterBufferDelay - begin.JitterBufferDelay) /
				time.Duration(end.JitterBufferEmittedCount-begin.JitterBufferEmittedCount)
			t.Logf("guessed %.2f %%, waited %v, target %v, inserted %d, removed %d, late %d", 100*share, delay,
				end.Target, end.InsertedSamplesForDeceleration, end.RemovedSamplesForAcceleration, end.PacketsDiscarded)
			if share > n.guessed || math.IsNaN(share) {
				t.Errorf("%.2f %% of the sound was guessed, want at most %.2f", 100*share, 100*n.guessed)
			}
			if delay > n.delay {
				t.Errorf("packets waited %v, want at most %v", delay, n.delay)
			}
		})
	}
}
