package peer

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"nxphone/audio/codec"
	"nxphone/audio/tone"
)

// farEnd is the other side of a call: a real pion PeerConnection that says a
// tone and keeps what it hears.
type farEnd struct {
	t    *testing.T
	pc   *webrtc.PeerConnection
	mic  *farTrack
	stop chan struct{}
	wg   sync.WaitGroup

	mu     sync.Mutex
	pcm    []int16
	events []rtp.Packet
	voice  []rtp.Header
}

type farOptions struct {
	freq   float64
	codecs []string // what it knows, in its order; nil is all
	lite   bool
	// passive: it waits for our ClientHello, else it begins.
	passive bool
	// only is the one address that it talks to, "" for any.
	only string
}

func newFarEnd(t *testing.T, o farOptions) *farEnd {
	t.Helper()
	f := &farEnd{t: t, stop: make(chan struct{})}
	var set webrtc.SettingEngine
	set.SetIncludeLoopbackCandidate(true)
	set.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	set.SetInterfaceFilter(func(name string) bool { return name == "lo" })
	set.SetLite(o.lite)
	// Our good-bye while the far end still starts would lock the library up:
	// its DTLS transport then waits for a reader of streams that is not there
	// yet. The test closes the far end itself.
	set.DisableCloseByDTLS(true)
	if o.only != "" {
		set.SetRemoteIPFilter(func(ip net.IP) bool { return ip.String() == o.only })
	}
	role := webrtc.DTLSRoleClient
	if o.passive {
		role = webrtc.DTLSRoleServer
	}
	if err := set.SetAnsweringDTLSRole(role); err != nil {
		t.Fatal(err)
	}
	media := &webrtc.MediaEngine{}
	if o.codecs == nil {
		o.codecs = []string{"opus", "pcma", "pcmu"}
	}
	for _, c := range farCodecs(o.codecs) {
		if err := media.RegisterCodec(c, webrtc.RTPCodecTypeAudio); err != nil {
			t.Fatal(err)
		}
	}
	reports := &interceptor.Registry{}
	if err := webrtc.ConfigureRTCPReports(reports); err != nil {
		t.Fatal(err)
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithSettingEngine(set), webrtc.WithInterceptorRegistry(reports))
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	f.pc = pc
	f.mic = &farTrack{freq: o.freq}
	pc.OnTrack(func(tr *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { f.wg.Go(func() { f.listen(tr) }) })
	sender, err := pc.AddTrack(f.mic)
	if err != nil {
		t.Fatal(err)
	}
	f.wg.Go(func() { drain(sender) })
	f.wg.Go(f.speak)
	t.Cleanup(f.close)
	return f
}

func farCodecs(names []string) []webrtc.RTPCodecParameters {
	known := map[string]webrtc.RTPCodecParameters{
		"opus": {RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"}, PayloadType: 111},
		"pcma": {RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMA, ClockRate: 8000}, PayloadType: 8},
		"pcmu": {RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000}, PayloadType: 0},
	}
	var list []webrtc.RTPCodecParameters
	for _, n := range names {
		list = append(list, known[n])
	}
	for pt, rate := range map[uint8]uint32{110: 48000, 126: 8000} {
		list = append(list, webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: "audio/telephone-event", ClockRate: rate},
			PayloadType:        webrtc.PayloadType(pt),
		})
	}
	return list
}

func drain(s *webrtc.RTPSender) {
	buf := make([]byte, 1500)
	for {
		if _, _, err := s.Read(buf); err != nil {
			return
		}
	}
}

func (f *farEnd) close() {
	select {
	case <-f.stop:
		return
	default:
	}
	close(f.stop)
	if err := f.pc.GracefulClose(); err != nil {
		f.t.Error(err)
	}
	f.wg.Wait()
}

// answer gives the answer to an offer, with all candidates.
func (f *farEnd) answer(offer string) string {
	f.t.Helper()
	if err := f.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		f.t.Fatalf("%v\n%s", err, offer)
	}
	a, err := f.pc.CreateAnswer(nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return f.local(a)
}

// offer makes an offer of the far end's own.
func (f *farEnd) offer(restart bool) string {
	f.t.Helper()
	o, err := f.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: restart})
	if err != nil {
		f.t.Fatal(err)
	}
	return f.local(o)
}

func (f *farEnd) local(d webrtc.SessionDescription) string {
	f.t.Helper()
	gathered := webrtc.GatheringCompletePromise(f.pc)
	if err := f.pc.SetLocalDescription(d); err != nil {
		f.t.Fatal(err)
	}
	// The promise is not kept where it is made at the very moment that
	// gathering ends: the library asks for the handler first and sets the
	// state afterwards. The state is true.
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	limit := time.After(time.Minute)
	for f.pc.ICEGatheringState() != webrtc.ICEGatheringStateComplete {
		select {
		case <-gathered:
		case <-look.C:
		case <-limit:
			f.t.Fatal("the far end found no candidates")
		}
	}
	return f.pc.LocalDescription().SDP
}

// accept takes the answer to an offer of its own.
func (f *farEnd) accept(answer string) {
	f.t.Helper()
	if err := f.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		f.t.Fatalf("%v\n%s", err, answer)
	}
}

func (f *farEnd) listen(tr *webrtc.TrackRemote) {
	decoders := map[codec.Name]codec.Decoder{}
	defer func() {
		for _, d := range decoders {
			d.Close()
		}
	}()
	out := make([]int16, codec.MaxSamples)
	for {
		p, _, err := tr.ReadRTP()
		if err != nil {
			return
		}
		name := map[uint8]codec.Name{111: codec.Opus, 8: codec.PCMA, 0: codec.PCMU}[p.PayloadType]
		if name == "" {
			f.mu.Lock()
			f.events = append(f.events, *p)
			f.mu.Unlock()
			continue
		}
		if decoders[name] == nil {
			d, err := codec.NewDecoder(name)
			if err != nil {
				f.t.Error(err)
				return
			}
			decoders[name] = d
		}
		n, err := decoders[name].Decode(p.Payload, out)
		if err != nil {
			f.t.Error(err)
			continue
		}
		f.mu.Lock()
		f.pcm = append(f.pcm, out[:n]...)
		f.voice = append(f.voice, p.Header)
		f.mu.Unlock()
	}
}

func (f *farEnd) heard(n int) []int16 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return lastOf(f.pcm, n)
}

func (f *farEnd) samples() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.pcm)
}

// speak sends the tone, 20 ms at a time.
func (f *farEnd) speak() {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	defer f.mic.close()
	start, sent := time.Now(), 0
	for {
		select {
		case <-f.stop:
			return
		case <-tick.C: // ticks may be lost, packets not
			for ; sent < int(time.Since(start)/(20*time.Millisecond)); sent++ {
				select {
				case <-f.stop: // a machine that is too busy never catches up
					return
				default:
				}
				f.mic.send()
			}
		}
	}
}

// farTrack is a TrackLocal that takes whatever voice codec was agreed and lets
// the test change the SSRC.
type farTrack struct {
	freq float64

	mu     sync.Mutex
	w      webrtc.TrackLocalWriter
	ssrc   uint32
	pt     uint8
	clock  uint32
	seq    uint16
	ts     uint32
	enc    codec.Encoder
	gen    *tone.Generator
	silent bool
}

func (t *farTrack) ID() string                { return "audio" }
func (t *farTrack) RID() string               { return "" }
func (t *farTrack) StreamID() string          { return "far" }
func (t *farTrack) Kind() webrtc.RTPCodecType { return webrtc.RTPCodecTypeAudio }

func (t *farTrack) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range c.CodecParameters() {
		name := map[string]codec.Name{webrtc.MimeTypeOpus: codec.Opus, webrtc.MimeTypePCMA: codec.PCMA, webrtc.MimeTypePCMU: codec.PCMU}[p.MimeType]
		if name == "" {
			continue
		}
		enc, err := codec.NewEncoder(name, codec.Options{})
		if err != nil {
			return p, err
		}
		t.enc, t.w = enc, c.WriteStream()
		t.ssrc, t.pt, t.clock = uint32(c.SSRC()), uint8(p.PayloadType), p.ClockRate
		t.gen = tone.NewGenerator(steady(t.freq))
		return p, nil
	}
	return webrtc.RTPCodecParameters{}, webrtc.ErrUnsupportedCodec
}

func (t *farTrack) Unbind(webrtc.TrackLocalContext) error { return nil }

func (t *farTrack) send() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.w == nil || t.silent {
		return
	}
	var pcm [codec.PacketLen]int16
	var out [codec.MaxPacket]byte
	t.gen.Fill(pcm[:])
	n, err := t.enc.Encode(pcm[:], out[:])
	if err != nil {
		return
	}
	h := rtp.Header{Version: 2, PayloadType: t.pt, SequenceNumber: t.seq, Timestamp: t.ts, SSRC: t.ssrc}
	t.seq++
	t.ts += t.clock / 50
	if _, err := t.w.WriteRTP(&h, out[:n]); err != nil && err != io.ErrClosedPipe {
		return
	}
}

// moveTo goes on under another SSRC, with numbers that have nothing to do with
// those before.
func (t *farTrack) moveTo(ssrc uint32, freq float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ssrc, t.seq, t.ts = ssrc, t.seq+31000, t.ts+77777777
	t.gen = tone.NewGenerator(steady(freq))
}

func (t *farTrack) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.enc != nil {
		t.enc.Close()
	}
	t.w = nil
}
