package demosbc

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"
)

// packetLog is a TrackLocalWriter that keeps headers and the first byte.
type packetLog struct {
	headers []rtp.Header
	first   []byte
}

func (l *packetLog) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	l.headers = append(l.headers, *h)
	l.first = append(l.first, payload[0])
	return len(payload), nil
}

func (l *packetLog) Write(b []byte) (int, error) { return len(b), nil }

// take returns what was sent since the last time.
func (l *packetLog) take() []rtp.Header {
	h := l.headers
	l.headers = nil
	return h
}

func newLoggedSender() (*sender, *packetLog) {
	s, log := newSender(48000), &packetLog{}
	s.writer = log
	s.header.SSRC = 77
	s.maxSeq, s.lastTS = 65533, 1000
	return s, log
}

func TestSenderIsOneSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, log := newLoggedSender()
		echo := func(ssrc uint32, pt uint8, seq uint16, ts uint32) {
			s.echo(&rtp.Header{SSRC: ssrc, PayloadType: pt, SequenceNumber: seq, Timestamp: ts}, []byte{1})
			time.Sleep(20 * time.Millisecond)
		}
		check := func(what string, want ...rtp.Header) {
			t.Helper()
			got := log.take()
			if len(got) != len(want) {
				t.Fatalf("%s: %d packets, want %d", what, len(got), len(want))
			}
			for i, h := range got {
				w := want[i]
				if h.SSRC != 77 || h.SequenceNumber != w.SequenceNumber || h.Timestamp != w.Timestamp ||
					h.PayloadType != w.PayloadType || h.Marker != w.Marker {
					t.Errorf("%s: packet %d is %d/%d pt %d marker %v, want %d/%d pt %d marker %v", what, i,
						h.SequenceNumber, h.Timestamp, h.PayloadType, h.Marker,
						w.SequenceNumber, w.Timestamp, w.PayloadType, w.Marker)
				}
			}
		}
		echo(1, 96, 1, 1)
		check("before it was told to")

		for range 2 {
			s.play(0, []byte{9}, 960)
			time.Sleep(20 * time.Millisecond)
		}
		check("a sound of its own",
			rtp.Header{SequenceNumber: 65534, Timestamp: 1960, Marker: true},
			rtp.Header{SequenceNumber: 65535, Timestamp: 2920})

		s.setEcho(true)
		s.play(0, []byte{9}, 960)
		echo(1, 96, 500, 90000)
		echo(1, 96, 501, 90960)
		echo(1, 96, 504, 93840) // two are lost
		echo(1, 96, 503, 92880) // one comes late
		check("an echo, with the gaps of the original",
			rtp.Header{PayloadType: 96, SequenceNumber: 0, Timestamp: 3880, Marker: true},
			rtp.Header{PayloadType: 96, SequenceNumber: 1, Timestamp: 4840},
			rtp.Header{PayloadType: 96, SequenceNumber: 4, Timestamp: 7720},
			rtp.Header{PayloadType: 96, SequenceNumber: 3, Timestamp: 6760})

		echo(2, 96, 9, 7)
		check("another source joins after the newest packet",
			rtp.Header{PayloadType: 96, SequenceNumber: 5, Timestamp: 7720 + 2*960, Marker: true})

		for range 3 {
			echo(2, 105, 10, 967) // a digit: equal timestamps
		}
		for _, h := range log.take() {
			if h.Timestamp != 7720+3*960 || h.PayloadType != 105 {
				t.Errorf("a digit's packet is %v", h)
			}
		}

		s.setSending(false)
		s.setSending(false)
		echo(2, 96, 13, 5000)
		time.Sleep(time.Second)
		check("on hold")
		s.setSending(true)
		echo(2, 96, 70, 50000)
		got := log.take()
		if len(got) != 1 || got[0].SequenceNumber != 7 || !got[0].Marker {
			t.Fatalf("after the hold: %v", got)
		}
		if passed := got[0].Timestamp - (7720 + 3*960); passed < 48000 || passed > 52800 {
			t.Errorf("after a second of hold the timestamp has grown by %d", passed)
		}
	})
}

func TestSenderUnbound(t *testing.T) {
	s := newSender(8000)
	s.play(0, []byte{1}, 160) // nothing to write to yet: must not panic
	s.setEcho(true)
	s.echo(&rtp.Header{}, []byte{1})
	s.echo(&rtp.Header{}, nil)
	if s.writer != nil {
		t.Error("bound to nothing")
	}
}

func BenchmarkEcho(b *testing.B) {
	s := newSender(48000)
	s.writer = discard{}
	s.setEcho(true)
	h := rtp.Header{SSRC: 1, PayloadType: 96}
	payload := make([]byte, 80)
	b.ReportAllocs()
	for b.Loop() {
		h.SequenceNumber++
		h.Timestamp += 960
		s.echo(&h, payload)
	}
}

type discard struct{}

func (discard) WriteRTP(*rtp.Header, []byte) (int, error) { return 0, nil }
func (discard) Write([]byte) (int, error)                 { return 0, nil }
