package demosbc

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// chromiumOffer has what a browser without permission to show its addresses
// writes: mDNS names, extmap, ssrc, red, CN, two telephone-events, a video
// section.
const chromiumOffer = `v=0
o=- 5557021058328398106 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS 71b29de0
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:116505584 1 udp 2122194687 4f2c5a3e-9b1d-4c7e-8a55-0a1b2c3d4e5f.local 39086 typ host generation 0 network-cost 50
a=candidate:736653099 1 udp 2122267903 ::1 44001 typ host generation 0
a=candidate:2017352040 1 tcp 1518214911 127.0.0.1 9 typ host tcptype active generation 0
a=candidate:2831950972 1 udp 2122063615 192.0.2.2 38007 typ host generation 0 network-id 1
a=ice-ufrag:zeeH
a=ice-pwd:qInEk0YnDxAJWqnagWYuE6no
a=ice-options:trickle
a=fingerprint:sha-256 08:C6:F6
a=setup:actpass
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendrecv
a=msid:71b29de0 0a2d94f3
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:13 CN/8000
a=rtpmap:110 telephone-event/48000
a=rtpmap:126 telephone-event/8000
a=ssrc:1190414437 cname:4p7eSC
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=mid:1
a=rtpmap:96 VP8/90000
`

// minimal is an offer with these lines in the audio section.
func minimal(m string, lines ...string) string {
	return "v=0\n" + m + "\na=ice-ufrag:u\na=ice-pwd:p\na=fingerprint:sha-256 AA\n" + strings.Join(lines, "\n") + "\n"
}

func TestParseOfferOfABrowser(t *testing.T) {
	o, err := parseOffer(strings.ReplaceAll(chromiumOffer, "\n", "\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := payloadTypes(o.formats); got != " 111 0 8 110 126" {
		t.Errorf("formats%s", got)
	}
	if len(o.candidates) != 1 || !strings.Contains(o.candidates[0], "192.0.2.2 38007") {
		t.Errorf("candidates %q", o.candidates)
	}
	if !o.bundled || !o.rtcpMux || o.direction != sendrecv || o.ufrag != "zeeH" || o.setup != "actpass" {
		t.Errorf("offer %+v", o)
	}

	l := local{ufrag: "U", pwd: "P", fingerprint: "sha-256 FF", setup: "active", port: "4000",
		candidates: []string{"1 1 udp 1 127.0.0.1 4000 typ host"}}
	answer := l.describe(o, sendrecv, false)
	for _, want := range []string{
		"a=group:BUNDLE 0\r\n", "m=audio 4000 UDP/TLS/RTP/SAVPF 111 0 8 110 126\r\n", "a=mid:0\r\n", "a=rtcp-mux\r\n",
		"a=setup:active\r\n", "a=rtpmap:111 opus/48000/2\r\n", "a=rtpmap:0 PCMU/8000\r\n", "a=fmtp:126 0-15\r\n",
		"m=video 0 UDP/TLS/RTP/SAVPF 96\r\n", "a=candidate:1 1 udp 1 127.0.0.1 4000 typ host\r\n",
	} {
		if !strings.Contains(answer, want) {
			t.Errorf("no %q in\n%s", want, answer)
		}
	}
	if strings.Contains(answer, "extmap") || strings.Contains(answer, "ssrc") || strings.Contains(answer, "red") {
		t.Errorf("the answer takes what we do not have:\n%s", answer)
	}
}

func TestParseOffer(t *testing.T) {
	for _, c := range []struct {
		name, text string
		formats    string
		check      func(o *offer) bool
		err        error
	}{
		{name: "static payload types need no rtpmap", text: minimal("m=audio 9 RTP/AVP 8 0 18"), formats: " 8 0"},
		{name: "order is the offerer's", text: minimal("m=audio 9 RTP/AVP 0 96", "a=rtpmap:96 OPUS/48000/2"), formats: " 0 96"},
		{name: "no mid, no bundle", text: minimal("m=audio 9 RTP/AVP 0"), formats: " 0",
			check: func(o *offer) bool { return !o.bundled && !o.sections[0].hasMid && !o.rtcpMux }},
		{name: "telephone-event of another clock is left out", formats: " 0",
			text: minimal("m=audio 9 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/48000")},
		{name: "opus of a wrong clock is none", formats: " 0",
			text: minimal("m=audio 9 RTP/AVP 96 0", "a=rtpmap:96 opus/8000")},
		{name: "session-level transport and direction", formats: " 0",
			text:  "v=0\na=ice-ufrag:u\na=ice-pwd:p\na=fingerprint:sha-256 AA\na=setup:PASSIVE\na=sendonly\nm=audio 9 RTP/AVP 0\n",
			check: func(o *offer) bool { return o.ufrag == "u" && o.setup == "passive" && o.direction == sendonly }},
		{name: "the section's direction goes before the session's", formats: " 0",
			text:  "a=inactive\n" + minimal("m=audio 9 RTP/AVP 0", "a=recvonly"),
			check: func(o *offer) bool { return o.direction == recvonly }},
		{name: "SHA-256 is preferred", formats: " 0",
			text: minimal("m=audio 9 RTP/AVP 0") + "a=fingerprint:sha-1 BB\n",
			check: func(o *offer) bool {
				return o.fingerprint == "sha-256 AA"
			}},
		{name: "a refused audio section is skipped", formats: " 8",
			text:  "m=audio 0 RTP/AVP 0\n" + minimal("m=audio 9 RTP/AVP 8"),
			check: func(o *offer) bool { return o.audio == 1 }},
		{name: "empty", text: "", err: errNoAudio},
		{name: "video only", text: minimal("m=video 9 RTP/AVP 96"), err: errNoAudio},
		{name: "audio refused", text: minimal("m=audio 0 RTP/AVP 0"), err: errNoAudio},
		{name: "short m=", text: minimal("m=audio"), err: errNoAudio},
		{name: "G.729 only", text: minimal("m=audio 9 RTP/AVP 18"), err: errNoCodec},
		{name: "DTMF only", text: minimal("m=audio 9 RTP/AVP 101", "a=rtpmap:101 telephone-event/8000"), err: errNoCodec},
		{name: "payload type out of range", text: minimal("m=audio 9 RTP/AVP 300", "a=rtpmap:300 PCMU/8000"), err: errNoCodec},
		{name: "SDES", text: "m=audio 9 RTP/SAVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\n", err: errNoTransport},
		{name: "no fingerprint", text: "m=audio 9 RTP/AVP 0\na=ice-ufrag:u\na=ice-pwd:p\n", err: errNoTransport},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, err := parseOffer(c.text)
			if !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if err != nil {
				return
			}
			if got := payloadTypes(o.formats); got != c.formats {
				t.Errorf("formats%s, want%s", got, c.formats)
			}
			if c.check != nil && !c.check(o) {
				t.Errorf("offer %+v", o)
			}
		})
	}
}

func TestUsableCandidate(t *testing.T) {
	for value, want := range map[string]bool{
		"1 1 udp 2130706431 127.0.0.1 4000 typ host":                            true,
		"1 1 UDP 2130706431 192.0.2.1 4000 typ srflx raddr 10.0.0.1 rport 4000": true,
		"1 2 udp 2130706431 127.0.0.1 4001 typ host":                            false,
		"1 1 tcp 2130706431 127.0.0.1 9 typ host tcptype active":                false,
		"1 1 udp 2130706431 ::1 4000 typ host":                                  false,
		"1 1 udp 2130706431 4f2c5a3e.local 4000 typ host":                       false,
		"1 1 udp 2130706431 127.0.0.1 0 typ host":                               false,
		"1 1 udp 2130706431 127.0.0.1 70000 typ host":                           false,
		"1 1 udp -1 127.0.0.1 4000 typ host":                                    false,
		"1 1 udp 2130706431 127.0.0.1 4000 typ strange":                         false,
		"1 1 udp 2130706431 127.0.0.1 4000":                                     false,
		"":                                                                      false,
	} {
		if got := usableCandidate(value); got != want {
			t.Errorf("usableCandidate(%q) = %v", value, got)
		}
	}
}

func TestReply(t *testing.T) {
	for _, c := range []struct{ offered, wanted, want direction }{
		{sendrecv, sendrecv, sendrecv}, {sendonly, sendrecv, recvonly}, {recvonly, sendrecv, sendonly},
		{inactive, sendrecv, inactive}, {sendrecv, sendonly, sendonly}, {sendonly, sendonly, inactive},
		{recvonly, sendonly, sendonly}, {sendrecv, recvonly, recvonly}, {recvonly, recvonly, inactive},
	} {
		if got := c.offered.reply(c.wanted); got != c.want {
			t.Errorf("%s answered by one who wants %s: %s, want %s", c.offered, c.wanted, got, c.want)
		}
	}
}

func TestDTLSRole(t *testing.T) {
	const pion = "v=0\nm=audio 9 RTP/AVP 0\na=ice-ufrag:u\na=ice-pwd:p\na=fingerprint:sha-256 AA\n" +
		"a=candidate:1 1 udp 5 127.0.0.1 4000 typ host ufrag u\na=candidate:1 2 udp 5 127.0.0.1 4000 typ host\n"
	for _, c := range []struct {
		setup   string
		passive bool
		want    string
	}{
		{"actpass", false, "active"}, {"actpass", true, "passive"}, {"active", false, "passive"},
		{"passive", true, "active"}, {"", false, "active"}, {"holdconn", false, "active"},
	} {
		l, err := parseLocal(pion, &offer{setup: c.setup}, c.passive)
		if err != nil {
			t.Fatal(err)
		}
		if l.setup != c.want {
			t.Errorf("offer %q, passive %v: %s, want %s", c.setup, c.passive, l.setup, c.want)
		}
		if !slices.Equal(l.candidates, []string{"1 1 udp 5 127.0.0.1 4000 typ host"}) {
			t.Errorf("candidates %q", l.candidates)
		}
	}
	for _, bad := range []string{"", "v=0\nm=audio 9 RTP/AVP 0\na=ice-ufrag:u\n"} {
		if _, err := parseLocal(bad, &offer{}, false); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestVersions(t *testing.T) {
	d := describer{session: 9}
	for i, c := range []struct{ body, want string }{
		{"a", "o=- 9 1 "}, {"a", "o=- 9 1 "}, {"b", "o=- 9 2 "}, {"a", "o=- 9 3 "},
	} {
		if got := d.number(c.body); !strings.Contains(got, c.want) {
			t.Errorf("description %d is %q, want %q in it", i, got, c.want)
		}
	}
}

// FuzzParseOffer makes sure that no offer panics, and that what is taken can
// be described.
func FuzzParseOffer(f *testing.F) {
	f.Add(chromiumOffer)
	f.Add(minimal("m=audio 9 RTP/AVP 8 0 18"))
	f.Add("m=\nm=audio\na=rtpmap\n")
	f.Fuzz(func(t *testing.T, text string) {
		o, err := parseOffer(text)
		if err != nil {
			return
		}
		if f, _ := o.voice(); f.clock == 0 {
			t.Error("an offer without a voice codec was taken")
		}
		_ = o.forPion()
		answer := local{port: "1"}.describe(o, sendrecv, false)
		if strings.Count(answer, "m=") < len(o.sections) {
			t.Errorf("fewer sections in the answer than in the offer")
		}
	})
}
