package sdp

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Answers as they were seen: from rtpengine in front of a PBX, and from a
// browser.
const rtpengine = "v=0\r\no=- 3911 3911 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n" +
	"m=audio 30018 UDP/TLS/RTP/SAVPF 0 8 126\r\na=mid:0\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n" +
	"a=rtpmap:126 telephone-event/8000\r\na=fmtp:126 0-15\r\na=sendrecv\r\na=rtcp:30018\r\na=rtcp-mux\r\n" +
	"a=setup:active\r\na=fingerprint:sha-256 AB:CD\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\na=ice-options:trickle\r\n" +
	"a=candidate:r1 1 UDP 2130706431 127.0.0.1 30018 typ host\r\na=end-of-candidates\r\n"

func remoteOf(t *testing.T, text string) Remote {
	t.Helper()
	s, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Remote()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRemote(t *testing.T) {
	r := remoteOf(t, rtpengine)
	if r.Ufrag != "u" || r.Pwd != "p" || r.Setup != Active || !r.Mux || r.Lite || r.Direction != SendRecv || r.Mid != "0" || r.Bundle {
		t.Errorf("%+v", r)
	}
	if len(r.Candidates) != 1 || r.Candidates[0] != (Candidate{Foundation: "r1", Priority: 2130706431, Addr: "127.0.0.1", Port: 30018, Type: "host"}) {
		t.Errorf("candidates %+v", r.Candidates)
	}
	want := []Codec{{PT: 0, Name: PCMU, Rate: 8000}, {PT: 8, Name: PCMA, Rate: 8000}, {PT: 126, Name: Event, Rate: 8000, Fmtp: "0-15"}}
	if !slices.Equal(r.Codecs, want) {
		t.Errorf("codecs %+v", r.Codecs)
	}
	if !slices.Equal(r.Fingerprints, []Fingerprint{{"sha-256", "AB:CD"}}) {
		t.Errorf("fingerprints %+v", r.Fingerprints)
	}
}

func TestRemoteErrors(t *testing.T) {
	for _, c := range []struct {
		old, new string
		want     error
	}{
		{"m=audio 30018", "m=audio 0", ErrRefused},
		{"m=audio 30018", "m=audio", ErrRefused},
		{"m=audio", "m=video", ErrNoAudio},
		{"a=ice-ufrag:u", "a=x", ErrNoICE},
		{"a=ice-pwd:p", "a=ice-pwd:", ErrNoICE},
		{"a=fingerprint:sha-256 AB:CD", "a=fingerprint:sha-256", ErrNoFingerprint},
	} {
		s, err := Parse(strings.Replace(rtpengine, c.old, c.new, 1))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Remote(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.new, err, c.want)
		}
	}
	for _, text := range []string{"", "v=0", "m", strings.Repeat("x", maxText+1), strings.Repeat("m=audio 1 RTP/AVP 0\n", maxSections+1)} {
		if _, err := Parse(text); !errors.Is(err, ErrMalformed) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

func TestDirections(t *testing.T) {
	for _, c := range []struct {
		session, section, conn string
		port                   string
		want                   Direction
	}{
		{"", "", "192.0.2.1", "5000", SendRecv},
		{"", "sendonly", "192.0.2.1", "5000", SendOnly},
		{"sendonly", "", "192.0.2.1", "5000", SendOnly},
		{"inactive", "sendrecv", "192.0.2.1", "5000", SendRecv},
		{"", "recvonly", "192.0.2.1", "5000", RecvOnly},
		{"", "INACTIVE", "192.0.2.1", "5000", Inactive},
		{"", "", "0.0.0.0", "5000", SendOnly}, // hold as RFC 2543 had it
		{"", "recvonly", "0.0.0.0", "5000", Inactive},
		{"", "", "0.0.0.0", "9", SendRecv}, // no candidates yet
		{"", "", "::", "5000", SendOnly},
	} {
		text := "c=IN IP4 " + c.conn + "\na=" + c.session + "\nm=audio " + c.port + " RTP/SAVPF 0\na=" + c.section + "\na=ice-ufrag:u\na=ice-pwd:p\na=fingerprint:sha-1 AA\n"
		if got := remoteOf(t, text).Direction; got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	for d, want := range map[Direction]Direction{SendRecv: SendRecv, SendOnly: RecvOnly, RecvOnly: SendOnly, Inactive: Inactive} {
		if got := d.Flip(); got != want {
			t.Errorf("%v flips to %v", d, got)
		}
	}
}

func TestCandidates(t *testing.T) {
	for _, c := range []struct {
		line string
		want Candidate // zero: skipped
	}{
		{"1 1 udp 5 192.0.2.1 7 typ host", Candidate{"1", 5, "192.0.2.1", 7, "host", "", 0}},
		{"1 1 UDP 5 2001:db8::1 7 TYP Relay raddr 10.0.0.1 rport 9 generation 0", Candidate{"1", 5, "2001:db8::1", 7, "relay", "10.0.0.1", 9}},
		{"1 1 udp 5 fe80::1%eth0 7 typ host", Candidate{"1", 5, "fe80::1", 7, "host", "", 0}},
		{"1 2 udp 5 192.0.2.1 7 typ srflx raddr", Candidate{"1", 5, "192.0.2.1", 7, "srflx", "", 0}},
		{"1 1 tcp 5 192.0.2.1 7 typ host tcptype active", Candidate{}},
		{"1 1 udp 5 pbx.example 7 typ host", Candidate{}},
		{"1 1 udp 5 192.0.2.1 0 typ host", Candidate{}},
		{"1 1 udp -5 192.0.2.1 7 typ host", Candidate{}},
		{"1 1 udp 5 192.0.2.1 7 typ", Candidate{}},
		{"1 1 udp 5 192.0.2.1 7 typ tunnel", Candidate{}},
		{"", Candidate{}},
	} {
		got := candidates([]string{c.line})
		switch {
		case c.want == Candidate{} && len(got) > 0:
			t.Errorf("%q was taken as %+v", c.line, got)
		case c.want != Candidate{} && (len(got) != 1 || got[0] != c.want):
			t.Errorf("%q: %+v", c.line, got)
		}
	}
	both := candidates([]string{"1 2 udp 5 192.0.2.1 8 typ host", "1 1 udp 5 192.0.2.1 7 typ host"})
	if len(both) != 1 || both[0].Port != 7 {
		t.Errorf("of two components %+v", both)
	}
	var many []string
	for i := range 1000 {
		many = append(many, fmt.Sprintf("1 1 udp %d 192.0.2.1 %d typ host", i, 1000+i))
	}
	if got := candidates(many); len(got) != maxCandidates || got[0].Port != 1999 || got[maxCandidates-1].Port != 2000-maxCandidates {
		t.Errorf("of a thousand %d were taken, from %+v", len(got), got[0])
	}
}

func FuzzParse(f *testing.F) {
	f.Add(rtpengine)
	f.Add(strings.ReplaceAll(rtpengine, "\r\n", "\n"))
	f.Add("m=audio\na=rtpmap:\na=candidate:\na=fmtp:1\na=:")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		r, err := s.Remote()
		if err != nil {
			return
		}
		// Whatever can be read can be answered, and the answer read again.
		l := Local{Ufrag: "u", Pwd: "p", Fingerprint: Fingerprint{"sha-256", "AA"}, Codecs: []Codec{{PT: 0, Name: PCMU, Rate: 8000}}}
		if _, err := Choose(l.Codecs, r); err != nil {
			return
		}
		a := l.Answer(s, r)
		again, err := Parse(a.String())
		if err != nil {
			t.Fatalf("%v in %q", err, a.String())
		}
		if len(again.Sections) != len(s.Sections) {
			t.Errorf("%d sections for %d", len(again.Sections), len(s.Sections))
		}
	})
}
