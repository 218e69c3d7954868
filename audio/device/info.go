package device

import (
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Direction is one half of a call's sound.
type Direction int

const (
	// Microphone is sound that comes in.
	Microphone Direction = 1
	// Speaker is sound that goes out.
	Speaker Direction = 2
)

func (d Direction) String() string {
	if d == Microphone {
		return "microphone"
	}
	return "speaker"
}

// Info describes one device of one direction.
type Info struct {
	// ID names the device towards the sound system and stays the same over
	// restarts where the system keeps it: a PulseAudio name, a WASAPI endpoint,
	// a Core Audio UID. ALSA counts its cards anew at each start of the
	// machine. It is printable, and what belongs into settings.
	ID string
	// Name is what a person knows the device by.
	Name string
	// Default marks the device that the system gives to whoever names none.
	Default bool
	// Monitor marks a source that hears what a speaker plays. As the
	// microphone of a call it sends the far end its own voice, so it is
	// offered only where the system has no other or names it the default.
	Monitor bool
}

// textID turns the raw bytes that a sound system calls a device by into a
// printable name. PulseAudio, ALSA and Core Audio use a C string, WASAPI one
// of UTF-16; what is neither (a GUID, a number) is given in hexadecimal.
func textID(raw []byte) string {
	if s, ok := cString(raw); ok {
		return s
	}
	if s, ok := wideString(raw); ok {
		return s
	}
	end := len(raw)
	for end > 1 && raw[end-1] == 0 {
		end--
	}
	return hex.EncodeToString(raw[:end])
}

// cString reads a zero-terminated string followed by nothing but zeroes.
func cString(raw []byte) (string, bool) {
	end := len(raw)
	for end > 0 && raw[end-1] == 0 {
		end--
	}
	s := string(raw[:end])
	return s, s != "" && utf8.ValidString(s) && printable(s)
}

// wideString is cString for little-endian UTF-16 in the range of ASCII, which
// is all that WASAPI uses; at least two characters, because a single one cannot
// be told from a number.
func wideString(raw []byte) (string, bool) {
	var s []byte
	i := 0
	for ; i+1 < len(raw) && raw[i] != 0; i += 2 {
		if raw[i] > unicode.MaxASCII || raw[i+1] != 0 {
			return "", false
		}
		s = append(s, raw[i])
	}
	for _, b := range raw[i:] {
		if b != 0 {
			return "", false
		}
	}
	return string(s), len(s) > 1 && printable(string(s))
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}
