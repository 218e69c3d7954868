package sipua_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/call"
	"nxphone/call/sipua"
)

// reach asks and gives the outcome later.
func (p *phone) reach(ctx context.Context) (result func() (<-chan struct{}, error)) {
	var lost <-chan struct{}
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		lost, err = p.agent.Reach(ctx, request)
	}()
	return func() (<-chan struct{}, error) { <-done; return lost, err }
}

func TestReach(t *testing.T) {
	bubble(t, func(p *phone) {
		ctx := context.Background()
		result := p.reach(ctx)
		c := p.srv.Accept()
		lost, err := result()
		if err != nil || lost == nil {
			t.Fatal(lost, err)
		}
		before := c.Pings()
		if _, err := p.reach(ctx)(); err != nil {
			t.Error(err)
		}
		if c.Pings() != before+1 || len(p.srv.Handshakes()) != 1 {
			t.Errorf("%d pings after %d, %d handshakes", c.Pings(), before, len(p.srv.Handshakes()))
		}
		select {
		case <-lost:
			t.Error("a flow that is there counts as lost")
		default:
		}
		c.Cut()
		<-lost
		// The next question finds another one, and a call uses it.
		result = p.reach(ctx)
		c = p.srv.Accept()
		if _, err := result(); err != nil {
			t.Error(err)
		}
		p.open()
		p.leg.Invite(offer)
		inv := c.Expect("INVITE")
		p.leg.Hangup(hangup)
		c.Reply(inv, "486 Busy Here")
		c.Expect("ACK")
		p.ended(call.CodeHangup)
	})
}

// A server that has forgotten the connection is found out within the time of a
// probe, and the flow goes.
func TestReachNoPong(t *testing.T) {
	bubble(t, func(p *phone) {
		result := p.reach(context.Background())
		c := p.srv.Accept()
		lost, err := result()
		if err != nil {
			t.Fatal(err)
		}
		c.Deafen()
		start := time.Now()
		_, err = p.reach(context.Background())()
		if call.CodeOf(err) != call.CodeFlowLost || time.Since(start) > 4*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		<-lost
	})
}

func TestReachFaults(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  func(p *phone)
		code call.Code
	}{
		{"refused", func(p *phone) { p.srv.Refuse = 503 }, call.CodeHandshake},
		{"cut off", func(p *phone) { p.srv.Close() }, call.CodeHandshake},
		{"stalled", func(p *phone) { p.srv.Stall = true }, call.CodeUnreachable},
		{"refused, for calls only", func(p *phone) { p.set.Register = true; p.srv.Refuse = 403 }, call.CodeHandshake},
		{"stalled, for calls only", func(p *phone) { p.set.CloseIdle = true; p.srv.Stall = true }, call.CodeUnreachable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(p *phone) {
				tt.set(p)
				lost, err := p.reach(context.Background())()
				if call.CodeOf(err) != tt.code || lost != nil {
					t.Errorf("%v, want %s", err, tt.code)
				}
			})
		})
	}
}

func TestReachOnlyVisits(t *testing.T) {
	for _, set := range []sipua.Settings{{Register: true}, {CloseIdle: true}} {
		bubble(t, func(p *phone) {
			p.set = set
			result := p.reach(context.Background())
			c := p.srv.Accept()
			if lost, err := result(); lost != nil || err != nil {
				t.Error(lost, err)
			}
			c.WaitGone()
		})
	}
}

func TestReachGivesUp(t *testing.T) {
	bubble(t, func(p *phone) {
		p.srv.Stall = true
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := p.reach(ctx)(); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		p.agent.Close(context.Background())
		if _, err := p.reach(context.Background())(); !errors.Is(err, call.ErrStopped) {
			t.Error(err)
		}
	})
}

func TestBeat(t *testing.T) {
	bubble(t, func(p *phone) {
		ctx := context.Background()
		if err := p.agent.Beat(ctx); err != nil {
			t.Error("no flow:", err)
		}
		p.agent.Warm(request)
		p.srv.Accept()
		synctest.Wait()
		if err := p.agent.Beat(ctx); err != nil {
			t.Error("an open flow:", err)
		}
	})
}
