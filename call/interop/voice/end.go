package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"nxphone/call/interop"
)

// end is one end of a call: a program with a sound card.
type end interface {
	// name is what tables call it.
	name() string
	// call dials a number and returns when it is answered.
	call(ctx context.Context, number string) error
	// hangUp ends the call and tells what the program knew of its receiver.
	hangUp(ctx context.Context) (received, error)
	// hear records what the end's speaker plays, or what its microphone is given.
	hear(s interop.Sink) (*recorder, error)
	// say plays a raw file (16-bit mono, 48 kHz) to its microphone.
	say(file string) (*interop.Process, error)
	// pid is the program's first process.
	pid() int
}

// received is what a receiver says of itself, in milliseconds and shares.
type received struct {
	// Delay and Target are the means of what waits in the jitter buffer, and of
	// what should.
	Delay, Target float64
	// Concealed is the share of what was played that was made up, 0 to 1.
	Concealed float64
}

// answerTime bounds the setup of a call and its end.
const answerTime = 20 * time.Second

// desk is what both kinds of ends have: a desktop.
type desk struct {
	*interop.Desktop
	group *interop.Group
	dir   string
	runs  int
}

// newDesk starts a desktop in a folder of its own.
func newDesk(ctx context.Context, dir string) (*desk, error) {
	if err := os.MkdirAll(filepath.Join(dir, "desktop"), 0o700); err != nil {
		return nil, err
	}
	g, err := interop.NewGroup(filepath.Join(dir, "logs"))
	if err != nil {
		return nil, err
	}
	d, err := interop.StartDesktop(ctx, g, filepath.Join(dir, "desktop"))
	if err != nil {
		g.Stop()
		return nil, err
	}
	return &desk{Desktop: d, group: g, dir: dir}, nil
}

func (d *desk) close() {
	d.group.Stop()
	d.Close()
}

// label makes a name of a run, which must be unique.
func (d *desk) label(kind string) string {
	d.runs++
	return fmt.Sprintf("%s-%d", kind, d.runs)
}

func (d *desk) hear(s interop.Sink) (*recorder, error) {
	from, err := d.Hear(d.label("hear"), s)
	if err != nil {
		return nil, err
	}
	return record(from), nil
}

func (d *desk) say(file string) (*interop.Process, error) { return d.Speak(d.label("say"), file) }

// phoneEnd is the phone's binary.
type phoneEnd struct {
	*desk
	path    string
	sbc     *interop.Lab
	flags   []string // more of the command line
	run     *interop.PhoneRun
	summary string
}

func (*phoneEnd) name() string { return "nxphone" }

func (p *phoneEnd) pid() int { return p.run.PID() }

func (p *phoneEnd) call(ctx context.Context, number string) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	label := p.label("phone")
	p.summary = filepath.Join(p.dir, label+".json")
	args := append([]string{"call", "--audio", "default", "--summary", p.summary, "--lang", "en",
		"--realm", p.sbc.Realm, "--dn", "1000", "--url", p.sbc.URL("wss"), "--ca", p.sbc.CA}, p.flags...)
	var err error
	if p.run, err = p.group.StartPhone(label, p.path, p.Env, append(args, number)...); err != nil {
		return err
	}
	_, err = p.run.WaitEvent(ctx, "InCall")
	return err
}

func (p *phoneEnd) hangUp(ctx context.Context) (received, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	p.run.Interrupt()
	status, err := p.run.Wait(ctx)
	if err != nil {
		return received{}, err
	}
	text, err := os.ReadFile(p.summary)
	if err != nil {
		return received{}, fmt.Errorf("%w\n%s", err, p.run.Log())
	}
	var s struct {
		OK        bool    `json:"ok"`
		Concealed float64 `json:"concealed_ms"`
		Played    float64 `json:"played_ms"`
		Delay     float64 `json:"jitter_buffer_ms"`
		Target    float64 `json:"jitter_buffer_target_ms"`
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return received{}, err
	}
	if status != 0 || !s.OK {
		return received{}, fmt.Errorf("nxphone call: status %d\n%s", status, p.run.Log())
	}
	if s.Played == 0 {
		return received{}, errors.New("nxphone call: nothing was played")
	}
	return received{s.Delay, s.Target, s.Concealed / s.Played}, nil
}
