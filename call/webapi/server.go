package webapi

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Server is the web API of one phone. Its methods may be called from any
// goroutine.
type Server struct {
	opts      Options
	owner     PeerOwner
	log       *slog.Logger
	hub       *hub
	questions *questions
	mutes     *mutes
	dials     *dials
	code      chan struct{} // a token while a short code is shown
	refusals  *refusals
	failures  *rate.Limiter // of audit entries about failed handshakes

	running chan struct{} // closed when the phone's state is known
	ended   chan struct{} // closed when Run has returned
	// life is the context of everything that serves; Run ends it.
	life context.Context
	end  context.CancelFunc
	wg   sync.WaitGroup // what serves, under mu while over is false

	auditing sync.Mutex // keeps the entries in order

	mu       sync.Mutex
	started  bool
	draining bool // nobody new, no new call
	over     bool
	loop     *loopback
	sockets  []net.Listener
	approved map[string]bool // a Yes that could not be remembered
	blocked  map[string]bool // revoked, for the life of this process
}

// New makes a server that listens on nothing yet.
func New(opts Options) (*Server, error) {
	switch {
	case opts.Phone == nil:
		return nil, errors.New("webapi: no phone")
	case len(opts.Secret) != 32:
		return nil, errors.New("webapi: the secret must have 32 bytes")
	case opts.Policy == nil:
		return nil, errors.New("webapi: no policy")
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Ports == nil {
		opts.Ports = Ports()
	}
	if opts.listen == nil {
		opts.listen = listen
	}
	if opts.Owner == nil {
		owner, err := systemOwner()
		if err != nil {
			return nil, err
		}
		opts.Owner = owner
	}
	opts.Secret = slices.Clone(opts.Secret)
	s := &Server{
		opts: opts, owner: opts.Owner, log: opts.Logger,
		mutes: newMutes(opts.Phone), dials: newDials(), code: make(chan struct{}, 1),
		refusals: newRefusals(opts.Logger), failures: rate.NewLimiter(1, 10),
		running: make(chan struct{}), ended: make(chan struct{}),
		approved: make(map[string]bool), blocked: make(map[string]bool),
	}
	s.life, s.end = context.WithCancel(context.Background())
	s.questions = newQuestions(opts.Ask, s.phoneBusy, s.decided)
	s.hub = newHub(opts.Phone, opts.Version, s.questions.withdraw)
	if opts.Shift != nil {
		s.hub.shift = newPageShift(opts.Shift.Status())
	}
	return s, nil
}

// Run serves until ctx or the phone ends, and returns nil when everything that
// the server has started has ended: within about a second, whatever the other
// sides do. When the phone ends, what has not been written yet still is (the
// Clear of its last call). Run is called once. It ends no call.
func (s *Server) Run(ctx context.Context) error {
	s.mu.Lock()
	again := s.started || s.over
	s.started = true
	s.mu.Unlock()
	if again {
		return ErrClosed
	}
	defer close(s.ended)
	phone := make(chan struct{})
	s.wg.Go(func() {
		s.hub.run(s.life, sync.OnceFunc(func() { close(s.running) }), func() { close(phone) })
	})
	s.wg.Go(func() { s.mutes.run(s.life) })
	if s.opts.Shift != nil {
		s.wg.Go(func() { s.hub.followShift(s.life, s.opts.Shift) })
	}
	select {
	case <-ctx.Done():
	case <-phone:
	}

	s.Drain()
	s.Shut()
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	s.end() // nobody joins from here on
	s.hub.endAll(closeGoing, func(*client) bool { return true })
	s.questions.wait()
	s.wg.Wait()
	return nil
}

// Drain is the beginning of an orderly end: nobody new is let in and no Dial is
// taken any more, while those who are connected are told what becomes of the
// call. It returns at once.
func (s *Server) Drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draining = true
	if s.loop != nil {
		s.loop.drain()
	}
	for _, l := range s.sockets {
		_ = l.Close()
	}
}

func (s *Server) isDraining() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draining
}

// Open opens the loopback port: the first free one of Options.Ports, on
// 127.0.0.1 only. With one open already it gives that one's address. Before
// Run, connections are accepted and wait for it.
func (s *Server) Open(ctx context.Context) (netip.AddrPort, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.over || s.draining:
		return netip.AddrPort{}, ErrClosed
	case ctx.Err() != nil:
		return netip.AddrPort{}, ctx.Err()
	case s.loop != nil:
		return s.loop.addr, nil
	}
	l, err := s.listen()
	if err != nil {
		return netip.AddrPort{}, err
	}
	s.loop = newLoopback(s, l)
	s.wg.Go(s.loop.serve)
	s.hub.setPort(State{Open: true, Addr: s.loop.addr})
	s.log.Info("the web API is open", "address", s.loop.addr.String())
	return s.loop.addr, nil
}

// listen takes the first port that is free.
func (s *Server) listen() (net.Listener, error) {
	var errs []error
	for _, port := range s.opts.Ports {
		l, err := s.opts.listen("tcp4", netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port)).String())
		if err == nil {
			return l, nil
		}
		errs = append(errs, err)
	}
	return nil, fmt.Errorf("%w: %w", ErrNoPort, errors.Join(errs...))
}

// Shut closes the loopback port and the connections of pages (close code
// 1001), and waits for them. The call, the control socket and Run go on; Open
// opens again.
func (s *Server) Shut() {
	s.mu.Lock()
	loop := s.loop
	s.loop = nil
	if loop != nil {
		s.hub.setPort(State{})
	}
	s.mu.Unlock()
	if loop != nil {
		loop.shut()
		s.log.Info("the web API is shut")
	}
}

// Watch tells the state now and then each change, the newest only, until ctx
// or Run ends.
func (s *Server) Watch(ctx context.Context) iter.Seq[State] { return s.hub.watch(ctx, s.ended) }

// Revoke takes an origin's permission away: its connections are closed with
// code 4403, the user's Yes is forgotten (and not asked for again so soon, as
// after a No), and where policy or the command line allow the origin it stays
// blocked until the process ends. A call of its goes on and is the window's.
// "local:" origins may be revoked too.
func (s *Server) Revoke(origin string) error {
	s.questions.refuse(origin)
	s.mu.Lock()
	delete(s.approved, origin)
	s.mu.Unlock()
	var err error
	if s.opts.Revoked != nil {
		err = s.opts.Revoked(origin)
	}
	// Where the Yes could not be forgotten, the block has to do.
	if err != nil || !isWeb(origin) || slices.Contains(s.opts.Policy().Origins, origin) {
		s.mu.Lock()
		s.blocked[origin] = true
		s.mu.Unlock()
	}
	s.hub.disown(origin)
	s.hub.endAll(closeRevoked, func(c *client) bool { return c.origin == origin })
	outcome := "ok"
	if err != nil {
		outcome = codeFailed
	}
	s.audit(Entry{Origin: origin, Command: "revoke", Outcome: outcome})
	return err
}

// allowed reports whether pages of this origin may use the phone now.
func (s *Server) allowed(origin string) bool {
	policy := s.opts.Policy()
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.blocked[origin] && (s.approved[origin] || slices.Contains(policy.Origins, origin))
}

func (s *Server) isBlocked(origin string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.blocked[origin]
}

// decided notes the answer to a question.
func (s *Server) decided(origin string, got answer) {
	s.audit(Entry{Origin: origin, Command: "ask", Outcome: string(got)})
	if got != answerYes {
		return
	}
	if s.opts.Allowed != nil {
		err := s.opts.Allowed(origin)
		if err == nil && slices.Contains(s.opts.Policy().Origins, origin) {
			return
		}
		s.log.Warn("the answer is remembered only until the program ends", "origin", origin, "error", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.approved[origin] = true
}

// enter counts something that serves; false when the server has ended.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return false
	}
	s.wg.Add(1)
	return true
}

// audit writes one entry.
func (s *Server) audit(e Entry) {
	e.Time, e.Plain = time.Now(), Plain(e.Origin)
	s.auditing.Lock()
	defer s.auditing.Unlock()
	if s.opts.Audit != nil {
		s.opts.Audit(e)
		return
	}
	s.log.Info("web API", "entry", e)
}
