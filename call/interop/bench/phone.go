package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nxphone/call/interop"
	"nxphone/call/interop/usage"
)

// program is the phone as a program of its own.
type program struct {
	path  string
	group *interop.Group
	dir   string // for its files
	runs  int
}

func (p *program) name(kind string) string {
	p.runs++
	return fmt.Sprintf("phone-%s-%d", kind, p.runs)
}

// version is the first line of "nxphone version", without the program's name.
func (p *program) version(ctx context.Context) (string, error) {
	r, err := p.group.StartPhone(p.name("version"), p.path, interop.Home(p.dir), "version")
	if err != nil {
		return "", err
	}
	if status, err := r.Wait(ctx); err != nil || status != 0 {
		return "", fmt.Errorf("nxphone version: status %d: %w", status, err)
	}
	return strings.TrimPrefix(r.Events()[0].Line, "nxphone "), nil
}

// settings are the flags for a target.
func settings(to target) []string {
	return []string{"--realm", to.Realm, "--dn", user, "--url", to.URL, "--ca", to.CA, "--lang", "en"}
}

// summary is what "nxphone call --summary" writes, as far as it is needed.
type summary struct {
	OK     bool     `json:"ok"`
	Code   string   `json:"code"`
	Invite *float64 `json:"dial_to_invite_ms"`
	Answer *float64 `json:"dial_to_answer_ms"`
	Frame  *float64 `json:"answer_to_first_frame_ms"`
}

// call runs one call by the program, which is a cold one, to its end.
func (p *program) call(ctx context.Context, to target) (timing, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*answerTime)
	defer cancel()
	name := p.name("call")
	file := filepath.Join(p.dir, name+".json")
	args := append([]string{"call", "--audio", "null", "--hangup-after", "300ms", "--summary", file}, settings(to)...)
	r, err := p.group.StartPhone(name, p.path, interop.Home(p.dir), append(args, to.Number)...)
	if err != nil {
		return timing{}, err
	}
	status, err := r.Wait(ctx)
	if err != nil {
		return timing{}, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return timing{}, fmt.Errorf("%w\n%s", err, r.Log())
	}
	var s summary
	if err := json.Unmarshal(text, &s); err != nil {
		return timing{}, err
	}
	if status != 0 || !s.OK {
		return timing{}, fmt.Errorf("nxphone call: status %d, %s\n%s", status, s.Code, r.Log())
	}
	return timing{absent(s.Invite), absent(s.Answer), absent(s.Frame)}, nil
}

// measure watches a call of some length without a window. env is the desktop
// whose sound server it uses; nil uses no device.
func (p *program) measure(ctx context.Context, to target, length time.Duration, env []string) (usage.Usage, error) {
	audio := "default"
	if env == nil {
		audio, env = "null", interop.Home(p.dir)
	}
	args := append([]string{"call", "--audio", audio, "--hangup-after", (length + 5*time.Second).String()}, settings(to)...)
	r, err := p.group.StartPhone(p.name("measure"), p.path, env, append(args, to.Number)...)
	if err != nil {
		return usage.Usage{}, err
	}
	inTime, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	if _, err := r.WaitEvent(inTime, "InCall"); err != nil {
		return usage.Usage{}, err
	}
	u, err := usage.Watch(ctx, r.PID(), length)
	if err != nil {
		return u, err
	}
	if status, err := r.Wait(ctx); err != nil || status != 0 {
		return u, fmt.Errorf("nxphone call: status %d: %w\n%s", status, err, r.Log())
	}
	return u, nil
}
