package trace_test

import (
	"math"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"

	"nxphone/audio/audiotest/trace"
)

func make1(t *testing.T, name string, n int) trace.Trace {
	t.Helper()
	tr, err := trace.New(name, n, 1)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func TestEveryTraceCanBeRepeated(t *testing.T) {
	names := trace.Names()
	if len(names) < 15 {
		t.Fatalf("only %d traces", len(names))
	}
	slugs := map[string]bool{}
	for _, name := range names {
		tr := make1(t, name, 3000)
		if tr.Name != name || len(tr.Fates) != 3000 {
			t.Errorf("%s: got %q of %d", name, tr.Name, len(tr.Fates))
		}
		again := make1(t, name, 3000)
		if !reflect.DeepEqual(tr, again) {
			t.Errorf("%s: two different traces of one seed", name)
		}
		for i, f := range tr.Fates {
			if f.Delay < 0 {
				t.Fatalf("%s: packet %d comes before it is sent", name, i)
			}
		}
		if s := tr.Slug(); slugs[s] || !regexp.MustCompile(`^[a-z0-9-]+$`).MatchString(s) {
			t.Errorf("%s: slug %q", name, s)
		} else {
			slugs[s] = true
		}
	}
	if _, err := trace.New("jitter 17 ms", 10, 1); err == nil {
		t.Error("an unknown name was taken")
	}
}

func TestLossAndBursts(t *testing.T) {
	for _, c := range []struct {
		name        string
		loss, burst float64
	}{
		{"clean", 0, 0}, {"loss 1 %", .01, 1.01}, {"loss 5 %", .05, 1.05}, {"loss 10 %", .10, 1.11}, {"loss 20 %", .2, 1.25},
		{"loss 5 % burst 3", .05, 3}, {"loss 10 % burst 3", .10, 3}, {"loss 20 % burst 3", .20, 3},
		{"loss 10 % jitter 100 ms", .10, 1.11},
	} {
		tr := make1(t, c.name, 200000)
		if got := tr.Loss(); math.Abs(got-c.loss) > 0.06*c.loss {
			t.Errorf("%s: %.4f are lost", c.name, got)
		}
		bursts, lost := 0, 0
		for i, f := range tr.Fates {
			if f.Lost {
				lost++
				if i == 0 || !tr.Fates[i-1].Lost {
					bursts++
				}
			}
		}
		if got := float64(lost) / float64(max(1, bursts)); math.Abs(got-c.burst) > 0.05*c.burst {
			t.Errorf("%s: bursts of %.2f", c.name, got)
		}
	}
}

// delays of the packets that come, sorted.
func delays(tr trace.Trace) []time.Duration {
	var d []time.Duration
	for _, f := range tr.Fates {
		if !f.Lost {
			d = append(d, f.Delay)
		}
	}
	slices.Sort(d)
	return d
}

// overtaking counts packets that come before one that was sent earlier.
func overtaking(tr trace.Trace) int {
	n, last := 0, time.Duration(-1)
	for i, f := range tr.Fates {
		if f.Lost {
			continue
		}
		if at := time.Duration(i)*trace.Period + f.Delay; at < last {
			n++
		} else {
			last = at
		}
	}
	return n
}

func TestJitter(t *testing.T) {
	for _, c := range []struct {
		name string
		p99  time.Duration
	}{
		{"jitter 20 ms", 20 * time.Millisecond}, {"jitter 50 ms", 50 * time.Millisecond},
		{"jitter 100 ms", 100 * time.Millisecond}, {"jitter 200 ms", 200 * time.Millisecond},
	} {
		tr := make1(t, c.name, 100000)
		d := delays(tr)
		// The queue makes the packets behind a late one late as well.
		if got := d[len(d)*99/100]; got < c.p99*98/100 || got > c.p99*125/100 {
			t.Errorf("%s: 99 %% under %v", c.name, got)
		}
		if n := overtaking(tr); n > 0 {
			t.Errorf("%s: %d packets out of order", c.name, n)
		}
	}
}

func TestOtherNetworks(t *testing.T) {
	tr := make1(t, "stall 300 ms every 5 s", 3000)
	for i, f := range tr.Fates {
		into := i % 250
		want := time.Duration(0)
		if i >= 250 && into < 15 {
			want = 300*time.Millisecond - time.Duration(into)*trace.Period
		}
		if f.Delay != want {
			t.Fatalf("stall: packet %d is %v late, want %v", i, f.Delay, want)
		}
	}
	if n := overtaking(make1(t, "reorder 5 %", 20000)); n < 1700 || n > 2200 {
		t.Errorf("%d of 20000 packets overtake", n)
	}
	up, down := make1(t, "drift 200 ppm", 5001).Fates, make1(t, "drift -200 ppm", 5001).Fates
	if up[0].Delay != 0 || up[5000].Delay != 20*time.Millisecond || down[0].Delay < 20*time.Millisecond || down[5000].Delay > 20*time.Microsecond {
		t.Errorf("drift from %v to %v and from %v to %v", up[0].Delay, up[5000].Delay, down[0].Delay, down[5000].Delay)
	}
	for _, c := range []struct {
		name             string
		p50, p95, worst  time.Duration
		lossMin, lossMax float64
	}{
		{"Wi-Fi", 12 * time.Millisecond, 70 * time.Millisecond, 400 * time.Millisecond, .003, .02},
		{"LTE", 30 * time.Millisecond, 70 * time.Millisecond, 400 * time.Millisecond, .001, .01},
	} {
		tr := make1(t, c.name, 60000)
		d := delays(tr)
		if d[len(d)/2] > c.p50 || d[len(d)*95/100] > c.p95 || d[len(d)-1] > c.worst || d[len(d)*95/100] < 20*time.Millisecond {
			t.Errorf("%s: delays of %v, %v, %v", c.name, d[len(d)/2], d[len(d)*95/100], d[len(d)-1])
		}
		if l := tr.Loss(); l < c.lossMin || l > c.lossMax || overtaking(tr) > 0 {
			t.Errorf("%s: lost %.4f, out of order %d", c.name, l, overtaking(tr))
		}
	}
}
