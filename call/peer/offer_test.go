package peer

import (
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"nxphone/call"
)

// TestOffer holds what SBCs were seen to need, and what confuses them.
func TestOffer(t *testing.T) {
	t.Parallel()
	r := newRig(t, Settings{})
	offer := r.offer()
	m := strings.Fields(line(offer, "m=audio "))
	if strings.Join(m[1:], " ") != "UDP/TLS/RTP/SAVPF 111 63 8 0 110 126" {
		t.Errorf("m=audio %v", m)
	}
	// The default candidate (RFC 8839 section 4.2.1.2) is one of the
	// candidates.
	c := strings.TrimPrefix(line(offer, "c=IN IP4"), " ")
	if m[0] == "9" || c == "0.0.0.0" || !strings.Contains(offer, " "+strings.TrimSpace(c)+" "+m[0]+" typ ") {
		t.Errorf("m=audio %s, c=%s in\n%s", m[0], c, offer)
	}
	media := offer[strings.Index(offer, "m=audio"):]
	for _, want := range []string{
		"a=fingerprint:sha-256 ", "a=ice-ufrag:", "a=ice-pwd:", "a=setup:actpass\r\n", "a=sendrecv\r\n", "a=rtcp-mux\r\n",
		"a=ptime:20\r\n", "a=mid:0\r\n", "a=rtpmap:111 opus/48000/2\r\n", "a=rtpmap:63 red/48000/2\r\n", "a=fmtp:63 111/111\r\n", "a=rtpmap:8 PCMA/8000\r\n", "a=rtpmap:0 PCMU/8000\r\n",
		"a=rtpmap:110 telephone-event/48000\r\n", "a=rtpmap:126 telephone-event/8000\r\n", "useinbandfec=1",
	} {
		if !strings.Contains(media, want) {
			t.Errorf("no %q in\n%s", want, media)
		}
	}
	for _, junk := range []string{"cryptex", "extmap", "msid", "mslabel", "rsize", "rtcp-fb", ".local", "generation", "tcptype", " 2 udp"} {
		if strings.Contains(offer, junk) {
			t.Errorf("%q in\n%s", junk, offer)
		}
	}
	if strings.Contains(strings.ReplaceAll(offer, "\r\n", ""), "\n") {
		t.Error("a bare LF")
	}
	if n := len(offer); n > 1300 {
		t.Errorf("%d bytes with so few addresses:\n%s", n, offer)
	}
}

func TestOfferedCodecs(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  []uint8
	}{
		{nil, []uint8{111, 8, 0, 110, 126}},
		{[]string{"opus"}, []uint8{111, 110}},
		{[]string{"pcmu"}, []uint8{0, 126}},
		{[]string{"PCMU", "Opus", "pcmu"}, []uint8{0, 111, 110, 126}},
		{[]string{"g729"}, []uint8{111, 8, 0, 110, 126}},
	} {
		var got []uint8
		for _, f := range offered(Settings{Codecs: c.names, NoRED: true}) {
			got = append(got, f.PT)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.names, got, c.want)
		}
	}
}

// TestOfferWithDeadServers: servers that do not answer cost a bounded time,
// and the host candidates are there all the same.
func TestOfferWithDeadServers(t *testing.T) {
	udp, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = udp.Close() })
	tcp, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tcp.Close() })
	for _, c := range []struct{ name, url string }{
		{"STUN", "stun:" + udp.LocalAddr().String()},
		{"TURN over UDP", "turn:" + udp.LocalAddr().String()},
		{"TURN over TCP", "turn:" + tcp.Addr().String() + "?transport=tcp"},
		{"TURN over TLS", "turns:" + tcp.Addr().String()},
		{"nonsense", "http://127.0.0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			// The library itself waits for 5 s and more: a busy machine is told
			// from that by a bound that is far below.
			start := time.Now()
			servers := []ICEServer{{URLs: []string{c.url}, Username: "u", Credential: "p"}}
			r := newRigWith(t, Settings{ICEServers: servers}, func(e *Engine) { e.limits.gather = 100 * time.Millisecond })
			offer := r.offer()
			if took := time.Since(start); took > 4*time.Second {
				t.Errorf("the offer took %v", took)
			}
			if !strings.Contains(offer, "typ host") {
				t.Errorf("no host candidate in\n%s", offer)
			}
			far := newFarEnd(t, farOptions{freq: theirTone})
			r.s.Answer(far.answer(offer), false)
			r.hears(theirTone)
			start = time.Now()
			r.s.Close(call.ToneNone)
			r.close()
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("closing took %v", took)
			}
		})
	}
}
