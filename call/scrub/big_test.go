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
		"digits": "1", "spaced": "1 ", "quotes": "password=\"", "escapes": `token\"`, "brackets": "<sip:", "keys": "-----BEGIN PRIVATE KEY-----",
	} {
		began := time.Now()
		s.Text(strings.Repeat(line, 32<<10/len(line)))
		if took := time.Since(began); took > time.Minute {
			t.Errorf("%s: 32 KiB took %v", name, took)
		}
	}
}
