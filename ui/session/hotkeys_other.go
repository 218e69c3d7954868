//go:build !windows

package session

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"nxphone/call/profile/hotkey"
)

// desktop is how this desktop gives global keys.
func (h *Hotkeys) desktop() (serve func(context.Context) error, end func()) {
	if h.env.wayland() {
		return h.servePortal, func() {}
	}
	return h.serveX11, func() {}
}

// wayland: X11's grabs reach only the windows of XWayland then, and a key that
// works in some windows is worse than none.
func (e Env) wayland() bool {
	return e.get("WAYLAND_DISPLAY") != "" || e.get("XDG_SESSION_TYPE") == "wayland"
}

// serveX11 holds grabs over one connection until no key is wanted any more, ctx
// ends, or the connection is lost.
func (h *Hotkeys) serveX11(ctx context.Context) error {
	d, err := openX11(h.env)
	if err != nil {
		return errors.Join(ErrNoHotkeys, err)
	}
	events := make(chan xgb.Event)
	over := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(events)
		for {
			ev, err := d.WaitForEvent()
			if ev == nil && err == nil {
				return // closed
			}
			if ev == nil {
				continue
			}
			select {
			case events <- ev:
			case <-over:
			}
		}
	}()
	defer func() { close(over); d.Close(); <-done }()

	g := &grabs{display: d}
	h.grab(g)
	for {
		select {
		case ev, ok := <-events:
			if !ok {
				return ErrNoHotkeys
			}
			if id, hit := g.see(ev); hit {
				h.pressed(id)
			}
			if _, changed := ev.(xproto.MappingNotifyEvent); changed && g.moved() {
				h.grab(g)
			}
		case <-h.wish.wake:
			h.grab(g)
			if len(h.wish.get()) == 0 {
				return nil
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// grab replaces all grabs by those that are wanted now, and tells.
func (h *Hotkeys) grab(g *grabs) {
	keys := h.wish.get()
	faults := map[string]error{}
	if err := g.reset(); err != nil {
		h.fail(keys, errors.Join(ErrNoHotkeys, err))
		return
	}
	for _, id := range slices.Sorted(maps.Keys(keys)) {
		if err := g.add(id, keys[id]); err != nil {
			h.env.log().Info("a global key does not work", "key", keys[id].String(), "error", err)
			faults[id] = err
		}
	}
	h.told(faults)
}

// grabs are the keys of one connection.
type grabs struct {
	*display
	board keyboard
	held  []grab
}

type grab struct {
	id   string
	code xproto.Keycode
	mods uint16
	down bool
	up   xproto.Timestamp // of the last release
}

// reset lets go of everything and looks at the keyboard anew.
func (g *grabs) reset() error {
	for _, k := range g.held {
		g.release(k)
	}
	g.held = nil
	board, err := readKeyboard(g.display)
	if err != nil {
		return err
	}
	g.board = board
	return nil
}

// moved reports whether another layout has keys elsewhere. Servers tell of a new
// mapping whenever another keyboard is used; letting go of keys for that would
// lose the one that was pressed.
func (g *grabs) moved() bool {
	board, err := readKeyboard(g.display)
	return err != nil || !board.equal(g.board)
}

func (g *grabs) release(k grab) {
	for _, lock := range g.board.locks() {
		xproto.UngrabKey(g.Conn, k.code, g.root, k.mods|lock)
	}
}

// add grabs one key in every state of the lock keys, or not at all.
func (g *grabs) add(id string, key hotkey.Key) error {
	code, ok := g.board.code(key.Name)
	if !ok {
		return ErrKeyMissing
	}
	mods, ok := g.board.mask(key.Mods)
	if !ok {
		return ErrKeyMissing
	}
	k := grab{id: id, code: code, mods: mods}
	for _, other := range g.held {
		if other.code == code && other.mods == mods {
			return ErrKeyTaken // by ourselves: X would let us, and one press would do two things
		}
	}
	for _, lock := range g.board.locks() {
		err := xproto.GrabKeyChecked(g.Conn, false, g.root, mods|lock, code, xproto.GrabModeAsync, xproto.GrabModeAsync).Check()
		if err != nil {
			g.release(k)
			var taken xproto.AccessError
			if errors.As(err, &taken) {
				return ErrKeyTaken
			}
			return errors.Join(ErrNoHotkeys, err)
		}
	}
	g.held = append(g.held, k)
	return nil
}

// see reports whether an event is a new press of one of the keys. A key that is
// held down gives releases and presses at the same moment.
func (g *grabs) see(ev xgb.Event) (id string, hit bool) {
	switch e := ev.(type) {
	case xproto.KeyPressEvent:
		for i := range g.held {
			k := &g.held[i]
			if k.code != e.Detail || k.mods != e.State&g.board.care() {
				continue
			}
			again := k.down || k.up != 0 && e.Time-k.up <= repeatGap
			k.down = true
			return k.id, !again
		}
	case xproto.KeyReleaseEvent:
		for i := range g.held {
			// Modifiers may have been let go of before the key.
			if k := &g.held[i]; k.code == e.Detail {
				k.down, k.up = false, e.Time
			}
		}
	}
	return "", false
}

// repeatGap is how far apart, in milliseconds, the release and the press of a
// repeating key may be; no finger is that fast.
const repeatGap = 2
