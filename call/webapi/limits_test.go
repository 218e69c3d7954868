package webapi

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/call"
	"nxphone/call/webapi/webapitest"
)

// A header that does not come, or not to its end, costs 5 s of one connection.
func TestHeaderTime(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "", "half a line": "GET /v1", "half a header": "GET /v1 HTTP/1.1\r\nHost: 127.0.0.1:17070\r\nX: ",
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newMemoryRig(t, nil)
			c := r.raw()
			got := until(func() {
				_, _ = io.WriteString(c, text)
				_, _ = io.ReadAll(c)
			})
			if got != headerTime {
				t.Errorf("%s: closed after %v, want %v", name, got, headerTime)
			}
		})
	}
}

// Each step of the handshake has its time.
func TestProveTime(t *testing.T) {
	hello := `{"type":"hello","nonce":"` + strings.Repeat("1", 32) + `","client":"` + strings.Repeat("2", 32) + `"}`
	pair := `{"type":"pair","public":"` + strings.Repeat("09", 32) + `"}`
	unpaired := strings.Replace(hello, strings.Repeat("2", 32), "", 1)
	for name, messages := range map[string][]string{
		"nothing": nil, "no proof": {hello}, "no pair": {unpaired}, "no proof after pair": {unpaired, pair},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newMemoryRig(t, nil)
			c := r.upgraded()
			if _, err := c.Read(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := until(func() {
				for _, m := range messages {
					time.Sleep(proveTime - time.Millisecond)
					if err := c.Send(r.ctx(), m); err != nil {
						t.Error(err)
					}
					if _, err := c.Read(r.ctx()); err != nil {
						t.Error(err)
					}
				}
				for {
					if _, err := c.Read(r.ctx()); err != nil {
						break
					}
				}
			})
			want := time.Duration(len(messages)) * (proveTime - time.Millisecond)
			if got < want+proveTime-time.Second || got > want+proveTime+closeTime {
				t.Errorf("%s: closed after %v, want %v", name, got, want+proveTime)
			}
		})
	}
}

// A person has two minutes to type the code.
func TestCodeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shown, hidden := 0, 0
		r := newMemoryRig(t, func(o *Options) {
			o.ShowCode = func(string, string) func() { shown++; return func() { hidden++ } }
		})
		typing := codeTime - time.Second
		o := webapitest.Options{Origin: helpline, Dial: r.dial, WantCode: true, Code: func(string) error { time.Sleep(typing); return nil }}
		c, err := webapitest.Dial(t.Context(), r.addr, o)
		if err != nil {
			t.Fatalf("after %v: %v", typing, err)
		}
		c.Close()
		typing = codeTime + time.Minute
		if _, err = webapitest.Dial(t.Context(), r.addr, o); err == nil {
			t.Errorf("let in after %v", typing)
		}
		synctest.Wait()
		if shown != 2 || hidden != 2 {
			t.Errorf("shown %d times, hidden %d times", shown, hidden)
		}
	})
}

// The upgrade is held for as long as the window asks.
func TestAskTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newMemoryRig(t, func(o *Options) {
			o.Ask = func(ctx context.Context, _ string) bool { <-ctx.Done(); return true }
		})
		r.setPolicy(Policy{Ask: true})
		var err error
		got := until(func() {
			_, err = webapitest.Dial(t.Context(), r.addr, webapitest.Options{Origin: stranger, Dial: r.dial})
		})
		if status(err) != 403 || got != askTime {
			t.Errorf("%v after %v, want 403 after %v", err, got, askTime)
		}
	})
}

// A page that does not read is dropped; the others and the call notice nothing.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newMemoryRig(t, nil)
		page := r.page(webapitest.Options{})
		id := r.inCall(page)
		slow := r.page(webapitest.Options{Deaf: true})
		defer slow.Cut()
		for i := range 3 * maxQueued {
			got := until(func() {
				r.hold(i)
				if _, err := page.Event(t.Context()); err != nil {
					t.Fatal(err)
				}
			})
			if got > writeGap {
				t.Fatalf("the page that reads was held up for %v", got)
			}
		}
		time.Sleep(2 * closeTime)
		synctest.Wait()
		if n := len(r.server.hub.clients); n != 1 {
			t.Errorf("%d pages are connected, want 1", n)
		}
		r.unharmed(page, id)
	})
}

// One that reads nothing when little happens is found by the write, or by the
// ping.
func TestDeafPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newMemoryRig(t, nil)
		page := r.page(webapitest.Options{})
		deaf := r.page(webapitest.Options{Deaf: true})
		defer deaf.Cut()
		time.Sleep(pingEvery + pongTime + time.Second)
		synctest.Wait()
		if n := len(r.server.hub.clients); n != 1 {
			t.Errorf("%d pages are connected, want 1", n)
		}
		// A page that reads stays for a shift.
		time.Sleep(8 * time.Hour)
		r.command(page, "clear", "no-call")
	})
}

func TestCommandRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newMemoryRig(t, nil)
		page := r.page(webapitest.Options{})
		// All at once: each answer takes a little of the second.
		var waits []<-chan webapitest.Result
		for range commandRate + 1 {
			wait, err := page.Begin(t.Context(), map[string]any{"type": "clear"})
			if err != nil {
				t.Fatal(err)
			}
			waits = append(waits, wait)
		}
		for i, wait := range waits {
			want := "no-call"
			if i == commandRate {
				want = codeRateLimited
			}
			if got := <-wait; got.Code != want {
				t.Errorf("command %d: %+v, want %s", i+1, got, want)
			}
		}
		time.Sleep(time.Second)
		for range commandRate {
			r.command(page, "take", "no-call")
		}
		for range maxRefused - 1 {
			_ = page.Send(t.Context(), `{"type":"nonsense"}`)
		}
		r.wantEnd(page, closeTooMany)
	})
}

func TestDialRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newMemoryRig(t, nil)
		r.setPolicy(Policy{Origins: []string{helpline, intranet, stranger}})
		pages := []*webapitest.Client{r.page(webapitest.Options{}), r.page(webapitest.Options{Origin: intranet}), r.page(webapitest.Options{Origin: stranger})}
		r.do(pages[0], dialCommand(""), "")
		for range dialsOrigin - 1 {
			r.do(pages[0], dialCommand(""), "busy-here")
		}
		time.Sleep(time.Second)
		key := webapitest.Random(16)
		r.do(pages[0], dialCommand(key), codeRateLimited)
		for range dialsAll - dialsOrigin {
			r.do(pages[1], dialCommand(""), "busy-here")
		}
		r.do(pages[2], dialCommand(""), codeRateLimited)
		time.Sleep(dialSpan)
		r.do(pages[2], dialCommand(""), "busy-here")
		r.do(pages[0], dialCommand(key), "busy-here") // the refusal was not kept
		time.Sleep(resultTime)
		r.phone.HangUp()
		synctest.Wait()
		r.do(pages[0], dialCommand(key), "") // the outcome was kept for ten minutes
	})
}

// Nonsense after the handshake ends the connection, not the call.
func TestNonsense(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	id := r.inCall(page)
	for name, a := range map[string]struct {
		text string
		want int
	}{
		"no JSON":  {"clear", closeBad},
		"a list":   {`[{"type":"clear","id":1}]`, closeBad},
		"too long": {`{"type":"clear","id":1` + strings.Repeat(" ", maxMessage) + "}", 1009},
	} {
		c := r.page(webapitest.Options{})
		if err := c.Send(r.ctx(), a.text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got, err := c.Ended(r.ctx())
		if got != a.want {
			t.Errorf("%s: ended with %d (%v), want %d", name, got, err, a.want)
		}
	}
	r.unharmed(page, id)
	// What has no id is not carried out; what is just long enough is.
	if err := page.Send(r.ctx(), `{"type":"clear"}`); err != nil {
		t.Fatal(err)
	}
	r.command(page, "take", "")
	if s := r.phone.Snapshot(); s.State != call.InCall {
		t.Errorf("a command without an id: the call is %v", s.State)
	}
	whole := `{"type":"clear","id":999}`
	if err := page.Send(r.ctx(), whole+strings.Repeat(" ", maxMessage-len(whole))); err != nil {
		t.Fatal(err)
	}
	r.events(page, "HangingUp", "Clear")
}

// 64 connections an origin, 128 in all.
func TestConnectionLimits(t *testing.T) {
	r := newRig(t, nil)
	r.setPolicy(Policy{Origins: []string{helpline, intranet, stranger}})
	var first *webapitest.Client
	for _, o := range []string{helpline, intranet} {
		for range maxPerOrigin {
			c := r.page(webapitest.Options{Origin: o})
			if first == nil {
				first = c
			}
		}
		if got := r.refused(webapitest.Options{Origin: o}); got != 503 {
			t.Errorf("one more of %s: %d, want 503", o, got)
		}
	}
	if got := r.refused(webapitest.Options{Origin: stranger}); got != 503 {
		t.Errorf("the 129th: %d, want 503", got)
	}
	first.Cut()
	for !r.server.hub.hasRoom(helpline) {
		if _, changed := r.server.hub.state(); !r.server.hub.hasRoom(helpline) {
			<-changed
		}
	}
	r.page(webapitest.Options{Key: &first.Key})
}

// An orderly end: nobody new, no new call, and the Clear of the last one still
// reaches its page.
func TestDrain(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	phone, done := webapitest.RunPhone(ctx)
	r := newRig(t, func(o *Options) { o.Phone = phone })
	r.phone = phone
	page := r.page(webapitest.Options{})
	r.inCall(page)
	r.server.Drain()
	if _, err := webapitest.Dial(r.ctx(), r.addr, webapitest.Options{Origin: helpline}); err == nil {
		t.Error("a page was let in")
	}
	if _, err := r.server.Open(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("Open: %v", err)
	}
	r.do(page, map[string]any{"type": "dtmf", "digits": "1"}, "")
	r.do(page, dialCommand(""), "stopped")
	cancel()
	<-done
	r.events(page, "DigitSent", "HangingUp", "Clear")
	r.wantEnd(page, closeGoing)
	r.stop()
	for range r.server.Watch(t.Context()) { // ends with the server
	}
}

// The switch in the settings: shut and open as often as one likes.
func TestShutAndOpen(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	r.inCall(page)
	for range 3 {
		r.server.Shut()
		r.server.Shut()
		r.wantEnd(page, closeGoing)
		addr, err := r.server.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		same, err := r.server.Open(t.Context())
		if err != nil || same != addr {
			t.Errorf("opened twice: %v %v", same, err)
		}
		r.addr = addr.String()
		page = r.again(page, helpline)
		if !page.Welcome.Control {
			t.Error("control was lost")
		}
	}
	if err := r.server.Run(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("Run twice: %v", err)
	}
}

func TestPorts(t *testing.T) {
	r := newRig(t, nil)
	first := r.server.loop.addr.Port()
	second := newRig(t, func(o *Options) { o.Ports = []int{int(first), 0} })
	if strings.HasSuffix(second.addr, portText(first)) {
		t.Errorf("both are open at %s", second.addr)
	}
	s, err := New(Options{Phone: r.phone, Secret: make([]byte, 32), Policy: func() Policy { return Policy{} }, Ports: []int{int(first)}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(t.Context()); !errors.Is(err, ErrNoPort) {
		t.Errorf("no port is free: %v", err)
	}
	for name, o := range map[string]Options{
		"no phone":       {Secret: make([]byte, 32), Policy: s.opts.Policy},
		"a short secret": {Phone: r.phone, Secret: make([]byte, 16), Policy: s.opts.Policy},
		"no policy":      {Phone: r.phone, Secret: make([]byte, 32)},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if p := Ports(); len(p) != 10 || p[0] != 17070 || p[9] != 17079 {
		t.Errorf("the ports are %v", p)
	}
}
