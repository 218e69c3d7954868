package scrub

import (
	"strings"
	"testing"
	"time"
)

// TestLarge: a report's largest log takes seconds, not minutes, whatever stands
// in it.
func TestLarge(t *testing.T) {
	s := New(Known{Secrets: []string{"secret"}, Numbers: []string{"1000"}})
	for name, line := range map[string]string{
		"log": "time=2026-11-25T14:24:25.123+09:00 level=INFO msg=\"the flow is lost\" error=\"read tcp 10.0.0.5:50123\"\n", "digits": "1", "spaced": "1 ", "quotes": "password=\"", "names": "token",
		"escapes": `\"`, "percent": "%31", "brackets": "<sip:", "letters": "aA1", "hangul": "일", "headers": "Authorization: x\n y\n", "keys": "-----BEGIN PRIVATE KEY-----", "commas": ",",
	} {
		began := time.Now()
		text := strings.Repeat(line, 512<<10/len(line))
		s.Text(text)
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s: 512 KiB took %v", name, took)
		} else {
			t.Logf("%s: %v", name, took)
		}
	}
}
