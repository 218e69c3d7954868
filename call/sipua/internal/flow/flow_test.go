package flow_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"nxphone/call/sipua/internal/flow"
	"nxphone/call/sipua/sipuatest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is an open flow and the server's end of it.
type rig struct {
	srv  *sipuatest.Server
	conn *sipuatest.Conn
	flow *flow.Flow
	got  chan string
}

func config(srv *sipuatest.Server) flow.Config {
	return flow.Config{
		URL: "ws://sbc.test/ws", Timeout: 8 * time.Second,
		DialContext: srv.DialContext, Logger: slog.New(slog.DiscardHandler),
	}
}

// bubble runs a test with an open flow in virtual time.
func bubble(t *testing.T, prepare func(*sipuatest.Server), test func(t *testing.T, r *rig)) {
	synctest.Test(t, func(t *testing.T) {
		r := &rig{srv: sipuatest.New(t), got: make(chan string, 100)}
		defer r.srv.Close()
		if prepare != nil {
			prepare(r.srv)
		}
		f, err := flow.Dial(t.Context(), config(r.srv))
		if err != nil {
			t.Fatal(err)
		}
		r.flow = f
		r.conn = r.srv.Accept()
		f.Start(func(m []byte) { r.got <- string(m) })
		defer f.Close(context.Background())
		test(t, r)
	})
}

func (r *rig) expect(t *testing.T, want string) {
	t.Helper()
	select {
	case got := <-r.got:
		if got != want {
			t.Fatalf("received %.100q (%d bytes), want %.100q (%d bytes)", got, len(got), want, len(want))
		}
	case <-time.After(time.Minute):
		t.Fatalf("nothing received, want %.100q", want)
	}
}

func TestFrames(t *testing.T) {
	big := strings.Repeat("x", 70_000)
	huge := strings.Repeat("x", 1<<20+1)
	tests := []struct {
		name   string
		frames func(c *sipuatest.Conn)
		want   []string
	}{
		{"text", func(c *sipuatest.Conn) { c.Frame(sipuatest.Text, true, []byte("a")) }, []string{"a"}},
		{"binary", func(c *sipuatest.Conn) { c.Frame(sipuatest.Binary, true, []byte("b")) }, []string{"b"}},
		{"fragments with a ping between", func(c *sipuatest.Conn) {
			c.Frame(sipuatest.Text, false, []byte("one "))
			c.Frame(sipuatest.Ping, true, []byte("p"))
			c.Frame(sipuatest.Continuation, false, []byte("two "))
			c.Frame(sipuatest.Continuation, true, []byte("three"))
			c.Frame(sipuatest.Text, true, []byte("next"))
		}, []string{"one two three", "next"}},
		{"over 64 KiB", func(c *sipuatest.Conn) { c.Frame(sipuatest.Text, true, []byte(big)) }, []string{big}},
		{"too long is skipped", func(c *sipuatest.Conn) {
			c.Frame(sipuatest.Text, true, []byte(huge))
			c.Frame(sipuatest.Text, true, []byte("next"))
		}, []string{"next"}},
		{"empty", func(c *sipuatest.Conn) {
			c.Frame(sipuatest.Text, true, nil)
			c.Frame(sipuatest.Text, true, []byte("\r\n"))
			c.Frame(sipuatest.Text, true, []byte("next"))
		}, []string{"next"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, nil, func(t *testing.T, r *rig) {
				tt.frames(r.conn)
				for _, w := range tt.want {
					r.expect(t, w)
				}
				if err := r.flow.Err(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestBytesBehindTheUpgradeAreNotLost(t *testing.T) {
	bubble(t, func(s *sipuatest.Server) {
		s.Behind = sipuatest.Encode(sipuatest.Text, true, []byte("early"))
	}, func(t *testing.T, r *rig) { r.expect(t, "early") })
}

func TestPingsAreAnsweredWithTheirPayload(t *testing.T) {
	bubble(t, nil, func(t *testing.T, r *rig) {
		r.conn.Frame(sipuatest.Ping, true, []byte("kamailio (5.6.3)"))
		r.conn.Frame(sipuatest.Ping, true, nil)
		synctest.Wait()
		if got := fmt.Sprintf("%q", r.conn.Pongs()); got != `["kamailio (5.6.3)" ""]` {
			t.Errorf("pongs %s", got)
		}
	})
}

func TestKeepAliveIsAnswered(t *testing.T) {
	bubble(t, nil, func(t *testing.T, r *rig) {
		r.conn.Frame(sipuatest.Text, true, []byte("\r\n\r\n"))
		if got := r.conn.Next(); got != "\r\n" {
			t.Errorf("answer %q", got)
		}
	})
}

func TestPingsEvery20Seconds(t *testing.T) {
	bubble(t, nil, func(t *testing.T, r *rig) {
		time.Sleep(61 * time.Second)
		if n := r.conn.Pings(); n != 3 {
			t.Errorf("%d pings in 61 s, want 3", n)
		}
	})
}

func TestASilentServerIsNoticed(t *testing.T) {
	for _, tt := range []struct {
		name  string
		act   func(r *rig)
		after time.Duration
	}{
		{"by its missing pong", func(*rig) {}, 30 * time.Second},
		{"at once by a probe", func(r *rig) { r.flow.Probe(3 * time.Second) }, 3 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, nil, func(t *testing.T, r *rig) {
				r.conn.Deafen()
				start := time.Now()
				tt.act(r)
				<-r.flow.Done()
				if got := time.Since(start); got != tt.after {
					t.Errorf("after %v, want %v", got, tt.after)
				}
				if err := r.flow.Err(); !errors.Is(err, flow.ErrNoPong) {
					t.Errorf("cause %v", err)
				}
			})
		})
	}
}

func TestAProbeThatIsAnsweredChangesNothing(t *testing.T) {
	bubble(t, nil, func(t *testing.T, r *rig) {
		r.flow.Probe(time.Second)
		time.Sleep(2 * time.Second)
		if err := r.flow.Err(); err != nil || r.conn.Pings() != 1 {
			t.Errorf("%v, %d pings", err, r.conn.Pings())
		}
	})
}

func TestTheServersEnd(t *testing.T) {
	for _, tt := range []struct {
		name string
		act  func(c *sipuatest.Conn)
	}{
		{"cut", func(c *sipuatest.Conn) { c.Cut() }},
		{"close frame", func(c *sipuatest.Conn) { c.Frame(sipuatest.CloseFrame, true, []byte("\x03\xe8")) }},
		{"protocol error", func(c *sipuatest.Conn) { c.Frame(sipuatest.Continuation, true, []byte("x")) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, nil, func(t *testing.T, r *rig) {
				tt.act(r.conn)
				start := time.Now()
				r.flow.Wait()
				if r.flow.Err() == nil || time.Since(start) > time.Second {
					t.Errorf("%v after %v", r.flow.Err(), time.Since(start))
				}
				r.flow.Send([]byte("late")) // does nothing
			})
		})
	}
}

func TestCloseSendsWhatIsQueuedAndSaysGoodBye(t *testing.T) {
	bubble(t, nil, func(t *testing.T, r *rig) {
		for i := range 50 {
			r.flow.Send([]byte(fmt.Sprint(i)))
		}
		r.flow.Close(t.Context())
		for i := range 50 {
			if got := r.conn.Next(); got != fmt.Sprint(i) {
				t.Fatalf("message %d is %q", i, got)
			}
		}
		if !r.conn.Closed() {
			t.Error("no close frame")
		}
	})
}

func TestMessagesKeepTheirOrder(t *testing.T) {
	bubble(t, nil, func(t *testing.T, r *rig) {
		var all bytes.Buffer
		for i := range 90 {
			all.Write(sipuatest.Encode(sipuatest.Text, true, []byte(fmt.Sprint(i))))
		}
		r.conn.Raw(all.Bytes())
		for i := range 90 {
			r.expect(t, fmt.Sprint(i))
		}
	})
}

func TestAServerThatDoesNotReadEndsTheFlow(t *testing.T) {
	bubble(t, nil, func(t *testing.T, r *rig) {
		// One write of more than the queue may hold.
		r.flow.Send(make([]byte, 5<<20))
		r.flow.Wait()
		if !errors.Is(r.flow.Err(), flow.ErrFlooded) {
			t.Error(r.flow.Err())
		}
	})
}

func TestWhatIsNotUTF8GoesOutBinary(t *testing.T) {
	bubble(t, nil, func(t *testing.T, r *rig) {
		r.flow.Send([]byte("a\xff"))
		if got := r.conn.Next(); got != "a\xff" || r.conn.LastOpcode() != sipuatest.Binary {
			t.Errorf("%q in opcode %d", got, r.conn.LastOpcode())
		}
		r.flow.Send([]byte("가"))
		if r.conn.Next(); r.conn.LastOpcode() != sipuatest.Text {
			t.Errorf("text in opcode %d", r.conn.LastOpcode())
		}
	})
}
