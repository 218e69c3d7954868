package telemetry

import (
	"math"
	"slices"
	"time"

	"nxphone/call"
)

// Metric describes one series of measurements that is exported.
type Metric struct {
	// Name is OpenTelemetry's; Unit is UCUM's: "s", "1", "{call}".
	Name, Unit, Doc string
	Kind            Kind
	// Bounds are a histogram's upper bounds.
	Bounds []float64
	// Cause: there is a series for each cause of failure.
	Cause bool
}

// Kind is what is counted.
type Kind int

const (
	// Counter grows as long as the program runs.
	Counter Kind = iota
	// Gauge is what is so now.
	Gauge
	// Histogram counts values by their size.
	Histogram
)

// The names of all metrics.
const (
	Placed     = "nxphone.calls.placed"
	AnsweredN  = "nxphone.calls.answered"
	Cancelled  = "nxphone.calls.cancelled"
	Failed     = "nxphone.calls.failed"
	Active     = "nxphone.calls.active"
	SetupRing  = "nxphone.call.setup.ringing"
	SetupReply = "nxphone.call.setup.answer"
	Duration   = "nxphone.call.duration"
	Loss       = "nxphone.call.loss"
	Concealed  = "nxphone.call.concealed"
	RTT        = "nxphone.call.rtt"
	Jitter     = "nxphone.call.jitter"
	MOS        = "nxphone.call.mos"
	Silent     = "nxphone.calls.silent"
	Loud       = "nxphone.calls.loud"
	Uptime     = "nxphone.uptime"
)

// Metrics lists everything that is exported. There is nothing else: what is not
// in this list cannot leave the phone.
func Metrics() []Metric {
	part := []float64{0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2}
	return []Metric{
		{Placed, "{call}", "Calls that were dialled; test calls are not counted anywhere.", Counter, nil, false},
		{AnsweredN, "{call}", "Calls that were answered.", Counter, nil, false},
		{Cancelled, "{call}", "Calls that the user ended before the answer.", Counter, nil, false},
		{Failed, "{call}", "Calls that came to nothing, or ended otherwise than by hanging up, by cause.", Counter, nil, true},
		{Silent, "{call}", "Answered calls of which no sound was ever received.", Counter, nil, false},
		{Loud, "{event}", "Loud sounds that the ear was protected from.", Counter, nil, false},
		{Active, "{call}", "Calls that are up now, 0 or 1.", Gauge, nil, false},
		{SetupRing, "s", "Time from dialling to the ringing at the far end.", Histogram, []float64{0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 15, 30}, false},
		{SetupReply, "s", "Time from dialling to the answer.", Histogram, []float64{1, 2, 5, 10, 15, 20, 30, 45, 60, 90}, false},
		{Duration, "s", "Length of answered calls.", Histogram, []float64{10, 30, 60, 120, 300, 600, 1200, 1800, 3600}, false},
		{Loss, "1", "Part of the far end's packets that were lost, of each answered call.", Histogram, part, false},
		{Concealed, "1", "Part of the sound that had to be made up, of each answered call.", Histogram, part, false},
		{RTT, "s", "Round trip at the end of each answered call.", Histogram, []float64{0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 1}, false},
		{Jitter, "s", "Jitter at the end of each answered call.", Histogram, []float64{0.005, 0.01, 0.02, 0.03, 0.05, 0.1}, false},
		{MOS, "1", "Estimated mean opinion score of each answered call, 1 to 4.5.", Histogram, []float64{1, 2, 2.5, 3, 3.3, 3.6, 3.8, 4, 4.2, 4.4}, false},
		{Uptime, "s", "Time since the program was started.", Gauge, nil, false},
	}
}

// otherCause stands for a cause that this list does not know.
const otherCause = "other"

// Causes lists the causes of failed calls. Each has a series from the start: a
// series that begins with its first failure would hide that failure from
// whoever computes increases.
func Causes() []string {
	var all []string
	for _, c := range []call.Code{
		call.CodeNoAnswer, call.CodeLineBusy, call.CodeNotFound, call.CodeDeclined, call.CodeUnavailable, call.CodeUnauthorized, call.CodeForbidden,
		call.CodeRedirected, call.CodeNotAcceptable, call.CodeServerError, call.CodeUnreachable, call.CodeCertificate, call.CodeHandshake, call.CodeTimeout,
		call.CodeFlowLost, call.CodeMedia, call.CodeAudioDevice, call.CodeShutdown,
	} {
		all = append(all, string(c))
	}
	return append(all, otherCause)
}

// book holds all counts. It belongs to one goroutine at a time.
type book struct {
	counts   map[string]uint64
	failed   map[string]uint64
	measured map[string]*histogram
	active   bool
	id       int  // of the call that began last
	rang     bool // it has
}

type histogram struct {
	bounds []float64
	counts []uint64
	count  uint64
	sum    float64
}

func newBook() *book {
	b := &book{counts: map[string]uint64{}, failed: map[string]uint64{}, measured: map[string]*histogram{}}
	for _, m := range Metrics() {
		if m.Kind == Histogram {
			b.measured[m.Name] = &histogram{bounds: m.Bounds, counts: make([]uint64, len(m.Bounds)+1)}
		}
	}
	for _, c := range Causes() {
		b.failed[c] = 0
	}
	return b
}

// record counts a value; an upper bound belongs to its bucket.
func (h *histogram) record(v float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return
	}
	i, _ := slices.BinarySearch(h.bounds, v)
	h.counts[i]++
	h.count++
	h.sum += v
}

// take counts what has happened. Of a snapshot only states, times and figures
// are looked at.
func (b *book) take(s call.Snapshot, cause call.Cause) {
	c := s.Call
	b.active = s.State != call.Idle && !c.Test
	if c.Test || cause == nil {
		return
	}
	switch cause := cause.(type) {
	case call.Began:
		b.counts[Placed]++
		b.id, b.rang = cause.ID, false
	case call.Rang:
		if !b.rang && cause.ID == b.id {
			b.rang = true
			b.measured[SetupRing].record(time.Since(c.Dialed).Seconds())
		}
	case call.Answered:
		b.counts[AnsweredN]++
		b.measured[SetupReply].record(c.Answered.Sub(c.Dialed).Seconds())
	case call.Ended:
		b.ended(c, cause.Reason)
	}
}

// ended counts how a call came out, and how it was.
func (b *book) ended(c call.Call, r call.Reason) {
	switch {
	case r.Code == call.CodeCancelled:
		b.counts[Cancelled]++
	case !r.OK():
		cause := string(r.Code)
		if _, known := b.failed[cause]; !known {
			cause = otherCause
		}
		b.failed[cause]++
	}
	if c.Answered.IsZero() {
		return
	}
	if !c.Ended.IsZero() {
		b.measured[Duration].record(c.Ended.Sub(c.Answered).Seconds())
	}
	s := c.Stats
	b.counts[Loud] += uint64(s.Treatment.Loud())
	if !c.MediaUp || s.PacketsReceived == 0 {
		b.counts[Silent]++
		return
	}
	b.measured[Loss].record(part(s.PacketsLost, s.PacketsLost+s.PacketsReceived))
	b.measured[Jitter].record(s.Jitter.Seconds())
	if s.Played > 0 {
		b.measured[Concealed].record(part(s.Concealed, s.Played))
	}
	if s.RTT > 0 {
		b.measured[RTT].record(s.RTT.Seconds())
	}
	if s.MOS > 0 {
		b.measured[MOS].record(s.MOS)
	}
}

func part(n, of uint64) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}
