package ui

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"nxphone/call"
	"nxphone/ui/uitest"
)

// TestTonesKeepTheirOrder types faster than tones can be handed over.
func TestTonesKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		phone := uitest.NewPhone()
		gate := make(chan struct{})
		phone.Err = func(string) error {
			<-gate
			return nil
		}
		c := newCommands(t.Context(), phone, func(err error) { t.Error(err) })
		const typed = "123456789*0#123456789*0#"
		for _, r := range typed {
			c.digits(string(r))
		}
		close(gate)
		synctest.Wait()
		c.close()
		sent := ""
		for _, command := range phone.Commands() {
			sent += strings.TrimPrefix(command, "dtmf ")
		}
		if sent != typed {
			t.Errorf("typed %q, sent %q", typed, sent)
		}
	})
}

func TestARefusedToneDoesNotBlockLaterOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		phone := uitest.NewPhone()
		fail := true
		phone.Err = func(string) error {
			if fail {
				return &call.Error{Code: call.CodeNoDTMF}
			}
			return nil
		}
		var mu sync.Mutex
		var refused []call.Code
		c := newCommands(t.Context(), phone, func(err error) {
			mu.Lock()
			defer mu.Unlock()
			refused = append(refused, call.CodeOf(err))
		})
		c.digits("1")
		synctest.Wait()
		fail = false
		c.digits("2")
		synctest.Wait()
		c.close()
		if len(refused) != 1 || refused[0] != call.CodeNoDTMF {
			t.Errorf("refused %v", refused)
		}
		if got := phone.Commands(); len(got) != 2 {
			t.Errorf("commands %q", got)
		}
	})
}

// TestSilentRefusals: what the screen tells by itself is not told again.
func TestSilentRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		phone := uitest.NewPhone()
		phone.Err = func(command string) error {
			if command == "hangup" || command == "dtmf 1" {
				return call.ErrNoCall
			}
			return &call.Error{Code: call.CodeSuperseded}
		}
		c := newCommands(t.Context(), phone, func(err error) { t.Errorf("told: %v", err) })
		c.hangup()
		c.mute(true)
		c.digits("1")
		synctest.Wait()
		c.close()
	})
}

// TestCloseGivesUp: a command that waits for ever does not hold the window.
func TestCloseGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCommands(t.Context(), uitest.NewPhone(), func(err error) { t.Errorf("told: %v", err) })
		for _, wrap := range []func(error) error{
			func(err error) error { return err },
			func(err error) error { return errors.Join(errors.New("mute"), err) },
		} {
			c.run(func(ctx context.Context) error {
				<-ctx.Done()
				return wrap(ctx.Err())
			})
		}
		c.close()
	})
}
