package main

import (
	"context"
	"crypto/x509"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"nxphone/call/profile"
	"nxphone/call/recent"
	"nxphone/call/shift"
)

// shiftEnd bounds the wait for the last word of a call to be written down, and
// diskEnd what is waited for a disk that does not answer even then: a program
// that is asked to end must not hang with it.
const (
	shiftEnd = 3 * time.Second
	diskEnd  = 3 * time.Second
)

// statePath is a file where programs keep what is neither settings nor cache
// (the XDG base directory specification's state directory).
func statePath(name string) (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "nxphone", name), nil
	}
	if runtime.GOOS != "linux" {
		dir, err := os.UserCacheDir()
		return filepath.Join(dir, "nxphone", name), err
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "state", "nxphone", name), err
}

// keptBy ends the name of a file that belongs to one phone: another settings
// file is another phone, and the demo is none (a rehearsal is no evidence).
func keptBy(settings string, demo bool) string {
	if first, err := profile.DefaultPath(); err == nil && settings == first {
		if demo {
			return "-demo"
		}
		return ""
	}
	return strings.TrimPrefix(instance(settings, demo), "window")
}

// desk is what the phone knows beside the call: what the counsellor is doing,
// and the recent calls. A kiosk has neither.
type desk struct {
	log    *slog.Logger
	shift  *shift.Shift
	recent *recent.Store // nil without a window

	stop    context.CancelFunc
	unwatch func()
	running sync.WaitGroup // follows the phone, and ends with it
	changes sync.WaitGroup // follows the settings
	once    sync.Once
}

// openDesk follows the phone.
func (p *program) openDesk(ph *phone, o options, window bool) *desk {
	d := &desk{log: ph.log, unwatch: func() {}}
	whose := keptBy(p.store.Path(), o.demo)
	record, err := statePath("lawful-endings" + whose + ".jsonl")
	if err != nil {
		p.log.Error("lawful endings are not noted", "error", err)
		record = ""
	}
	d.shift = shift.New(shift.Options{
		Phone: ph.engine, Record: record, Logger: ph.log, Agent: "nxphone/" + version,
		Rules: func() shift.Rules { return shiftRules(ph.store) },
		Roots: func() *x509.CertPool { return roots(ph.authorities(ph.store.Get())) },
	})
	ctx, stop := context.WithCancel(context.Background())
	d.stop = stop
	d.running.Go(func() { d.shift.Run(ctx) })
	if window {
		d.openRecent(ctx, ph, "recent-calls"+whose+".json")
	}
	return d
}

// openRecent keeps the recent calls as the settings say, from now on.
func (d *desk) openRecent(ctx context.Context, ph *phone, name string) {
	path, err := statePath(name)
	mode := recentMode(ph.store.Get())
	if err != nil {
		ph.log.Error("recent calls are not kept on the disk", "error", err)
		mode = min(mode, recent.Memory)
	}
	d.recent = recent.Open(recent.Options{Mode: mode, Path: path, Logger: ph.log})
	watch := ph.engine.Watch(ctx)
	d.running.Go(func() { d.recent.Follow(ctx, watch) })
	changed, unwatch := ph.store.Watch()
	d.unwatch = unwatch
	d.changes.Go(func() {
		for {
			select {
			case <-changed:
				if path != "" {
					_ = d.recent.SetMode(recentMode(ph.store.Get())) // told by its State
				}
			case <-ctx.Done():
				return
			}
		}
	})
}

// close is called when the phone has ended: what it has told last is still
// written down. It may be called more than once. It returns within shiftEnd and
// diskEnd; what hangs in a write then ends with the process.
func (d *desk) close() {
	d.once.Do(func() {
		d.unwatch()
		limit := time.AfterFunc(shiftEnd, d.stop)
		defer limit.Stop()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			d.running.Wait()
			d.stop()
			d.changes.Wait()
		}()
		late := time.NewTimer(shiftEnd + diskEnd)
		defer late.Stop()
		select {
		case <-ended:
		case <-late.C:
			d.log.Error("recent calls or lawful endings may not be written: the disk does not answer")
		}
	})
}

func recentMode(s profile.Settings) recent.Mode {
	switch keep, days := s.Recent(); {
	case !keep:
		return recent.Off
	case days > 0:
		return recent.Days(days)
	}
	return recent.Memory
}

// shiftRules is what the settings say of a shift. A number leaves this computer
// only where an organisation's policy shows numbers whole; what the user has
// chosen, or nobody, is no such word.
func shiftRules(store *profile.Store) shift.Rules {
	s := store.Get()
	mask := store.Value(profile.KeyMaskNumbers)
	return shift.Rules{
		AfterCall: s.AfterCall, Rest: s.RestTime(), Extension: s.DN, Digits: s.VisibleDigits(),
		HelpURL: s.HelpURL, HelpNumber: mask.Source == profile.SourceManaged && s.VisibleDigits() < 0,
	}
}

// roots are the system's certificates and those beside them.
func roots(pem []byte) *x509.CertPool {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	pool.AppendCertsFromPEM(pem)
	return pool
}
