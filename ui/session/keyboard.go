//go:build !windows

package session

import (
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/jezek/xgb/xproto"

	"nxphone/call/profile/hotkey"
)

// keyboard is the server's keyboard: which key has which meaning.
type keyboard struct {
	first   xproto.Keycode
	per     int             // keysyms a key
	keysyms []xproto.Keysym // per a key, from the first on
	// lockMasks are the bits of Caps Lock, Num Lock and, where it is one, Scroll
	// Lock.
	lockMasks []uint16
	mods      map[hotkey.Mod]uint16
}

func (k keyboard) equal(o keyboard) bool {
	return k.first == o.first && k.per == o.per && slices.Equal(k.keysyms, o.keysyms) && slices.Equal(k.lockMasks, o.lockMasks) && maps.Equal(k.mods, o.mods)
}

func readKeyboard(d *display) (keyboard, error) {
	setup := xproto.Setup(d.Conn)
	first, last := setup.MinKeycode, setup.MaxKeycode
	m, err := xproto.GetKeyboardMapping(d.Conn, first, byte(last-first+1)).Reply()
	if err != nil {
		return keyboard{}, err
	}
	mods, err := xproto.GetModifierMapping(d.Conn).Reply()
	if err != nil {
		return keyboard{}, err
	}
	if m.KeysymsPerKeycode == 0 || mods.KeycodesPerModifier == 0 {
		return keyboard{}, errors.New("session: the server describes no keyboard")
	}
	k := keyboard{first: first, per: int(m.KeysymsPerKeycode), keysyms: m.Keysyms}
	k.readModifiers(mods.Keycodes, int(mods.KeycodesPerModifier))
	return k, nil
}

// readModifiers finds the bits of modifiers: only Shift, Lock and Control have
// one by definition, the others by the key that stands there.
func (k *keyboard) readModifiers(codes []xproto.Keycode, per int) {
	k.mods = map[hotkey.Mod]uint16{hotkey.Shift: xproto.ModMaskShift, hotkey.Ctrl: xproto.ModMaskControl}
	k.lockMasks = []uint16{xproto.ModMaskLock}
	for i, code := range codes {
		bit := uint16(1) << (i / per)
		if code == 0 || bit < xproto.ModMask1 {
			continue
		}
		for _, sym := range k.symsOf(code) {
			switch sym {
			case symNumLock, symScrollLock:
				if !slices.Contains(k.lockMasks, bit) {
					k.lockMasks = append(k.lockMasks, bit)
				}
			case symAltL, symAltR:
				k.setMod(hotkey.Alt, bit)
			case symSuperL, symSuperR:
				k.setMod(hotkey.Super, bit)
			}
		}
	}
}

func (k *keyboard) setMod(m hotkey.Mod, bit uint16) {
	if _, set := k.mods[m]; !set {
		k.mods[m] = bit
	}
}

func (k *keyboard) symsOf(code xproto.Keycode) []xproto.Keysym {
	at := (int(code) - int(k.first)) * k.per
	if at < 0 || at+k.per > len(k.keysyms) {
		return nil
	}
	return k.keysyms[at : at+k.per]
}

// locks are the states that lock keys may be in while a key is pressed.
func (k *keyboard) locks() []uint16 {
	out := []uint16{0}
	for _, bit := range k.lockMasks {
		for _, m := range slices.Clone(out) {
			out = append(out, m|bit)
		}
	}
	return out
}

// care are the bits of an event's state that tell keys apart.
func (k *keyboard) care() uint16 {
	var all uint16
	for _, bit := range k.mods {
		all |= bit
	}
	return all
}

// mask is the modifiers as the server has them; false where the keyboard lacks
// one.
func (k *keyboard) mask(m hotkey.Mod) (mask uint16, ok bool) {
	for _, one := range []hotkey.Mod{hotkey.Ctrl, hotkey.Shift, hotkey.Alt, hotkey.Super} {
		if m&one == 0 {
			continue
		}
		bit, has := k.mods[one]
		if !has {
			return 0, false
		}
		mask |= bit
	}
	return mask, true
}

// code is the key that has a name's meaning without a modifier, else with one.
func (k *keyboard) code(name string) (code xproto.Keycode, ok bool) {
	sym := keysym(name)
	if sym == 0 {
		return 0, false
	}
	for level := range k.per {
		for i := level; i < len(k.keysyms); i += k.per {
			if k.keysyms[i] == sym {
				return k.first + xproto.Keycode(i/k.per), true
			}
		}
	}
	return 0, false
}

// Keysyms of the X Window System's protocol, appendix A, and XF86keysym.h.
const (
	symScrollLock xproto.Keysym = 0xff14
	symNumLock    xproto.Keysym = 0xff7f
	symAltL       xproto.Keysym = 0xffe9
	symAltR       xproto.Keysym = 0xffea
	symSuperL     xproto.Keysym = 0xffeb
	symSuperR     xproto.Keysym = 0xffec
	symF1         xproto.Keysym = 0xffbe
)

// keysym is the server's number for a name of package hotkey, 0 for none.
func keysym(name string) xproto.Keysym {
	switch name {
	case "Space":
		return 0x20
	case "Tab":
		return 0xff09
	case "Insert":
		return 0xff63
	case "Delete":
		return 0xffff
	case "Home":
		return 0xff50
	case "Left":
		return 0xff51
	case "Up":
		return 0xff52
	case "Right":
		return 0xff53
	case "Down":
		return 0xff54
	case "PageUp":
		return 0xff55
	case "PageDown":
		return 0xff56
	case "End":
		return 0xff57
	case "Pause":
		return 0xff13
	case "ScrollLock":
		return symScrollLock
	case "MicMute":
		return 0x1008ffb2
	case "MediaPlay":
		return 0x1008ff14
	case "MediaStop":
		return 0x1008ff15
	}
	if len(name) == 1 && name[0] >= 'A' && name[0] <= 'Z' {
		return xproto.Keysym(name[0] - 'A' + 'a')
	}
	if len(name) == 1 && name[0] >= '0' && name[0] <= '9' {
		return xproto.Keysym(name[0])
	}
	if n, err := strconv.Atoi(name[1:]); err == nil && name[0] == 'F' && n >= 1 && n <= 24 {
		return symF1 + xproto.Keysym(n-1)
	}
	return 0
}
