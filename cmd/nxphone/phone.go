package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
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
	// around opens the sound of a call by way of somebody: a booth speaks into
	// it, and tests the line without it. nil: nobody.
	around func(open func() (audio.Duplex, error)) (audio.Duplex, error)
	treat  treatment

	secrets secrets
	// standIn: a device that is not there is no reason not to call.
	standIn bool
	devices devices

	after  []func() // end those who follow calls, when the engine has ended
	stop   context.CancelFunc
	closed sync.Once
	err    error // of close
}

// openPhone builds everything below a face of the phone and starts the engine.
// ctx bounds the opening only: the phone lives until close.
func (p *program) openPhone(ctx context.Context, o options) (*phone, error) {
	ph := &phone{store: p.store, log: p.log, keyring: profile.NewKeyring(), treat: treatment{store: p.store}, standIn: o.command != "call", devices: newDevices()}
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
	if ph.host, err = device.Open(ctx, device.Options{Log: ph.log, Told: ph.devices.told}); err != nil {
		return err
	}
	if err := ph.loadPassword(ctx); err != nil {
		// A call without a password may well succeed; one that needs it
		// ends with a sentence of its own.
		ph.log.Info("no password", "error", err)
		// A window opens all the same: its settings are where this is mended.
		if profile.CodeOf(err) == profile.CodePasswordFile && o.command != "window" && o.command != "doctor" && o.command != "report" {
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
	sip.Trace = p.trace(o)
	ph.agent = sipua.New(sip)
	ph.media = peer.New(peer.Options{
		Sound: ph.sound, Chain: ph.treat.now, Settings: ph.mediaSettings, Logger: ph.log, FarTap: ph.files.tap(), Gaps: ph.host.Gaps,
		Notice: ph.notice, Cues: func() bool { return ph.store.Get().MuteSound },
		OnFirstFrame: func(at time.Time) { ph.watch.mark(&ph.watch.frame1, at) },
	})
	ph.engine = call.New(call.Options{Signaling: ph.agent, Media: ph.media, RingTimeout: o.ringTimeout})
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	ph.stop = stop
	ph.after = append(ph.after, p.followCalls(ph), p.markCalls(ph))
	if o.command == "window" || o.command == "headless" {
		ph.after = append(ph.after, p.openTelemetry(ph))
	}
	var treating sync.WaitGroup
	treating.Go(func() { ph.treat.follow(run) })
	ph.after = append(ph.after, treating.Wait)
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
	// Those who follow calls have their last one now, and may take their time
	// beside the rest.
	var followers sync.WaitGroup
	defer followers.Wait()
	for _, f := range ph.after {
		followers.Go(f)
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
	if req := ph.request(""); req.URL != "" {
		ph.agent.Warm(req)
	}
}

// request is a Dial to tel with what the settings say.
func (ph *phone) request(tel string) call.Request { return request(ph.store.Get(), tel) }

func request(s profile.Settings, tel string) call.Request {
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
	if _, err := profile.ReadPlain(ca.Text); err != nil {
		return fmt.Errorf("%s: %w", ca.Origin, err)
	}
	return nil
}

// sound opens what one call hears and speaks with: devices, or the files that
// the command line put in their place.
func (ph *phone) sound(ctx context.Context) (audio.Duplex, error) {
	ph.treat.none()
	open := func() (audio.Duplex, error) {
		choice := ph.choice()
		d, err := ph.files.sound(ctx, ph.host, choice)
		if err != nil {
			return nil, err
		}
		return ph.treat.wrap(d, endsOf(ph.files, choice)), nil
	}
	if ph.around != nil {
		return ph.around(open)
	}
	return open()
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
