package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"nxphone/audio"
	"nxphone/audio/device"
	"nxphone/call"
	"nxphone/call/demosbc"
	"nxphone/call/peer"
	"nxphone/call/profile"
	"nxphone/call/sipua"
)

// closeTime bounds the whole shutdown: BYE (3 s), media and devices (3 s).
const closeTime = 8 * time.Second

// phone is the engine with its adapters behind it, wired and running.
type phone struct {
	store   *profile.Store
	log     *slog.Logger
	keyring *profile.Keyring
	demo    *demosbc.Server
	host    *device.Host
	agent   *sipua.Agent
	media   *peer.Engine
	engine  *call.Engine
	files   *files
	watch   stopwatch

	mu       sync.Mutex
	password string
	turn     map[string]string // TURN passwords by profile.TURNAccount

	stop   context.CancelFunc
	closed sync.Once
	err    error // of close
}

// openPhone builds everything below a face of the phone and starts the engine.
// ctx bounds the opening only: the phone lives until close.
func (p *program) openPhone(ctx context.Context, o options) (*phone, error) {
	ph := &phone{store: p.store, log: p.log, keyring: profile.NewKeyring()}
	if err := ph.open(ctx, p, o); err != nil {
		return nil, errors.Join(err, ph.close())
	}
	return ph, nil
}

func (ph *phone) open(ctx context.Context, p *program, o options) (err error) {
	if o.demo {
		if ph.demo, err = p.startDemo(context.WithoutCancel(ctx)); err != nil {
			return err
		}
	}
	if ph.files, err = openFiles(o.play, o.record); err != nil {
		return err
	}
	if ph.host, err = device.Open(ctx, device.Options{Log: ph.log}); err != nil {
		return err
	}
	if err := ph.loadPassword(ctx); err != nil {
		// A call without a password may well succeed; one that needs it
		// ends with a sentence of its own.
		ph.log.Info("no password", "error", err)
		// A window opens all the same: its settings are where this is mended.
		if profile.CodeOf(err) == profile.CodePasswordFile && o.command == "call" {
			return err
		}
	}
	sip := sipua.Options{
		Settings: ph.signalling, Logger: ph.log,
		OnSend: func(method string, at time.Time) {
			if method == "INVITE" {
				ph.watch.mark(&ph.watch.invite, at)
			}
		},
	}
	if o.trace {
		sip.Trace = traceTo(p.stderr)
	}
	ph.agent = sipua.New(sip)
	ph.media = peer.New(peer.Options{
		Sound: ph.sound, Settings: ph.mediaSettings, Logger: ph.log, FarTap: ph.files.tap(),
		OnFirstFrame: func(at time.Time) { ph.watch.mark(&ph.watch.frame1, at) },
	})
	ph.engine = call.New(call.Options{Signaling: ph.agent, Media: ph.media, RingTimeout: o.ringTimeout})
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	ph.stop = stop
	go ph.engine.Run(run)
	return nil
}

// close ends the call (BYE, bounded), then media, then devices, then what is
// below. It may be called more than once.
func (ph *phone) close() error {
	ph.closed.Do(func() { ph.err = ph.shut() })
	return ph.err
}

func (ph *phone) shut() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	var errs []error
	if ph.engine != nil {
		ph.stop()
		<-ph.engine.Done()
	}
	if ph.media != nil {
		errs = append(errs, ph.media.Close(ctx))
	}
	if ph.agent != nil {
		ph.agent.Close(ctx)
	}
	if ph.host != nil {
		errs = append(errs, ph.host.Close())
	}
	if ph.files != nil {
		errs = append(errs, ph.files.Close())
	}
	if ph.demo != nil {
		ph.demo.Close()
	}
	return errors.Join(errs...)
}

// warm connects to the SBC before the first call, which then starts at once. An
// SBC that is not there is no fault until somebody calls.
func (ph *phone) warm() {
	if url := ph.store.Get().URL; url != "" {
		ph.agent.Warm(url)
	}
}

// request is a Dial to tel with what the settings say.
func (ph *phone) request(tel string) call.Request {
	s := ph.store.Get()
	return call.Request{Realm: s.Realm, DN: s.DN, Tel: tel, URL: s.URL, PushToken: s.PushToken}
}

// checkCA refuses a CA file that was named for this run and cannot be read: the
// call would go out without it. One that the user's file names may have become
// needless, and is only told (see signalling).
func (ph *phone) checkCA() error {
	ca := ph.store.Value(profile.KeyCA)
	if ca.Text == "" || !ca.Locked() {
		return nil
	}
	if _, err := readPlain(ca.Text); err != nil {
		return fmt.Errorf("%s: %w", ca.Origin, err)
	}
	return nil
}

// loadPassword fetches the passwords for the present settings. The keyring may
// take seconds, so this happens when settings change, never at a Dial.
func (ph *phone) loadPassword(ctx context.Context) error {
	s := ph.store.Get()
	pw, err := profile.Password(ctx, s, ph.keyring)
	if errors.Is(err, profile.ErrNoPassword) {
		err = nil
	}
	turn := map[string]string{}
	for _, server := range s.ICEServers {
		if server.User == "" {
			continue
		}
		account := profile.TURNAccount(server)
		secret, terr := ph.keyring.Get(ctx, account)
		turn[account] = secret
		err = errors.Join(err, terr)
	}
	ph.mu.Lock()
	defer ph.mu.Unlock()
	ph.password, ph.turn = pw, turn
	return err
}

// signalling is what package sipua needs of the settings, read at each call.
func (ph *phone) signalling() sipua.Settings {
	s := ph.store.Get()
	ph.mu.Lock()
	pw := ph.password
	ph.mu.Unlock()
	out := sipua.Settings{
		User: s.AuthUser(), Password: pw, Register: s.Register,
		PushProvider: s.PushProvider, PushHeader: s.PushHeader,
		UserAgent: "nxphone/" + version, Header: http.Header{},
	}
	if s.CA != "" {
		pem, err := readPlain(s.CA)
		if err != nil {
			// The call then fails by the certificate, with a sentence; this
			// line says why.
			ph.log.Error("the CA file cannot be read", "error", err)
		}
		out.RootCAs = append(out.RootCAs, pem...)
	}
	if ph.demo != nil {
		out.RootCAs = append(append(out.RootCAs, '\n'), ph.demo.CA()...)
	}
	if s.Origin != "" {
		out.Header.Set("Origin", s.Origin)
	}
	for _, h := range s.HandshakeHeaders {
		out.Header.Add(h.Name, h.Value)
	}
	for _, h := range s.SIPHeaders {
		out.SIPHeaders = append(out.SIPHeaders, sipua.Header{Name: h.Name, Value: h.Value})
	}
	return out
}

// maxCA bounds what is read of a CA file; a system's whole store is a quarter.
const maxCA = 1 << 20

// readPlain reads a plain file. A pipe in its place would hold up the call for
// ever.
func readPlain(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: fs.ErrInvalid}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxCA))
}

// onLoopback reports whether an SBC's address is this machine's own.
func onLoopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	if strings.EqualFold(u.Hostname(), "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback()
}

// mediaSettings is what package peer needs of the settings, read at each call.
func (ph *phone) mediaSettings() peer.Settings {
	s := ph.store.Get()
	// Only a server on this machine can reach a loopback address of ours.
	out := peer.Settings{IncludeLoopback: onLoopback(s.URL)}
	if s.Codec != "" {
		// First, not only: a call in another codec beats no call.
		out.Codecs = append(out.Codecs, s.Codec)
		for _, c := range []string{"opus", "pcma", "pcmu"} {
			if c != s.Codec {
				out.Codecs = append(out.Codecs, c)
			}
		}
	}
	ph.mu.Lock()
	defer ph.mu.Unlock()
	for _, ice := range s.ICEServers {
		out.ICEServers = append(out.ICEServers, peer.ICEServer{
			URLs: []string{ice.URL}, Username: ice.User, Credential: ph.turn[profile.TURNAccount(ice)],
		})
	}
	return out
}

// sound opens what one call hears and speaks with: devices, or the files that
// the command line put in their place.
func (ph *phone) sound(ctx context.Context) (audio.Duplex, error) {
	return ph.files.sound(ctx, ph.host, ph.store.Get())
}

// traceTo prints SIP messages as they cross the wire; the agent has masked
// credentials.
func traceTo(w io.Writer) func(dir string, msg []byte, at time.Time) {
	var mu sync.Mutex
	return func(dir string, msg []byte, at time.Time) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = io.WriteString(w, at.Format("15:04:05.000")+" "+dir+"\n"+string(msg)+"\n")
	}
}
