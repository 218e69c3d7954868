package webapi

import (
	"slices"
	"sync"
	"testing"
	"time"

	"nxphone/call/webapi/webapitest"
)

// The scale of one desk.
const (
	deskPages = 50
	deskRate  = 1000 // events a second
)

// Fifty pages get every event once and in order. How fast, the benchmark says.
func TestDesk(t *testing.T) {
	r := newRig(t, nil)
	pages := []*webapitest.Client{r.page(webapitest.Options{})}
	for i := range deskPages - 1 {
		pages = append(pages, r.page(webapitest.Options{Origin: []string{helpline, intranet}[i%2]}))
	}
	r.inCall(pages[0])
	const rounds, burst = 20, 100
	for round := range rounds {
		for i := range burst {
			r.hold(i)
		}
		for i, page := range pages {
			want := uint64(4 + (round+1)*burst)
			for page.Seen() < want {
				if _, err := page.Event(r.ctx()); err != nil { // says what is lost or twice
					t.Fatalf("page %d: %v", i, err)
				}
			}
		}
	}
}

// BenchmarkDesk sends events at the rate of a desk to its pages and reports the
// time from the engine's cause (before the engine is told) to the event in the
// client's hands, over all pages.
func BenchmarkDesk(b *testing.B) {
	r := newRig(b, nil)
	var mu sync.Mutex
	var taken []time.Duration
	sent := make([]time.Time, b.N+10)
	var missing sync.WaitGroup
	var pages []*webapitest.Client
	for i := range deskPages {
		next := uint64(5)
		missing.Add(1)
		received := func(e webapitest.Event) {
			if e.N < 5 {
				return
			}
			if e.N != next {
				b.Errorf("page %d: event %d where %d was to come", i, e.N, next)
			}
			next = e.N + 1
			now := time.Now()
			mu.Lock()
			taken = append(taken, now.Sub(sent[e.N]))
			mu.Unlock()
			if e.N == uint64(b.N)+4 {
				missing.Done()
			}
		}
		pages = append(pages, r.page(webapitest.Options{Origin: []string{helpline, intranet}[i%2], Received: received}))
	}
	r.inCall(pages[0])
	b.ResetTimer()
	begin := time.Now()
	tick := time.NewTicker(time.Second / deskRate)
	defer tick.Stop()
	for i := 0; i < b.N; {
		<-tick.C
		for due := int(time.Since(begin) * deskRate / time.Second); i < min(due, b.N); i++ {
			mu.Lock()
			sent[i+5] = time.Now()
			mu.Unlock()
			r.hold(i)
		}
	}
	missing.Wait()
	b.StopTimer()
	slices.Sort(taken)
	at := func(q float64) float64 {
		return float64(taken[int(q*float64(len(taken)-1))]) / float64(time.Millisecond)
	}
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.9), "p90-ms")
	b.ReportMetric(at(0.99), "p99-ms")
	b.ReportMetric(at(1), "max-ms")
	b.ReportMetric(float64(len(taken)), "events")
	b.ReportMetric(float64(b.N*deskPages-len(taken)), "lost")
}
