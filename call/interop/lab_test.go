package interop

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// runTests runs the tests of this package, which mostly wait for calls to go
// on: more of them may run at once than there are cores.
func runTests(m *testing.M) int {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "test.parallel" })
	if !asked {
		if err := flag.Set("test.parallel", "6"); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	if dir := builtIn.Load(); dir != nil {
		if err := os.RemoveAll(*dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// within bounds a wait inside a test.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestLabAnswersOverBothTransports(t *testing.T) {
	began := time.Now()
	l := Start(t, Config{})
	t.Logf("the lab was up after %v", time.Since(began).Round(time.Millisecond))
	for _, scheme := range []string{"ws", "wss"} {
		t.Run(scheme, func(t *testing.T) {
			p := dialProbe(t, l, scheme)
			p.send("OPTIONS", "sip:"+l.Realm, "<sip:"+l.Realm+">", "options-"+scheme, 1, "", "")
			if m := p.final("OPTIONS"); m.Status() != 200 {
				t.Errorf("OPTIONS was answered %q", m.StartLine())
			}
			answer, id := p.call(NumberAnswer)
			if answer.Status() != 200 {
				t.Fatalf("the call was answered %q", answer.StartLine())
			}
			p.send("ACK", contact(answer), answer.Header("To"), id, 1, routes(answer), "")
			ctx := within(t, time.Minute)
			if _, err := l.Trace.Wait(ctx, "1001", NumberAnswer, "the ACK at the PBX", func(m Message) bool {
				return m.Method() == "ACK" && !m.Received
			}); err != nil {
				t.Fatal(err)
			}
			if n, err := l.Kamailio.Dialogs(ctx); err != nil || n != 1 {
				t.Errorf("the SBC counts %d calls (%v), want 1", n, err)
			}
			if ids, err := l.Kamailio.WebSockets(ctx); err != nil || len(ids) == 0 {
				t.Errorf("the SBC lists the WebSockets %v (%v)", ids, err)
			}
			p.send("BYE", contact(answer), answer.Header("To"), id, 2, routes(answer), "")
			if m := p.final("BYE"); m.Status() != 200 {
				t.Errorf("BYE was answered %q", m.StartLine())
			}
			if n, err := l.Kamailio.Dialogs(ctx); err != nil || n != 0 {
				t.Errorf("after BYE the SBC counts %d calls (%v)", n, err)
			}
			rec, err := l.Relay.Recording(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d packets", len(rec.Packets))
			for _, p := range rec.Packets[:min(3, len(rec.Packets))] {
				t.Logf("%+v", p)
			}
		})
	}
}
