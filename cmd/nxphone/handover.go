package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nxphone/ui/session"
)

// handTime bounds the wait for the window to take a number that somebody hands
// over.
const handTime = 2 * time.Second

// runtimeFolder is this user's folder for sockets and locks, in the session's own
// folder where there is one.
func runtimeFolder() (string, error) {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		dir = cache
	}
	dir = filepath.Join(dir, "nxphone")
	return dir, os.MkdirAll(dir, 0o700)
}

// controlPath is the socket of package webapi for programs of this user.
func controlPath() (string, error) {
	dir, err := runtimeFolder()
	return filepath.Join(dir, "ctl.sock"), err
}

// instance names a phone among those of this user: one of another settings file is
// another phone, and so is the demo.
func instance(settings string, demo bool) string {
	if path, err := filepath.Abs(settings); err == nil {
		settings = path
	}
	sum := sha256.Sum256([]byte(settings))
	name := "window-" + hex.EncodeToString(sum[:6])
	if demo {
		name += "-demo"
	}
	return name
}

// onScreen names the window of a phone on a screen: each has one, because nobody
// would see that of another screen come to the front.
func onScreen(phone, screen string) string {
	// ":0.0" is ":0".
	if i := strings.LastIndexByte(screen, '.'); i > strings.LastIndexByte(screen, ':') {
		screen = screen[:i]
	}
	sum := sha256.Sum256([]byte(screen))
	return phone + "-" + hex.EncodeToString(sum[:3])
}

// enter finds out whether this phone has a window already, and hands over to it:
// handed. Else first is the claim to be the one that later starts hand over to.
// It is nil where that is not to be had: whoever has it does not answer, and the
// user who wanted a window gets one.
func (p *program) enter(ctx context.Context, o options) (first *session.First, handed bool) {
	dir, err := runtimeFolder()
	if err != nil {
		p.log.Info("other instances will not find this one", "error", err)
		return nil, false
	}
	env := session.Env{Log: p.log}
	screen := screenName()
	first, err = session.Enter(ctx, env, dir, onScreen(instance(p.store.Path(), o.demo), screen), o.tel)
	switch {
	case err != nil:
		p.log.Info("the other instance has not answered, this one opens a window of its own", "error", err)
		return nil, false
	case first == nil:
		return nil, true
	case o.tel == "" || o.demo:
		return first, false
	}
	// A link knows nothing of --demo: where only the demo is open, it is the phone.
	if session.HandOver(ctx, dir, onScreen(instance(p.store.Path(), true), screen), o.tel) == nil {
		first.Close()
		return nil, true
	}
	return first, false
}

// answerOthers has later instances answered by show, once shown was called, until
// leave. first may be nil.
func answerOthers(first *session.First, show func(number string) bool) (shown, leave func()) {
	if first == nil {
		return func() {}, func() {}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		first.Run(show)
	}()
	return first.Opened, func() {
		first.Close()
		<-done
	}
}
