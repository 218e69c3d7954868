package main

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"nxphone/assets/text"
	"nxphone/audio"
	"nxphone/call/kiosk"
	"nxphone/call/profile"
	"nxphone/ui"
	"nxphone/ui/look"
	"nxphone/ui/session"
)

// Exit statuses of a booth beside those of main.go; packaging/docs/kiosk.md
// tells supervisors what to make of them.
const (
	exitRestart = 10 // start the program again
	exitReboot  = 11 // start the machine again
)

// boothRing bounds the time from a press to the answer. It is far longer than at
// a desk: a helpline lets its callers ring until somebody is free, and only a
// visitor who has walked away must not hold the line for ever.
const boothRing = 5 * time.Minute

// kioskScreen shows a booth until ctx ends; ui.RunKiosk is one.
type kioskScreen func(ctx context.Context, opts ui.KioskOptions) error

// booth is a kiosk with everything around it.
type booth struct {
	p      *program
	phone  *phone // nil: it could not be opened
	logic  *kiosk.Booth
	voice  *kiosk.Voice
	report kiosk.Reporter
	states string // directory for what has to survive a restart; "": none
	wg     sync.WaitGroup
}

// runKiosk is "nxphone --kiosk". It keeps the main goroutine until the
// administrator leaves, a signal comes, or the booth wants to be started again.
// Whatever is missing is shown on the screen: a booth that ends because it is
// not set up would only be started again.
func (p *program) runKiosk(ctx context.Context, o options, show kioskScreen) int {
	noReader(p.log)
	o.ringTimeout = boothRing
	b := &booth{p: p}
	code := b.run(ctx, o, show)
	if b.phone != nil {
		if err := b.phone.close(); err != nil {
			p.log.Warn("closing the phone", "error", err)
		}
	}
	return code
}

func (b *booth) run(ctx context.Context, o options, show kioskScreen) int {
	b.open(ctx, o)
	s := b.p.store.Get()
	inner, cancel := context.WithCancel(ctx)
	defer b.wg.Wait()
	defer cancel()
	outcome := make(chan kiosk.Outcome, 1)
	b.wg.Go(func() {
		o := b.logic.Run(inner)
		outcome <- o
		if o == kiosk.Left { // the screen leaves by itself then, or should
			pause(inner, leaveTime)
		}
		cancel()
	})
	b.accompany(inner, s)
	sup := newSupervision(b)
	err := show(inner, b.screen(inner, o, s, sup))
	sup.stopping()
	if errors.Is(err, ui.ErrNoDisplay) || errors.Is(err, ui.ErrNoOpenGL) {
		b.p.tell(ui.Explain(err, b.p.words))
		return exitFailed
	}
	cancel()
	switch got := <-outcome; {
	case got == kiosk.Restart:
		return exitRestart
	case got == kiosk.Reboot:
		return exitReboot
	case got == kiosk.Left, ctx.Err() != nil, err == nil:
		return exitOK
	}
	if errors.Is(err, context.Canceled) {
		return exitOK // the toolkit has seen the signal first
	}
	b.p.say(err)
	return exitRestart
}

// open builds the phone and the logic, or a booth that says what is missing.
func (b *booth) open(ctx context.Context, o options) {
	p := b.p
	b.states = stateDir()
	opts := kiosk.Options{Logger: p.log}
	if b.states != "" {
		opts.PINFile = filepath.Join(b.states, "pin.json")
		opts.Before = kiosk.ReadReport(b.healthFile())
	}
	var err error
	if b.phone, err = p.openPhone(ctx, o); err != nil {
		p.say(err)
		opts.Fault = kiosk.FaultPhone
	}
	s := p.store.Get() // the demo has said its part now
	opts.Idle, opts.Silence, opts.Voice, opts.PINHash = s.KioskIdle, s.KioskSilence, s.KioskVoice, s.KioskPIN
	opts.Numbers = kiosk.Numbers{Counsellor: s.KioskNumber, Emergency: s.KioskEmergency}
	if opts.Fault == kiosk.FaultNone {
		if opts.Missing = kioskMissing(s); opts.Missing != nil {
			opts.Fault = kiosk.FaultPolicy
			if p.policyFault {
				opts.Fault = kiosk.FaultBadPolicy
			}
			p.tell(p.words.Text("cli.kiosk.missing", "keys", strings.Join(opts.Missing, ", ")), "")
		}
	}
	if b.phone != nil {
		b.connect(o, s, &opts)
	}
	b.logic = kiosk.New(opts)
	b.report = kiosk.Reporter{Version: version, Started: time.Now(), Say: p.sayTest}
}

// kioskMissing lists the settings without which nobody can be called, and those
// that no call can be made with.
func kioskMissing(s profile.Settings) []string {
	var out []string
	for _, v := range []struct {
		key  profile.Key
		text string
	}{{profile.KeyKioskNumber, s.KioskNumber}, {profile.KeyRealm, s.Realm}, {profile.KeyDN, s.DN}, {profile.KeyURL, s.URL}} {
		if v.text == "" {
			out = append(out, string(v.key))
		}
	}
	if out == nil && request(s, s.KioskNumber).Validate() != nil {
		out = []string{string(profile.KeyKioskNumber), string(profile.KeyRealm), string(profile.KeyDN), string(profile.KeyURL)}
	}
	if s.KioskEmergency != "" && out == nil && request(s, s.KioskEmergency).Validate() != nil {
		out = []string{string(profile.KeyKioskEmergency)}
	}
	return out
}

// connect ties the logic to the phone.
func (b *booth) connect(o options, s profile.Settings, opts *kiosk.Options) {
	ph := b.phone
	opts.Phone, opts.Request = ph.engine, ph.request
	if s.URL != "" {
		opts.Reach = func(ctx context.Context) (<-chan struct{}, error) { return ph.agent.Reach(ctx, ph.request("")) }
	}
	b.voice = kiosk.NewVoice(func(ctx context.Context) (audio.OutputDevice, error) {
		c := ph.choice()
		return ph.host.OpenOutput(ctx, append(c.Speakers, c.Speaker)...)
	})
	probe := &swap{}
	ph.around = func(open func() (audio.Duplex, error)) (audio.Duplex, error) {
		if d := probe.get(); d != nil {
			return d, nil
		}
		return b.voice.Around(open)
	}
	at, err := kiosk.ParseDaily(s.KioskSelfTest)
	if err != nil {
		return // there is none
	}
	opts.TestAt = at
	opts.Test = kiosk.Tester{
		Open: func(ctx context.Context) (audio.Duplex, error) {
			return ph.host.OpenDuplex(ctx, ph.choice())
		},
		Swap: probe.put, Phone: ph.engine, Request: ph.request, Number: s.KioskTestNumber(o.demo), Logger: b.p.log,
	}.Run
}

// swap holds what takes the place of the devices in the self-test's call.
type swap struct {
	mu sync.Mutex
	d  audio.Duplex
}

func (s *swap) get() audio.Duplex {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.d
}

func (s *swap) put(d audio.Duplex) (restore func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.d = d
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.d = nil
	}
}

const (
	// leaveTime is what the screen gets to leave after the administrator's PIN.
	leaveTime = 3 * time.Second
	// againAfter is when a booth whose phone could not be opened wants to be
	// started again.
	againAfter = time.Minute
)

// accompany starts what runs beside the booth until ctx ends.
func (b *booth) accompany(ctx context.Context, s profile.Settings) {
	b.wg.Go(func() { b.followPolicy(ctx) })
	if b.states != "" {
		b.wg.Go(func() { b.report.File(ctx, b.logic, b.healthFile(), b.p.log) })
	}
	if s.KioskHealth != "" {
		b.wg.Go(func() {
			err := b.report.Serve(ctx, b.logic, s.KioskHealth, b.p.log, func(a net.Addr) {
				b.p.log.Info("the booth's health is told", "address", a.String())
			})
			if err != nil {
				b.p.log.Error("the booth's health is not told", "error", err)
			}
		})
	}
	if b.phone == nil {
		b.wg.Go(func() {
			if pause(ctx, againAfter) {
				b.logic.Finish(ctx, kiosk.Restart)
			}
		})
	}
}

// pause waits, and reports whether ctx has lasted.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// followPolicy has the program started again when the organisation's settings
// have become others, once nobody uses the booth. A policy that cannot be read
// is told, and changes nothing.
func (b *booth) followPolicy(ctx context.Context) {
	o := b.p.newOrders(b.phone, func(ctx context.Context) {
		b.p.log.Info("the policy has changed")
		b.logic.Finish(ctx, kiosk.Restart)
	})
	o.start(ctx)
	<-ctx.Done()
	o.close()
}

// screen is what the window needs.
func (b *booth) screen(ctx context.Context, o options, s profile.Settings, sup *supervision) ui.KioskOptions {
	out := ui.KioskOptions{
		Booth: b.logic, Low: s.KioskLayout == profile.KioskLow, Pointer: o.demo, Logger: b.p.log,
		Contrast: s.Theme == profile.ThemeContrast, Label: emergencyLabel(s.KioskEmergency),
		Ready: func(beat func(ctx context.Context) error) { sup.ready(ctx, beat) },
		Awake: b.awake(ctx),
	}
	if s.Theme != profile.ThemeContrast {
		out.Theme = look.Brightness(s.Theme)
	}
	if l, ok := text.Parse(s.Lang); ok {
		out.Lang = l
	}
	if b.voice != nil {
		out.Volume, out.Play = b.voice, b.voice.Play
		out.Voice = func(l text.Lang, p kiosk.Prompt) ([]int16, error) { return kioskVoice(voiceDir, l, p) }
	}
	return out
}

// emergencyLabel is how an emergency number is called on the screen: by itself
// where everybody knows it (112, 119, 1393), else not at all.
func emergencyLabel(number string) string {
	if len(number) > 4 {
		return ""
	}
	return number
}

// awake holds off the screen saver; see ui.KioskOptions.
func (b *booth) awake(ctx context.Context) func(on bool) {
	a := session.NewAwake(session.Env{Log: b.p.log}, appID, func() string { return b.p.text("awake.why") })
	b.wg.Go(func() { a.Run(ctx) })
	return a.Hold
}

func (b *booth) healthFile() string { return filepath.Join(b.states, "health.json") }

// stateDir is where a booth keeps its few files: what the service manager has
// made (StateDirectory=), else the user's state directory. "" where there is
// neither.
func stateDir() string {
	if dir := serviceDir(); dir != "" {
		return dir
	}
	log, err := auditPath()
	if err != nil {
		return ""
	}
	return filepath.Join(filepath.Dir(log), "kiosk")
}

// serviceDir is the directory that a service manager has made, "" for none.
func serviceDir() string {
	if dir, _, _ := strings.Cut(os.Getenv("STATE_DIRECTORY"), ":"); filepath.IsAbs(dir) {
		return dir
	}
	return ""
}

// sayTest is a self-test's result in a sentence.
func (p *program) sayTest(r kiosk.Report) string {
	if r.OK {
		return p.text("kiosk.test.ok")
	}
	var out []string
	for _, f := range []kiosk.Finding{r.Sound, r.Line} {
		if f != kiosk.FindingNone && f != kiosk.FindingOK {
			out = append(out, p.text("kiosk.test."+string(f)))
		}
	}
	return strings.Join(out, " ")
}
