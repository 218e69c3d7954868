package main

import (
	"context"
	"log/slog"
	"testing"

	"nxphone/call"
	"nxphone/call/profile"
	"nxphone/call/sipua/sipuatest"
	"nxphone/call/webapi/webapitest"
)

// BenchmarkDialToInvite is the time from a Dial to its INVITE at the server,
// over a connection that is open: by a call of the engine, and by a page's
// message through the web API, whose own share is the difference (it is to be
// under 1 ms). A server of the web API takes only so many dials a minute, so
// there is a new one every few rounds.
func BenchmarkDialToInvite(b *testing.B) {
	b.Setenv("NXPHONE_CONFIG", b.TempDir()+"/settings.json")
	b.Setenv("XDG_STATE_HOME", b.TempDir())
	b.Setenv("XDG_RUNTIME_DIR", b.TempDir())
	b.Setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:")
	srv := sipuatest.Listen(b, nil)
	o, err := parse([]string{"call", "600", "--audio", "null", "--realm", "example.net", "--dn", "1000", "--url", "ws://" + srv.Addr()})
	if err != nil {
		b.Fatal(err)
	}
	p := &program{log: slog.New(slog.DiscardHandler), ports: []int{0}}
	p.openSettings(o)
	ph, err := p.openPhone(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	defer ph.close()
	ph.warm()
	conn := srv.Accept()

	// one waits for the INVITE of a dial that has just been sent, outside the
	// measurement also for the call's end.
	round := func(b *testing.B, dial func()) {
		ctx, stop := context.WithCancel(b.Context())
		defer stop()
		events := ph.engine.Watch(ctx)
		b.StartTimer()
		dial()
		inv := conn.Expect("INVITE")
		b.StopTimer()
		conn.Reply(inv, "486 Busy Here")
		conn.Expect("ACK")
		for _, cause := range events {
			if _, ok := cause.(call.Ended); ok {
				return
			}
		}
	}
	b.Run("engine", func(b *testing.B) {
		b.StopTimer()
		for range b.N {
			round(b, func() {
				if _, err := ph.engine.Dial(b.Context(), ph.request("600")); err != nil {
					b.Fatal(err)
				}
			})
		}
	})
	b.Run("page", func(b *testing.B) {
		b.StopTimer()
		var c *webapitest.Client
		req := ph.request("600")
		for i := range b.N {
			if i%8 == 0 {
				c = benchPage(b, p, ph)
			}
			key := webapitest.Random(16)
			round(b, func() {
				r, err := c.Begin(b.Context(), map[string]any{"type": "dial", "key": key,
					"realm": req.Realm, "dn": req.DN, "tel": req.Tel, "url": req.URL})
				if err != nil {
					b.Fatal(err)
				}
				_ = r // the INVITE is what is waited for
			})
		}
	})
}

// benchPage is a page of a new server.
func benchPage(b *testing.B, p *program, ph *phone) *webapitest.Client {
	b.Helper()
	w, err := p.newWeb(ph, nil, webFace{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { w.drain(); w.close() })
	err = ph.store.Set(func(s *profile.Settings) { s.WebAPI, s.WebAPIOrigins = true, []string{helpline} })
	if err != nil {
		b.Fatal(err)
	}
	addr, err := w.follow(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	c, err := webapitest.Dial(b.Context(), addr.String(), webapitest.Options{Origin: helpline})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.Cut)
	return c
}
