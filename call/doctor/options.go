package doctor

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"net/url"
	"time"

	"nxphone/audio"
	"nxphone/call/check"
	"nxphone/call/profile"
)

// Options say what is looked at and by what means. The zero value of everything
// but Settings is usable: what is not given is not looked at, or the system's.
type Options struct {
	// Settings are the effective ones.
	Settings profile.Settings
	// Faults are what was wrong with the user's settings when they were read,
	// PolicyFaults with the organisation's (errors joined are taken apart): those
	// of package profile are about files, any other about the organisation's server.
	Faults, PolicyFaults error
	// Policies says how many policy values are in force.
	Policies int
	// Demo: the line is the demo SBC inside the process.
	Demo bool

	// Roots holds PEM certificates that are trusted beside the system's, the
	// setting ca's left out. Handshake is added to the WebSocket's handshake.
	Roots     []byte
	Handshake http.Header
	UserAgent string

	// Secret looks for the password of the line, as a call does; its error is
	// one of package profile's, nil when there is one. It may hang: it is given
	// 5 s. nil: not looked at.
	Secret func(ctx context.Context) error
	// RelaySecret is the password for a TURN server's user.
	RelaySecret func(ctx context.Context, s profile.ICEServer) (string, error)

	// Sound opens the devices of a call; nil: not looked at.
	Sound Sound
	// Display and Headset are looked at by who knows them; nil: not at all.
	Display, Headset func(ctx context.Context) Finding
	// Echo makes a call to the echo number and says what became of it; nil: no
	// call (CallQuick).
	Echo func(ctx context.Context) check.Result

	// Dirs are folders that the phone writes into.
	Dirs []string
	// Ports are where web pages look for the phone; Listening is the one that
	// this process has already, 0 for none.
	Ports     []int
	Listening int
	// Browsers knows the browsers' policies; nil is the system's.
	Browsers func() []Browser

	// Resolver, DialContext and Proxy are the network; nil is the system's.
	Resolver    *net.Resolver
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	Proxy       func(*http.Request) (*url.URL, error)
	// Trace is shown what SIP is exchanged; it may be nil.
	Trace func(dir string, msg []byte, at time.Time)
	// Now is time.Now where nil, Synchronised the system's own opinion of its
	// clock (known false: it has none).
	Now          func() time.Time
	Synchronised func() (synchronised, known bool)
	// times are the steps' limits; tests shorten them.
	times times
	// Free says how many bytes may be written below a folder.
	Free func(dir string) (bytes uint64, err error)
}

// Free is what this user may write below a folder, in bytes.
func Free(dir string) (uint64, error) { return free(dir) }

// times bound the dial up to the WebSocket, the answer to OPTIONS, and one relay
// server; 0 is the usual.
type times struct{ dial, sip, relay time.Duration }

// Sound is the devices of a call, and what their faults mean.
type Sound interface {
	// Wants are the devices by the settings: "" is the default, "null" none.
	Wants() (microphone, speaker string)
	Microphone(ctx context.Context) (audio.InputDevice, string, error)
	Speaker(ctx context.Context) (audio.OutputDevice, string, error)
	// Fault is the code of an error of the two.
	Fault(err error) Code
	// Busy: a call has the devices now.
	Busy() bool
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Synchronised == nil {
		o.Synchronised = synchronised
	}
	if o.Free == nil {
		o.Free = free
	}
	if o.Browsers == nil {
		o.Browsers = func() []Browser { return SystemBrowsers("/") }
	}
	if o.Proxy == nil {
		o.Proxy = http.ProxyFromEnvironment
	}
	if o.DialContext == nil {
		o.DialContext = (&net.Dialer{Resolver: o.Resolver}).DialContext
	}
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	o.times.dial = cmp.Or(o.times.dial, dialTime)
	o.times.sip = cmp.Or(o.times.sip, sipTime)
	o.times.relay = cmp.Or(o.times.relay, relayTime)
	if o.UserAgent == "" {
		o.UserAgent = "nxphone"
	}
	return o
}
