package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// builtPhone is the binary that all tests of this package run: the one that
// NXPHONE_BINARY names (make test has just built it), or one built by the first
// that asks, which runTests removes.
var builtPhone = sync.OnceValues(func() (string, error) {
	if bin := os.Getenv("NXPHONE_BINARY"); bin != "" {
		return bin, nil
	}
	dir, err := os.MkdirTemp("", "nxphone-built-")
	if err != nil {
		return "", err
	}
	builtIn.Store(&dir)
	return BuildPhone(context.Background(), dir)
})

var (
	builtIn atomic.Pointer[string]
	lastDN  atomic.Int64 // every call of this package has an extension of its own
)

// phoneCall is one call of the real binary through a lab.
type phoneCall struct {
	*PhoneRun
	t          *testing.T
	ctx        context.Context
	lab        *Lab
	dn, number string
	dir        string
	dialled    time.Time
}

// micLen is the length of the microphone's file, longer than any call here.
const micLen = 30 * time.Second

// place runs "nxphone call" with the microphone's signal. flags come before
// the number; entries that look like NAME=value go into the environment.
func place(t *testing.T, l *Lab, url, number string, flags ...string) *phoneCall {
	t.Helper()
	bin, err := builtPhone()
	if err != nil {
		t.Fatal(err)
	}
	c := &phoneCall{t: t, ctx: within(t, 2*time.Minute), lab: l, number: number, dir: t.TempDir()}
	c.dn = strconv.FormatInt(2000+lastDN.Add(1), 10)
	mic := filepath.Join(c.dir, "mic.wav")
	if err := MicSignal().WriteWAV(mic, 48000, micLen); err != nil {
		t.Fatal(err)
	}
	args := []string{"call", "--realm", l.Realm, "--dn", c.dn, "--url", url, "--lang", "en",
		"--audio", "null", "--play", mic, "--record", c.file("heard.wav"), "--summary", c.file("summary.json")}
	if !hasFlag(flags, "--ca") {
		args = append(args, "--ca", l.CA)
	}
	env := Home(c.dir)
	for _, f := range flags {
		if strings.HasPrefix(f, "NXPHONE_") {
			env = append(env, f)
		} else {
			args = append(args, f)
		}
	}
	g := startGroup(t)
	c.dialled = time.Now()
	if c.PhoneRun, err = g.StartPhone("phone", bin, env, append(args, number)...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the phone's standard error:\n%s", c.Log())
		}
	})
	return c
}

func hasFlag(flags []string, name string) bool {
	for _, f := range flags {
		if f == name {
			return true
		}
	}
	return false
}

func (c *phoneCall) file(name string) string { return filepath.Join(c.dir, name) }

// await waits for an event.
func (c *phoneCall) await(typ string) PhoneEvent {
	c.t.Helper()
	ev, err := c.WaitEvent(c.ctx, typ)
	if err != nil {
		c.t.Fatal(err)
	}
	return ev
}

// summary is the part of the phone's summary file that is looked at here.
type summary struct {
	OK, Answered, Local  bool
	Code                 string
	SIP                  int
	Phrase               string
	Codec                string
	EarlyMedia           bool    `json:"early_media"`
	Digits               string  `json:"dtmf_sent"`
	Sent                 int     `json:"packets_sent"`
	Received             int     `json:"packets_received"`
	Lost                 int     `json:"packets_lost"`
	DialToInvite         float64 `json:"dial_to_invite_ms"`
	AnswerToFirstFrameMS float64 `json:"answer_to_first_frame_ms"`
}

// finish waits for the phone's end and checks what holds for every call: the
// exit status, the heritage events as they are written down, each of them
// once and in their order, and the code in the summary.
func (c *phoneCall) finish(status int, code, events string) summary {
	c.t.Helper()
	got, err := c.Wait(c.ctx)
	if err != nil {
		c.t.Fatalf("%v\n%s", err, c.Log())
	}
	if got != status {
		c.t.Errorf("exit status %d, want %d", got, status)
	}
	c.checkEvents(events)
	var s summary
	text, err := os.ReadFile(c.file("summary.json"))
	if err != nil {
		c.t.Fatal(err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		c.t.Fatalf("%v in %s", err, text)
	}
	if s.Code != code {
		c.t.Errorf("the summary says %q (SIP %d, %q), want %q", s.Code, s.SIP, s.Phrase, code)
	}
	if s.OK != (status == 0) {
		c.t.Errorf("the summary says ok %v, the exit status %d", s.OK, got)
	}
	return s
}

// checkEvents compares the heritage events with the words of the interface
// that they replace, character by character.
func (c *phoneCall) checkEvents(want string) {
	c.t.Helper()
	words := map[string]string{
		"Connecting": `"status":"connecting","desc":"Call in progress..."`,
		"Trying":     `"status":" i_ao_request","desc":"Trying"`,
		"Ringing":    `"status":" i_ao_request","desc":"Ringing"`,
		"InCall":     `"status":"connected","desc":"In call"`,
		"Clear":      `"status":"terminated","desc":"Call terminated"`,
	}
	var lines, expected []string
	for _, ev := range c.Events() {
		if ev.Kind != "nxphone" { // the new events have that kind
			lines = append(lines, ev.Line)
		}
	}
	for typ := range strings.FieldsSeq(want) {
		expected = append(expected, fmt.Sprintf(`{"Kind":"SIP","Type":"%s","Data":{%s,"dn":"%s","id":1}}`, typ, words[typ], c.dn))
	}
	if a, b := strings.Join(lines, "\n"), strings.Join(expected, "\n"); a != b {
		c.t.Errorf("the phone printed\n%s\nwant\n%s", a, b)
	}
}

// messages is the call as the SBC saw it.
func (c *phoneCall) messages() []Message {
	c.t.Helper()
	msgs, err := c.lab.Trace.Call(c.dn, c.number)
	if err != nil {
		c.t.Fatal(err)
	}
	return msgs
}

// sees waits until the SBC has seen a message of the phone's flow, and gives
// it. received: by the SBC.
func (c *phoneCall) sees(what string, received bool, cond func(Message) bool) Message {
	c.t.Helper()
	var found Message
	_, err := c.lab.Trace.Wait(c.ctx, c.dn, c.number, what, func(m Message) bool {
		ok := m.WebSocket() && m.Received == received && cond(m)
		if ok {
			found = m
		}
		return ok
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return found
}

// isRequest and response make conditions for sees.
func isRequest(method string) func(Message) bool {
	return func(m Message) bool { return m.Method() == method }
}

func response(status int, method string) func(Message) bool {
	return func(m Message) bool {
		_, of := m.CSeq()
		return m.Status() == status && of == method
	}
}

// count counts the phone's requests of a method.
func (c *phoneCall) count(method string) int {
	c.t.Helper()
	n := 0
	for _, m := range c.messages() {
		if m.Received && m.WebSocket() && m.Method() == method {
			n++
		}
	}
	return n
}

// recording is the call's RTP.
func (c *phoneCall) recording() *Recording {
	c.t.Helper()
	msgs := c.messages()
	if len(msgs) == 0 {
		c.t.Fatal("the SBC has not seen the call")
	}
	rec, err := c.lab.Relay.Recording(c.ctx, msgs[0].CallID())
	if err != nil {
		c.t.Fatal(err)
	}
	return rec
}

// heard is what the phone recorded.
func (c *phoneCall) heard() []int16 {
	c.t.Helper()
	pcm, rate, err := ReadWAV(c.file("heard.wav"))
	if err != nil {
		c.t.Fatal(err)
	}
	if rate != 48000 {
		c.t.Errorf("the phone recorded at %d Hz", rate)
	}
	return pcm
}

// signalIn checks that a recording holds a signal for at least d.
func (c *phoneCall) signalIn(where string, s Signal, pcm []int16, rate int, d time.Duration) {
	c.t.Helper()
	if r := s.Check(pcm, rate); !r.OK() || r.Span < d {
		c.t.Errorf("%s: the signal is not there for %v: %+v%s", where, d, r, s.Timeline(pcm, rate))
	}
}

// checkStream checks that what the phone sent is one proper RTP stream:
// one source, sequence numbers without a gap, and timestamps that follow them.
func (c *phoneCall) checkStream(ps []Packet) {
	c.t.Helper()
	var last *Packet
	for i := range ps {
		p := &ps[i]
		voice := p.PayloadType == 0 || p.PayloadType == 8
		if last != nil {
			if p.SSRC != last.SSRC {
				c.t.Fatalf("packet %d has the source %#x, the one before %#x", i, p.SSRC, last.SSRC)
			}
			if p.Sequence != last.Sequence+1 {
				c.t.Errorf("after sequence number %d came %d", last.Sequence, p.Sequence)
			}
			if d := p.Timestamp - last.Timestamp; voice && last.PayloadType == p.PayloadType && d != 160 && !p.Marker {
				c.t.Errorf("between packets %d and %d the timestamp grew by %d", last.Sequence, p.Sequence, d)
			}
		}
		if voice && len(p.Payload) != 160 {
			c.t.Errorf("packet %d has %d bytes, want 20 ms", p.Sequence, len(p.Payload))
		}
		last = p
	}
}

var eventPT = regexp.MustCompile(`a=rtpmap:(\d+) telephone-event/8000`)

// eventType is the payload type of telephone-event in an SDP.
func eventType(t *testing.T, sdp string) uint8 {
	t.Helper()
	m := eventPT.FindStringSubmatch(sdp)
	if m == nil {
		t.Fatalf("no telephone-event in\n%s", sdp)
	}
	n, err := strconv.ParseUint(m[1], 10, 7)
	if err != nil {
		t.Fatal(err)
	}
	return uint8(n)
}

// portOf is the port of address:port.
func portOf(t *testing.T, addr string) int {
	t.Helper()
	port, err := strconv.Atoi(addr[strings.LastIndexByte(addr, ':')+1:])
	if err != nil {
		t.Fatal(err)
	}
	return port
}
