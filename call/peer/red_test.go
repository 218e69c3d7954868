package peer

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"nxphone/audio"
	"nxphone/audio/codec"
	"nxphone/audio/jitter"
	"nxphone/call/peer/stream"
)

// TestREDOverAGappyLine: two packets of every five are lost in a row, and with
// two copies along none of the sound is missing: every lost packet is played
// from a copy, and nothing is concealed.
func TestREDOverAGappyLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, copies := range []int{0, 2} {
			_, w, say := sending(t, route{voice: opusCodec, red: redCodec}, stream.Plan{Bitrate: 24000, Copies: copies, Frame: 20 * time.Millisecond})
			e, _ := quietEar(t)
			frame := make([]int16, audio.FrameLen)
			for i := range 200 {
				say(1)
				if h := w.heads[i]; i%5 != 2 && i%5 != 3 {
					e.packet(&h, w.loads[i], time.Now())
				}
				for range 2 {
					e.pull(frame)
					time.Sleep(audio.FrameDur)
				}
			}
			s := e.buf.Stats()
			if copies == 0 {
				if s.ConcealedSamples < 10*codec.PacketLen {
					t.Errorf("without copies only %d samples were concealed", s.ConcealedSamples)
				}
				continue
			}
			if s.PacketsRecovered < 70 || s.ConcealedSamples > 0 || s.PacketsDiscarded+s.PacketsDuplicated > 0 {
				t.Errorf("%+v", s)
			}
			e.books.mu.Lock()
			received, lost := e.books.in.Totals()
			e.books.mu.Unlock()
			if lost < 70 || received != 120 {
				t.Errorf("RTCP would tell %d received and %d lost: copies hide no loss", received, lost)
			}
		}
	})
}

// pushed is what a RED packet has done to a playout buffer that has heard the
// packet of number 100 before.
func pushed(t *testing.T, payload []byte) jitter.Stats {
	t.Helper()
	e, _ := quietEar(t)
	good := opusPayload(t)
	h := rtp.Header{Version: 2, PayloadType: ptOpus, SSRC: 7, SequenceNumber: 100, Timestamp: 96000}
	e.packet(&h, good, time.Now())
	h = rtp.Header{Version: 2, PayloadType: ptRED, SSRC: 7, SequenceNumber: 103, Timestamp: 96000 + 3*960}
	e.packet(&h, payload, time.Now())
	frame := make([]int16, audio.FrameLen)
	for range 20 {
		e.pull(frame)
		time.Sleep(audio.FrameDur)
	}
	return e.buf.Stats()
}

func opusPayload(t *testing.T) []byte {
	t.Helper()
	_, w, say := sending(t, route{voice: opusCodec}, stream.Plan{Frame: 20 * time.Millisecond})
	say(1)
	return w.loads[0]
}

// TestOddRED: copies whose place cannot be known, and packets that are none, are
// no harm.
func TestOddRED(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := opusPayload(t)
		block := func(pt uint8, age int, data []byte) []byte {
			return []byte{0x80 | pt, byte(age >> 6), byte(age<<2) | byte(len(data)>>8), byte(len(data))}
		}
		join := func(parts ...[]byte) (all []byte) {
			for _, part := range parts {
				all = append(all, part...)
			}
			return all
		}
		for name, c := range map[string]struct {
			payload   []byte
			recovered uint64
		}{
			"two copies":             {join(block(111, 1920, p), block(111, 960, p), []byte{111}, p, p, p), 2},
			"one copy":               {join(block(111, 960, p), []byte{111}, p, p), 1},
			"only an older one":      {join(block(111, 1920, p), []byte{111}, p, p), 0},
			"a copy after a pause":   {join(block(111, 1920, p), block(111, 900, p), []byte{111}, p, p, p), 0},
			"of another codec":       {join(block(0, 960, make([]byte, 160)), []byte{111}, make([]byte, 160), p), 0},
			"an empty one":           {join(block(111, 960, nil), []byte{111}, p), 0},
			"no copy":                {join([]byte{111}, p), 0},
			"an event as its own":    {join(block(111, 960, p), []byte{110}, p, []byte{1, 10, 0, 160}), 0},
			"an unknown type inside": {join(block(111, 960, p), []byte{99}, p, p), 0},
			"RED in RED":             {join(block(63, 960, p), []byte{63}, p, p), 0},
			"nothing":                {nil, 0},
			"rubbish":                {[]byte{0xff, 0xff, 0xff}, 0},
		} {
			if s := pushed(t, c.payload); s.PacketsRecovered != c.recovered {
				t.Errorf("%s: %+v", name, s)
			}
		}
	})
}

// TestREDPacketDoesNotAllocate on its way into the playout buffer.
func TestREDPacketDoesNotAllocate(t *testing.T) {
	e, _ := quietEar(t)
	_, w, say := sending(t, route{voice: opusCodec, red: redCodec}, stream.Plan{Bitrate: 24000, Copies: 2, Frame: 20 * time.Millisecond})
	say(200)
	frame := make([]int16, audio.FrameLen)
	i := 0
	step := func() {
		h := w.heads[i]
		e.packet(&h, w.loads[i], time.Time{})
		e.pull(frame)
		e.pull(frame)
		i++
	}
	for range 20 {
		step()
	}
	if n := testing.AllocsPerRun(100, step); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}
