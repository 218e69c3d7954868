package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"nxphone/call"
	"nxphone/call/logfile"
	"nxphone/call/scrub"
)

// logName and traceName are the files of the last messages and of SIP, below the
// state folder.
const (
	logName   = "log/nxphone.log"
	traceName = "log/sip.log"
)

// logs are the files of the last messages; both may be nil.
type logs struct{ messages, sip *logfile.File }

// openLogs begins to keep messages, as the settings say. What the terminal shows
// stays as it is.
func (p *program) openLogs(o options) {
	s := p.store.Get()
	calls := o.command == "window" || o.command == "call" || o.command == "headless"
	if !s.LogFile || !calls {
		return
	}
	terminal := p.log.Handler()
	path, err := statePath(logName)
	if err != nil {
		return // there is no home to write into
	}
	// The terminal only: a file that cannot be written cannot say so itself.
	failed := logfile.Options{Failed: func(err error) { slog.New(terminal).Warn("messages are not kept", "error", err) }}
	p.logs.messages = logfile.Open(path, failed)
	level := slog.LevelInfo
	if s.LogLevel == "debug" {
		level = slog.LevelDebug
	}
	p.log = slog.New(logfile.Both(terminal, p.logs.messages.Handler(level)))
	if s.SIPTrace {
		if path, err := statePath(traceName); err == nil {
			p.logs.sip = logfile.Open(path, failed)
		}
	}
	p.knowing(call.Call{DN: s.DN})
}

// knowing tells the files whose numbers must not be in them, of any length.
func (p *program) knowing(c call.Call) {
	s := p.store.Get()
	k := scrub.Known{Numbers: []string{s.DN, s.User, s.PresentedNumber, s.EchoNumber, c.DN, c.Tel}, Secrets: []string{s.PushToken}}
	for _, d := range s.SpeedDials {
		k.Numbers = append(k.Numbers, d.Tel)
	}
	for _, h := range slices.Concat(s.SIPHeaders, s.HandshakeHeaders) { // they stand in every request
		k.Secrets = append(k.Secrets, h.Value)
	}
	for _, f := range []*logfile.File{p.logs.messages, p.logs.sip} {
		if f != nil {
			f.Know(k)
		}
	}
}

// close writes what waits.
func (l *logs) close() {
	for _, f := range []*logfile.File{l.messages, l.sip} {
		if f != nil {
			_ = f.Close()
		}
	}
}

// trace is where SIP messages are shown: the terminal where it was asked for, the
// file where the settings say so; nil for nowhere.
func (p *program) trace(o options) func(dir string, msg []byte, at time.Time) {
	var all []func(dir string, msg []byte, at time.Time)
	if o.trace {
		all = append(all, traceTo(p.stderr))
	}
	if f := p.logs.sip; f != nil {
		all = append(all, func(dir string, msg []byte, at time.Time) {
			_, _ = fmt.Fprintf(f, "%s %s\n%s\n", at.Format(time.RFC3339Nano), dir, msg)
		})
	}
	if p.examined != nil {
		all = append(all, p.examined.add)
	}
	if all == nil {
		return nil
	}
	return func(dir string, msg []byte, at time.Time) {
		for _, f := range all {
			f(dir, msg, at)
		}
	}
}

// followCalls writes down what becomes of calls: that, when and how, never to
// whom. It ends with the engine.
func (p *program) followCalls(ph *phone) (wait func()) {
	if p.logs.messages == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	seen := ph.engine.Watch(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		for s, cause := range seen {
			p.noteCall(s.Call, cause)
		}
	})
	return func() {
		late := time.AfterFunc(time.Second, cancel) // the engine has ended, and so does its watch
		wg.Wait()
		late.Stop()
		cancel()
	}
}

func (p *program) noteCall(c call.Call, cause call.Cause) {
	since := func(from time.Time) int64 { return time.Since(from).Milliseconds() }
	switch cause := cause.(type) {
	case call.Began:
		p.knowing(c)
		p.log.Info("a call began", "call", c.ID, "test", c.Test)
	case call.Tried:
		p.log.Info("the server has the call", "call", c.ID, "ms", since(c.Dialed))
	case call.Rang:
		p.log.Info("it rings", "call", c.ID, "sip", cause.Code, "ms", since(c.Dialed))
	case call.Answered:
		p.log.Info("answered", "call", c.ID, "ms", since(c.Dialed))
	case call.MediaUp:
		p.log.Info("sound flows", "call", c.ID, "codec", cause.Codec, "ms", since(c.Dialed))
	case call.HoldChanged:
		p.log.Info("hold", "call", c.ID, "on", cause.On)
	case call.RemoteHoldChanged:
		p.log.Info("the far end holds", "call", c.ID, "on", cause.On)
	case call.MuteLeaked:
		p.log.Warn("sound was measured behind the mute gate", "call", c.ID)
	case call.Ended:
		s := c.Stats
		p.log.Info("the call ended", "call", c.ID, "code", cause.Reason.Code, "sip", cause.Reason.SIP, "phrase", cause.Reason.Phrase,
			"local", cause.Reason.Local, "sent", s.PacketsSent, "received", s.PacketsReceived, "lost", s.PacketsLost,
			"rtt_ms", s.RTT.Milliseconds(), "jitter_ms", s.Jitter.Milliseconds(),
			"underrun_ms", s.Underruns/48, "overrun_ms", s.Overruns/48)
	}
}
