package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"nxphone/audio"
	"nxphone/audio/device"
	"nxphone/audio/headset"
	"nxphone/call"
	"nxphone/call/check"
	"nxphone/call/doctor"
	"nxphone/call/profile"
	"nxphone/call/webapi"
	"nxphone/ui"
)

// runDoctor is "nxphone doctor": what was found, one line each, in the order of
// a call; exit status 1 where something fails.
func runDoctor(ctx context.Context, p *program, o options) int {
	ph, err := p.openPhone(ctx, o)
	if err != nil {
		return p.fail(err)
	}
	defer ph.close()
	if o.json {
		return p.doctorJSON(ctx, ph, o)
	}
	found := doctor.Run(ctx, p.examination(ph, o), func(f doctor.Finding) { sayFinding(p.stdout, f, p.words.Text) })
	if ctx.Err() != nil {
		return exitFailed
	}
	fmt.Fprintf(p.stdout, "\n%s\n", doctor.Summary(found, p.words.Text))
	return exitOf(found)
}

func exitOf(found []doctor.Finding) int {
	if doctor.Worst(found) == doctor.Error {
		return exitFailed
	}
	return exitOK
}

// sayFinding prints one line, and beneath it what to do.
func sayFinding(w io.Writer, f doctor.Finding, text doctor.Text) {
	what, todo := f.Sentence(text)
	line := fmt.Sprintf("[%s] %s: %s", f.Verdict(text), f.Title(text), what)
	if todo != "" {
		line += " " + todo
	}
	fmt.Fprintln(w, line)
}

// examinationJSON is what programs are given.
type examinationJSON struct {
	Version  string        `json:"version"`
	Result   doctor.Grade  `json:"result"`
	Findings []findingJSON `json:"findings"`
}

type findingJSON struct {
	doctor.Finding
	What string `json:"what"`
	Todo string `json:"todo,omitempty"`
}

func (p *program) doctorJSON(ctx context.Context, ph *phone, o options) int {
	found := doctor.Run(ctx, p.examination(ph, o), nil)
	if err := writeFindings(p.stdout, found, p.words.Text); err != nil {
		return p.fail(err)
	}
	return exitOf(found)
}

func writeFindings(w io.Writer, found []doctor.Finding, text doctor.Text) error {
	out := examinationJSON{Version: version, Result: max(doctor.OK, doctor.Worst(found)), Findings: []findingJSON{}}
	for _, f := range found {
		what, todo := f.Sentence(text)
		out.Findings = append(out.Findings, findingJSON{f, what, todo})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

// examination is what the doctor looks at in this process.
func (p *program) examination(ph *phone, o options) doctor.Options {
	s := ph.store.Get()
	if o.kiosk { // a booth is tried with the number of its nightly test
		s.EchoNumber = s.KioskTestNumber(o.demo)
	}
	orders, own := p.wrongApart()
	sip := ph.signalling(ph.request(""))
	out := doctor.Options{
		Settings: s, Faults: errors.Join(own...), PolicyFaults: errors.Join(orders...), Policies: policyValues(ph.store), Demo: o.demo,
		Handshake: sip.Header, UserAgent: sip.UserAgent,
		Secret: func(ctx context.Context) error {
			if s.AuthUser() == "" && s.PasswordFile == "" { // the keyring would not be asked
				_, err := ph.keyring.Get(ctx, "")
				return err
			}
			_, err := profile.Password(ctx, s, ph.keyring)
			return err
		},
		RelaySecret: func(ctx context.Context, server profile.ICEServer) (string, error) {
			return ph.keyring.Get(ctx, profile.TURNAccount(server))
		},
		Sound: doctorSound{ph}, Display: displayByProcess, Headset: p.headsetFinding,
		Dirs: p.writtenDirs(), Ports: p.ports,
	}
	if ph.demo != nil {
		out.Roots = ph.demo.CA()
	}
	if out.Ports == nil {
		out.Ports = webapi.Ports()
	}
	if !o.quick {
		out.Echo = func(ctx context.Context) check.Result {
			line := func() (call.Request, bool) {
				req := ph.request(s.TestNumber(o.demo))
				req.Test = true
				return req, req.Tel != ""
			}
			return check.Run(ctx, check.Options{Parts: check.PartLine, Phone: ph.engine, Line: line}, func(check.Progress) {})
		}
	}
	return out
}

func policyValues(store *profile.Store) (n int) {
	for _, v := range store.Values() {
		if v.Source == profile.SourceManaged || v.Source == profile.SourceProvisioned || v.Source == profile.SourceRecommended && v.Origin != "--demo" {
			n++
		}
	}
	return n
}

// writtenDirs are the folders of settings and state.
func (p *program) writtenDirs() []string {
	var all []string
	if path := p.store.Path(); path != "" {
		all = append(all, filepath.Dir(path))
	}
	if path, err := statePath(""); err == nil {
		all = append(all, filepath.Clean(path))
	}
	return all
}

// doctorSound is the devices of a call for the doctor.
type doctorSound struct{ ph *phone }

// Wants implements doctor.Sound.
func (d doctorSound) Wants() (microphone, speaker string) {
	s := d.ph.store.Get()
	return s.Microphone, s.Speaker
}

// Microphone implements doctor.Sound.
func (d doctorSound) Microphone(ctx context.Context) (audio.InputDevice, string, error) {
	c := d.ph.choice()
	wants := append(c.Microphones, c.Microphone)
	in, err := d.ph.host.OpenInput(ctx, wants...)
	if err != nil {
		return nil, "", err
	}
	return in, d.name(ctx, true, wants), nil
}

// Speaker implements doctor.Sound.
func (d doctorSound) Speaker(ctx context.Context) (audio.OutputDevice, string, error) {
	c := d.ph.choice()
	wants := append(c.Speakers, c.Speaker)
	out, err := d.ph.host.OpenOutput(ctx, wants...)
	if err != nil {
		return nil, "", err
	}
	return out, d.name(ctx, false, wants), nil
}

// name is what people call the device that was opened: the one named, or the
// system's default.
func (d doctorSound) name(ctx context.Context, mic bool, wants []string) string {
	mics, speakers, err := d.ph.host.List(ctx)
	if err != nil {
		return ""
	}
	list := speakers
	if mic {
		list = mics
	}
	for _, want := range wants {
		for _, i := range list {
			if i.ID == want || i.Name == want || want == "" && i.Default || want == device.Default && i.Default {
				return i.Name
			}
		}
	}
	if len(wants) > 0 {
		return wants[len(wants)-1]
	}
	return ""
}

// Fault implements doctor.Sound.
func (d doctorSound) Fault(err error) doctor.Code {
	var missing device.ErrNotFound
	switch {
	case errors.As(err, &missing):
		return doctor.SoundMissing
	case errors.Is(err, device.ErrNoDevice):
		return doctor.SoundNone
	case errors.Is(err, device.ErrBusy):
		return doctor.SoundBusy
	case errors.Is(err, device.ErrDenied):
		return doctor.SoundDenied
	case errors.Is(err, device.ErrHung):
		return doctor.SoundHung
	}
	return doctor.SoundFailed
}

// Busy implements doctor.Sound.
func (d doctorSound) Busy() bool {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for snap := range d.ph.engine.Watch(ctx) {
		return snap.State != call.Idle
	}
	return false
}

// headsetTime is how long the headsets take to be found.
const headsetTime = 1500 * time.Millisecond

// headsetFinding looks for headsets with buttons, as the phone would.
func (p *program) headsetFinding(ctx context.Context) doctor.Finding {
	if !p.store.Get().Headset {
		return doctor.Find(doctor.HeadsetOff)
	}
	ctx, cancel := context.WithTimeout(ctx, headsetTime)
	defer cancel()
	link := headset.New(headset.Options{Logger: p.log})
	seen := link.Watch(ctx)
	ended := make(chan error, 1)
	go func() { ended <- link.Run(ctx) }()
	best := doctor.Find(doctor.HeadsetNone)
	for list := range seen {
		for _, h := range list {
			best = headsetCode(h)
		}
	}
	if err := <-ended; errors.Is(err, headset.ErrUnsupported) {
		return doctor.Find(doctor.HeadsetUnknown)
	}
	return best
}

func headsetCode(h headset.Status) doctor.Finding {
	code := doctor.HeadsetOK
	switch h.Trouble {
	case headset.TroubleAccess:
		code = doctor.HeadsetDenied
	case headset.TroubleRestless:
		code = doctor.HeadsetFault
	}
	return doctor.Find(code, "device", h.Name)
}

// displayProbe is the command that a process of its own is started with to open
// an invisible window; it is for nobody else.
const displayProbe = "probe-display"

// runDisplayProbe answers in one line: what draws, or which error.
func runDisplayProbe(p *program) int {
	renderer, err := ui.ProbeDisplay()
	switch {
	case errors.Is(err, ui.ErrNoDisplay):
		fmt.Fprintln(p.stdout, doctor.DisplayNone)
	case err != nil:
		fmt.Fprintln(p.stdout, doctor.DisplayNoGL)
	default:
		fmt.Fprintln(p.stdout, doctor.DisplayOK, renderer)
	}
	return exitOK
}

// probeTime bounds it: a driver loads in a second or two.
const probeTime = 8 * time.Second

// displayByProcess asks a process of its own for a window: a graphics driver
// that hangs or crashes must not take the doctor with it.
func displayByProcess(ctx context.Context) doctor.Finding {
	if runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return doctor.Find(doctor.DisplayNone)
	}
	self, err := os.Executable()
	if err != nil {
		return doctor.Find(doctor.DisplayNone).With(err.Error())
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, displayProbe)
	cmd.WaitDelay = time.Second
	var said bytes.Buffer
	cmd.Stdout = &said
	err = cmd.Run()
	code, renderer, _ := strings.Cut(strings.TrimSpace(said.String()), " ")
	switch doctor.Code(code) {
	case doctor.DisplayOK:
		return drawn(renderer)
	case doctor.DisplayNone, doctor.DisplayNoGL:
		return doctor.Find(doctor.Code(code))
	}
	if ctx.Err() != nil {
		return doctor.Find(doctor.DisplayHung)
	}
	return doctor.Find(doctor.DisplayNoGL).With(fmt.Sprint(err))
}

// drawn tells a graphics card from a program that plays one.
func drawn(renderer string) doctor.Finding {
	code := doctor.DisplayOK
	for _, software := range []string{"llvmpipe", "softpipe", "SWR", "SwiftShader", "GDI Generic"} {
		if strings.Contains(renderer, software) {
			code = doctor.DisplaySoftware
		}
	}
	return doctor.Find(code, "renderer", renderer)
}
