package device

import (
	"encoding/binary"
	"testing"
	"unicode/utf16"
)

func TestTextID(t *testing.T) {
	raw := func(b ...byte) []byte { return append(b, make([]byte, 256-len(b))...) }
	wide := func(s string) []byte {
		var b []byte
		for _, u := range utf16.Encode([]rune(s)) {
			b = binary.LittleEndian.AppendUint16(b, u)
		}
		return raw(b...)
	}
	long := make([]byte, 256)
	for i := range long {
		long[i] = 'a'
	}
	tests := []struct {
		name string
		raw  []byte
		want string
	}{
		{"PulseAudio", raw([]byte("alsa_input.usb-Jabra-00.mono-fallback")...), "alsa_input.usb-Jabra-00.mono-fallback"},
		{"ALSA", raw([]byte(":0,0")...), ":0,0"},
		{"WASAPI", wide("{0.0.1.00000000}.{6b7c8d}"), "{0.0.1.00000000}.{6b7c8d}"},
		{"Hangul", raw([]byte("마이크")...), "마이크"},
		{"a string to the last byte", long, string(long)},
		{"a GUID", raw(0x01, 0xff, 0x02, 0x80, 0, 0x7f), "01ff0280007f"},
		{"a number", raw(3), "03"},
		{"a number that looks like a letter", raw(0x01, 0x41), "0141"},
		{"nothing", raw(), "00"},
		{"a string and rubbish after it", raw('a', 'b', 0, 7), "61620007"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := textID(tt.raw); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
