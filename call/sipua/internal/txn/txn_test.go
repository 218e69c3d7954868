package txn_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"nxphone/call/sipua/internal/txn"
	"nxphone/call/sipua/internal/wire"
)

// rig is a layer whose time and network are the test's.
type rig struct {
	*txn.Layer
	t      *testing.T
	now    time.Duration
	timers []*timer
	sent   []string // first words of what was sent
}

type timer struct {
	at time.Duration
	f  func()
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t}
	r.Layer = txn.New(func(m sip.Message) {
		line, _, _ := strings.Cut(m.String(), "\r\n")
		words := strings.Fields(line)
		if words[0] == "SIP/2.0" {
			words = words[1:]
		}
		r.sent = append(r.sent, words[0])
	}, func(d time.Duration, f func()) func() {
		x := &timer{r.now + d, f}
		r.timers = append(r.timers, x)
		return func() { r.timers = slices.DeleteFunc(r.timers, func(y *timer) bool { return x == y }) }
	})
	return r
}

// pass lets time pass, timer by timer.
func (r *rig) pass(d time.Duration) {
	end := r.now + d
	for {
		var next *timer
		for _, x := range r.timers {
			if x.at <= end && (next == nil || x.at < next.at) {
				next = x
			}
		}
		if next == nil {
			break
		}
		r.now = next.at
		r.timers = slices.DeleteFunc(r.timers, func(y *timer) bool { return y == next })
		next.f()
	}
	r.now = end
}

// expect compares what was sent since the last time.
func (r *rig) expect(want ...string) {
	r.t.Helper()
	if !slices.Equal(r.sent, want) {
		r.t.Errorf("sent %q, want %q", r.sent, want)
	}
	r.sent = nil
}

const fields = "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 7 "

func (r *rig) parse(text string) *wire.Message {
	r.t.Helper()
	m, err := wire.Parse([]byte(text))
	if err != nil {
		r.t.Fatal(err)
	}
	return m
}

func (r *rig) response(code int, branch, method string) *wire.Message {
	r.t.Helper()
	return r.parse(fmt.Sprintf("SIP/2.0 %d X\r\nVia: SIP/2.0/WS h.invalid;branch=%s\r\n%s%s\r\n\r\n", code, branch, fields, method))
}

func (r *rig) request(method, branch string) *wire.Message {
	r.t.Helper()
	return r.parse(fmt.Sprintf("%s sip:a@b SIP/2.0\r\nVia: SIP/2.0/WS sbc;branch=%s\r\n%s%s\r\n\r\n", method, branch, fields, method))
}

// ask sends a request and gives the codes that its user is told, 0 for nil.
func (r *rig) ask(method string) *[]int {
	told := new([]int)
	req := wire.NewRequest(method, "sip:c@d", wire.Header{Name: "CSeq", Value: "7 " + method})
	r.Request(req, "z9hG4bKa", func(m *wire.Message) {
		if m == nil {
			*told = append(*told, 0)
			return
		}
		*told = append(*told, m.Code())
	})
	r.expect(method)
	return told
}

func TestClient(t *testing.T) {
	tests := []struct {
		method    string
		responses []int
		pass      time.Duration
		told      []int
		sent      []string
	}{
		{"INVITE", []int{100, 180, 180, 200}, time.Hour, []int{100, 180, 180, 200}, nil},
		{"INVITE", []int{200, 200}, 0, []int{200, 200}, nil},                         // each wants its ACK
		{"INVITE", []int{180, 486, 486}, 0, []int{180, 486}, []string{"ACK", "ACK"}}, // each gets one
		{"INVITE", []int{486, 180}, 0, []int{486}, []string{"ACK"}},                  // too late
		{"INVITE", []int{200, 486}, 0, []int{200}, []string{"ACK"}},                  // a stray
		{"INVITE", nil, 32 * time.Second, []int{0}, nil},                             // timer B
		{"INVITE", nil, 32*time.Second - 1, nil, nil},                                //
		{"INVITE", []int{100}, time.Hour, []int{100}, nil},                           // only in Calling
		{"BYE", []int{100, 200, 200}, time.Hour, []int{200}, nil},                    //
		{"BYE", []int{100}, 32 * time.Second, []int{0}, nil},                         // timer F
		{"BYE", []int{481}, time.Hour, []int{481}, nil},                              // no ACK
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.method, tt.responses), func(t *testing.T) {
			r := newRig(t)
			told := r.ask(tt.method)
			for _, code := range tt.responses {
				r.Response(r.response(code, "z9hG4bKa", tt.method))
			}
			r.pass(tt.pass)
			if !slices.Equal(*told, tt.told) {
				t.Errorf("told %v, want %v", *told, tt.told)
			}
			r.expect(tt.sent...)
		})
	}
}

func TestResponsesThatFitNoRequest(t *testing.T) {
	r := newRig(t)
	told := r.ask("INVITE")
	if r.Response(r.response(200, "z9hG4bKb", "INVITE")) || r.Response(r.response(200, "z9hG4bKa", "BYE")) {
		t.Error("taken")
	}
	if len(*told) > 0 {
		t.Errorf("told %v", *told)
	}
	// An answered INVITE is forgotten after timer M.
	r.Response(r.response(200, "z9hG4bKa", "INVITE"))
	r.pass(txn.Limit)
	if r.Response(r.response(200, "z9hG4bKa", "INVITE")) {
		t.Error("taken after timer M")
	}
}

func (r *rig) respond(s *txn.Server, code int, acked func(*wire.Message)) {
	s.Respond(wire.NewResponse(s.Request, code, "X", "t"), acked)
}

func TestServerRepeats(t *testing.T) {
	r := newRig(t)
	s := r.Incoming(r.request("INFO", "z9hG4bKs"))
	if r.Incoming(r.request("INFO", "z9hG4bKs")) != nil {
		t.Error("a repetition is new")
	}
	r.expect() // nothing to repeat yet
	r.respond(s, 200, nil)
	r.respond(s, 500, nil) // a second final response is none
	r.Incoming(r.request("INFO", "z9hG4bKs"))
	r.expect("200", "200")
	if r.Incoming(r.request("INFO", "z9hG4bKt")) == nil || r.Incoming(r.request("BYE", "z9hG4bKs")) == nil {
		t.Error("another request is a repetition")
	}
	r.pass(txn.Limit)
	if r.Incoming(r.request("INFO", "z9hG4bKs")) == nil {
		t.Error("not forgotten")
	}
	// Without the cookie the branch alone says nothing (RFC 2543).
	r.Incoming(r.request("INFO", "1"))
	other := r.parse(strings.Replace("INFO sip:a@b SIP/2.0\r\nVia: SIP/2.0/WS sbc;branch=1\r\n"+fields+"INFO\r\n\r\n", "CSeq: 7", "CSeq: 8", 1))
	if r.Incoming(other) == nil {
		t.Error("another request of an old peer is a repetition")
	}
}

func TestServerInvite(t *testing.T) {
	for _, tt := range []struct {
		name string
		act  func(r *rig, s *txn.Server)
		want []string
		told string
	}{
		{"2xx until the ACK", func(r *rig, s *txn.Server) {
			r.pass(2 * time.Second)
			r.Incoming(r.request("ACK", "z9hG4bKack"))
			r.pass(time.Hour)
			r.Incoming(r.request("ACK", "z9hG4bKack"))
		}, []string{"200", "200", "200"}, "ACK"},
		{"2xx without ACK", func(r *rig, s *txn.Server) { r.pass(time.Hour) },
			[]string{"200", "200", "200", "200", "200", "200", "200", "200", "200", "200", "200"}, "nothing"},
		{"settled by something else", func(r *rig, s *txn.Server) { s.Settle(); s.Settle(); r.pass(time.Hour) }, []string{"200"}, ""},
		{"ACK of another INVITE", func(r *rig, s *txn.Server) {
			m := r.request("ACK", "z9hG4bKack")
			m.CSeq = 8
			r.Incoming(m)
			r.pass(time.Second)
		}, []string{"200", "200"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			s := r.Incoming(r.request("INVITE", "z9hG4bKs"))
			told := ""
			r.respond(s, 200, func(m *wire.Message) {
				told += "nothing"
				if m != nil {
					told = m.Method
				}
			})
			tt.act(r, s)
			r.expect(tt.want...)
			if told != tt.told {
				t.Errorf("told %q, want %q", told, tt.told)
			}
		})
	}
}

func TestCancelFindsItsInvite(t *testing.T) {
	r := newRig(t)
	s := r.Incoming(r.request("INVITE", "z9hG4bKs"))
	if r.Target(r.request("CANCEL", "z9hG4bKs")) != s || r.Target(r.request("CANCEL", "z9hG4bKt")) != nil {
		t.Error("wrong INVITE")
	}
	r.respond(s, 487, nil)
	r.Incoming(r.request("ACK", "z9hG4bKs"))
	r.pass(txn.Limit)
	r.expect("487")
	if r.Target(r.request("CANCEL", "z9hG4bKs")) != nil {
		t.Error("not forgotten")
	}
}
