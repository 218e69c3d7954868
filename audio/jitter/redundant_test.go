package jitter_test

import (
	"slices"
	"testing"
	"time"

	"nxphone/audio/jitter"
)

// withCopies adds to each packet copies of those before it, distances back, as a
// sender of RED does; they come just before their carrier.
func withCopies(packets []sent, distances ...int) []sent {
	var all []sent
	for i, p := range packets {
		for _, d := range distances {
			if i < d {
				continue
			}
			c := packets[i-d]
			c.at, c.Redundant = p.at, true
			all = append(all, c)
		}
		all = append(all, p)
	}
	return all
}

// dropCarriers leaves out packets together with the copies that they carry.
func dropCarriers(all []sent, lost ...int) []sent {
	return slices.DeleteFunc(all, func(p sent) bool {
		return slices.Contains(lost, int(p.at/(20*time.Millisecond)))
	})
}

func TestCopiesFillTheHoles(t *testing.T) {
	for _, c := range []struct {
		name      string
		distances []int
		lost      []int
		concealed uint64
		recovered uint64
	}{
		{"nothing is lost", []int{1}, nil, 0, 0},
		{"single losses", []int{1}, []int{50, 60, 70, 150}, 0, 4},
		{"two in a row", []int{1}, []int{100, 101}, 960, 1},
		{"two in a row, two copies", []int{2, 1}, []int{50, 60, 61, 70, 71, 100, 101, 120, 121, 150, 151, 170, 171}, 960, 13},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSim(jitter.Config{})
			packets := stream(300)
			all := s.listen(dropCarriers(withCopies(packets, c.distances...), c.lost...), 6*time.Second)
			st := last(all)
			if st.PacketsLost != uint64(len(c.lost)) || st.PacketsRecovered != c.recovered || st.ConcealedSamples > c.concealed ||
				st.PacketsDiscarded+st.PacketsDuplicated != 0 || st.PacketsReceived != uint64(300-len(c.lost)) {
				t.Errorf("stats %+v", st)
			}
			if st.Jitter > time.Millisecond {
				t.Errorf("copies count as jitter: %v", st.Jitter)
			}
		})
	}
}

// A copy never speaks for the stream: not before it, not of another one, not
// with numbers or times of its own.
func TestStrayCopies(t *testing.T) {
	s := newSim(jitter.Config{})
	packets := stream(200)
	first := packets[0]
	first.Redundant, first.at = true, 0
	all := []sent{first}
	for i, p := range packets {
		c := p
		c.Redundant = true
		switch i % 5 {
		case 0:
			c.SSRC = 9
		case 1:
			c.Seq += 5000
		case 2:
			c.Timestamp += 1 << 30
			c.Seq++
		case 3:
			c.Payload = []byte("rubbish")
		case 4:
			c.PayloadType = 77
		}
		all = append(all, p, c)
	}
	h := s.listen(all, 4*time.Second-50*time.Millisecond)
	st := last(h)
	if k := kinds(h); k[jitter.Concealed]+k[jitter.Silence] != 0 || s.codec.resets != 1 ||
		st.PacketsLost+st.PacketsDiscarded+st.PacketsDuplicated+st.PacketsRecovered != 0 {
		t.Errorf("%v, %d resets, %+v", k, s.codec.resets, st)
	}
}

// The original may come after its copy: it is played once and counts as received.
func TestOriginalAfterItsCopy(t *testing.T) {
	s := newSim(jitter.Config{})
	packets := stream(300)
	var late []int
	for i := 20; i < 280; i += 10 {
		late = append(late, i)
	}
	all := withCopies(packets, 1)
	for i := range all {
		if !all[i].Redundant && slices.Contains(late, int(all[i].at/(20*time.Millisecond))) {
			all[i].at += 25 * time.Millisecond
		}
	}
	h := s.listen(all, 6*time.Second-50*time.Millisecond)
	st := last(h)
	if k := kinds(h); k[jitter.Concealed]+k[jitter.Silence] != 0 || st.PacketsLost+st.PacketsDuplicated != 0 || st.PacketsReceived < 297 {
		t.Errorf("%v, %+v", k, st)
	}
}
