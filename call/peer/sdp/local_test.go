package sdp

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
)

func local() Local {
	return Local{
		SessionID: 77, Version: 3, Ufrag: "uf", Pwd: "pw", Fingerprint: Fingerprint{"sha-256", "0A:1B"},
		Candidates: []Candidate{
			{"f1", 100, "127.0.0.1", 4000, "host", "", 0},
			{"f2", 90, "192.0.2.7", 4002, "host", "", 0},
			{"f3", 80, "2001:db8::7", 4004, "host", "", 0},
		},
		Codecs: []Codec{
			{111, Opus, 48000, 2, "useinbandfec=1"}, {8, PCMA, 8000, 0, ""}, {0, PCMU, 8000, 0, ""},
			{110, Event, 48000, 0, "0-15"}, {126, Event, 8000, 0, "0-15"},
		},
		SSRC: 4711, CName: "cn", Mid: "0", Bundle: true,
	}
}

// TestOfferText is the whole offer, so that a change to it is a decision.
func TestOfferText(t *testing.T) {
	l := local()
	want := strings.Join([]string{
		"v=0", "o=- 77 3 IN IP4 192.0.2.7", "s=-", "t=0 0", "a=group:BUNDLE 0",
		"m=audio 4002 UDP/TLS/RTP/SAVPF 111 8 0 110 126", "c=IN IP4 192.0.2.7", "a=rtcp:4002 IN IP4 192.0.2.7",
		"a=candidate:f1 1 udp 100 127.0.0.1 4000 typ host", "a=candidate:f2 1 udp 90 192.0.2.7 4002 typ host",
		"a=candidate:f3 1 udp 80 2001:db8::7 4004 typ host", "a=end-of-candidates",
		"a=ice-ufrag:uf", "a=ice-pwd:pw", "a=fingerprint:sha-256 0A:1B", "a=setup:actpass", "a=mid:0", "a=sendrecv", "a=rtcp-mux",
		"a=rtpmap:111 opus/48000/2", "a=fmtp:111 useinbandfec=1", "a=rtpmap:8 PCMA/8000", "a=rtpmap:0 PCMU/8000",
		"a=rtpmap:110 telephone-event/48000", "a=fmtp:110 0-15", "a=rtpmap:126 telephone-event/8000", "a=fmtp:126 0-15",
		"a=ptime:20", "a=ssrc:4711 cname:cn", "",
	}, "\r\n")
	if got := l.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	r := remoteOf(t, l.String())
	if !slices.Equal(r.Codecs, l.Codecs) || !slices.Equal(r.Candidates, l.Candidates) || r.Ufrag != "uf" || !r.Bundle {
		t.Errorf("read again: %+v", r)
	}
}

func TestDefaultCandidate(t *testing.T) {
	host := func(a string) Candidate { return Candidate{"f", 1, a, 5, "host", "", 0} }
	typed := func(a, typ string) Candidate { return Candidate{"f", 1, a, 5, typ, "10.0.0.1", 6} }
	for _, c := range []struct {
		list []Candidate
		want string
	}{
		{nil, "0.0.0.0"},
		{[]Candidate{host("127.0.0.1")}, "127.0.0.1"},
		{[]Candidate{host("::1"), host("127.0.0.1")}, "127.0.0.1"},
		{[]Candidate{host("127.0.0.1"), host("192.0.2.1"), host("192.0.2.2")}, "192.0.2.1"},
		{[]Candidate{host("2001:db8::1"), host("192.0.2.1")}, "192.0.2.1"},
		{[]Candidate{host("127.0.0.1"), host("2001:db8::1")}, "127.0.0.1"},
		{[]Candidate{host("192.0.2.1"), typed("198.51.100.1", "srflx")}, "198.51.100.1"},
		{[]Candidate{typed("203.0.113.1", "relay"), host("192.0.2.1"), typed("198.51.100.1", "srflx")}, "203.0.113.1"},
	} {
		l := Local{Candidates: c.list}
		if got := l.defaultCandidate().Addr; got != c.want {
			t.Errorf("%+v: %s, want %s", c.list, got, c.want)
		}
	}
}

func TestChoose(t *testing.T) {
	l := local()
	for _, c := range []struct {
		name    string
		media   string // the m= line's formats and attributes
		voice   Codec
		dtmf    uint8 // 0: none
		receive []uint8
		err     error
	}{
		{"our order", "111 8 0\na=rtpmap:111 opus/48000/2", Codec{111, Opus, 48000, 2, ""}, 0, []uint8{111, 8, 0, 110, 126}, nil},
		{"their order", "0 8", Codec{0, PCMU, 8000, 0, ""}, 0, nil, nil},
		{"their number", "96 101\na=rtpmap:96 opus/48000/2\na=rtpmap:101 telephone-event/48000", Codec{96, Opus, 48000, 2, ""}, 101, []uint8{111, 8, 0, 110, 126, 96, 101}, nil},
		{"event of the voice's clock", "8 110 126\na=rtpmap:110 telephone-event/48000\na=rtpmap:126 telephone-event/8000", Codec{8, PCMA, 8000, 0, ""}, 126, nil, nil},
		{"event of another clock only", "111 126\na=rtpmap:111 opus/48000\na=rtpmap:126 telephone-event/8000", Codec{111, Opus, 48000, 0, ""}, 126, nil, nil},
		{"no rtpmap", "111 110", Codec{111, Opus, 48000, 2, "useinbandfec=1"}, 110, nil, nil},
		{"unknown in front", "9 18 0", Codec{0, PCMU, 8000, 0, ""}, 0, nil, nil},
		{"opus at a clock that it does not have", "111\na=rtpmap:111 opus/16000", Codec{}, 0, nil, ErrNoCodec},
		{"events alone", "126\na=rtpmap:126 telephone-event/8000", Codec{}, 0, nil, ErrNoCodec},
		{"nothing", "", Codec{}, 0, nil, ErrNoCodec},
	} {
		r := remoteOf(t, "m=audio 5 RTP/SAVPF "+c.media+"\na=ice-ufrag:u\na=ice-pwd:p\na=fingerprint:sha-1 AA\n")
		got, err := Choose(l.Codecs, r)
		if !errors.Is(err, c.err) || got.Voice != c.voice || got.DTMF.PT != c.dtmf {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
		if c.receive != nil {
			var pts []uint8
			for _, f := range got.Receive {
				pts = append(pts, f.PT)
			}
			if !slices.Equal(pts, c.receive) {
				t.Errorf("%s: receives %v, want %v", c.name, pts, c.receive)
			}
		}
	}
}

// TestChooseOffered: the peer's offer gives our numbers of events to voice and
// the other way round. Our answer takes them over, so they are what comes.
func TestChooseOffered(t *testing.T) {
	l := local()
	r := remoteOf(t, "m=audio 5 RTP/SAVPF 110 111\na=rtpmap:110 opus/48000/2\na=rtpmap:111 telephone-event/48000\n"+
		"a=ice-ufrag:u\na=ice-pwd:p\na=fingerprint:sha-1 AA\n")
	got, err := ChooseOffered(l.Codecs, r)
	if err != nil || got.Voice.PT != 110 || got.Voice.Name != Opus || got.DTMF.PT != 111 {
		t.Fatalf("%+v, %v", got, err)
	}
	names := map[uint8]string{}
	for _, c := range got.Receive {
		names[c.PT] += c.Name
	}
	want := map[uint8]string{110: Opus, 111: Event, 8: PCMA, 0: PCMU, 126: Event}
	if !maps.Equal(names, want) {
		t.Errorf("receives %v, want %v", names, want)
	}
}

func TestAnswer(t *testing.T) {
	offer, err := Parse(strings.NewReplacer("a=setup:active", "a=setup:actpass", "a=sendrecv", "a=sendonly", "a=rtcp-mux\r\n", "", "a=mid:0", "a=mid:x",
		"0 8 126", "9 8 0 101", "a=rtpmap:126", "a=rtpmap:101", "UDP/TLS/RTP/SAVPF", "RTP/SAVPF").Replace(rtpengine))
	if err != nil {
		t.Fatal(err)
	}
	r, err := offer.Remote()
	if err != nil {
		t.Fatal(err)
	}
	l := local()
	got := l.Answer(offer, r)
	text := got.String()
	for _, want := range []string{"RTP/SAVPF 8 0 101\r\n", "a=recvonly\r\n", "a=mid:x\r\n", "a=setup:active\r\n", "a=rtpmap:101 telephone-event/8000\r\n", "a=fmtp:101 0-15\r\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, not := range []string{"a=rtcp", "a=group", "opus", "UDP/TLS"} {
		if strings.Contains(text, not) {
			t.Errorf("%q in\n%s", not, text)
		}
	}
	if l.Setup != Undecided || l.Codecs[1].PT != 8 || len(l.Codecs) != 5 {
		t.Error("the receiver was changed")
	}
	// A role that is decided stays; otherwise the part that is left is taken.
	for _, c := range []struct{ ours, theirs, want Setup }{
		{Passive, Undecided, Passive}, {Active, Undecided, Active},
		{Undecided, Active, Passive}, {Undecided, Passive, Active},
	} {
		l.Setup, r.Setup = c.ours, c.theirs
		if got := l.Answer(offer, r).Setup; got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
