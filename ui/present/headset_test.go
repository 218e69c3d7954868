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
