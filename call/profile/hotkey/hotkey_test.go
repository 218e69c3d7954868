package hotkey

import (
	"errors"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "",
		"  ":                      "",
		"Ctrl+Shift+F9":           "Ctrl+Shift+F9",
		" shift + CONTROL + f10 ": "Ctrl+Shift+F10",
		"super+m":                 "Super+M",
		"Win+Alt+0":               "Alt+Super+0",
		"Shift+F9":                "Shift+F9",
		"F13":                     "F13",
		"Pause":                   "Pause",
		"micmute":                 "MicMute",
		"Ctrl+Space":              "Ctrl+Space",
		"Ctrl+Alt+F13":            "Ctrl+Alt+F13",
		"Ctrl+Alt+M":              "Ctrl+Alt+M",
	} {
		k, err := Parse(text)
		if err != nil || k.String() != want {
			t.Errorf("%q: %q, %v; want %q", text, k, err, want)
		}
		if again, err := Parse(k.String()); again != k || err != nil {
			t.Errorf("%q does not read back: %v, %v", k, again, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]error{
		"+":                      ErrForm,
		"Ctrl+":                  ErrForm,
		"+F9":                    ErrForm,
		"Ctrl":                   ErrForm,
		"Ctrl+Shift":             ErrForm,
		"Ctrl+Ctrl+F9":           ErrForm,
		"Ctrl+control+F9":        ErrForm,
		"F9+Ctrl":                ErrForm,
		"Ctrl+A+B":               ErrForm,
		"Ctrl+F25":               ErrName,
		"Ctrl+F0":                ErrName,
		"Ctrl+한":                 ErrName,
		"Hyper+F9":               ErrName,
		"M":                      ErrTyped,
		"Shift+M":                ErrTyped,
		"Shift+Space":            ErrTyped,
		"F9":                     ErrTyped,
		"Ctrl+Alt+F9":            ErrReserved,
		"Ctrl+Alt+Shift+F1":      ErrReserved,
		"Alt+F4":                 ErrReserved,
		"Alt+Tab":                ErrReserved,
		"Ctrl+Alt+Delete":        ErrReserved,
		strings.Repeat("F9", 99): ErrForm,
		"Ctrl+Shift\x00+F9":      ErrName,
	} {
		if k, err := Parse(text); !errors.Is(err, want) {
			t.Errorf("%q: %v, %v; want %v", text, k, err, want)
		}
	}
}

// Every key has a form that is taken.
func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, n := range Names() {
		if seen[n] {
			t.Errorf("%s twice", n)
		}
		seen[n] = true
		if k, err := Parse("Ctrl+Super+" + n); err != nil || k.Name != n {
			t.Errorf("%s: %v, %v", n, k, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("Ctrl+Shift+F9")
	f.Add("++")
	f.Fuzz(func(t *testing.T, s string) {
		k, err := Parse(s)
		if err != nil {
			return
		}
		if again, err := Parse(k.String()); err != nil || again != k {
			t.Errorf("%q gives %v, which reads %v, %v", s, k, again, err)
		}
	})
}
