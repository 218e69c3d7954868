package transport

import (
	"log/slog"
	"strings"
	"sync"
	"testing"

	"nxphone/call/peer/sdp"
)

// written is a log in memory.
type written struct {
	mu   sync.Mutex
	text strings.Builder
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// TestNoPasswordInTheLog: the whole log of a call, libraries included, holds
// neither side's ICE password.
func TestNoPasswordInTheLog(t *testing.T) {
	var log written
	loud := func(c *Config) {
		c.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	a, b := open(t, loud), open(t, loud)
	ra, rb := a.remote(t), b.remote(t)
	connect(t, a, b, sdp.Active, sdp.Passive)
	a.Close()
	b.Close()
	text := log.String()
	if !strings.Contains(text, "scope=ice") {
		t.Fatalf("the libraries' log does not come here: %q", text)
	}
	for _, pwd := range []string{ra.Pwd, rb.Pwd} {
		if strings.Contains(text, pwd) {
			t.Error("an ICE password is in the log")
		}
	}
}
