// Package hotkey is the grammar of keys that work whatever window has the
// focus: "Ctrl+Shift+F9".
//
// # Usage
//
//	k, err := hotkey.Parse("ctrl + shift + f9")
//	k.String() // "Ctrl+Shift+F9"
//
// The settings check a value with it, the desktop session grabs the key. What a
// key is called on a display server is the session's business.
//
// A global key takes its key away from every other program, so the grammar
// refuses combinations that people type: a letter, a digit or a blank needs
// Ctrl, Alt or Super, and the keys that a console answers itself (Ctrl+Alt+F1
// to F12) are refused because they never arrive.
//
// # Models
//
// Electron's accelerators and Qt's QKeySequence read the same words. Both take
// what cannot work ("A" alone, two keys) and fail later, in silence; here the
// one place that reads a key says what is wrong with it.
package hotkey

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Mod is a set of modifier keys.
type Mod uint8

// The modifiers.
const (
	Ctrl  Mod = 1 << 0
	Shift Mod = 1 << 1
	Alt   Mod = 1 << 2
	Super Mod = 1 << 3
)

// Key is one key together with its modifiers. The zero value is no key.
type Key struct {
	Mods Mod
	// Name is the key by its canonical name, one of [Names].
	Name string
}

// What is wrong with a text, for errors.Is.
var (
	// ErrForm: the text is not modifiers and one key joined by "+".
	ErrForm = errors.New("must be modifiers and one key joined by +, such as Ctrl+Shift+F9")
	// ErrName: a word names neither a modifier nor a key.
	ErrName = errors.New("names a key that does not exist")
	// ErrTyped: the key is one that people type.
	ErrTyped = errors.New("needs Ctrl, Alt or Super, because the key is used for typing")
	// ErrReserved: the system keeps the combination for itself.
	ErrReserved = errors.New("is kept by the system")
)

// maxLen bounds what is looked at.
const maxLen = 64

// Parse reads a key. Words may be in any case and order of modifiers, with
// blanks around the "+". An empty text is no key and no error.
func Parse(text string) (Key, error) {
	if strings.TrimSpace(text) == "" {
		return Key{}, nil
	}
	if len(text) > maxLen {
		return Key{}, ErrForm
	}
	words := strings.Split(text, "+")
	var k Key
	for i, w := range words {
		w = strings.ToLower(strings.TrimSpace(w))
		if w == "" {
			return Key{}, ErrForm
		}
		m, isMod := modOf(w)
		name, isKey := nameOf(w)
		switch last := i == len(words)-1; {
		case isMod && !last && k.Mods&m == 0:
			k.Mods |= m
		case isKey && last:
			k.Name = name
		case isMod || isKey:
			return Key{}, ErrForm // twice, in the wrong place, or no key at all
		default:
			return Key{}, fmt.Errorf("%w: %q", ErrName, w)
		}
	}
	return k, k.check()
}

// check refuses what would take a key of everyday use from all programs.
func (k Key) check() error {
	strong := k.Mods&^Shift != 0
	f := k.function()
	switch {
	case k.Name == "":
		return ErrForm
	case f >= 1 && f <= 12 && k.Mods&(Ctrl|Alt) == Ctrl|Alt && k.Mods&Super == 0:
		return ErrReserved // the console's own: Ctrl+Alt+F1 to F12
	case k.Mods&(Ctrl|Alt) == Ctrl|Alt && k.Name == "Delete":
		return ErrReserved
	case k.Mods == Alt && (f == 4 || k.Name == "Tab"):
		return ErrReserved // closing and changing windows
	case strong || f >= 13 || slices.Contains(lonely(), k.Name):
		return nil
	case f > 0 && k.Mods != 0:
		return nil // Shift+F9 is no typing
	}
	return ErrTyped
}

// function is the number of an F key, 0 for others.
func (k Key) function() int {
	if len(k.Name) < 2 || k.Name[0] != 'F' {
		return 0
	}
	n, err := strconv.Atoi(k.Name[1:])
	if err != nil {
		return 0
	}
	return n
}

// String is the canonical form, "" for no key.
func (k Key) String() string {
	if k.Name == "" {
		return ""
	}
	var b strings.Builder
	for _, m := range mods() {
		if k.Mods&m.mod != 0 {
			b.WriteString(m.name + "+")
		}
	}
	return b.String() + k.Name
}

type modName struct {
	mod   Mod
	name  string
	words []string
}

func mods() []modName {
	return []modName{
		{Ctrl, "Ctrl", []string{"ctrl", "control"}},
		{Alt, "Alt", []string{"alt", "option"}},
		{Shift, "Shift", []string{"shift"}},
		{Super, "Super", []string{"super", "win", "windows", "meta", "cmd"}},
	}
}

func modOf(word string) (Mod, bool) {
	for _, m := range mods() {
		if slices.Contains(m.words, word) {
			return m.mod, true
		}
	}
	return 0, false
}

// lonely are the keys that nobody types with, and which need no modifier.
func lonely() []string { return []string{"Pause", "ScrollLock", "MicMute", "MediaPlay", "MediaStop"} }

// Names lists every key: letters, digits, F1 to F24, and keys by their words.
func Names() []string {
	names := []string{"Space", "Tab", "Insert", "Delete", "Home", "End", "PageUp", "PageDown", "Left", "Right", "Up", "Down"}
	names = append(names, lonely()...)
	for c := 'A'; c <= 'Z'; c++ {
		names = append(names, string(c))
	}
	for c := '0'; c <= '9'; c++ {
		names = append(names, string(c))
	}
	for n := 1; n <= 24; n++ {
		names = append(names, "F"+strconv.Itoa(n))
	}
	return names
}

func nameOf(word string) (string, bool) {
	for _, n := range Names() {
		if strings.ToLower(n) == word {
			return n, true
		}
	}
	return "", false
}
