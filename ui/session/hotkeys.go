package session

import (
	"context"
	"errors"
	"maps"

	"nxphone/call/profile/hotkey"
)

// Why a global key does not work, for errors.Is.
var (
	// ErrKeyTaken: another program, or the desktop itself, has this key.
	ErrKeyTaken = errors.New("session: the key is taken")
	// ErrKeyMissing: the keyboard has no such key.
	ErrKeyMissing = errors.New("session: the keyboard has no such key")
	// ErrNoHotkeys: this desktop gives no global keys to programs.
	ErrNoHotkeys = errors.New("session: no global keys on this desktop")
)

// Hotkeys are keys that work whatever window has the focus.
type Hotkeys struct {
	env     Env
	name    func(id string) string
	pressed func(id string)
	told    func(faults map[string]error)
	wish    *wish[map[string]hotkey.Key]
}

// NewHotkeys makes Hotkeys that grab nothing yet. name says what the key of an ID
// does, for desktops that ask their users; pressed is called with the ID
// of a key that was pressed: once a press, however long it is held down. told is
// called after every change with what keeps keys from working, by their IDs;
// empty when all work.
func NewHotkeys(env Env, name func(id string) string, pressed func(id string), told func(faults map[string]error)) *Hotkeys {
	return &Hotkeys{env: env, name: name, pressed: pressed, told: told, wish: newWish[map[string]hotkey.Key]()}
}

// Set says which keys are wanted, by IDs; a zero key is none. It returns at once.
func (h *Hotkeys) Set(keys map[string]hotkey.Key) {
	keys = maps.Clone(keys)
	maps.DeleteFunc(keys, func(_ string, k hotkey.Key) bool { return k == hotkey.Key{} })
	h.wish.put(keys)
}

// Run grabs the keys and waits for them until ctx ends.
func (h *Hotkeys) Run(ctx context.Context) {
	serve, end := h.desktop()
	defer end()
	for {
		select {
		case <-h.wish.wake:
		case <-ctx.Done():
			return
		}
		keys := h.wish.get()
		if len(keys) == 0 {
			h.told(map[string]error{})
			continue
		}
		if err := serve(ctx); err != nil && ctx.Err() == nil {
			h.env.log().Info("no global keys", "error", err)
			h.fail(h.wish.get(), err)
		}
	}
}

// fail tells that none of the keys works.
func (h *Hotkeys) fail(keys map[string]hotkey.Key, err error) {
	faults := map[string]error{}
	for id := range keys {
		faults[id] = err
	}
	h.told(faults)
}
