package transport

import (
	"errors"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"
	"go.uber.org/goleak"

	"nxphone/call/peer/sdp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// end is one side: a transport and what it has told.
type end struct {
	*Transport
	states chan State
	errs   chan error
	rtp    chan string
	rtcp   chan string
}

func (e *end) TransportState(_ *Transport, s State, err error) {
	if err != nil {
		e.errs <- err
	}
	e.states <- s
}

func (e *end) RTP(h *rtp.Header, payload []byte, _ time.Time) {
	select {
	case e.rtp <- string(payload):
	default:
	}
}

func (e *end) RTCP(p []byte, _ time.Time) { e.rtcp <- string(p) }

func open(t testing.TB, change func(*Config)) *end {
	t.Helper()
	cert, err := NewCertificate()
	if err != nil {
		t.Fatal(err)
	}
	e := &end{states: make(chan State, 64), errs: make(chan error, 64), rtp: make(chan string, 64), rtcp: make(chan string, 64)}
	cfg := Config{Certificate: cert, IncludeLoopback: true, Handler: e, Logger: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&cfg)
	}
	if e.Transport, err = Open(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	<-e.Gathered()
	return e
}

// remote is the end as the other side sees it.
func (e *end) remote(t testing.TB) sdp.Remote {
	t.Helper()
	p, err := e.Params()
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Candidates) == 0 {
		t.Fatal("no candidates")
	}
	return sdp.Remote{Ufrag: p.Ufrag, Pwd: p.Pwd, Candidates: p.Candidates, Fingerprints: []sdp.Fingerprint{p.Fingerprint}}
}

func (e *end) await(t testing.TB, want State) {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case got := <-e.states:
			if got == want {
				return
			}
		case <-limit:
			t.Fatalf("state %d never came", want)
		}
	}
}

// connect joins two ends; roles are those of a, then b.
func connect(t testing.TB, a, b *end, roleA, roleB sdp.Setup) {
	t.Helper()
	ra, rb := a.remote(t), b.remote(t)
	if err := errors.Join(a.Start(rb, true, roleA), b.Start(ra, false, roleB)); err != nil {
		t.Fatal(err)
	}
	a.await(t, Secure)
	b.await(t, Secure)
}

// flows proves both directions of RTP and RTCP.
func flows(t testing.TB, a, b *end, text string) {
	t.Helper()
	for _, way := range [][2]*end{{a, b}, {b, a}} {
		from, to := way[0], way[1]
		// A packet may overtake the end of the other side's handshake; then it
		// is held there until the next one comes.
		limit := time.After(time.Minute)
		tick := time.NewTicker(20 * time.Millisecond)
		h := rtp.Header{Version: 2, PayloadType: 111, SSRC: uint32(len(text)) + 5, SequenceNumber: uint16(time.Now().UnixMilli())}
		for got := ""; got != text; {
			select {
			case got = <-to.rtp:
			case <-tick.C:
				from.SendRTP(&h, []byte(text))
				h.SequenceNumber++
			case <-limit:
				t.Fatal("no RTP came")
			}
		}
		tick.Stop()
		report := "\x80\xc9\x00\x01\x00\x00\x00\x07" // an empty receiver report
		if !from.SendRTCP([]byte(report)) {
			t.Fatal("RTCP was not sent")
		}
		select {
		case got := <-to.rtcp:
			if got != report {
				t.Errorf("RTCP %q", got)
			}
		case <-limit:
			t.Fatal("no RTCP came")
		}
	}
}

func TestRoles(t *testing.T) {
	for _, c := range []struct {
		a, b  sdp.Setup
		wantA sdp.Setup
	}{
		{sdp.Passive, sdp.Active, sdp.Passive},
		{sdp.Active, sdp.Passive, sdp.Active},
		{sdp.Undecided, sdp.Active, sdp.Passive},
		{sdp.Undecided, sdp.Passive, sdp.Active},
	} {
		t.Run(c.a.String()+" "+c.b.String(), func(t *testing.T) {
			t.Parallel()
			a, b := open(t, nil), open(t, nil)
			if a.Secure() || a.SendRTP(&rtp.Header{Version: 2}, nil) || a.SendRTCP(nil) {
				t.Error("something was sent before there was a way")
			}
			connect(t, a, b, c.a, c.b)
			flows(t, a, b, "hello")
			if a.Role() != c.wantA {
				t.Errorf("role %v, want %v", a.Role(), c.wantA)
			}
		})
	}
}

// TestWrongFingerprint on either side is refused with an error that says so.
func TestWrongFingerprint(t *testing.T) {
	a, b := open(t, nil), open(t, nil)
	ra, rb := a.remote(t), b.remote(t)
	rb.Fingerprints = []sdp.Fingerprint{{Hash: "sha-256", Value: strings.Repeat("AB:", 31) + "AB"}}
	if err := errors.Join(a.Start(rb, true, sdp.Active), b.Start(ra, false, sdp.Passive)); err != nil {
		t.Fatal(err)
	}
	a.await(t, Failed)
	if err := <-a.errs; !errors.Is(err, errFingerprint) {
		t.Errorf("the error is %v", err)
	}
	if a.Secure() {
		t.Error("secure with the wrong peer")
	}
}

// TestRestart moves a call to new addresses without a new handshake.
func TestRestart(t *testing.T) {
	a, b := open(t, nil), open(t, nil)
	if _, err := a.Restart(); err == nil {
		t.Error("a restart of nothing")
	}
	connect(t, a, b, sdp.Active, sdp.Passive)
	flows(t, a, b, "one")
	before := a.remote(t)
	for _, e := range []*end{b, a} {
		gathered, err := e.Restart()
		if err != nil {
			t.Fatal(err)
		}
		<-gathered
	}
	ra, rb := a.remote(t), b.remote(t)
	if ra.Ufrag == before.Ufrag || ra.Fingerprints[0] != before.Fingerprints[0] {
		t.Errorf("%+v after %+v", ra, before)
	}
	if err := errors.Join(a.Resume(rb), b.Resume(ra)); err != nil {
		t.Fatal(err)
	}
	flows(t, a, b, "second")
}

// TestTwin: a second transport under the same credentials finds another peer
// that has the same parameters of us.
func TestTwin(t *testing.T) {
	first := open(t, nil)
	params, err := first.Params()
	if err != nil {
		t.Fatal(err)
	}
	twin := open(t, func(c *Config) {
		c.Certificate = first.cfg.Certificate
		c.Ufrag, c.Pwd = params.Ufrag, params.Pwd
	})
	other := open(t, nil)
	// The other peer knows the first's addresses, not the twin's.
	if err := other.Start(first.remote(t), false, sdp.Active); err != nil {
		t.Fatal(err)
	}
	if err := twin.Start(other.remote(t), true, sdp.Passive); err != nil {
		t.Fatal(err)
	}
	twin.await(t, Secure)
	flows(t, twin, other, "twin")
}

// TestClose at any time ends everything, and nothing is told afterwards.
func TestClose(t *testing.T) {
	for _, after := range []time.Duration{0, time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond} {
		a, b := open(t, nil), open(t, nil)
		ra, rb := a.remote(t), b.remote(t)
		if err := errors.Join(a.Start(rb, true, sdp.Undecided), b.Start(ra, false, sdp.Active)); err != nil {
			t.Fatal(err)
		}
		<-time.After(after)
		a.Close()
		a.Close()
		n := len(a.states)
		if err := a.Start(rb, true, sdp.Active); !errors.Is(err, ErrClosed) {
			t.Errorf("start after close: %v", err)
		}
		b.Close()
		if len(a.states) != n {
			t.Error("a closed transport tells")
		}
	}
}

// TestCloseAtTheEndOfTheHandshake: a good-bye that comes between the end of the
// handshake and its announcement leaves nothing open.
func TestCloseAtTheEndOfTheHandshake(t *testing.T) {
	d := newDemux(nil)
	d.goodbye()
	if d.established(nil) {
		t.Error("a connection was taken over that nobody will close")
	}
}

func TestPadding(t *testing.T) {
	a, b := open(t, nil), open(t, nil)
	connect(t, a, b, sdp.Active, sdp.Passive)
	flows(t, a, b, "before")
	for i, c := range []struct{ sent, want string }{
		{"hello\x00\x00\x03", "hello"},
		{"\x01", ""},
		{"too much\xff", "-"},
		{"none\x00", "-"},
		{"", "-"},
	} {
		h := rtp.Header{Version: 2, Padding: true, PayloadType: 8, SSRC: 3, SequenceNumber: uint16(100 + i)}
		// MarshalTo leaves the padding to the payload, as wanted here.
		a.SendRTP(&h, []byte(c.sent))
		a.SendRTP(&rtp.Header{Version: 2, PayloadType: 8, SSRC: 4, SequenceNumber: uint16(100 + i)}, []byte("-"))
		for got := range b.rtp {
			if got == "before" {
				continue // one more of the first
			}
			if got != c.want {
				t.Errorf("%q came as %q", c.sent, got)
			}
			if got == "-" {
				break
			}
			<-b.rtp
			break
		}
	}
}

// TestSendAllocations: a packet allocates nothing on its way out, nor on its
// way in at the other end, which is counted too.
func TestSendAllocations(t *testing.T) {
	a, b := open(t, nil), open(t, nil)
	connect(t, a, b, sdp.Active, sdp.Passive)
	payload := make([]byte, 80)
	h := rtp.Header{Version: 2, PayloadType: 111, SSRC: 9}
	// What else the process does meanwhile (connectivity checks) is counted
	// too, and on a busy machine that is a whole allocation a packet now and
	// then; what the packet itself costs is there every time.
	least := math.Inf(1)
	for range 10 {
		least = min(least, testing.AllocsPerRun(500, func() {
			h.SequenceNumber++
			a.SendRTP(&h, payload)
		}))
	}
	if least > 0 {
		t.Errorf("%v allocations a packet, both ends", least)
	}
}

func BenchmarkConnect(b *testing.B) {
	for b.Loop() {
		x, y := open(b, nil), open(b, nil)
		connect(b, x, y, sdp.Passive, sdp.Active)
		b.StopTimer()
		x.Close()
		y.Close()
		b.StartTimer()
	}
}
