package systemd

import (
	"context"
	"log/slog"
	"time"
)

// Part is one thing that has to be alive.
type Part struct {
	Name string
	// Beat returns when the part has answered, with or without an error, or
	// some time after ctx has ended. It is not called again before it has
	// returned.
	Beat func(ctx context.Context) error
}

// Watchdog feeds the manager's watchdog while every part answers.
type Watchdog struct {
	Notifier *Notifier
	// Every is the manager's interval. Parts are asked four times in it, so
	// that one late answer does no harm.
	Every time.Duration
	Parts []Part
	// Logger is told which part has stopped answering. nil logs nothing.
	Logger *slog.Logger
	// feed is Notifier.Send in tests.
	feed func()
}

// Run asks and feeds until ctx ends.
func (w Watchdog) Run(ctx context.Context) {
	if w.Logger == nil {
		w.Logger = slog.New(slog.DiscardHandler)
	}
	if w.feed == nil {
		w.feed = func() {
			if err := w.Notifier.Send("WATCHDOG=1"); err != nil {
				w.Logger.Warn("the watchdog cannot be fed", "error", err)
			}
		}
	}
	round := w.Every / 4
	tick := time.NewTicker(round)
	defer tick.Stop()
	answered := make(chan int, len(w.Parts)) // room for everybody: nobody waits for us
	asked := make([]time.Time, len(w.Parts)) // zero: not under way
	silent := make([]bool, len(w.Parts))
	for ctx.Err() == nil {
		waiting := 0
		for i, p := range w.Parts {
			waiting++
			if asked[i].IsZero() {
				asked[i] = time.Now()
				go func() {
					_ = p.Beat(ctx) // an error is an answer
					answered <- i
				}()
			}
		}
		for waiting > 0 {
			select {
			case i := <-answered:
				asked[i], silent[i] = time.Time{}, false
				waiting--
				continue
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			break
		}
		if waiting == 0 {
			w.feed()
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
			continue
		}
		for i, p := range w.Parts {
			if !asked[i].IsZero() && !silent[i] {
				silent[i] = true
				w.Logger.Error("a part of the program does not answer; the watchdog is not fed", "part", p.Name, "asked", asked[i])
			}
		}
	}
}
