package transport

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

// heard counts what a handler is given, by SSRC.
type heard struct{ rtp, rtcp map[uint32]int }

func (h heard) TransportState(*Transport, State, error) {}
func (h heard) RTP(head *rtp.Header, _ []byte, _ time.Time) {
	h.rtp[head.SSRC]++
}

func (h heard) RTCP(packet []byte, _ time.Time) {
	if ps, err := rtcp.Unmarshal(packet); err == nil {
		for _, ssrc := range ps[0].DestinationSSRC() {
			h.rtcp[ssrc]++
		}
	}
}

// TestManyStreams: a peer that sends each packet under another SSRC fills no
// memory, and the streams that there were are still heard. Packets that are too
// short to have an SSRC are dropped.
func TestManyStreams(t *testing.T) {
	context := func() *srtp.Context {
		c, err := srtp.CreateContext(make([]byte, 16), make([]byte, 14), srtp.ProtectionProfileAes128CmHmacSha1_80)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	out := context()
	got := heard{rtp: map[uint32]int{}, rtcp: map[uint32]int{}}
	tr := &Transport{cfg: Config{Handler: got}}
	tr.keys.in = context()
	var head rtp.Header
	send := func(ssrc uint32, seq uint16) {
		plain, err := (&rtp.Packet{Header: rtp.Header{Version: 2, SSRC: ssrc, SequenceNumber: seq}, Payload: []byte{1}}).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		p, err := out.EncryptRTP(nil, plain, nil)
		if err != nil {
			t.Fatal(err)
		}
		tr.media(&head, p, time.Now())
		if plain, err = (&rtcp.PictureLossIndication{SenderSSRC: ssrc, MediaSSRC: ssrc}).Marshal(); err != nil {
			t.Fatal(err)
		}
		if p, err = out.EncryptRTCP(nil, plain, nil); err != nil {
			t.Fatal(err)
		}
		tr.media(&head, p, time.Now())
	}
	for ssrc := range uint32(2 * maxStreams) {
		send(ssrc, 1)
	}
	send(0, 2)
	if len(got.rtp) != maxStreams || got.rtp[0] != 2 {
		t.Errorf("%d streams were heard, want %d; the first %d times", len(got.rtp), maxStreams, got.rtp[0])
	}
	if len(got.rtcp) != maxStreams || got.rtcp[0] != 2 {
		t.Errorf("reports of %d streams were heard, want %d; of the first %d", len(got.rtcp), maxStreams, got.rtcp[0])
	}
	for _, short := range [][]byte{{128, 0}, {128, 200}, {128, 200, 0, 1, 0, 0, 0}, make([]byte, 11)} {
		tr.media(&head, short, time.Now())
	}
}
