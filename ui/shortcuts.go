package ui

import (
	"fyne.io/fyne/v2"

	"nxphone/ui/present"
)

// commandKey is a key that does something together with Ctrl, and its line in
// the list of keys: one table binds and lists them, so that no key is secret.
type commandKey struct {
	key fyne.KeyName
	// text is the key of the catalogue's text on what it does, and group is
	// where it works, one of shortcutGroups.
	text, group string
	// here: this window has what the key is for. Bound it is all the same,
	// because that can come later; it is listed only then.
	here bool
	do   func()
}

// commandKeys is the table. Single letters are no commands: what is typed while
// the wrong window has the focus must not change the microphone.
func (d *desk) commandKeys() []commandKey {
	open := func(p page) func() { return func() { d.open(p) } }
	size := func(s present.Size) func() { return func() { d.resize(s) } }
	return []commandKey{
		{fyne.KeyM, "keys.mute", "call", true, d.toggleMute},
		{fyne.KeyH, "keys.help", "call", d.opts.hasShift(), d.askHelp},
		{fyne.KeyD, "keys.deaf", "call", true, d.toggleDeaf},
		{fyne.KeyP, "keys.hold", "call", true, d.toggleHold},
		{fyne.KeyK, "keys.keypad", "call", true, d.toggleKeypad},
		{fyne.KeyE, "keys.farewell", "call", d.facts.CanFarewell, d.farewellAsked},
		{fyne.KeyI, "keys.details", "call", true, d.detailsAsked},
		{fyne.KeyR, "keys.redial", "dial", true, d.redial},
		{fyne.KeyL, "keys.recent", "window", d.opts.hasRecent(), func() {
			if d.opts.hasRecent() {
				d.open(pageRecent)
			}
		}},
		{fyne.Key1, "keys.full", "window", true, size(present.Full)},
		{fyne.Key2, "keys.phone", "window", true, size(present.Phone)},
		{fyne.Key3, "keys.compact", "window", true, size(present.Compact)},
		{fyne.KeyT, "keys.check", "window", d.opts.Check != nil, d.openCheck},
		{fyne.KeySlash, "keys.keys", "window", true, open(pageShortcuts)},
		{fyne.KeyComma, "keys.settings", "window", true, open(pageSettings)},
	}
}

// shortcut is one line of the list of keys.
type shortcut struct {
	// keys are joined by "+": "Ctrl+M". Names are those of package
	// call/profile/hotkey, or what is printed on the key.
	keys        string
	text, group string
}

// shortcutGroups are the groups, in the order in which they are listed.
func shortcutGroups() []string { return []string{"dial", "call", "window", "system"} }

// shortcuts lists every key that does something, with those of the desktop as
// the settings have them.
func (d *desk) shortcuts() []shortcut {
	all := []shortcut{
		{"0-9, *, #, Plus", "keys.number", "dial"},
		{"Enter", "keys.dial", "dial"},
		{"BackSpace", "keys.erase", "dial"},
		{"Delete", "keys.clear", "dial"},
		{"Ctrl+V", "keys.paste", "dial"},
		{"Ctrl+C", "keys.copy", "dial"},
		{"0-9, *, #", "keys.tones", "call"},
		{"Escape, Escape", "keys.hangup", "call"},
		{"F8", "keys.reveal", "call"},
		{"Tab", "keys.tab", "window"},
		{"Space", "keys.press", "window"},
		{"Escape", "keys.back", "window"},
	}
	if d.opts.hasRecent() {
		all = append(all, shortcut{"Ctrl+Z", "keys.undo", "window"})
	}
	for _, x := range d.commandKeys() {
		if x.here {
			all = append(all, shortcut{"Ctrl+" + keyLabel(x.key), x.text, x.group})
		}
	}
	if v := d.values; v.Hotkeys {
		if v.HotkeyMute != "" {
			all = append(all, shortcut{v.HotkeyMute, "keys.mute", "system"})
		}
		if v.HotkeyHangup != "" {
			all = append(all, shortcut{v.HotkeyHangup, "keys.hangup.once", "system"})
		}
	}
	return all
}

// keyLabel is what the list calls a key of the toolkit.
func keyLabel(k fyne.KeyName) string {
	switch k {
	case fyne.KeyComma:
		return "Comma"
	case fyne.KeySlash:
		return "Slash"
	}
	return string(k)
}
