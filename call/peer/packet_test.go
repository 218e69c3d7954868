package peer

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/pion/rtp"

	"nxphone/audio"
	"nxphone/audio/codec"
	"nxphone/audio/tone"
	"nxphone/call"
	"nxphone/call/peer/sdp"
	"nxphone/call/peer/stream"
)

// socket takes what the voice goroutine sends.
type socket struct {
	open  bool
	heads []rtp.Header
	loads [][]byte
	drop  bool // keep nothing
}

func (w *socket) Secure() bool { return w.open }

func (w *socket) SendRTP(h *rtp.Header, payload []byte) bool {
	if w.open && !w.drop {
		w.heads = append(w.heads, *h)
		w.loads = append(w.loads, bytes.Clone(payload))
	}
	return w.open
}

var (
	opusCodec = sdp.Codec{PT: 111, Name: sdp.Opus, Rate: 48000, Channels: 2}
	redCodec  = sdp.Codec{PT: 63, Name: sdp.RED, Rate: 48000, Channels: 2}
	pcmaCodec = sdp.Codec{PT: 8, Name: sdp.PCMA, Rate: 8000}
)

// sending is a voice that is on the wire already, with a tone as its sound.
func sending(t testing.TB, r route, plan stream.Plan) (*voice, *socket, func(n int)) {
	t.Helper()
	w := &socket{open: true}
	r.t, r.sends = w, true
	v := newVoice(&books{out: stream.NewOutbound(1, 0, 0)}, slog.New(slog.DiscardHandler), func(call.MediaEvent) {})
	t.Cleanup(v.packet.close)
	v.answered.Store(true)
	v.route.Store(&r)
	v.plan.Store(&plan)
	gen := tone.NewGenerator(steady(440))
	return v, w, func(n int) {
		for range n {
			gen.Fill(v.pcm[:])
			v.send(time.Now())
		}
	}
}

// TestPacketLength: packets are as long as the plan says, each on the timestamp
// of its first sample, and none of the sound is left out.
func TestPacketLength(t *testing.T) {
	for _, frame := range []time.Duration{20, 40, 60} {
		v, w, say := sending(t, route{voice: opusCodec}, stream.Plan{Bitrate: 32000, FEC: true, Loss: 5, Frame: frame * time.Millisecond})
		say(30)
		if n := 30 * 20 / int(frame); len(w.heads) != n {
			t.Fatalf("%d ms: %d packets for 600 ms, not %d", frame, len(w.heads), n)
		}
		dec, err := codec.NewDecoder(codec.Opus)
		if err != nil {
			t.Fatal(err)
		}
		defer dec.Close()
		for i, h := range w.heads {
			if int(h.Timestamp) != i*int(frame)*48 || int(h.SequenceNumber) != i || h.PayloadType != 111 || h.Marker != (i == 0) {
				t.Errorf("%d ms, packet %d: %+v", frame, i, h)
			}
			if d, err := dec.Duration(w.loads[i]); err != nil || d != int(frame)*48 {
				t.Errorf("%d ms, packet %d: %d samples, %v", frame, i, d, err)
			}
		}
		// The length changes in mid-stream, at the next packet.
		v.plan.Store(&stream.Plan{Bitrate: 32000, Frame: 20 * time.Millisecond})
		before := len(w.heads)
		say(3)
		if n := len(w.heads) - before; n != 3 {
			t.Errorf("%d ms, then 20: %d packets for 60 ms", frame, n)
		}
	}
}

// TestMuteCutsThePacket: long packets keep neither the mute nor its
// confirmation waiting, and no packet mixes what was said before and after.
func TestMuteCutsThePacket(t *testing.T) {
	v, w, say := sending(t, route{voice: opusCodec}, stream.Plan{Bitrate: 32000, Frame: 60 * time.Millisecond})
	var confirmed []bool
	v.tell = func(ev call.MediaEvent) {
		if m, ok := ev.(call.MuteConfirmed); ok {
			confirmed = append(confirmed, m.On)
		}
	}
	say(4) // one packet, and 20 ms that wait
	v.mute(true)
	say(1)
	if len(w.heads) != 3 || len(confirmed) != 1 || !confirmed[0] {
		t.Fatalf("%d packets, confirmed %v", len(w.heads), confirmed)
	}
	for i, want := range []uint32{0, 2880, 3840} {
		if w.heads[i].Timestamp != want {
			t.Errorf("packet %d at %d, not %d", i, w.heads[i].Timestamp, want)
		}
	}
	if n := v.packet.fill; n != 0 {
		t.Errorf("%d samples wait", n)
	}
	v.mute(false)
	say(1)
	if len(w.heads) != 4 || len(confirmed) != 2 || confirmed[1] {
		t.Errorf("%d packets, confirmed %v", len(w.heads), confirmed)
	}
}

// TestMuteLeavesNoCopies: once the mute is confirmed no copy of what was said
// before it goes out any more; what was said just before it still has its copies
// until then.
func TestMuteLeavesNoCopies(t *testing.T) {
	v, w, say := sending(t, route{voice: opusCodec, red: redCodec}, stream.Plan{Bitrate: 24000, FEC: true, Loss: 20, Copies: 2, Frame: 20 * time.Millisecond})
	muted := uint32(0) // when the first silence began
	after := 0         // packets that had been sent when the mute was confirmed
	v.tell = func(ev call.MediaEvent) {
		if m, ok := ev.(call.MuteConfirmed); ok && m.On {
			after, muted = len(w.heads), w.heads[len(w.heads)-1].Timestamp
		}
	}
	say(5)
	v.mute(true)
	say(5)
	if after != 6 || w.heads[5].PayloadType != redCodec.PT {
		t.Fatalf("confirmed after %d packets, the last of type %d", after, w.heads[5].PayloadType)
	}
	for i := after; i < len(w.heads); i++ {
		if w.heads[i].PayloadType != redCodec.PT {
			continue
		}
		var blocks [stream.MaxBlocks]stream.Block
		for _, b := range blocks[:stream.SplitRED(w.loads[i], &blocks)] {
			// The first silence holds what was said before it as in-band redundancy.
			if at := w.heads[i].Timestamp - b.Age; at <= muted {
				t.Errorf("packet %d has a copy of what was sent %d ms before it", i, b.Age/48)
			}
		}
	}
	if n := len(w.heads); w.heads[n-1].PayloadType != redCodec.PT {
		t.Error("there are no copies any more")
	}
}

// TestDigitInLongPackets: what was said before a digit goes out before it.
func TestDigitInLongPackets(t *testing.T) {
	v, w, say := sending(t, route{voice: opusCodec, dtmf: sdp.Codec{PT: 110, Name: sdp.Event, Rate: 48000}},
		stream.Plan{Bitrate: 32000, Frame: 60 * time.Millisecond, Copies: 2})
	say(2)
	v.press('5')
	say(12)
	if w.heads[0].PayloadType != 111 || w.heads[0].Timestamp != 0 || w.heads[1].PayloadType != 110 || w.heads[1].Timestamp != 1920 {
		t.Fatalf("%+v", w.heads[:2])
	}
	for i, h := range w.heads[1:] {
		if after := w.heads[i].PayloadType == 110; h.PayloadType == 111 && h.Marker != after {
			t.Errorf("packet %d, after type %d: %+v", i+1, w.heads[i].PayloadType, h)
		}
	}
	if h := w.heads[len(w.heads)-1]; h.PayloadType != 111 {
		t.Errorf("no voice after the digit: %+v", h)
	}
	for i, h := range w.heads {
		if int(h.SequenceNumber) != i {
			t.Errorf("packet %d has number %d", i, h.SequenceNumber)
		}
	}
}

// TestREDOnTheWire: every packet brings the two before it, its own payload is
// what it would have been without, and an interruption leaves nothing of what
// was before it.
func TestREDOnTheWire(t *testing.T) {
	r := route{voice: opusCodec, red: redCodec}
	plan := stream.Plan{Bitrate: 24000, FEC: true, Loss: 20, Frame: 20 * time.Millisecond}
	_, alone, say := sending(t, r, plan)
	say(10)
	plan.Copies = 2
	v, w, say := sending(t, r, plan)
	say(10)
	if len(w.heads) != 10 || w.heads[0].PayloadType != 111 {
		t.Fatalf("%d packets, the first of type %d", len(w.heads), w.heads[0].PayloadType)
	}
	for i := 1; i < 10; i++ {
		var blocks [stream.MaxBlocks]stream.Block
		n := stream.SplitRED(w.loads[i], &blocks)
		if w.heads[i].PayloadType != 63 || n != min(i, 2)+1 {
			t.Fatalf("packet %d: type %d, %d blocks", i, w.heads[i].PayloadType, n)
		}
		for k, b := range blocks[:n] {
			back := n - 1 - k
			if b.PT != 111 || int(b.Age) != 960*back || !bytes.Equal(b.Data, alone.loads[i-back]) {
				t.Errorf("packet %d, %d before: age %d, %d bytes", i, back, b.Age, len(b.Data))
			}
		}
	}
	w.open = false
	say(1)
	w.open = true
	say(1)
	if h := w.heads[10]; h.PayloadType != 111 || !h.Marker {
		t.Errorf("%+v after an interruption", h)
	}
	v.plan.Store(&stream.Plan{Bitrate: 24000, Frame: 20 * time.Millisecond})
	say(1)
	if h := w.heads[11]; h.PayloadType != 111 {
		t.Errorf("%+v when copies are not wanted any more", h)
	}
}

// TestNoREDUnlessAgreed: copies are for who can take them.
func TestNoREDUnlessAgreed(t *testing.T) {
	for _, r := range []route{{voice: opusCodec}, {voice: pcmaCodec}} {
		_, w, say := sending(t, r, stream.Plan{Bitrate: 24000, Copies: 2, Frame: 20 * time.Millisecond})
		say(5)
		for i, h := range w.heads {
			if h.PayloadType != r.voice.PT {
				t.Errorf("%s, packet %d: type %d", r.voice.Name, i, h.PayloadType)
			}
		}
	}
}

// TestSendDoesNotWait: whatever locks a user interface may hold through the
// methods of Engine and Session, packets go out. The ones that those methods
// take are held here for good.
func TestSendDoesNotWait(t *testing.T) {
	v, w, say := sending(t, route{voice: opusCodec}, stream.Plan{Bitrate: 32000, Frame: 20 * time.Millisecond})
	s := &Session{voice: v, inbox: newMailbox()}
	s.inbox.mu.Lock()
	v.books.mu.Lock()
	eng := New(Options{})
	eng.mu.Lock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Capture(make([]int16, audio.FrameLen))
		s.Mute(true)
		say(50)
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("the voice waits for a lock of the user interface")
	}
	if len(w.heads) != 50 {
		t.Errorf("%d packets", len(w.heads))
	}
}

// TestSendDoesNotAllocate: from the gate to the wire, whatever the plan.
func TestSendDoesNotAllocate(t *testing.T) {
	v, w, say := sending(t, route{voice: opusCodec, red: redCodec, base: codec.Options{DTX: true}}, stream.Plan{})
	w.drop = true
	plans := []stream.Plan{
		{Bitrate: 32000, Frame: 20 * time.Millisecond},
		{Bitrate: 24000, FEC: true, Loss: 20, Copies: 2, Frame: 20 * time.Millisecond},
		{Bitrate: 16000, FEC: true, Loss: 5, Copies: 1, Frame: 60 * time.Millisecond},
	}
	i := 0
	say(10)
	if n := testing.AllocsPerRun(100, func() {
		i++
		v.plan.Store(&plans[i/3%len(plans)])
		say(1)
	}); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}

// TestWanted is RFC 7587 section 6.1 as we obey it, and ptime.
func TestWanted(t *testing.T) {
	opus := func(fmtp string) sdp.Codec { c := opusCodec; c.Fmtp = fmtp; return c }
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		choice sdp.Choice
		remote sdp.Remote
		set    Settings
		base   codec.Options
		lim    stream.Limits
	}{
		"nothing said":                 {sdp.Choice{Voice: opus("")}, sdp.Remote{}, Settings{}, codec.Options{}, stream.Limits{}},
		"as browsers do":               {sdp.Choice{Voice: opus("minptime=10;useinbandfec=1"), RED: redCodec}, sdp.Remote{}, Settings{}, codec.Options{}, stream.Limits{FEC: true, RED: true, MinFrame: 10 * ms}},
		"no RED by choice":             {sdp.Choice{Voice: opus(""), RED: redCodec}, sdp.Remote{}, Settings{NoRED: true}, codec.Options{}, stream.Limits{}},
		"a slow speaker":               {sdp.Choice{Voice: opus("maxplaybackrate=16000;maxaveragebitrate=20000;cbr=1")}, sdp.Remote{}, Settings{MaxBitrate: 40000}, codec.Options{MaxPlayback: 16000, CBR: true}, stream.Limits{MaxBitrate: 20000}},
		"our own bound":                {sdp.Choice{Voice: opus("maxaveragebitrate=64000")}, sdp.Remote{}, Settings{MaxBitrate: 40000}, codec.Options{}, stream.Limits{MaxBitrate: 40000}},
		"DTX":                          {sdp.Choice{Voice: opus("")}, sdp.Remote{}, Settings{DTX: true}, codec.Options{DTX: true}, stream.Limits{}},
		"DTX unwelcome":                {sdp.Choice{Voice: opus("usedtx=0")}, sdp.Remote{}, Settings{DTX: true}, codec.Options{}, stream.Limits{}},
		"DTX wished for, and off here": {sdp.Choice{Voice: opus("usedtx=1")}, sdp.Remote{}, Settings{}, codec.Options{}, stream.Limits{}},
		"ptime":                        {sdp.Choice{Voice: opus("")}, sdp.Remote{PTime: 40 * ms, MaxPTime: 60 * ms}, Settings{}, codec.Options{}, stream.Limits{MinFrame: 40 * ms, MaxFrame: 60 * ms}},
		"maxptime wins":                {sdp.Choice{Voice: opus("")}, sdp.Remote{PTime: 60 * ms, MaxPTime: 20 * ms}, Settings{}, codec.Options{}, stream.Limits{MinFrame: 20 * ms, MaxFrame: 20 * ms}},
		"G.711":                        {sdp.Choice{Voice: pcmaCodec}, sdp.Remote{}, Settings{DTX: true}, codec.Options{}, stream.Limits{MaxFrame: 20 * ms}},
		"G.711 in 40 ms":               {sdp.Choice{Voice: pcmaCodec}, sdp.Remote{PTime: 40 * ms}, Settings{}, codec.Options{}, stream.Limits{MinFrame: 40 * ms, MaxFrame: 40 * ms}},
	} {
		base, lim := wanted(c.choice, &c.remote, c.set)
		if base != c.base || lim != c.lim {
			t.Errorf("%s: %+v, %+v", name, base, lim)
		}
	}
}

// TestOpusFmtp is what we ask for.
func TestOpusFmtp(t *testing.T) {
	for want, set := range map[string]Settings{
		"minptime=10;useinbandfec=1":                         {},
		"minptime=10;useinbandfec=1;usedtx=1":                {DTX: true},
		"minptime=10;useinbandfec=1;maxaveragebitrate=24000": {MaxBitrate: 24000},
	} {
		if got := opusFmtp(set); got != want {
			t.Errorf("%+v: %s", set, got)
		}
	}
}

// TestSilenceKeepsTime: the lateness of timers does not add up.
func TestSilenceKeepsTime(t *testing.T) {
	start := time.Unix(1e9, 0)
	due, now := time.Time{}, start
	for range 500 { // each timer 3 ms late
		due = next(due, now)
		now = due.Add(3 * time.Millisecond)
	}
	if late := due.Sub(start) - 500*packetDur; late < 0 || late > packetDur {
		t.Errorf("%v slow after ten seconds", late)
	}
	now = now.Add(time.Hour) // the machine slept
	if due = next(due, now); due.Sub(now) != packetDur {
		t.Errorf("%v to catch up with", now.Sub(due))
	}
}

// BenchmarkSend is 20 ms of the microphone to a packet on the wire, without
// SRTP.
func BenchmarkSend(b *testing.B) {
	for name, plan := range map[string]stream.Plan{
		"plain":  {Bitrate: 32000, FEC: true, Loss: 5, Frame: 20 * time.Millisecond},
		"copies": {Bitrate: 24000, FEC: true, Loss: 20, Copies: 2, Frame: 20 * time.Millisecond},
		"60 ms":  {Bitrate: 16000, FEC: true, Loss: 5, Frame: 60 * time.Millisecond},
	} {
		b.Run(name, func(b *testing.B) {
			_, w, say := sending(b, route{voice: opusCodec, red: redCodec}, plan)
			w.drop = true
			b.ReportAllocs()
			for b.Loop() {
				say(1)
			}
		})
	}
}
