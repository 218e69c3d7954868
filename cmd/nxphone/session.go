package main

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"nxphone/assets"
	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/call/profile"
	"nxphone/call/profile/hotkey"
	"nxphone/ui"
	"nxphone/ui/present"
	"nxphone/ui/session"
)

// appID is the program's name for desktops: that of its desktop file.
const appID = "nxphone"

// stayAwake holds off screen saver and sleep while the phone has a call, until
// stop.
func (p *program) stayAwake(ph *phone) (stop func()) {
	awake := session.NewAwake(session.Env{Log: p.log}, appID, func() string { return p.now().Text("awake.why") })
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { awake.Run(ctx) })
	wg.Go(func() {
		for snap := range ph.engine.Watch(ctx) {
			awake.Hold(snap.State != call.Idle)
		}
	})
	return func() {
		cancel()
		wg.Wait()
	}
}

// surroundings are the desktop around the window (ui.Session).
type surroundings struct {
	phone *phone
	store *profile.Store
	log   *slog.Logger

	notes    *session.Notes
	tray     *session.Tray
	hotkeys  *session.Hotkeys
	windows  *session.Windows
	memory   *session.Memory
	auto     *session.Autostart // nil: this phone is not one to be started so
	requests chan string
	known    chan struct{} // one slot: the window's number has come
	icons    map[present.TrayState][]image.Image

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu      sync.Mutex
	shown   present.Outside
	window  uint32
	onTop   bool // as the window manager was told
	starts  bool // with the session, as the setting was seen last
	faults  present.HotkeyFaults
	changed chan struct{} // closed by the next change of faults
}

var _ ui.Session = (*surroundings)(nil)

// openSurroundings begins to follow settings and desktop, until close.
func (p *program) openSurroundings(ph *phone, o options) *surroundings {
	env := session.Env{Log: p.log}
	s := &surroundings{
		phone: ph, store: ph.store, log: p.log, requests: make(chan string, 4), known: make(chan struct{}, 1), changed: make(chan struct{}),
		windows: session.NewWindows(env), icons: trayIcons(),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.tray = session.NewTray(env, appID, s.request)
	s.notes = session.NewNotes(session.NotesOptions{
		Env: env, App: appID, Name: appID, Icon: appID, Open: p.now().Text("note.open"), Tray: s.tray,
		Clicked: func(string) { s.request(ui.RequestShow) },
	})
	s.hotkeys = session.NewHotkeys(env, func(id string) string { return p.now().Text("tray." + id) }, s.pressed, s.told)
	path := ""
	if dir, err := session.StateFolder(env, appID); err == nil {
		path = filepath.Join(dir, "window.json")
	}
	s.memory = session.OpenMemory(path)
	s.auto = p.autostart(env, o)
	s.starts = s.store.Get().StartWithSession
	if s.auto != nil {
		if err := s.auto.Follow(s.starts); err != nil {
			s.log.Warn("the phone will not start with the session", "error", err)
		}
	}
	for _, run := range []func(context.Context){s.tray.Run, s.notes.Run, s.hotkeys.Run, s.follow} {
		s.wg.Go(func() { run(s.ctx) })
	}
	return s
}

// close takes everything away from the desktop.
func (s *surroundings) close() {
	s.cancel()
	s.wg.Wait()
	s.windows.Close()
}

// now is the catalogue of the language that the settings name at this moment.
func (p *program) now() *text.Catalogue {
	if l, ok := text.Parse(p.store.Get().Lang); ok {
		return text.For(l)
	}
	return p.words
}

// autostart is the session's file for this phone, nil for a demo, which nobody
// wants started with the session.
func (p *program) autostart(env session.Env, o options) *session.Autostart {
	path, err := session.AutostartPath(env, appID)
	if err != nil || o.demo {
		return nil
	}
	exe, err := os.Executable()
	if err != nil {
		p.log.Info("the program does not know where it is", "error", err)
		return nil
	}
	a := &session.Autostart{Path: path, Name: appID, Comment: p.now().Text("autostart.comment"), Icon: appID, Exec: exe}
	// The environment of a session comes back with it, a command line does not.
	if usual, err := (*profile.Flags)(nil).Config(nil); err != nil || usual != p.store.Path() {
		if config, err := filepath.Abs(p.store.Path()); err == nil {
			a.Args = []string{"--config", config}
		}
	}
	return a
}

// follow brings changed settings about.
func (s *surroundings) follow(ctx context.Context) {
	changed, stop := s.store.Watch()
	defer stop()
	for {
		s.settle()
		select {
		case <-changed:
		case <-s.known:
		case <-ctx.Done():
			return
		}
	}
}

// settle makes the desktop as the settings say.
func (s *surroundings) settle() {
	v := s.store.Get()
	keys := map[string]hotkey.Key{}
	if v.Hotkeys {
		for id, text := range map[string]string{ui.RequestMute: v.HotkeyMute, ui.RequestHangup: v.HotkeyHangup} {
			if k, err := hotkey.Parse(text); err == nil { // the settings have checked it
				keys[id] = k
			}
		}
	}
	s.hotkeys.Set(keys)
	s.mu.Lock()
	shown, starts := s.shown, s.starts
	s.starts = v.StartWithSession
	s.mu.Unlock()
	s.Show(shown)
	s.keepOnTop(v.OnTop)
	if v.StartWithSession != starts && s.auto != nil {
		if err := s.auto.Set(v.StartWithSession); err != nil {
			s.log.Warn("the start with the session could not be changed", "error", err)
		}
	}
}

// request passes on what the user asks for outside of the window. More than a few
// clicks that nobody takes are no news.
func (s *surroundings) request(what string) {
	select {
	case s.requests <- what:
	default:
	}
}

// pressed is a global key. It acts on the engine as a headset's button does,
// whatever the window shows.
func (s *surroundings) pressed(id string) {
	s.wg.Go(func() {
		err := s.act(id)
		if err != nil && !errors.Is(err, call.ErrNoCall) && s.ctx.Err() == nil {
			s.log.Info("a global key was refused", "key", id, "code", string(call.CodeOf(err)))
		}
	})
}

func (s *surroundings) act(id string) error {
	if id == ui.RequestHangup {
		return s.phone.engine.Hangup(s.ctx)
	}
	return s.phone.engine.Mute(s.ctx, muteWish(s.phone.engine.Snapshot().Call.Mute))
}

// muteWish is what the global key asks for. While a change is not confirmed
// nobody knows for certain what the far end hears, and the window says so: the
// key then shuts the microphone, whichever way was asked before.
func muteWish(m call.Switch) bool { return m.Pending || !m.On }

// told takes what keeps global keys from working.
func (s *surroundings) told(faults map[string]error) {
	v := s.store.Get()
	f := present.HotkeyFaults{
		Mute: faultOf(faults[ui.RequestMute]), Hangup: faultOf(faults[ui.RequestHangup]),
		MuteKey: v.HotkeyMute, HangupKey: v.HotkeyHangup,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
	close(s.changed)
	s.changed = make(chan struct{})
}

func faultOf(err error) present.HotkeyFault {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, session.ErrKeyTaken):
		return present.HotkeyTaken
	case errors.Is(err, session.ErrKeyMissing):
		return present.HotkeyMissing
	}
	return present.HotkeyUnsupported
}

// Faults implements ui.Session.
func (s *surroundings) Faults(ctx context.Context) iter.Seq[present.HotkeyFaults] {
	return func(yield func(present.HotkeyFaults) bool) {
		for {
			s.mu.Lock()
			f, changed := s.faults, s.changed
			s.mu.Unlock()
			if !yield(f) {
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}
}

// Show implements ui.Session.
func (s *surroundings) Show(o present.Outside) {
	v := s.store.Get()
	s.mu.Lock()
	defer s.mu.Unlock() // what is shown last is what was given last
	s.shown = o
	if o.Tray.State == "" || !v.Tray {
		s.tray.Set(nil)
	} else {
		s.tray.Set(s.item(o.Tray))
	}
	for kind, note := range map[string]present.Note{"call": o.Call, "question": o.Question} {
		if note.Title == "" || !v.Notifications {
			s.notes.Withdraw(kind)
		} else {
			s.notes.Show(kind, session.Note{Title: note.Title, Body: note.Body})
		}
	}
}

func (s *surroundings) item(t present.Tray) *session.Item {
	return &session.Item{
		Title: t.Title, Tip: t.Tip, Icons: s.icons[t.State], Attention: t.State == present.TrayTrouble,
		Menu: []session.Entry{
			{ID: ui.RequestShow, Label: t.Show}, {},
			{ID: ui.RequestMute, Label: t.Mute, Disabled: !t.CanMute},
			{ID: ui.RequestHangup, Label: t.Hangup, Disabled: !t.CanHangup}, {},
			{ID: ui.RequestQuit, Label: t.Quit},
		},
	}
}

// trayIcons decodes the icons of every state.
func trayIcons() map[present.TrayState][]image.Image {
	all := map[present.TrayState][]image.Image{}
	for _, state := range []present.TrayState{present.TrayIdle, present.TrayCall, present.TrayMuted, present.TrayTrouble} {
		for _, data := range assets.TrayIcons(string(state)) {
			if img, err := png.Decode(bytes.NewReader(data)); err == nil { // our own, read in a test
				all[state] = append(all[state], img)
			}
		}
	}
	return all
}

// KeepInTray implements ui.Session.
func (s *surroundings) KeepInTray() bool {
	v := s.store.Get()
	return v.Tray && v.CloseToTray && s.tray.Shown()
}

// Requests implements ui.Session.
func (s *surroundings) Requests() <-chan string { return s.requests }

// Opened implements ui.Session.
func (s *surroundings) Opened(window uintptr) {
	s.mu.Lock()
	s.window, s.onTop = uint32(window), false
	s.mu.Unlock()
	select {
	case s.known <- struct{}{}: // the window may have to stand above others
	default:
	}
}

func (s *surroundings) number() uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.window
}

// keepOnTop has the window stand above others, or among them.
func (s *surroundings) keepOnTop(on bool) {
	s.mu.Lock()
	window := s.window
	same := s.onTop == on
	if window != 0 {
		s.onTop = on
	}
	s.mu.Unlock()
	if window == 0 || same {
		return
	}
	if err := s.windows.Above(window, on); err != nil {
		s.log.Info("the window cannot be kept above others", "error", err)
	}
}

// Raise implements ui.Session.
func (s *surroundings) Raise() {
	if w := s.number(); w != 0 {
		if err := s.windows.Raise(w); err != nil {
			s.log.Info("the window cannot be brought to the front", "error", err)
		}
	}
}

// Last implements ui.Session.
func (s *surroundings) Last() string { return s.memory.Last() }

// Seat implements ui.Session.
func (s *surroundings) Seat(arrangement string) (width, height float32) {
	seat := s.memory.Recall(arrangement)
	return seat.Width, seat.Height
}

// Sit implements ui.Session.
func (s *surroundings) Sit(arrangement string) {
	if err := s.memory.Take(arrangement); err != nil {
		s.log.Info("the window's arrangement could not be kept", "error", err)
	}
	seat, w := s.memory.Recall(arrangement), s.number()
	if !seat.Placed || w == 0 {
		return
	}
	if err := s.windows.Move(w, seat.At()); err != nil {
		s.log.Info("the window stays where the desktop has put it", "error", err)
	}
}

// Rise implements ui.Session.
func (s *surroundings) Rise(arrangement string, width, height float32) {
	w := s.number()
	if w == 0 {
		return
	}
	at, err := s.windows.Place(w)
	if err != nil {
		s.log.Debug("the window's place is not remembered", "error", err)
		return
	}
	err = s.memory.Remember(arrangement, session.Seat{Width: width, Height: height, X: at.Min.X, Y: at.Min.Y, Placed: true})
	if err != nil {
		s.log.Info("the window's place could not be kept", "error", err)
	}
}
