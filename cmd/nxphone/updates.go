package main

import (
	"context"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"nxphone/call/doctor"
	"nxphone/call/profile"
	"nxphone/call/update"
	"nxphone/ui/present"
)

// updateKeys are the public keys of minisign of which one signs releases, joined
// by commas. They are set by the build: -ldflags "-X main.updateKeys=RW...".
var updateKeys string

// updateKeysOf are the keys that count: the organisation's, else the program's.
func updateKeysOf(s profile.Settings) ([]update.Key, error) {
	text := updateKeys
	if len(s.UpdateKeys) > 0 {
		text = strings.Join(s.UpdateKeys, ",")
	}
	return update.ParseKeys(text)
}

// newUpdate makes who asks for newer versions; the settings name an address.
// waits is told when a download waits for the end of a call; it may be nil.
func (p *program) newUpdate(s profile.Settings, kind string, calls func(context.Context) iter.Seq[bool], waits func()) (*update.Client, error) {
	keys, err := updateKeysOf(s)
	if err != nil {
		return nil, err
	}
	own, err := update.ParseVersion(version)
	if err != nil {
		return nil, err
	}
	o := update.Options{
		URL: s.UpdateURL, Keys: keys, Version: own, Kind: kind, Calls: calls, Waits: waits,
		UserAgent: "nxphone/" + version, Logger: p.log, Free: doctor.Free,
	}
	if dir := stateFolder(); dir != "" {
		o.Kept = filepath.Join(dir, "update.json")
	}
	if s.CA != "" {
		pem, err := profile.ReadPlain(s.CA)
		if err != nil {
			return nil, &update.Error{Code: update.CodeConfig, Detail: "the CA file cannot be read: " + err.Error(), Err: err}
		}
		o.Roots = roots(pem)
	}
	return update.New(o)
}

// installKind is how this program came here, as the feed calls it.
func installKind() string {
	exe, err := os.Executable()
	if err != nil {
		return "tar"
	}
	if real, err := filepath.EvalSymlinks(exe); err == nil {
		exe = real
	}
	there := func(path string) bool { _, err := os.Stat(path); return err == nil }
	return kindOf(runtime.GOOS, exe, os.Getenv("LOCALAPPDATA"), there)
}

func kindOf(system, exe, local string, there func(path string) bool) string {
	switch system {
	case "windows":
		if local != "" && strings.HasPrefix(strings.ToLower(exe), strings.ToLower(strings.TrimRight(local, `\`))+`\`) {
			if there(exe[:strings.LastIndexByte(exe, '\\')+1] + "opengl32.dll") {
				return "msi-user-gl" // it has software OpenGL with it
			}
			return "msi-user"
		}
		return "msi"
	case "darwin":
		return "pkg"
	}
	switch {
	case exe != "/usr/bin/nxphone":
		return "tar"
	// Of our packages only Debian's has this file, which its policy wants (12.5).
	case there("/usr/share/doc/nxphone/copyright"):
		return "deb"
	case there("/var/lib/pacman/local"):
		return "archlinux"
	}
	return "rpm"
}

// updates is ui.Updates: what the window tells of newer versions. It lives with
// the window, and nothing of it is in a booth.
type updates struct {
	p     *program
	kind  string // how this program was installed
	calls func(ctx context.Context) iter.Seq[bool]
	// install starts a verified installer; leave ends the window for it.
	install func(path string) error
	// elsewhere says whether another phone of this user has a call; nil: there is
	// none.
	elsewhere func() bool
	leave     func()

	stop context.CancelFunc
	wg   sync.WaitGroup
	ctx  context.Context

	mu     sync.Mutex
	client *update.Client
	shown  present.Update
	path   string // of the verified file
	change chan struct{}
}

// followUpdates asks for newer versions while the window is open, where the
// settings say so. close ends it.
func (p *program) followUpdates(ctx context.Context, ph *phone, leave func()) *updates {
	u := &updates{p: p, kind: installKind(), install: startInstaller, leave: leave, change: make(chan struct{})}
	u.calls = either(p.newOrders(ph, nil).calls, lookForCalls(lookSlow))
	u.elsewhere = inCall
	u.start(ctx)
	return u
}

func (u *updates) start(ctx context.Context) {
	u.ctx, u.stop = context.WithCancel(context.WithoutCancel(ctx))
	if dir := updateFolder(); dir != "" {
		u.wg.Go(func() { update.Tidy(dir) }) // what was left when the program was killed
	}
	u.wg.Go(func() { u.run(u.ctx) })
}

func (u *updates) close() {
	u.mu.Lock()
	u.stop() // and nothing new begins
	u.mu.Unlock()
	u.wg.Wait()
}

// run asks whoever the settings name, and somebody else when they have changed.
func (u *updates) run(ctx context.Context) {
	changed, unwatch := u.p.store.Watch()
	defer unwatch()
	for ctx.Err() == nil {
		s := u.p.store.Get()
		asking, stop := context.WithCancel(ctx)
		var wg sync.WaitGroup
		wg.Go(func() { u.ask(asking, s) })
		for sameUpdates(s, u.p.store.Get()) && ctx.Err() == nil {
			select {
			case <-changed:
			case <-ctx.Done():
			}
		}
		stop()
		wg.Wait()
	}
}

func sameUpdates(a, b profile.Settings) bool {
	return a.UpdateURL == b.UpdateURL && a.CA == b.CA && slices.Equal(a.UpdateKeys, b.UpdateKeys)
}

// ask asks until ctx ends.
func (u *updates) ask(ctx context.Context, s profile.Settings) {
	u.begin(nil)
	if s.UpdateURL == "" {
		return
	}
	c, err := u.p.newUpdate(s, u.kind, u.calls, nil)
	if err != nil {
		u.p.log.Warn("nobody can be asked for newer versions", "error", err)
		return
	}
	u.begin(c)
	c.Run(ctx, func(st update.Status) { u.learnt(c, st) })
}

// begin puts a client in the place of the last, whose word counts no more.
func (u *updates) begin(c *update.Client) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.client, u.path = c, ""
	u.show(present.Update{})
}

// learnt shows what a check has come to.
func (u *updates) learnt(c *update.Client, st update.Status) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.client != c || u.shown.Stage == present.UpdateLoading || u.shown.Stage == present.UpdateReady {
		return
	}
	if !st.Newer || st.PutAway {
		u.show(present.Update{})
		return
	}
	u.show(present.Update{Version: string(st.Feed.Version), Kind: u.kind, CanLoad: strings.HasPrefix(u.kind, "msi-user") && st.File != nil})
}

// show hands on what is shown. mu is held.
func (u *updates) show(now present.Update) {
	if u.shown == now {
		return
	}
	u.shown = now
	close(u.change)
	u.change = make(chan struct{})
}

// Watch is ui.Updates.
func (u *updates) Watch(ctx context.Context) iter.Seq[present.Update] {
	return func(yield func(present.Update) bool) {
		for {
			u.mu.Lock()
			now, change := u.shown, u.change
			u.mu.Unlock()
			if !yield(now) {
				return
			}
			select {
			case <-change:
			case <-ctx.Done():
				return
			}
		}
	}
}

// Go is ui.Updates: the user's yes to the next step.
func (u *updates) Go() {
	u.mu.Lock()
	defer u.mu.Unlock()
	c, now := u.client, u.shown
	if c == nil || u.ctx.Err() != nil {
		return
	}
	switch now.Stage {
	case present.UpdateKnown, present.UpdateFailed:
		if !now.CanLoad {
			return
		}
		now.Stage, now.Code = present.UpdateLoading, ""
		u.show(now)
		u.wg.Go(func() { u.load(c) })
	case present.UpdateReady:
		if !c.Quiet() {
			return // a page began a call at the same moment
		}
		path := u.path
		u.wg.Go(func() { u.setup(c, path, now.Version) })
	}
}

// load downloads and verifies.
func (u *updates) load(c *update.Client) {
	path, err := "", error(&update.Error{Code: update.CodeFile, Detail: "there is no place to keep a file"})
	if dir := updateFolder(); dir != "" {
		path, err = c.Download(u.ctx, dir)
	}
	u.step(c, path, err)
}

// updateFolder is where the window downloads to, "" where there is no such place.
func updateFolder() string {
	dir := stateFolder()
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "update")
}

// step shows what a download has come to.
func (u *updates) step(c *update.Client, path string, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.client != c || u.ctx.Err() != nil {
		return
	}
	now := u.shown
	now.Stage, now.Code, u.path = present.UpdateReady, "", path
	if err != nil {
		u.p.log.Warn("the newer version could not be downloaded or started", "error", err)
		now.Stage, now.Code, u.path = present.UpdateFailed, string(update.CodeOf(err)), ""
	}
	u.show(now)
}

// setup verifies once more, for the question may have stood for hours, starts the
// installer and ends the window, whose files it replaces.
func (u *updates) setup(c *update.Client, path, version string) {
	if u.elsewhere != nil && u.elsewhere() {
		u.mu.Lock()
		defer u.mu.Unlock()
		if now := u.shown; u.client == c && now.Stage == present.UpdateReady {
			now.Code = string(update.CodeCall)
			u.show(now)
		}
		return
	}
	var got update.Signed
	keys, err := updateKeysOf(u.p.store.Get())
	if err == nil {
		got, err = update.VerifyFile(path, keys)
	}
	if err == nil && (string(got.Version) != version || got.Target != runtime.GOOS+"/"+runtime.GOARCH) {
		err = &update.Error{Code: update.CodeComment, Detail: "the file has become another one"}
	}
	if err == nil {
		if err = u.install(path); err != nil {
			err = &update.Error{Code: update.CodeFile, Detail: err.Error(), Err: err}
		}
	}
	if err != nil {
		u.step(c, "", err)
		return
	}
	u.leave()
}

// PutAway is ui.Updates: the user does not want to be told of this version again.
func (u *updates) PutAway() {
	u.mu.Lock()
	c, v := u.client, u.shown.Version
	u.show(present.Update{})
	u.mu.Unlock()
	if c == nil || v == "" {
		return
	}
	if err := c.PutAway(update.Version(v)); err != nil {
		u.p.log.Warn("what was put away could not be kept", "error", err)
	}
}
