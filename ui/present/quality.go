package present

import (
	"time"

	"nxphone/call"
)

// Trouble is the likely cause of a bad connection, and whose side it is on.
type Trouble string

// The troubles, the graver ones last.
const (
	NoTrouble   Trouble = ""
	UnevenNear  Trouble = "uneven"    // packets come irregularly, or too late to be played
	LongWay     Trouble = "delay"     // the way there and back is long
	BusyHere    Trouble = "busy"      // this computer is too busy to keep its sound devices fed
	LossUnclear Trouble = "loss"      // packets are lost, and nothing says where
	LossFar     Trouble = "loss.far"  // packets are lost beyond what we measure as sound
	LossNear    Trouble = "loss.near" // packets are lost where jitter or round trip suffer too: near us
	NothingIn   Trouble = "silence"   // nothing arrives at all
)

// rank orders troubles: a graver one takes the place of another.
func (t Trouble) rank() int {
	switch t {
	case UnevenNear:
		return 1
	case LongWay, BusyHere:
		return 2
	case LossUnclear, LossFar, LossNear:
		return 3
	case NothingIn:
		return 4
	}
	return 0
}

// The thresholds are those of published call monitors (a round trip over 400 ms,
// jitter over 30 ms, loss over 1 % in three of five seconds or 3 % on average of
// seven; ITU-T G.114 for the delay). A trouble ends when five seconds in a row
// are well below: what is told must not come and go.
const (
	lossOften, lossMean, lossOver   = 1, 3, 0.5  // per cent
	lossGrave                       = 8          // per cent, on average of seven
	jitterHigh, jitterOver          = 30, 20     // ms
	rttHigh, rttOver                = 400, 300   // ms
	lateHigh, lateOver              = 5, 2       // per cent of the sound made up
	starvedHigh, starvedOver        = 3, 1       // per cent of the sound that a device lacked or lost
	jitterNear, jitterClean         = 15, 10     // ms: the near network suffers, or does not
	rttNear, rttClean               = 200, 120   // ms
	nothingFor, oftenOf, often, due = 3, 5, 3, 7 // measurements
)

// GraphLen is how many measurements are kept, one a second.
const GraphLen = 60

// Sample is one second of a call.
type Sample struct {
	// Loss, Late and Starved are in per cent: packets that were lost, sound that
	// had to be made up, and sound that did not reach the speaker or leave the
	// microphone in time.
	Loss, Late, Starved float32
	// RTT, Jitter and Delay are in milliseconds, 0 where unknown. Delay is the
	// sound's way from the far end's network to the ear.
	RTT, Jitter, Delay float32
	// Empty: nothing arrived.
	Empty bool
}

// Quality is how the sound of one call fares, folded from its measurements. The
// zero value knows of none. It is comparable.
type Quality struct {
	// Trouble is what to tell.
	Trouble Trouble
	// Grave: talking suffers badly.
	Grave bool

	call    int
	last    call.Stats
	samples [GraphLen]Sample // a ring
	n       int              // how many there have been
}

// Next takes the measurements of a snapshot. The same ones again, and those
// while somebody holds the call, change nothing.
func (q Quality) Next(s call.Snapshot) Quality {
	c := s.Call
	if c.ID != q.call {
		q = Quality{call: c.ID}
	}
	if s.State != call.InCall || !c.MediaUp || c.Stats == q.last {
		return q
	}
	first := q.last == call.Stats{}
	was := q.last
	q.last = c.Stats
	if first || c.RemoteHold || c.Hold.On || c.Hold.Pending {
		return q
	}
	q.samples[q.n%GraphLen] = sampleOf(was, c.Stats)
	q.n++
	q.judge()
	return q
}

func sampleOf(was, now call.Stats) Sample {
	got, lost := grown(was.PacketsReceived, now.PacketsReceived), grown(was.PacketsLost, now.PacketsLost)
	return Sample{
		Loss: share(lost, got+lost), Late: share(grown(was.Concealed, now.Concealed), grown(was.Played, now.Played)),
		Starved: share(grown(was.Underruns, now.Underruns)+grown(was.Overruns, now.Overruns), grown(was.Played, now.Played)),
		RTT:     millis(now.RTT), Jitter: millis(now.Jitter), Delay: millis(delayOf(now)), Empty: got == 0,
	}
}

// delayOf is the part of the delay that is known: half of the way there and
// back, and what waits to be played.
func delayOf(s call.Stats) time.Duration {
	if s.RTT <= 0 {
		return s.Buffered
	}
	return s.RTT/2 + s.Buffered
}

// grown is by how much a counter has grown; one that has started anew has not.
func grown(was, now uint64) uint64 {
	if now < was {
		return 0
	}
	return now - was
}

func share(part, all uint64) float32 {
	if all == 0 {
		return 0
	}
	return 100 * float32(min(part, all)) / float32(all)
}

func millis(d time.Duration) float32 { return float32(d) / float32(time.Millisecond) }

// back is the sample that lies i measurements back, 0 the newest.
func (q *Quality) back(i int) Sample { return q.samples[(q.n-1-i)%GraphLen] }

// count is in how many of the newest m samples f holds.
func (q *Quality) count(m int, f func(Sample) bool) (n int) {
	for i := range min(m, q.n) {
		if f(q.back(i)) {
			n++
		}
	}
	return n
}

// mean is the average over the newest m samples.
func (q *Quality) mean(m int, of func(Sample) float32) float32 {
	m = min(m, q.n)
	sum := float32(0)
	for i := range m {
		sum += of(q.back(i))
	}
	return sum / float32(max(m, 1))
}

func (q *Quality) judge() {
	found := q.find()
	calm := q.count(oftenOf, Sample.calm) == oftenOf
	switch {
	case found.rank() > q.Trouble.rank(), found == NoTrouble && calm:
		q.Trouble = found
	}
	loss := q.mean(due, func(s Sample) float32 { return s.Loss })
	q.Grave = q.Trouble == NothingIn || q.Trouble != NoTrouble && (loss > lossGrave || q.Grave && loss > lossGrave/2)
}

// calm: nothing is wrong, with some distance.
func (s Sample) calm() bool {
	return !s.Empty && s.Loss < lossOver && s.Late < lateOver && s.Starved < starvedOver && s.RTT < rttOver && s.Jitter < jitterOver
}

// find is the gravest trouble that the newest samples show.
func (q *Quality) find() Trouble {
	high := func(f func(Sample) bool) bool { return q.count(oftenOf, f) >= often }
	switch {
	case q.count(nothingFor, func(s Sample) bool { return s.Empty }) == nothingFor:
		return NothingIn
	case high(func(s Sample) bool { return s.Loss > lossOften }),
		q.n >= due && q.mean(due, func(s Sample) float32 { return s.Loss }) > lossMean:
		return q.lossSide()
	case high(func(s Sample) bool { return s.Starved > starvedHigh }):
		// What is measured late looks like a bad network; here it is known better.
		return BusyHere
	case high(func(s Sample) bool { return s.RTT > rttHigh }):
		return LongWay
	case high(func(s Sample) bool { return s.Jitter > jitterHigh || s.Late > lateHigh }):
		return UnevenNear
	}
	return NoTrouble
}

// lossSide says where packets are lost. Our own network delays what it does not
// lose; where the way to the server and back is short and even, the loss
// happened before. Without a round trip nobody can tell.
func (q *Quality) lossSide() Trouble {
	jitter := q.mean(oftenOf, func(s Sample) float32 { return s.Jitter })
	rtt := q.mean(oftenOf, func(s Sample) float32 { return s.RTT })
	switch {
	case jitter > jitterNear || rtt > rttNear:
		return LossNear
	case rtt > 0 && rtt < rttClean && jitter < jitterClean:
		return LossFar
	}
	return LossUnclear
}

// Graph is the last minute, the newest sample last; N says how many there are.
type Graph struct {
	Samples [GraphLen]Sample
	N       int
}

// Graph lays the samples out in their order.
func (q Quality) Graph() Graph {
	g := Graph{N: min(q.n, GraphLen)}
	for i := range g.N {
		g.Samples[GraphLen-1-i] = q.back(i)
	}
	return g
}

// Newest is the last second; false before there was one.
func (q Quality) Newest() (Sample, bool) {
	if q.n == 0 {
		return Sample{}, false
	}
	return q.back(0), true
}

// View is what the card says of it: an icon, a role and a sentence. Before there
// is anything to tell, all are empty.
func (q Quality) view(t Texts) (icon string, role Role, words string) {
	switch {
	case q.n == 0:
		return "", "", ""
	case q.Trouble == NoTrouble:
		return "signal", Good, t.Text("quality.good")
	case q.Grave:
		role = Bad
	default:
		role = Warn
	}
	return "alert", role, q.Trouble.words(t)
}

func (t Trouble) words(c Texts) string {
	switch t {
	case UnevenNear:
		return c.Text("quality.uneven")
	case LongWay:
		return c.Text("quality.delay")
	case BusyHere:
		return c.Text("quality.busy")
	case LossFar:
		return c.Text("quality.loss.far")
	case LossNear:
		return c.Text("quality.loss.near")
	case NothingIn:
		return c.Text("quality.silence")
	}
	return c.Text("quality.loss")
}
