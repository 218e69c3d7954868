package trace

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"time"
)

// Period is the time between two packets for which traces are made.
const Period = 20 * time.Millisecond

// Fate is what the network does to one packet.
type Fate struct {
	// Delay is how much later than it was sent the packet arrives, never
	// negative. The constant part of a real network's delay is left out.
	Delay time.Duration
	// Lost: the packet never arrives, and Delay means nothing.
	Lost bool
}

// Trace is the fate of each packet in the order of sending.
type Trace struct {
	Name  string
	Fates []Fate
}

// Loss is the share of lost packets, 0 to 1.
func (t Trace) Loss() float64 {
	lost := 0
	for _, f := range t.Fates {
		if f.Lost {
			lost++
		}
	}
	return float64(lost) / float64(max(1, len(t.Fates)))
}

// Slug is the name for use in the name of a file: lower-case letters, digits
// and hyphens.
func (t Trace) Slug() string {
	words := strings.FieldsFunc(strings.ToLower(t.Name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
	})
	return strings.Join(words, "-")
}

// known is every trace by name, in the order of the tables.
func known() []named {
	return []named{
		{"clean", nothing},
		{"loss 1 %", loss(0.01, 1)},
		{"loss 5 %", loss(0.05, 1)},
		{"loss 10 %", loss(0.10, 1)},
		{"loss 20 %", loss(0.20, 1)},
		{"loss 5 % burst 3", loss(0.05, 3)},
		{"loss 10 % burst 3", loss(0.10, 3)},
		{"loss 20 % burst 3", loss(0.20, 3)},
		{"jitter 20 ms", jitter(20 * time.Millisecond)},
		{"jitter 50 ms", jitter(50 * time.Millisecond)},
		{"jitter 100 ms", jitter(100 * time.Millisecond)},
		{"jitter 200 ms", jitter(200 * time.Millisecond)},
		{"loss 10 % jitter 100 ms", both(loss(0.10, 1), jitter(100*time.Millisecond))},
		{"stall 300 ms every 5 s", stall(300*time.Millisecond, 5*time.Second)},
		{"reorder 5 %", reorder(0.05, 45*time.Millisecond)},
		{"drift 200 ppm", drift(200)},
		{"drift -200 ppm", drift(-200)},
		{"Wi-Fi", wifi},
		{"LTE", lte},
	}
}

// named is a network and what it is called.
type named struct {
	name string
	harm network
}

// Names lists all traces in the order of the tables.
func Names() []string {
	var names []string
	for _, k := range known() {
		names = append(names, k.name)
	}
	return names
}

// New makes the fates of n packets. It fails where there is no such name.
func New(name string, n int, seed uint64) (Trace, error) {
	for _, k := range known() {
		if k.name == name {
			// Each trace has dice of its own, so that adding one changes no other.
			h := fnv.New64a()
			h.Write([]byte(name))
			t := Trace{Name: name, Fates: make([]Fate, n)}
			k.harm(rand.New(rand.NewPCG(seed, h.Sum64())), t.Fates)
			return t, nil
		}
	}
	return Trace{}, fmt.Errorf("trace: no trace is called %q", name)
}
