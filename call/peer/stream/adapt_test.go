package stream

import (
	"math/rand/v2"
	"testing"
	"time"
)

// day is where the clock of the tests begins.
var day = time.Unix(1e9, 0)

const ms = time.Millisecond

// told is a report.
func told(lost float64, rtt time.Duration) Feedback {
	return Feedback{Told: true, Lost: lost, RTT: rtt}
}

var allowed = Limits{FEC: true, RED: true}

// network feeds an adapter.
type network struct {
	a   *Adapter
	now time.Time
	// every is the time between reports: browsers send one a second or one in
	// five.
	every time.Duration
}

func newNetwork(lim Limits, every time.Duration) *network {
	return &network{a: NewAdapter(lim), now: day, every: every}
}

// run reports for so long what at says, by the time that has passed.
func (n *network) run(length time.Duration, at func(t time.Duration) Feedback) Plan {
	for t := time.Duration(0); t < length; t += n.every {
		n.now = n.now.Add(n.every)
		n.a.Report(at(t), n.now)
	}
	return n.a.plan
}

func (n *network) steady(length time.Duration, f Feedback) Plan {
	return n.run(length, func(time.Duration) Feedback { return f })
}

func TestPlanOfSteadyNetworks(t *testing.T) {
	for name, c := range map[string]struct {
		lim    Limits
		report Feedback
		length time.Duration
		want   Plan
	}{
		"before anything was told": {allowed, Feedback{}, 0,
			Plan{Bitrate: 32000, FEC: true, Loss: 5, Frame: 20 * ms}},
		"clean": {allowed, told(0, 20*ms), time.Minute,
			Plan{Bitrate: 48000, FEC: true, Loss: 1, Frame: 20 * ms}},
		"clean for long": {allowed, told(0, 20*ms), 10 * time.Minute,
			Plan{Bitrate: 48000, FEC: false, Loss: 1, Frame: 20 * ms}},
		"2 % loss": {allowed, told(.02, 20*ms), 3 * time.Minute,
			Plan{Bitrate: 48000, FEC: true, Loss: 2, Frame: 20 * ms}},
		"5 % loss": {allowed, told(.05, 20*ms), time.Minute,
			Plan{Bitrate: 32000, FEC: true, Loss: 5, Frame: 20 * ms}},
		"8 % loss": {allowed, told(.08, 20*ms), time.Minute,
			Plan{Bitrate: 32000, FEC: true, Loss: 8, Copies: 1, Frame: 20 * ms}},
		"20 % loss": {allowed, told(.20, 20*ms), time.Minute,
			Plan{Bitrate: 24000, FEC: true, Loss: 20, Copies: 2, Frame: 20 * ms}},
		"20 % loss, no RED there": {Limits{FEC: true}, told(.20, 20*ms), time.Minute,
			Plan{Bitrate: 32000, FEC: true, Loss: 20, Frame: 20 * ms}},
		"20 % loss, no FEC there": {Limits{RED: true}, told(.20, 20*ms), time.Minute,
			Plan{Bitrate: 24000, Loss: 20, Copies: 2, Frame: 20 * ms}},
		"everything lost": {Limits{FEC: true}, told(1, 20*ms), time.Minute,
			Plan{Bitrate: 32000, FEC: true, Loss: 100, Frame: 20 * ms}},
		"a long way is no queue": {allowed, told(0, 600*ms), 10 * time.Minute,
			Plan{Bitrate: 48000, FEC: false, Loss: 1, Frame: 20 * ms}},
		"the far end wants little": {Limits{FEC: true, MaxBitrate: 20000}, told(0, 20*ms), time.Minute,
			Plan{Bitrate: 20000, FEC: true, Loss: 1, Frame: 20 * ms}},
		"the far end wants very little": {Limits{FEC: true, MaxBitrate: 8000}, told(0, 20*ms), time.Minute,
			Plan{Bitrate: 8000, FEC: true, Loss: 1, Frame: 20 * ms}},
		"long packets wished for": {Limits{FEC: true, MinFrame: 40 * ms}, told(0, 20*ms), time.Minute,
			Plan{Bitrate: 48000, FEC: true, Loss: 1, Frame: 40 * ms}},
		"an odd wish": {Limits{FEC: true, MinFrame: 30 * ms, MaxFrame: 10 * ms}, told(0, 20*ms), 0,
			Plan{Bitrate: 32000, FEC: true, Loss: 5, Frame: 20 * ms}},
		"its estimate": {allowed, Feedback{Told: true, RTT: 20 * ms, Estimate: 42400}, time.Minute,
			Plan{Bitrate: 20000, FEC: true, Loss: 1, Frame: 20 * ms}},
		"its estimate is nonsense": {allowed, Feedback{Told: true, RTT: 20 * ms, Estimate: 1}, time.Minute,
			Plan{Bitrate: 16000, FEC: true, Loss: 1, Frame: 20 * ms}},
	} {
		for _, every := range []time.Duration{time.Second, 5 * time.Second} {
			got := newNetwork(c.lim, every).steady(c.length, c.report)
			if got != c.want {
				t.Errorf("%s, reports every %v: %+v, want %+v", name, every, got, c.want)
			}
		}
	}
}

// TestJitterIsNoQueue: round trips that scatter leave the bit rate alone.
func TestJitterIsNoQueue(t *testing.T) {
	for _, every := range []time.Duration{time.Second, 5 * time.Second} {
		rng := rand.New(rand.NewPCG(1, 2))
		n := newNetwork(allowed, every)
		p := n.run(5*time.Minute, func(time.Duration) Feedback {
			return told(0, 30*ms+time.Duration(rng.ExpFloat64()*float64(40*ms)))
		})
		if p.Bitrate < 40000 {
			t.Errorf("every %v: %d bit/s", every, p.Bitrate)
		}
	}
}

// TestQueueCutsQuicklyAndGrowsSlowly: a queue that stands halves the bit rate
// within seconds; when it has gone, the way back takes a minute or more.
func TestQueueCutsQuicklyAndGrowsSlowly(t *testing.T) {
	n := newNetwork(allowed, time.Second)
	n.steady(2*time.Minute, told(0, 30*ms))
	p := n.steady(8*time.Second, told(.03, 450*ms))
	if p.Bitrate > 24000 {
		t.Errorf("%d bit/s after eight seconds of a queue", p.Bitrate)
	}
	low := p.Bitrate
	p = n.steady(9*time.Second, told(0, 30*ms))
	if p.Bitrate > low+growStep {
		t.Errorf("%d bit/s nine seconds after it", p.Bitrate)
	}
	p = n.steady(30*time.Second, told(0, 30*ms))
	if p.Bitrate <= low || p.Bitrate > 40000 {
		t.Errorf("%d bit/s half a minute later", p.Bitrate)
	}
	if p = n.steady(3*time.Minute, told(0, 30*ms)); p.Bitrate != MaxBitrate {
		t.Errorf("%d bit/s in the end", p.Bitrate)
	}
}

// TestNoCopiesIntoAJam: loss that comes with a queue gets less traffic, not more.
func TestNoCopiesIntoAJam(t *testing.T) {
	n := newNetwork(allowed, time.Second)
	n.steady(10*time.Second, told(0, 30*ms))
	p := n.steady(15*time.Second, told(.15, 200*ms))
	if p.Copies != 0 || p.Bitrate > MinBitrate {
		t.Errorf("%+v", p)
	}
	// The queue goes, the loss stays: it is the radio's.
	if p = n.steady(40*time.Second, told(.15, 30*ms)); p.Copies != 2 {
		t.Errorf("%+v", p)
	}
}

// TestNarrowNetwork: where even the least is too much, packets grow long; one
// step at a time, no further than the far end takes, and back again.
func TestNarrowNetwork(t *testing.T) {
	n := newNetwork(Limits{FEC: true, MaxFrame: 40 * ms}, time.Second)
	n.steady(5*time.Second, told(0, 30*ms))
	jam := func(t time.Duration) Feedback { return told(.02, 200*ms) }
	if p := n.run(25*time.Second, jam); p.Frame != 40*ms || p.Bitrate != MinBitrate {
		t.Errorf("%+v", p)
	}
	if p := n.steady(2*time.Minute, told(0, 30*ms)); p.Frame != 20*ms {
		t.Errorf("%+v when it is wide again", p)
	}
	// A long packet takes more with it: loss without a queue makes them short.
	n = newNetwork(Limits{FEC: true}, time.Second)
	n.steady(5*time.Second, told(0, 30*ms))
	if p := n.run(28*time.Second, jam); p.Frame != 60*ms {
		t.Errorf("%+v", p)
	}
	if p := n.steady(30*time.Second, told(.08, 30*ms)); p.Frame != 20*ms {
		t.Errorf("%+v under loss", p)
	}
}

// TestLossIsForgottenSlowly: one bad interval counts at once and for a while,
// and nothing flips to and fro at a threshold.
func TestLossIsForgottenSlowly(t *testing.T) {
	n := newNetwork(allowed, time.Second)
	n.steady(10*time.Minute, told(0, 20*ms))
	if p := n.steady(time.Second, told(.2, 20*ms)); p.Loss != 20 || !p.FEC || p.Copies != 2 {
		t.Errorf("%+v right after a burst", p)
	}
	if p := n.steady(10*time.Second, told(0, 20*ms)); p.Loss < 10 || p.Loss > 15 {
		t.Errorf("%+v ten seconds later", p)
	}
	if p := n.steady(2*time.Minute, told(0, 20*ms)); p.Loss != 1 || p.Copies != 0 {
		t.Errorf("%+v two minutes later", p)
	}
	for _, around := range []float64{fecOn, oneCopy, twoCopies} {
		n := newNetwork(allowed, time.Second)
		rng := rand.New(rand.NewPCG(3, 4))
		changes, last := 0, n.a.plan
		n.run(10*time.Minute, func(time.Duration) Feedback {
			p := n.a.plan
			if p.FEC != last.FEC || p.Copies != last.Copies {
				changes++
			}
			last = p
			return told(around*(.8+.4*rng.Float64()), 20*ms)
		})
		if changes > 4 {
			t.Errorf("at %.0f %% loss the plan changed %d times", around*100, changes)
		}
	}
}

func TestLimitsChangeMidCall(t *testing.T) {
	n := newNetwork(allowed, time.Second)
	n.steady(time.Minute, told(.2, 20*ms))
	if p := n.a.Limit(Limits{MinFrame: 60 * ms, MaxBitrate: 1 << 30}); p.Copies != 0 || p.FEC || p.Frame != 60*ms || p.Bitrate > MaxBitrate {
		t.Errorf("%+v", p)
	}
	if p := n.a.Limit(allowed); p.Copies != 2 || !p.FEC {
		t.Errorf("%+v back again", p)
	}
}

func TestAdapterDoesNotAllocate(t *testing.T) {
	n := newNetwork(allowed, time.Second)
	if k := testing.AllocsPerRun(100, func() {
		n.now = n.now.Add(time.Second)
		n.a.Report(told(.1, 50*ms), n.now)
	}); k != 0 {
		t.Errorf("%v allocations", k)
	}
}

func TestEffort(t *testing.T) {
	spend := func(e *Effort, cost time.Duration, length time.Duration) int {
		for s := time.Duration(0); s < length; s += 20 * ms {
			e.Spent(cost, 20*ms)
		}
		return e.Complexity()
	}
	for name, c := range map[string]struct {
		cost   time.Duration
		length time.Duration
		want   int
	}{
		"nothing yet":       {0, 0, 9},
		"fast":              {300 * time.Microsecond, time.Minute, 9},
		"middling":          {3 * ms, time.Minute, 9},
		"slow":              {8 * ms, 1500 * ms, 7},
		"slow for long":     {8 * ms, time.Minute, 3},
		"slower than sound": {50 * ms, time.Minute, 3},
		"a clock set back":  {-time.Hour, time.Minute, 9},
	} {
		var e Effort
		if got := spend(&e, c.cost, c.length); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	var e Effort
	spend(&e, 300*time.Microsecond, 10*time.Second)
	e.Spent(time.Second, 20*ms) // the machine slept
	if got := spend(&e, 300*time.Microsecond, time.Second); got != 9 {
		t.Errorf("%d after one late packet", got)
	}
	spend(&e, 8*ms, time.Minute)
	if got := spend(&e, 300*time.Microsecond, 20*time.Second); got != 3 {
		t.Errorf("%d soon after", got)
	}
	if got := spend(&e, 300*time.Microsecond, 5*time.Minute); got != 9 {
		t.Errorf("%d in the end", got)
	}
}
