package session

import (
	"context"
	"errors"
	"maps"
	"slices"

	"golang.org/x/sys/windows"

	"nxphone/call/profile/hotkey"
)

// desktop is how Windows gives global keys: to a window, which is made when the
// first key is wanted.
func (h *Hotkeys) desktop() (serve func(context.Context) error, end func()) {
	pressed := make(chan uintptr, 8)
	var win *hidden
	serve = func(ctx context.Context) (err error) {
		if win == nil {
			win, err = newHidden(func(msg uint32, w, _ uintptr) (uintptr, bool) {
				if msg != wmHotkey {
					return 0, false
				}
				select {
				case pressed <- w:
				default: // somebody leans on the keyboard
				}
				return 0, true
			})
			if err != nil {
				return errors.Join(ErrNoHotkeys, err)
			}
		}
		h.serveWindow(ctx, win, pressed)
		return nil
	}
	end = func() {
		if win != nil {
			win.close()
		}
	}
	return serve, end
}

// serveWindow holds keys until none is wanted any more or ctx ends.
func (h *Hotkeys) serveWindow(ctx context.Context, win *hidden, pressed <-chan uintptr) {
	var ids []string
	release := func() {
		for i := range ids {
			_, _, _ = user32.NewProc("UnregisterHotKey").Call(win.hwnd, uintptr(i))
		}
		ids = nil
	}
	grab := func() {
		release()
		keys := h.wish.get()
		ids = slices.Sorted(maps.Keys(keys))
		faults := map[string]error{}
		for i, id := range ids {
			if err := register(win.hwnd, i, keys[id]); err != nil {
				h.env.log().Info("a global key does not work", "key", keys[id].String(), "error", err)
				faults[id] = err
			}
		}
		h.told(faults)
	}
	defer win.do(release)
	win.do(grab)
	for {
		select {
		case n := <-pressed:
			if int(n) < len(ids) {
				h.pressed(ids[n])
			}
		case <-h.wish.wake:
			win.do(grab)
			if len(h.wish.get()) == 0 {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// register is called on the window's thread.
func register(hwnd uintptr, id int, key hotkey.Key) error {
	vk := virtualKey(key.Name)
	if vk == 0 {
		return ErrKeyMissing
	}
	ok, _, err := user32.NewProc("RegisterHotKey").Call(hwnd, uintptr(id), uintptr(virtualMods(key.Mods)), uintptr(vk))
	switch {
	case ok != 0:
		return nil
	case errors.Is(err, windows.ERROR_HOTKEY_ALREADY_REGISTERED):
		return ErrKeyTaken
	}
	return errors.Join(ErrNoHotkeys, err)
}
