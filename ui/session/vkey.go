package session

import (
	"strconv"

	"nxphone/call/profile/hotkey"
)

// virtualKey is Windows' number for a name of package hotkey (winuser.h, VK_...),
// 0 for none: its keyboards have no key that mutes the microphone.
func virtualKey(name string) uint32 {
	switch name {
	case "Tab":
		return 0x09
	case "Pause":
		return 0x13
	case "Space":
		return 0x20
	case "PageUp":
		return 0x21
	case "PageDown":
		return 0x22
	case "End":
		return 0x23
	case "Home":
		return 0x24
	case "Left":
		return 0x25
	case "Up":
		return 0x26
	case "Right":
		return 0x27
	case "Down":
		return 0x28
	case "Insert":
		return 0x2d
	case "Delete":
		return 0x2e
	case "ScrollLock":
		return 0x91
	case "MediaStop":
		return 0xb2
	case "MediaPlay":
		return 0xb3
	case "":
		return 0
	}
	if len(name) == 1 && (name[0] >= 'A' && name[0] <= 'Z' || name[0] >= '0' && name[0] <= '9') {
		return uint32(name[0])
	}
	if n, err := strconv.Atoi(name[1:]); err == nil && name[0] == 'F' && n >= 1 && n <= 24 {
		return 0x70 + uint32(n-1)
	}
	return 0
}

// virtualMods are the modifiers as RegisterHotKey wants them, which also has a
// key that is held down pressed once only (MOD_NOREPEAT).
func virtualMods(m hotkey.Mod) uint32 {
	mods := uint32(0x4000)
	for _, one := range []struct {
		mod hotkey.Mod
		bit uint32
	}{{hotkey.Alt, 1}, {hotkey.Ctrl, 2}, {hotkey.Shift, 4}, {hotkey.Super, 8}} {
		if m&one.mod != 0 {
			mods |= one.bit
		}
	}
	return mods
}
