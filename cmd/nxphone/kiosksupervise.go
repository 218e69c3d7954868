package main

import (
	"context"
	"os"
	"time"

	"nxphone/call"
	"nxphone/call/kiosk"
	"nxphone/call/kiosk/systemd"
)

// supervision tells the service manager how a booth is.
type supervision struct {
	booth  *booth
	notify *systemd.Notifier
	every  time.Duration // of the watchdog, 0 for none
}

func newSupervision(b *booth) *supervision {
	return &supervision{booth: b, notify: systemd.New(os.Getenv), every: systemd.Interval(os.Getenv, os.Getpid())}
}

func (s *supervision) send(assignments ...string) {
	if err := s.notify.Send(assignments...); err != nil {
		s.booth.p.log.Warn("the service manager cannot be told", "error", err)
	}
}

// ready is called when the first frame is on the screen; beat is the window's.
// From now on the watchdog wants to be fed, and a word about each screen is
// sent, until ctx ends.
func (s *supervision) ready(ctx context.Context, beat func(ctx context.Context) error) {
	saveMemory(os.Getenv)
	s.booth.p.log.Info("the booth is shown")
	s.send("READY=1", "STATUS="+statusWords(s.booth.logic.Status()))
	if s.every > 0 {
		w := systemd.Watchdog{Notifier: s.notify, Every: s.every, Parts: s.parts(beat), Logger: s.booth.p.log}
		s.booth.wg.Go(func() { w.Run(ctx) })
	}
	if s.notify != nil {
		s.booth.wg.Go(func() {
			last := ""
			for status := range s.booth.logic.Watch(ctx) {
				if words := statusWords(status); words != last {
					last = words
					s.send("STATUS=" + words)
				}
			}
		})
	}
}

// parts are what has to be alive: the window, the booth's logic, the engine and
// the flows to the server. A part that is not there is not asked.
func (s *supervision) parts(beat func(ctx context.Context) error) []systemd.Part {
	parts := []systemd.Part{{Name: "window", Beat: beat}, {Name: "booth", Beat: s.booth.logic.Beat}}
	if ph := s.booth.phone; ph != nil {
		engine := ph.engine
		parts = append(parts, systemd.Part{Name: "engine", Beat: func(ctx context.Context) error {
			// A command that is refused in every state, by the engine's own
			// goroutine: a round trip that changes nothing.
			return engine.SendDTMF(ctx, "")
		}}, systemd.Part{Name: "flow", Beat: ph.agent.Beat})
	}
	return parts
}

// stopping: the program is on its way out.
func (s *supervision) stopping() { s.send("STOPPING=1") }

// statusWords is what systemctl status shows. It says nothing of who calls
// whom.
func statusWords(s kiosk.Status) string {
	words := map[kiosk.Screen]string{
		kiosk.Ready: "waiting", kiosk.Calling: "a call is on its way", kiosk.Talking: "in a call",
		kiosk.Ending: "a call is being ended", kiosk.Over: "a call has ended", kiosk.Closed: "closed: " + string(s.Fault),
	}[s.Screen]
	if s.Testing {
		words = "testing itself"
	}
	words += "; network: " + s.Network.State.String()
	if s.Network.Code != call.Code("") {
		words += " (" + string(s.Network.Code) + ")"
	}
	return words
}
