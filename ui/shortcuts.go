package ui

// shortcut is one line of the list of keys.
type shortcut struct {
	// keys are joined by "+": "Ctrl+M". Names are those of package
	// call/profile/hotkey, or what is printed on the key.
	keys string
	// text is the key of the catalogue's text on what it does.
	text string
	// group is where it works, one of shortcutGroups.
	group string
}

// shortcutGroups are the groups, in the order in which they are listed.
func shortcutGroups() []string { return []string{"dial", "call", "window", "system"} }

// shortcuts lists every key that does something, with those of the desktop as
// the settings have them.
func shortcuts(v Values) []shortcut {
	all := []shortcut{
		{"0-9, *, #, Plus", "keys.number", "dial"},
		{"Enter", "keys.dial", "dial"},
		{"BackSpace", "keys.erase", "dial"},
		{"Delete", "keys.clear", "dial"},
		{"Ctrl+V", "keys.paste", "dial"},
		{"Ctrl+C", "keys.copy", "dial"},
		{"Ctrl+M", "keys.mute", "call"},
		{"Ctrl+H", "keys.help", "call"},
		{"0-9, *, #", "keys.tones", "call"},
		{"Escape, Escape", "keys.hangup", "call"},
		{"Ctrl+R", "keys.recent", "window"},
		{"Ctrl+Comma", "keys.settings", "window"},
		{"Tab", "keys.tab", "window"},
		{"Space", "keys.press", "window"},
		{"Escape", "keys.back", "window"},
	}
	if v.Hotkeys {
		if v.HotkeyMute != "" {
			all = append(all, shortcut{v.HotkeyMute, "keys.mute", "system"})
		}
		if v.HotkeyHangup != "" {
			all = append(all, shortcut{v.HotkeyHangup, "keys.hangup.once", "system"})
		}
	}
	return all
}
