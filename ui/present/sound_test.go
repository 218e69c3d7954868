package present_test

import (
	"strings"
	"testing"

	"nxphone/assets/text"
	"nxphone/ui/present"
)

func TestSoundNotices(t *testing.T) {
	for _, l := range text.Langs() {
		c := text.For(l)
		for _, s := range []present.Sound{
			{}, {Speaker: true}, {Device: "Jabra"}, {Device: "Jabra", Instead: true}, {Speaker: true, Device: "Jabra"}, {Speaker: true, Device: "Jabra", Instead: true},
		} {
			n := s.NoticeOf()
			words := c.Text(n.Key, "about", n.About)
			if words == n.Key || strings.Contains(words, "{") || (s.Device != "") != strings.Contains(words, "Jabra") {
				t.Errorf("%s: %+v says %q", l, s, words)
			}
		}
	}
}
