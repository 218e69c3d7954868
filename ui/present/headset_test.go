package present_test

import (
	"strings"
	"testing"

	"nxphone/assets/text"
	"nxphone/ui/present"
)

func TestEveryHeadsetTroubleHasWords(t *testing.T) {
	for _, l := range text.Langs() {
		c := text.For(l)
		for _, trouble := range present.HeadsetTroubles() {
			key := "headset." + string(trouble)
			title, help := c.Text(key+".title"), c.Text(key+".help")
			if title == key+".title" || strings.HasSuffix(title, ".") || !strings.HasSuffix(help, ".") {
				t.Errorf("%s, %s: %q, %q", l, trouble, title, help)
			}
		}
	}
}

func TestHeadsetNote(t *testing.T) {
	for _, l := range text.Langs() {
		c := text.For(l)
		seen := map[string]bool{}
		for _, h := range []present.Headset{
			{}, {Unsupported: true}, {Present: true}, {Present: true, Name: "Jabra"},
			{Present: true, Name: "Jabra", Trouble: present.HeadsetAccess},
		} {
			note := present.HeadsetNote(h, true, c)
			if note == "" || seen[note] || strings.HasPrefix(note, "headset.") {
				t.Errorf("%s: %+v: %q", l, h, note)
			}
			seen[note] = true
			if got := present.HeadsetNote(h, false, c); got != "" {
				t.Errorf("%s: switched off: %q", l, got)
			}
		}
	}
}
