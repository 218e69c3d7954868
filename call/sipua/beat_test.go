package sipua

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/call"
	"nxphone/call/sipua/sipuatest"
)

// A flow whose goroutine hangs gives no beat; when it turns again, it does.
func TestBeatSeesAHungFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := sipuatest.New(t)
		defer srv.Close()
		a := New(Options{DialContext: srv.DialContext})
		defer a.Close(context.Background())
		a.Warm(call.Request{URL: "ws://sbc.test/ws"})
		srv.Accept()
		synctest.Wait()
		hang := make(chan struct{})
		for _, k := range a.links {
			k.box.put(func() { <-hang })
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := a.Beat(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		close(hang)
		if err := a.Beat(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
