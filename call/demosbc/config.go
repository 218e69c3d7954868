package demosbc

import (
	"log/slog"
	"time"
)

const (
	// DefaultRealm is the SIP domain of a server whose Config names none. It
	// ends in .invalid (RFC 2606) so that it can never be somebody's domain.
	DefaultRealm = "demo.invalid"
	// DefaultRingTime is how long the numbers that answer soon (600, 606 and
	// 607) ring: long enough to be an event of its own, too short to wait for.
	DefaultRingTime = 50 * time.Millisecond
	// NoRing as Config.RingTime answers in the same instant as the 180.
	NoRing time.Duration = -1
	// DefaultFlowGrace is how long an answered call outlives its WebSocket.
	DefaultFlowGrace = 32 * time.Second
)

// Config says how a server differs from the usual one. The zero value is the
// usual one: one free port on 127.0.0.1, no authentication, no recording.
type Config struct {
	// Listen holds the addresses (HOST:PORT) to listen on; port 0 takes a free
	// one. Every address serves both ws and wss. Empty means 127.0.0.1:0.
	Listen []string
	// Realm is the SIP domain; empty means DefaultRealm. Requests for other
	// domains are served just the same.
	Realm string
	// RingTime is the time from 180 to 200 for 600, 606 and 607. Zero means
	// DefaultRingTime; NoRing (or anything negative) none at all.
	RingTime time.Duration
	// earlyTime is the time from 183 to 200 for 601. Zero means 3 s.
	earlyTime time.Duration
	// Auth makes the server ask for a password; nil asks for none.
	Auth *Auth
	// PassiveDTLS waits for the phone's ClientHello instead of sending one,
	// when the phone leaves the choice to us (setup:actpass).
	PassiveDTLS bool
	// PingInterval sends WebSocket pings and closes a flow that leaves one
	// unanswered for as long; 0 sends none.
	PingInterval time.Duration
	// FlowGrace is how long an answered call waits for its phone to come back
	// on another flow; zero means DefaultFlowGrace.
	FlowGrace time.Duration
	// Record keeps this much of the end of what each phone said, decoded, for
	// Server.Heard. Zero keeps none and decodes nothing.
	Record time.Duration
	// OnRequest is told of every well-formed SIP request, before it is
	// answered, on the goroutine that reads the flow: it must not block.
	OnRequest func(method, callID string)
	// Logger takes what goes wrong; nil drops it. Numbers dialled, names and
	// SIP messages are never logged.
	Logger *slog.Logger
}

// Auth is the one account of a server that asks for a password.
type Auth struct {
	User, Password string
	// Algorithm is "MD5" (also when empty) or "SHA-256" (RFC 8760).
	Algorithm string
	// Realm is the protection domain in the challenge; empty means the
	// server's realm.
	Realm string
}

// withDefaults fills in what was left at zero.
func (c Config) withDefaults() Config {
	if len(c.Listen) == 0 {
		c.Listen = []string{"127.0.0.1:0"}
	}
	if c.Realm == "" {
		c.Realm = DefaultRealm
	}
	switch {
	case c.RingTime == 0:
		c.RingTime = DefaultRingTime
	case c.RingTime < 0:
		c.RingTime = 0
	}
	if c.earlyTime == 0 {
		c.earlyTime = 3 * time.Second
	}
	if c.FlowGrace == 0 {
		c.FlowGrace = DefaultFlowGrace
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Auth != nil {
		a := *c.Auth
		if a.Algorithm == "" {
			a.Algorithm = "MD5"
		}
		if a.Realm == "" {
			a.Realm = c.Realm
		}
		c.Auth = &a
	}
	return c
}
