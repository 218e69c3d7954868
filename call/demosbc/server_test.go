package demosbc

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEcho(t *testing.T) {
	s := startServer(t, Config{})
	ws, _ := s.URLs()
	p := dial(t, s, ws)
	m := newMouth(t, mouthConfig{})
	l := p.leg("600")
	l.invite(m.offer)
	l.expect(100)
	l.expect(180)
	res := l.expect(200)
	l.ack(res)
	t.Logf("%s", res)
	m.answer(string(res.Body()))
	for i := range 5 {
		m.say(96, uint16(100+i), uint32(1000+960*i), []byte{1, 2, byte(i)})
	}
	first := m.hear()
	if string(first.Payload) != "\x01\x02\x00" || first.PayloadType != 96 || !first.Marker {
		t.Errorf("first packet %v", first)
	}
	l.bye()
	eventually(t, "no calls", func() bool { return s.Calls() == 0 })
}

func TestRefusals(t *testing.T) {
	s := startServer(t, Config{})
	_, wss := s.URLs()
	p := dial(t, s, wss)
	for _, c := range []struct {
		number string
		codes  []int
	}{
		{"603", []int{100, 486}},
		{"604", []int{404}},
		{"999", []int{100, 404}},
	} {
		l := p.leg(c.number)
		l.invite("v=0\r\n")
		for _, code := range c.codes {
			l.to = ""
			l.expect(code)
		}
	}
}

func TestCancel(t *testing.T) {
	s := startServer(t, Config{})
	ws, _ := s.URLs()
	p := dial(t, s, ws)
	m := newMouth(t, mouthConfig{})
	l := p.leg("605")
	l.invite(m.offer)
	l.expect(100)
	l.expect(180)
	l.cancel()
	if res := p.response(200); res.CSeq().MethodName != "CANCEL" {
		t.Errorf("the 200 is for %s", res.CSeq().MethodName)
	}
	l.expect(487)
	eventually(t, "no calls", func() bool { return s.Calls() == 0 })
}
