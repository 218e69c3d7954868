package session

import (
	"image"
	"testing"

	"nxphone/call/profile/hotkey"
)

// Every key that the settings know has a number on Windows, and its own, but for
// the one that its keyboards do not have.
func TestVirtualKeys(t *testing.T) {
	seen := map[uint32]string{}
	for _, name := range hotkey.Names() {
		vk := virtualKey(name)
		if (vk == 0) != (name == "MicMute") {
			t.Errorf("%s: %#x", name, vk)
		}
		if other, taken := seen[vk]; taken && vk != 0 {
			t.Errorf("%s and %s are both %#x", name, other, vk)
		}
		seen[vk] = name
	}
	for name, want := range map[string]uint32{"F9": 0x78, "F24": 0x87, "A": 0x41, "0": 0x30, "Space": 0x20, "": 0, "f9": 0, "F25": 0, "nonsense": 0} {
		if got := virtualKey(name); got != want {
			t.Errorf("%q: %#x, want %#x", name, got, want)
		}
	}
	if got := virtualMods(hotkey.Ctrl | hotkey.Shift); got != 0x4000|2|4 {
		t.Errorf("Ctrl+Shift: %#x", got)
	}
	if got := virtualMods(hotkey.Alt | hotkey.Super); got != 0x4000|1|8 {
		t.Errorf("Alt+Super: %#x", got)
	}
}

func TestBestIcon(t *testing.T) {
	var icons []image.Image
	for _, side := range []int{24, 16, 48, 32} {
		icons = append(icons, image.NewNRGBA(image.Rect(0, 0, side, side)))
	}
	for side, want := range map[int]int{1: 16, 16: 16, 17: 24, 20: 24, 32: 32, 40: 48, 64: 48} {
		if got := bestIcon(icons, side).Bounds().Dx(); got != want {
			t.Errorf("for %d pixels: %d, want %d", side, got, want)
		}
	}
	if bestIcon(nil, 16) != nil {
		t.Error("an icon out of nothing")
	}
}
