package peer

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"nxphone/audio"
	"nxphone/audio/process"
	"nxphone/call"
	"nxphone/call/peer/transport"
)

// Options configure an Engine. Sound is required.
type Options struct {
	// Sound opens microphone and speaker for one call. It is called once for
	// each session, on the session's own goroutine, at the moment of Open, and
	// never while the device of an earlier session is still open. ctx ends
	// when the session does. An error ends the call with CodeAudioDevice.
	Sound func(ctx context.Context) (audio.Duplex, error)
	// Chain gives what the sound that Sound has just opened goes through, nil for
	// nothing; its figures become part of the statistics. It is asked on the
	// goroutine of Sound, after it. Chain itself may be nil as well.
	Chain func() *process.Chain
	// Settings is asked at each Open, with what is dialled; nil is the zero
	// Settings.
	Settings func(call.Request) Settings
	// Logger gets no numbers and no secrets. nil logs nothing.
	Logger *slog.Logger
	// Notice gives what Farewell plays to the far end of this call: 48 kHz
	// mono, at most a minute of it. It is asked at Open, on the session's own
	// goroutine. nil, or nothing: there is none.
	Notice func(call.Request) ([]int16, error)
	// Cues says whether the user is to hear by a short sound that the
	// microphone was shut (falling) or opened (rising). It is asked each time
	// that the capture path has confirmed a change. nil is no.
	Cues func() bool
	// FarTap is given each 10 ms frame of the far end as it was decoded, from
	// the first packet on and before local tones are mixed in. It is called
	// from the audio goroutine: it must neither block nor keep the slice.
	FarTap func(frame []int16)
	// Gaps gives what the sound device has missed in the present call: samples of
	// silence that the speaker played for want of sound, and of the microphone
	// that were dropped. It may be called from any goroutine; nil is nothing.
	Gaps func() (underruns, overruns uint64)
	// OnFirstFrame is called once a session, when the first packet has been
	// decoded, from the audio goroutine. It is there for benchmarks.
	OnFirstFrame func(at time.Time)
}

// Settings are what a user or administrator may choose.
type Settings struct {
	// ICEServers are STUN and TURN servers; none is the usual case, since the
	// SBC has a public address.
	ICEServers []ICEServer
	// Codecs are offered in this order ("opus", "pcma", "pcmu"); empty is all
	// three in that order. Unknown names are left out.
	Codecs []string
	// IncludeLoopback offers loopback addresses too, for an SBC on the same
	// machine.
	IncludeLoopback bool
	// DTX lets Opus send nothing in silence, and asks the far end for the same.
	DTX bool
	// MaxBitrate bounds Opus' bit rate in bit/s, 16000 to 48000; 0 is 48000. The
	// far end is asked to keep to it as well.
	MaxBitrate int
	// NoRED neither offers nor sends redundant copies (RFC 2198).
	NoRED bool
}

// ICEServer is a STUN or TURN server.
type ICEServer struct {
	URLs                 []string // stun:, stuns:, turn: or turns:
	Username, Credential string
}

// Engine is call.Media over WebRTC. Its methods may be called from any
// goroutine.
type Engine struct {
	opts Options
	log  *slog.Logger
	// certificate is made once and serves every call of the process.
	certificate func() (*transport.Certificate, error)
	limits      limits
	// silence is the mute gate of sessions, for tests that break it; nil is the
	// one that works.
	silence func([]int16)
	// newest is the session that was opened last, nil when it has ended.
	newest atomic.Pointer[Session]
	// device is held by the session that has the sound device open.
	device chan struct{}

	mu       sync.Mutex
	sessions map[*Session]struct{}
	closed   bool
	wg       sync.WaitGroup // one for each session
}

// limits are the time limits of sessions; tests shorten them.
type limits struct {
	gather  time.Duration // wait for STUN and TURN servers
	connect time.Duration // from the answer to the first way through
	twin    time.Duration // a second transport may look for another fork
	linger  time.Duration // the end tone
	// grace is what sound devices and sockets get to close when the context of
	// Engine.Close has ended.
	grace time.Duration
	// disconnected and failed are transport.Config's.
	disconnected, failed time.Duration
}

func defaultLimits() limits {
	return limits{
		gather:  800 * time.Millisecond,
		connect: 15 * time.Second,
		twin:    3 * time.Second,
		linger:  2800 * time.Millisecond,
		grace:   500 * time.Millisecond,
	}
}

var _ call.Media = (*Engine)(nil)

// New makes an engine. It opens nothing until Open.
func New(opts Options) *Engine {
	if opts.Settings == nil {
		opts.Settings = func(call.Request) Settings { return Settings{} }
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	return &Engine{
		opts:        opts,
		log:         opts.Logger,
		certificate: sync.OnceValues(transport.NewCertificate),
		limits:      defaultLimits(),
		device:      make(chan struct{}, 1),
		sessions:    make(map[*Session]struct{}),
	}
}

// Open implements call.Media. End tones of earlier sessions are cut. After
// Close the session is a closed one, which tells nothing.
func (e *Engine) Open(req call.Request, tell func(call.MediaEvent)) call.Session {
	s := newSession(e, req, tell)
	e.mu.Lock()
	defer e.mu.Unlock()
	for old := range e.sessions {
		old.cutTone()
	}
	if e.closed {
		s.Close(call.ToneNone)
	}
	e.sessions[s] = struct{}{}
	e.newest.Store(s)
	e.wg.Go(func() {
		s.run()
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.sessions, s)
		e.newest.CompareAndSwap(s, nil) // it keeps a notice, maybe, and buffers
	})
	return s
}

// Levels are the loudness of this moment in the present call, for meters. It
// may be called from any goroutine at any rate: it takes no lock.
func (e *Engine) Levels() call.Levels {
	if s := e.newest.Load(); s != nil {
		return s.levels()
	}
	return quietLevels()
}

// Close ends every session and waits until all have released everything,
// lingering end tones included; what still sounds is played to its end while
// ctx lasts, then cut. The error is ctx's when something would not end even
// so.
func (e *Engine) Close(ctx context.Context) error {
	e.mu.Lock()
	e.closed = true
	for s := range e.sessions {
		s.Close(call.ToneNone)
	}
	e.mu.Unlock()
	done := make(chan struct{})
	go func() {
		e.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	e.mu.Lock()
	for s := range e.sessions {
		s.cutTone()
	}
	e.mu.Unlock()
	timer := time.NewTimer(e.limits.grace)
	defer timer.Stop()
	select {
	case <-done:
		return nil
	case <-timer.C:
		return context.Cause(ctx)
	}
}
