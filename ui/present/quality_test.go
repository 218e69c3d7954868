package present_test

import (
	"testing"
	"time"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/ui/present"
)

// measured is a call that is measured once a second.
type measured struct {
	q present.Quality
	s call.Snapshot
}

func newMeasured() *measured {
	m := &measured{s: call.Snapshot{State: call.InCall, Call: call.Call{ID: 1, MediaUp: true, Answered: now}}}
	m.s.Call.Stats = call.Stats{PacketsReceived: 1, Played: 1, RTT: 30 * time.Millisecond}
	m.q = m.q.Next(m.s)
	return m
}

// second is one more measurement: of 50 packets so many are lost.
func (m *measured) second(lost uint64, jitter, rtt time.Duration) {
	st := &m.s.Call.Stats
	st.PacketsReceived += 50 - lost
	st.PacketsLost += lost
	st.Played += 48000
	st.Jitter, st.RTT = jitter, rtt
	m.q = m.q.Next(m.s)
}

const (
	even  = 4 * time.Millisecond
	shaky = 40 * time.Millisecond
	near  = 30 * time.Millisecond
	far   = 600 * time.Millisecond
)

func TestQualityFindsCauseAndSide(t *testing.T) {
	for _, tt := range []struct {
		name   string
		lost   uint64
		jitter time.Duration
		rtt    time.Duration
		want   present.Trouble
		grave  bool
	}{
		{"good", 0, even, near, present.NoTrouble, false},
		{"a packet in a hundred", 0, 12 * time.Millisecond, 90 * time.Millisecond, present.NoTrouble, false},
		{"near", 2, 20 * time.Millisecond, near, present.LossNear, false},
		{"near, by the round trip", 2, even, 300 * time.Millisecond, present.LossNear, false},
		{"far", 2, even, near, present.LossFar, false},
		{"nobody knows where", 2, even, 0, present.LossUnclear, false},
		{"much", 10, even, near, present.LossFar, true},
		{"uneven", 0, shaky, near, present.UnevenNear, false},
		{"long way", 0, even, far, present.LongWay, false},
		{"nothing at all", 50, even, near, present.NothingIn, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newMeasured()
			for range 8 {
				m.second(tt.lost, tt.jitter, tt.rtt)
			}
			if m.q.Trouble != tt.want || m.q.Grave != tt.grave {
				t.Errorf("%q, grave %v", m.q.Trouble, m.q.Grave)
			}
		})
	}
}

// TestQualityKnowsABusyComputer: whatever looks uneven while the devices lack sound
// is not the network's fault, and packets that are lost still are.
func TestQualityKnowsABusyComputer(t *testing.T) {
	for _, tt := range []struct {
		name        string
		under, over uint64
		lost        uint64
		jitter, rtt time.Duration
		want        present.Trouble
	}{
		{"the speaker lacks sound", 2400, 0, 0, shaky, near, present.BusyHere},
		{"the microphone's is dropped", 0, 2400, 0, even, far, present.BusyHere},
		{"a gap that nobody notices", 480, 0, 0, even, near, present.NoTrouble},
		{"and packets are lost", 2400, 0, 2, shaky, near, present.LossNear},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newMeasured()
			for range 8 {
				m.s.Call.Stats.Underruns += tt.under
				m.s.Call.Stats.Overruns += tt.over
				m.second(tt.lost, tt.jitter, tt.rtt)
			}
			if m.q.Trouble != tt.want {
				t.Errorf("%q", m.q.Trouble)
			}
			for range 5 {
				m.second(0, even, near)
			}
			if m.q.Trouble != present.NoTrouble {
				t.Errorf("in the end %q", m.q.Trouble)
			}
		})
	}
}

// TestQualityDoesNotFlicker: one bad second is nothing, and what was told stays
// until five seconds in a row are good.
func TestQualityDoesNotFlicker(t *testing.T) {
	m := newMeasured()
	for i := range 30 {
		lost := uint64(0)
		if i%5 == 0 {
			lost = 1
		}
		m.second(lost, even, near)
		if m.q.Trouble != present.NoTrouble {
			t.Fatalf("second %d: one lost packet in five seconds is %q", i, m.q.Trouble)
		}
	}
	for range 3 {
		m.second(3, even, near)
	}
	if m.q.Trouble != present.LossFar {
		t.Fatalf("three bad seconds are %q", m.q.Trouble)
	}
	changes, last := 0, m.q.Trouble
	for i := range 40 {
		lost := uint64(0)
		if i%4 == 0 {
			lost = 1
		}
		m.second(lost, even, near)
		if m.q.Trouble != last {
			changes, last = changes+1, m.q.Trouble
		}
	}
	if changes != 0 {
		t.Errorf("what is told changed %d times", changes)
	}
	for range 5 {
		m.second(0, even, near)
	}
	if m.q.Trouble != present.NoTrouble {
		t.Errorf("after five good seconds: %q", m.q.Trouble)
	}
}

func TestQualityKnowsHoldAndNewCalls(t *testing.T) {
	m := newMeasured()
	m.s.Call.RemoteHold = true
	for range 10 {
		m.second(50, even, near)
	}
	if m.q.Trouble != present.NoTrouble {
		t.Errorf("a held call is %q", m.q.Trouble)
	}
	m.s.Call.RemoteHold = false
	for range 5 {
		m.second(5, even, near)
	}
	m.s.Call.ID, m.s.Call.Stats = 2, call.Stats{PacketsReceived: 1}
	if q := m.q.Next(m.s); q.Trouble != present.NoTrouble || q.Graph().N != 0 {
		t.Errorf("the next call begins with %q", q.Trouble)
	}
	before := m.q
	if m.q = m.q.Next(m.s); m.q == before {
		t.Error("another call changes nothing")
	}
	if again := m.q.Next(m.s); again != m.q {
		t.Error("the same measurement counts twice")
	}
}

func TestGraphIsTheLastMinute(t *testing.T) {
	m := newMeasured()
	for i := range 75 {
		m.second(0, even, time.Duration(i+1)*time.Millisecond)
	}
	g := m.q.Graph()
	if g.N != present.GraphLen || g.Samples[0].RTT != 16 || g.Samples[present.GraphLen-1].RTT != 75 {
		t.Errorf("%d samples, from %v to %v", g.N, g.Samples[0].RTT, g.Samples[present.GraphLen-1].RTT)
	}
}

// TestTroublesHaveWords: each cause is told in words of its own, in every
// language, and never as a number.
func TestTroublesHaveWords(t *testing.T) {
	for _, l := range text.Langs() {
		seen := map[string]bool{}
		for _, tt := range []struct {
			lost        uint64
			jitter, rtt time.Duration
		}{{0, even, near}, {2, shaky, near}, {2, even, near}, {2, even, 0}, {0, shaky, near}, {0, even, far}, {50, even, near}} {
			m := newMeasured()
			for range 8 {
				m.second(tt.lost, tt.jitter, tt.rtt)
			}
			f := present.Facts{Snapshot: m.s, Now: now, Line: line(), Observed: present.Observed{Quality: m.q}}
			words := present.Of(f, texts(t, l)).Card.Quality
			if words == "" || seen[words] {
				t.Errorf("%s: %+v is told as %q", l, tt, words)
			}
			seen[words] = true
		}
	}
}
