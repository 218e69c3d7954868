package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest"
	"nxphone/audio/tone"
	"nxphone/call/shift"
)

// ringerCard is a speaker made of memory.
type ringerCard struct {
	*audiotest.Device
	closed *int
}

func (c ringerCard) Close() error { *c.closed++; return nil }

func TestBell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var card *audiotest.Device
		opened, closed, allowed := 0, 0, true
		b := &bell{
			log: slog.New(slog.DiscardHandler), strokes: make(chan tone.Signal, 1),
			allowed: func() bool { return allowed },
			open: func(context.Context) (audio.OutputDevice, error) {
				if opened++; opened == 2 {
					return nil, errors.New("no device")
				}
				card = audiotest.NewDevice(time.Now)
				return ringerCard{card, &closed}, nil
			},
		}
		b.start()
		b.ring(strokeUp())
		time.Sleep(2 * time.Second)
		synctest.Wait()
		played := card.Played()
		half := int(200 * time.Millisecond * audio.Rate / time.Second)
		if tone.Presence(played[:half], audio.Rate, 659.26) < 0.5 || tone.Presence(played[half:2*half], audio.Rate, 880) < 0.5 {
			t.Error("the two notes are not heard")
		}
		b.ring(strokeDown()) // no device: told in the log, and the next one sounds
		time.Sleep(time.Second)
		b.ring(strokeDown())
		time.Sleep(2 * time.Second)
		allowed = false
		b.ring(strokeDown())
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if opened != 3 || closed != 2 {
			t.Errorf("%d devices opened, %d closed", opened, closed)
		}
		allowed = true
		b.ring(strokeDown())
		time.Sleep(50 * time.Millisecond)
		b.close() // in the middle of a stroke
		if closed != 3 {
			t.Errorf("%d devices closed", closed)
		}
	})
}

func TestRestOver(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	rest := shift.Status{State: shift.Rest, Since: at, Until: at.Add(10 * time.Minute)}
	for name, c := range map[string]struct {
		before, now shift.Status
		want        bool
	}{
		"run out":      {rest, shift.Status{State: shift.Ready, Since: rest.Until}, true},
		"ended early":  {rest, shift.Status{State: shift.Ready, Since: at.Add(time.Minute)}, false},
		"goes on":      {rest, rest, false},
		"never rested": {shift.Status{State: shift.Ready}, shift.Status{State: shift.AfterCall, Since: at}, false},
	} {
		if got := restOver(c.before, c.now); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
