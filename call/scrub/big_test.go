package scrub

import (
	"strings"
	"testing"
	"time"
)

// TestLarge: time grows with the length of a text and not with its square,
// whatever stands in it. The bound is a hundred times what a busy machine takes.
func TestLarge(t *testing.T) {
	s := New(Known{Secrets: []string{"secret"}, Numbers: []string{"1000"}})
	for name, line := range map[string]string{
		"digits": "1", "bullets": "1•", "nothing": "1\u200b", "blank": "\u200b", "escaped": "1\\u", "percent": "1%", "entities": "1&", "colons": "a:1:", "versions": "1.0.", "spaced": "1 ", "quotes": "password=\"", "escapes": `token\"`, "brackets": "<sip:", "keys": "-----BEGIN PRIVATE KEY-----",
	} {
		began := time.Now()
		s.Text(strings.Repeat(line, 8<<10/len(line)))
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s: 8 KiB took %v", name, took)
		}
	}
}
