package peer

import (
	"encoding/binary"
	"strings"
	"testing"

	"nxphone/call"
)

// TestDTMF checks the packets of every digit against RFC 4733, on both clocks
// and while muted.
func TestDTMF(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		codec string
		pt    uint8
		tick  uint16
		muted bool
	}{
		{"opus", 110, 960, false},
		{"pcmu", 126, 160, false},
		{"pcma", 126, 160, true},
	} {
		t.Run(c.codec, func(t *testing.T) {
			t.Parallel()
			r, far, _, _ := up(t, Settings{Codecs: []string{c.codec}}, farOptions{})
			if c.muted {
				r.muted(true)
			}
			const digits = "0123456789*#ABCD11"
			r.s.SendDTMF(digits[:4])
			r.s.SendDTMF(strings.ToLower(digits[4:]))
			for _, d := range digits {
				if got := await[call.DTMFSent](r, nil).Digit; got != d {
					t.Fatalf("sent %q, want %q", got, d)
				}
			}
			// Each digit is four packets and three times the last.
			eventually(t, "all packets arrive", func() bool {
				far.mu.Lock()
				defer far.mu.Unlock()
				return len(far.events) >= 7*len(digits)
			})
			if !c.muted {
				far.hears(ourTone)
			}
			far.checkDigits(digits, c.pt, c.tick)
		})
	}
}

func (f *farEnd) checkDigits(digits string, pt uint8, tick uint16) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.events) != 7*len(digits) {
		f.t.Fatalf("%d packets for %d digits", len(f.events), len(digits))
	}
	codes := "0123456789*#ABCD"
	for i, p := range f.events {
		n, k := i/7, i%7
		first := f.events[n*7]
		want := min(uint16(k+1), 5) * tick
		switch {
		case len(p.Payload) != 4 || p.PayloadType != pt || p.SSRC != f.voice[0].SSRC:
			f.t.Errorf("packet %d: %d bytes of type %d from %d", i, len(p.Payload), p.PayloadType, p.SSRC)
		case codes[p.Payload[0]] != digits[n]:
			f.t.Errorf("packet %d: code %d for %q", i, p.Payload[0], digits[n])
		case p.Timestamp != first.Timestamp || p.Marker != (k == 0):
			f.t.Errorf("packet %d: timestamp %d after %d, marker %v", i, p.Timestamp, first.Timestamp, p.Marker)
		case p.Payload[1]&0x80 != 0 != (k >= 4) || binary.BigEndian.Uint16(p.Payload[2:]) != want:
			f.t.Errorf("packet %d: flags %#x, duration %d, want %d", i, p.Payload[1], binary.BigEndian.Uint16(p.Payload[2:]), want)
		case k > 0 && p.SequenceNumber-f.events[i-1].SequenceNumber != 1:
			f.t.Errorf("packet %d: something came in between", i)
		case n > 0 && k == 0 && p.Timestamp-f.events[i-1].Timestamp < uint32(9*tick):
			f.t.Errorf("digit %d: less than 180 ms after the one before", n)
		}
	}
}

// TestDTMFByInfo: a far end that takes no events gets INFO.
func TestDTMFByInfo(t *testing.T) {
	t.Parallel()
	r := newRig(t, Settings{})
	far := newFarEnd(t, farOptions{freq: theirTone})
	r.s.Answer(both(rewrite(`^(m=audio \d+ \S+) .*\r\n`, "$1 111 0\r\n"), without("a=rtpmap:110", "a=rtpmap:126"))(far.answer(r.offer())), false)
	r.hears(theirTone)
	r.s.SendDTMF("1#")
	for _, d := range "1#" {
		if got := await[call.DTMFByInfo](r, nil).Digit; got != d {
			t.Errorf("got %q, want %q", got, d)
		}
	}
}
