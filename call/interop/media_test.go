package interop

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
)

// browser is the media of a WebRTC client made of pion alone, with G.711 that
// it never decodes: it sends the signal and counts what comes. It shows that
// the lab's recordings hold what was sent, without the phone's help.
type browser struct {
	pc    *webrtc.PeerConnection
	track *webrtc.TrackLocalStaticSample

	mu  sync.Mutex
	got []byte // mu-law, as it came
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	var me webrtc.MediaEngine
	if err := me.RegisterCodec(webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000}, PayloadType: 0,
	}, webrtc.RTPCodecTypeAudio); err != nil {
		t.Fatal(err)
	}
	var se webrtc.SettingEngine
	se.SetIncludeLoopbackCandidate(true)
	// The SBC's answer names no SSRC.
	se.SetHandleUndeclaredSSRCWithoutAnswer(true)
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(&me), webrtc.WithSettingEngine(se)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pc.Close() })
	track, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU}, "audio", "probe")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pc.AddTrack(track); err != nil {
		t.Fatal(err)
	}
	b := &browser{pc: pc, track: track}
	pc.OnTrack(func(tr *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			p, _, err := tr.ReadRTP()
			if err != nil {
				return
			}
			b.mu.Lock()
			b.got = append(b.got, p.Payload...)
			b.mu.Unlock()
		}
	})
	return b
}

func (b *browser) offer(t *testing.T) string {
	t.Helper()
	offer, err := b.pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(b.pc)
	if err := b.pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	<-gathered
	// pion leaves the default address at 0.0.0.0, which baresip takes for hold
	// (RFC 2543's way).
	return strings.ReplaceAll(b.pc.LocalDescription().SDP, "IN IP4 0.0.0.0", "IN IP4 127.0.0.1")
}

// answer applies the SBC's answer; pion wants a BUNDLE group and no SSRC.
func (b *browser) answer(t *testing.T, sdp string) {
	t.Helper()
	var out strings.Builder
	for line := range strings.SplitSeq(sdp, "\r\n") {
		switch {
		case strings.HasPrefix(line, "a=ssrc:"):
		case strings.HasPrefix(line, "m=audio"):
			out.WriteString("a=group:BUNDLE 0\r\n" + line + "\r\n")
		case line != "":
			out.WriteString(line + "\r\n")
		}
	}
	if err := b.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: out.String()}); err != nil {
		t.Fatalf("%v\n%s", err, sdp)
	}
}

// play sends the signal in real time.
func (b *browser) play(ctx context.Context, s Signal, d time.Duration) error {
	pcm := s.PCM(8000, d)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ; len(pcm) >= 160; pcm = pcm[160:] {
		law := make([]byte, 160)
		for i := range law {
			law[i] = toMuLaw(pcm[i])
		}
		if err := b.track.WriteSample(media.Sample{Data: law, Duration: 20 * time.Millisecond}); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (b *browser) heard() []int16 {
	b.mu.Lock()
	defer b.mu.Unlock()
	pcm := make([]int16, len(b.got))
	for i, c := range b.got {
		pcm[i] = fromMuLaw(c)
	}
	return pcm
}

// TestRecordings sends the signal through the relay to baresip and finds it
// in all places where a test of the phone will look.
func TestRecordings(t *testing.T) {
	l := Start(t, Config{Agents: []string{}, RingFor: 50 * time.Millisecond})
	p := dialProbe(t, l, "wss")
	b := newBrowser(t)
	answer, id := p.callWith(NumberBaresip, b.offer(t))
	if answer.Status() != 200 {
		t.Fatalf("the call was answered %q", answer.StartLine())
	}
	b.answer(t, answer.Body())
	p.ack(answer, id)
	connected := make(chan struct{})
	b.pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			close(connected)
		}
	})
	ctx := within(t, 2*time.Minute)
	select {
	case <-connected:
	case <-ctx.Done():
		t.Fatal("no media connection")
	}
	if err := b.play(ctx, MicSignal(), 4*time.Second); err != nil {
		t.Fatal(err)
	}
	p.finish(answer, id)
	if _, err := l.Baresip.Wait(ctx, id, "CALL_CLOSED"); err != nil {
		t.Fatal(err)
	}

	rec, err := l.Relay.Recording(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	file, err := l.Baresip.Heard()
	if err != nil {
		t.Fatal(err)
	}
	byPBX, rate, err := ReadWAV(file)
	if err != nil {
		t.Fatal(err)
	}
	if rate != 8000 {
		t.Errorf("baresip recorded at %d Hz", rate)
	}
	for _, c := range []struct {
		where  string
		pcm    []int16
		signal Signal
	}{
		{"the relay's recording from the phone", DecodeG711(l.FromPhone(rec)), MicSignal()},
		{"the relay's recording from the PBX", DecodeG711(l.FromPBX(rec)), PBXSignal()},
		{"baresip's recording", byPBX, MicSignal()},
		{"what came back", b.heard(), PBXSignal()},
	} {
		r := c.signal.Check(c.pcm, 8000)
		if !r.OK() || r.Span < 3500*time.Millisecond {
			t.Errorf("%s: %+v%s", c.where, r, c.signal.Timeline(c.pcm, 8000))
		}
	}
}
