package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"nxphone/call/interop/figures"
	"nxphone/call/interop/web"
)

// PageDelay is how long events took from the engine to the functions of web
// pages.
type PageDelay struct {
	// Pages are connected at once; each is given every event.
	Pages int `json:"pages"`
	// Rate is in events a second.
	Rate  int                  `json:"rate"`
	Delay figures.Distribution `json:"delay_ms"`
}

func (p PageDelay) where() string {
	return fmt.Sprintf("pages: %d, events a second: %d", p.Pages, p.Rate)
}

// pageDelays is one page at the pace of a busy call, and the desk that the
// phone is made for.
func (b *bench) pageDelays(ctx context.Context) error {
	for _, s := range []web.Scale{{Pages: 1, Events: 300, Rate: 50}, {Pages: 50, Events: 10000, Rate: 1000}} {
		r, err := s.Measure(ctx, filepath.Join(b.dir, fmt.Sprint("pages-", s.Pages)))
		if err != nil {
			return err
		}
		if len(r.Faults) > 0 {
			return fmt.Errorf("pages: %s", strings.Join(r.Faults, "; "))
		}
		var ms []float64
		for _, d := range r.Latencies {
			ms = append(ms, d.Seconds()*1000)
		}
		b.report.Pages = append(b.report.Pages, PageDelay{s.Pages, s.Rate, figures.Of(ms)})
	}
	return nil
}
