package webapi

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"net"
	"net/netip"

	"nxphone/call"
)

// Phone is what pages may do with the phone: *call.Engine. Every method may be
// called from any goroutine.
type Phone interface {
	// Dial places a call and returns its number once it has been accepted. It
	// answers soon, whatever the network does.
	Dial(ctx context.Context, req call.Request) (int, error)
	// Hangup ends the call.
	Hangup(ctx context.Context) error
	// Mute switches the microphone and returns when that is a fact, which may
	// take a while.
	Mute(ctx context.Context, on bool) error
	// MuteVideo is remembered, so that video is never sent against it.
	MuteVideo(ctx context.Context, on bool) error
	// SendDTMF queues digits.
	SendDTMF(ctx context.Context, digits string) error
	// Snapshot is the state now.
	Snapshot() call.Snapshot
	// Watch tells everything that happens, from one moment on.
	Watch(ctx context.Context) iter.Seq2[call.Snapshot, call.Cause]
}

// Policy says which pages may use the phone. It is asked at every request, so
// that a change in the settings counts at once.
type Policy struct {
	// Origins may connect: those of the administrator, of the command line
	// and of the user's Yes together, each as ParseOrigin gives it.
	Origins []string
	// Ask: the user may be asked about an origin that is not among them.
	Ask bool
	// Code: a page is paired only with the short code that the phone shows.
	Code bool
}

// Options configure a Server. Phone, Secret and Policy are required.
// Functions may be called from any goroutine.
type Options struct {
	Phone Phone
	// Shift is what the counsellor does between calls. Nil: this phone has
	// none, and pages see nothing of it.
	Shift Shift
	// Secret is 32 random bytes that belong to this user's phone and stay the
	// same over restarts: all keys of pages are derived from it.
	Secret []byte
	// Version is told to pages.
	Version string
	// Script is nxWebApi.js as it is served.
	Script []byte
	Policy func() Policy

	// Ask puts the question whether origin may use the phone, and returns at
	// the latest when ctx ends. Nil where there is nobody to ask.
	Ask func(ctx context.Context, origin string) bool
	// Allowed remembers a Yes. Where it is nil or fails, the Yes holds until
	// the process ends.
	Allowed func(origin string) error
	// Revoked forgets a Yes.
	Revoked func(origin string) error
	// ShowCode shows the six digits with which a page is paired until hide is
	// called. Where it is nil, pairing with a code is refused.
	ShowCode func(origin, code string) (hide func())
	// Show hands a number to the window, which asks before it dials. Nil, or
	// false: there is no window.
	Show func(tel string) bool

	// Owner says whose process a connection comes from. Nil means the one of
	// this operating system; New fails where there is none.
	Owner PeerOwner
	// Audit is given one entry for each command and each decision about an
	// origin, in order. Nil means that they go to Logger. It must not block.
	Audit func(Entry)
	// Logger is for what administrators and developers look for; it is given
	// no number, key or proof. Nil discards.
	Logger *slog.Logger
	// Ports are tried in this order. Nil means 17070 to 17079; tests use {0}.
	Ports []int

	// listen is net.Listen; tests of time limits put a network of their own.
	listen func(network, address string) (net.Listener, error)
}

// Ports is where pages look for a phone.
func Ports() []int {
	ports := make([]int, 10)
	for i := range ports {
		ports[i] = 17070 + i
	}
	return ports
}

// State is what the phone's own window shows of its web API.
type State struct {
	// Open: the loopback port is listening, at Addr.
	Open bool
	Addr netip.AddrPort
	// Controller is the origin whose page controls the present call ("local:"
	// and a name for a native program), empty for a call of the window and
	// without a call. It stays while that page is away (reload).
	Controller string
	// Plain: the controller's page came over plain http.
	Plain bool
	// Connected are the origins with a page (or program) that is connected,
	// sorted, each once.
	Connected []string
}

// ErrClosed is the error of a Server whose Run has ended, or that drains.
var ErrClosed = errors.New("webapi: the server has ended")

// ErrNoPort is the error of Open when all ports are taken.
var ErrNoPort = errors.New("webapi: no port is free")
