package transport

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/rtp"

	"nxphone/call/peer/sdp"
)

// State says how far a transport has come.
type State int

const (
	// Connecting: Start was called; the path is being looked for.
	Connecting State = 1
	// Secure: packets flow, encrypted.
	Secure State = 2
	// Disconnected: nothing has been heard for some seconds. Secure may
	// follow again.
	Disconnected State = 3
	// Failed: nothing will ever flow; the error says why.
	Failed State = 4
)

// Handler takes what a transport tells.
type Handler interface {
	// TransportState tells each change; err only with Failed.
	TransportState(t *Transport, s State, err error)
	// RTP takes one packet, decrypted. Header and payload are valid only
	// during the call.
	RTP(h *rtp.Header, payload []byte, arrived time.Time)
	// RTCP takes one compound packet, decrypted, likewise.
	RTCP(packet []byte, arrived time.Time)
}

// Server is a STUN or TURN server.
type Server struct {
	URLs                 []string // stun:, stuns:, turn:, turns:
	Username, Credential string
}

// Config is what a Transport is made from.
type Config struct {
	Certificate *Certificate
	Servers     []Server
	// IncludeLoopback gathers candidates on loopback too, for a peer on the
	// same machine.
	IncludeLoopback bool
	Handler         Handler
	Logger          *slog.Logger
	// Ufrag and Pwd are the ICE credentials to use, "" for new ones. A second
	// transport with those of a first talks to another peer that has got the
	// same offer (a forked call): it finds that peer from its own sockets, and
	// the peer takes them for peer-reflexive candidates.
	Ufrag, Pwd string
	// Disconnected and Failed bound the silence of a peer that was heard
	// before: from the last word to the state Disconnected, and from there to
	// Failed. 0 is 5 s and 25 s.
	Disconnected, Failed time.Duration
}

// Params is our side, as it goes into the SDP.
type Params struct {
	Ufrag, Pwd  string
	Fingerprint sdp.Fingerprint
	Candidates  []sdp.Candidate
}

// Transport is one path to one peer.
type Transport struct {
	cfg   Config
	log   *slog.Logger
	net   *network
	agent *ice.Agent

	gathered chan struct{}
	gather   atomic.Pointer[gathering]

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup // the goroutines of Start
	opened atomic.Bool    // Secure has been told
	lost   atomic.Bool
	role   atomic.Int32 // an sdp.Setup

	mu      sync.Mutex
	started bool
	closed  bool

	demux *demux
	keys  keys
}

// ErrClosed: the transport has been closed.
var ErrClosed = errors.New("transport: closed")

// Open makes a transport and begins to gather. It returns in about a
// millisecond and owns sockets until Close.
func Open(cfg Config) (*Transport, error) {
	n, err := newNetwork()
	if err != nil {
		return nil, fmt.Errorf("transport: %w", err)
	}
	agent, err := newAgent(cfg, n)
	if err != nil {
		n.cancel()
		return nil, fmt.Errorf("transport: %w", err)
	}
	t := &Transport{cfg: cfg, log: cfg.Logger, net: n, agent: agent, gathered: make(chan struct{})}
	t.keys.ready = make(chan struct{})
	t.onGathered(t.gathered)
	t.ctx, t.cancel = context.WithCancel(context.Background())
	err = errors.Join(
		agent.OnCandidate(func(c ice.Candidate) {
			if c == nil {
				t.gather.Load().end()
			}
		}),
		agent.OnConnectionStateChange(t.iceState),
	)
	if err == nil {
		err = agent.GatherCandidates()
	}
	if err != nil {
		t.cancel()
		n.cancel()
		_ = agent.GracefulClose()
		return nil, fmt.Errorf("transport: %w", err)
	}
	return t, nil
}

// gathering is one round of it, whose end may be told twice.
type gathering struct {
	once sync.Once
	done chan struct{}
}

func (g *gathering) end() { g.once.Do(func() { close(g.done) }) }

// onGathered names the channel that the round to come will close.
func (t *Transport) onGathered(done chan struct{}) { t.gather.Store(&gathering{done: done}) }

// Gathered is closed when all candidates are known.
func (t *Transport) Gathered() <-chan struct{} { return t.gathered }

// Params is our side with the candidates found so far.
func (t *Transport) Params() (Params, error) {
	ufrag, pwd, err := t.agent.GetLocalUserCredentials()
	if err != nil {
		return Params{}, fmt.Errorf("transport: %w", err)
	}
	found, err := t.agent.GetLocalCandidates()
	if err != nil {
		return Params{}, fmt.Errorf("transport: %w", err)
	}
	return Params{
		Ufrag: ufrag, Pwd: pwd,
		Fingerprint: t.cfg.Certificate.Fingerprint(),
		Candidates:  fromICE(found),
	}, nil
}

// Start connects to the peer. offerer says that the first description was
// ours, which makes us the controlling side (RFC 8445 section 6.1.1); role is
// our part in the DTLS handshake: Active, Passive, or Undecided to see who
// begins. What comes of it is told to the Handler. It is called at most once.
func (t *Transport) Start(r sdp.Remote, offerer bool, role sdp.Setup) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return ErrClosed
	}
	if t.started {
		return errors.New("transport: started already")
	}
	t.started = true
	if err := t.agent.SetRemoteICELite(r.Lite); err != nil {
		return fmt.Errorf("transport: %w", err)
	}
	t.addCandidates(r)
	start := t.agent.StartAccept
	if offerer || r.Lite {
		start = t.agent.StartDial
	}
	conn, err := start(r.Ufrag, r.Pwd)
	if err != nil {
		return fmt.Errorf("transport: %w", err)
	}
	t.demux = newDemux(conn)
	t.wg.Go(func() { t.read(conn) })
	t.wg.Go(func() { t.secure(r.Fingerprints, role) })
	return nil
}

func (t *Transport) addCandidates(r sdp.Remote) {
	for _, c := range r.Candidates {
		remote, err := toICE(c)
		if err == nil {
			err = t.agent.AddRemoteCandidate(remote)
		}
		if err != nil {
			t.log.Debug("a remote candidate is not usable", "error", err)
		}
	}
}

// iceState is called by the agent, in order, from one goroutine.
func (t *Transport) iceState(s ice.ConnectionState) {
	switch s {
	case ice.ConnectionStateChecking:
		t.tell(Connecting, nil)
	case ice.ConnectionStateConnected, ice.ConnectionStateCompleted:
		if t.lost.CompareAndSwap(true, false) && t.opened.Load() {
			t.tell(Secure, nil)
		}
	case ice.ConnectionStateDisconnected:
		t.lost.Store(true)
		t.tell(Disconnected, nil)
	case ice.ConnectionStateFailed:
		t.tell(Failed, errors.New("transport: no way through the network to the peer"))
	}
}

func (t *Transport) tell(s State, err error) {
	if t.ctx.Err() == nil {
		t.cfg.Handler.TransportState(t, s, err)
	}
}

// Close tells the peer good-bye, frees the sockets and waits for every
// goroutine. A gathering that hangs on a TURN server may hold it up for a
// second or two.
func (t *Transport) Close() {
	t.mu.Lock()
	first := !t.closed
	t.closed = true
	t.mu.Unlock()
	if !first {
		t.wg.Wait()
		return
	}
	t.cancel()
	if t.demux != nil {
		t.demux.goodbye()
	}
	select {
	case <-t.gather.Load().done:
	default:
		t.net.hurry()
	}
	_ = t.agent.GracefulClose()
	t.net.cancel()
	t.wg.Wait()
}

// Secure reports whether packets can be sent.
func (t *Transport) Secure() bool { return t.opened.Load() }

// Role is our part in the DTLS handshake, Undecided until it began.
func (t *Transport) Role() sdp.Setup { return sdp.Setup(t.role.Load()) }
