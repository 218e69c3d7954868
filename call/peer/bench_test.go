package peer

import (
	"context"
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

// quietEar is an ear without a session, and packets to feed it with.
func quietEar(tb testing.TB) (e *ear, feed func()) {
	tb.Helper()
	b := &books{out: stream.NewOutbound(1, 0, 0)}
	e = newEar(b, slog.New(slog.DiscardHandler), func(call.MediaEvent) {}, &tones{})
	e.expect(offered(Settings{}))
	enc, err := codec.NewEncoder(codec.Opus, codec.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { enc.Close(); e.close() })
	pcm, payload := make([]int16, codec.PacketLen), make([]byte, codec.MaxPacket)
	tone.NewGenerator(steady(440)).Fill(pcm)
	n, err := enc.Encode(pcm, payload)
	if err != nil {
		tb.Fatal(err)
	}
	h := rtp.Header{Version: 2, PayloadType: ptOpus, SSRC: 7}
	at := time.Now()
	return e, func() {
		e.packet(&h, payload[:n], at)
		h.SequenceNumber++
		h.Timestamp += codec.PacketLen
		at = at.Add(packetDur)
	}
}

// TestAudioGoroutine: neither direction allocates on the audio goroutine.
func TestAudioGoroutine(t *testing.T) {
	e, feed := quietEar(t)
	s := &Session{ear: e, voice: newVoice(e.books, e.log, e.tell)}
	s.tones.play(call.ToneRingback)
	frame := make([]int16, audio.FrameLen)
	for range 20 {
		feed()
		s.Playout(frame)
	}
	round := func() {
		feed()
		s.Capture(frame)
		s.Playout(frame)
		s.Playout(frame)
	}
	if n := testing.AllocsPerRun(100, round); n > 0 {
		t.Errorf("%v allocations a frame", n)
	}
	s.ear.deafen(true)
	s.voice.mute(true)
	s.voice.mute(true) // shut at its source
	s.tones.cue(true)
	if n := testing.AllocsPerRun(100, round); n > 0 {
		t.Errorf("%v allocations a frame with ear and microphone shut", n)
	}
	eng := New(Options{})
	eng.newest.Store(s)
	if n := testing.AllocsPerRun(100, func() { eng.Levels() }); n > 0 {
		t.Errorf("%v allocations a look at the meters", n)
	}
}

// TestVoiceGoroutine: the gate, its gauges and the notice do not allocate.
func TestVoiceGoroutine(t *testing.T) {
	v := newVoice(&books{out: stream.NewOutbound(1, 0, 0)}, slog.New(slog.DiscardHandler), func(call.MediaEvent) {})
	v.answered.Store(true)
	v.mute(true)
	v.notice.Store(&notice{pcm: make([]int16, 10*audio.Rate)})
	v.send(time.Time{})
	if n := testing.AllocsPerRun(100, func() { v.send(time.Time{}) }); n > 0 {
		t.Errorf("%v allocations a packet", n)
	}
}

// BenchmarkPacketToFrame is an arriving packet to two frames for the speaker.
func BenchmarkPacketToFrame(b *testing.B) {
	e, feed := quietEar(b)
	frame := make([]int16, audio.FrameLen)
	b.ReportAllocs()
	for b.Loop() {
		feed()
		e.pull(frame)
		e.pull(frame)
	}
}

// BenchmarkFrameToPacket is 20 ms of the microphone to a payload.
func BenchmarkFrameToPacket(b *testing.B) {
	v := newVoice(&books{out: stream.NewOutbound(1, 0, 0)}, slog.New(slog.DiscardHandler), func(call.MediaEvent) {})
	if !v.encoder(sdp.Codec{Name: sdp.Opus, Rate: 48000}) {
		b.Fatal("no encoder")
	}
	defer v.packet.close()
	tone.NewGenerator(steady(440)).Fill(v.pcm[:])
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.packet.enc.Encode(v.pcm[:], v.packet.payload[:]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOffer is Open to OfferReady with host candidates only.
func BenchmarkOffer(b *testing.B) {
	dev := newDevice(ourTone)
	eng := New(Options{Sound: dev.open, Settings: func(call.Request) Settings { return Settings{IncludeLoopback: true} }})
	defer func() { _ = eng.Close(context.Background()) }()
	for b.Loop() {
		ready := make(chan struct{}, 8)
		s := eng.Open(call.Request{}, func(ev call.MediaEvent) {
			if _, ok := ev.(call.OfferReady); ok {
				ready <- struct{}{}
			}
		})
		<-ready
		b.StopTimer()
		s.Close(call.ToneNone)
		b.StartTimer()
	}
}
