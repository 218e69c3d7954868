package main

import (
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"
)

// TestTraceHoldsNoSecret: the file of SIP messages has nobody's number, and no
// value of the header fields that the settings add to each request.
func TestTraceHoldsNoSecret(t *testing.T) {
	quietHome(t)
	t.Setenv("NXPHONE_LOG_FILE", "true")
	t.Setenv("NXPHONE_SIP_TRACE", "true")
	t.Setenv("NXPHONE_SIP_HEADERS", `[{"name":"X-Tenant","value":"open-sesame"}]`)
	t.Setenv("NXPHONE_HANDSHAKE_HEADERS", `[{"name":"X-Gate","value":"swordfish"}]`)
	o, err := parse([]string{"call", "--demo", "600"})
	if err != nil {
		t.Fatal(err)
	}
	p := &program{stdout: io.Discard, stderr: io.Discard, log: slog.New(slog.DiscardHandler)}
	p.openSettings(o)
	p.openLogs(o)
	p.trace(o)("send", []byte("INVITE sip:01012345678@demo.invalid SIP/2.0\r\nX-Tenant: open-sesame\r\nX-Gate: swordfish\r\n"), time.Now())
	p.logs.close()
	path, err := statePath(traceName)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, leak := range []string{"01012345678", "open-sesame", "swordfish"} {
		if strings.Contains(string(text), leak) {
			t.Errorf("%q stands in\n%s", leak, text)
		}
	}
	if !strings.Contains(string(text), "X-Tenant: [secret]") {
		t.Errorf("the message is not there:\n%s", text)
	}
}
