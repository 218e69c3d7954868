package red

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest"
	"nxphone/audio/quality"
	"nxphone/call"
	"nxphone/call/interop"
	"nxphone/call/interop/web"
	"nxphone/call/peer"
)

// redPT is the payload type of RED, in browsers and here.
const redPT = 63

// lossy carries packets between two peers, of which one is known beforehand,
// and drops some of those with sound.
type lossy struct {
	conn *net.UDPConn
	ours net.Addr
	done chan struct{}

	drop atomic.Int32 // percent
	// red and voice count the packets of RED and of anything else, by direction:
	// 0 from us, 1 from the browser.
	red, voice [2]atomic.Int32
}

func newLossy(t *testing.T, ours string) *lossy {
	t.Helper()
	addr, err := net.ResolveUDPAddr("udp4", ours)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	l := &lossy{conn: conn, ours: addr, done: make(chan struct{})}
	go l.carry()
	t.Cleanup(func() { conn.Close(); <-l.done })
	return l
}

func (l *lossy) carry() {
	defer close(l.done)
	rng := rand.New(rand.NewPCG(6, 3))
	buf := make([]byte, 2048)
	var theirs net.Addr
	for {
		n, from, err := l.conn.ReadFromUDP(buf)
		if err != nil {
			return
		}
		direction, to := 0, theirs
		if from.String() != l.ours.String() {
			direction, to, theirs = 1, l.ours, from
		}
		// RTP and RTCP are told apart by RFC 5761 section 4; numbers of RTP are
		// not encrypted.
		if n > 12 && buf[0]>>6 == 2 && (buf[1] < 192 || buf[1] > 223) {
			count := &l.voice[direction]
			if buf[1]&0x7f == redPT {
				count = &l.red[direction]
			}
			count.Add(1)
			if int32(rng.IntN(100)) < l.drop.Load() {
				continue
			}
		}
		if to != nil {
			_, _ = l.conn.WriteTo(buf[:n], to) // a peer that is gone is seen elsewhere
		}
	}
}

var (
	candidateLine     = regexp.MustCompile(`a=candidate:[^\r]*\r\n`)
	loopbackCandidate = regexp.MustCompile(`a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) `)
)

// redCall is a call between the phone's media and a page's, over lossy.
type redCall struct {
	line    *lossy
	page    *web.Page
	session call.Session
	stats   func() call.Stats
}

const redPage = `<!doctype html><script>
const pc = new RTCPeerConnection();
async function answer(offer) {
  const sound = new AudioContext(), hum = sound.createOscillator(), out = sound.createMediaStreamDestination();
  hum.frequency.value = 440; hum.connect(out); hum.start();
  pc.ontrack = e => { const a = new Audio(); a.srcObject = e.streams[0] || new MediaStream([e.track]); a.play(); };
  await pc.setRemoteDescription({type: 'offer', sdp: offer});
  pc.addTrack(out.stream.getAudioTracks()[0], out.stream);
  await pc.setLocalDescription(await pc.createAnswer());
  return pc.localDescription.sdp;
}
async function heard() {
  for (const r of (await pc.getStats()).values()) {
    if (r.type === 'inbound-rtp') return {Concealed: r.concealedSamples, Total: r.totalSamplesReceived};
  }
  return {Concealed: 0, Total: 0};
}
</script>`

func newRedCall(t *testing.T, b *web.Browser) *redCall {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(redPage))
	}))
	t.Cleanup(site.Close)
	v, err := b.NewVisitor()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	c := &redCall{}
	if c.page, err = v.NewTab(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.page.Close)
	if err := c.page.Open(ctx, site.URL); err != nil {
		t.Fatal(err)
	}
	offer := c.phone(t, ctx)
	first := loopbackCandidate.FindStringSubmatch(offer)
	if first == nil {
		t.Fatalf("no candidate on loopback in\n%s", offer)
	}
	c.line = newLossy(t, net.JoinHostPort("127.0.0.1", first[1]))
	_, port, err := net.SplitHostPort(c.line.conn.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	offer = strings.Replace(candidateLine.ReplaceAllString(offer, ""), "a=end-of-candidates\r\n",
		"a=candidate:1 1 udp 2130706431 127.0.0.1 "+port+" typ host\r\na=end-of-candidates\r\n", 1)
	// Chromium sends copies to whom names them first, which the phone does not.
	offer = strings.Replace(offer, " 111 63 ", " 63 111 ", 1)
	answer, err := web.Eval[string](ctx, c.page, fmt.Sprintf("answer(%q)", offer))
	if err != nil {
		t.Fatal(err)
	}
	// The page's own addresses would lead around the lossy line.
	c.session.Answer(candidateLine.ReplaceAllString(answer, ""), false)
	c.wait(t, ctx, "sound both ways", func() bool { return c.stats().PacketsReceived > 50 && c.line.voice[0].Load() > 50 })
	return c
}

// phone opens the phone's side and gives its offer.
func (c *redCall) phone(t *testing.T, ctx context.Context) string {
	t.Helper()
	dev := audiotest.NewDevice(time.Now)
	dev.Speak(quality.PCM(audiotest.Voice(1, 3*time.Second, -20)))
	media := peer.New(peer.Options{
		Settings: func(call.Request) peer.Settings { return peer.Settings{IncludeLoopback: true} },
		Sound:    func(context.Context) (audio.Duplex, error) { return dev, nil },
	})
	offers := make(chan string, 1)
	var mu sync.Mutex
	var last call.Stats
	c.session = media.Open(call.Request{}, func(ev call.MediaEvent) {
		switch ev := ev.(type) {
		case call.OfferReady:
			offers <- ev.SDP
		case call.StatsMeasured:
			mu.Lock()
			last = ev.Stats
			mu.Unlock()
		}
	})
	c.stats = func() call.Stats {
		mu.Lock()
		defer mu.Unlock()
		return last
	}
	t.Cleanup(func() {
		c.session.Close(call.ToneNone)
		closing, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := media.Close(closing); err != nil {
			t.Error(err)
		}
	})
	select {
	case offer := <-offers:
		return offer
	case <-ctx.Done():
		t.Fatal("no offer")
		return ""
	}
}

func (c *redCall) wait(t *testing.T, ctx context.Context, what string, cond func() bool) {
	t.Helper()
	if err := interop.WaitFor(ctx, what, func() (bool, error) { return cond(), nil }); err != nil {
		t.Fatalf("%v; from us %d RED and %d others, from the page %d and %d; %+v", err,
			c.line.red[0].Load(), c.line.voice[0].Load(), c.line.red[1].Load(), c.line.voice[1].Load(), c.stats())
	}
}

// share is what a stretch of four seconds concealed, in percent.
func (c *redCall) share(t *testing.T, ctx context.Context, read func() (concealed, total float64)) float64 {
	t.Helper()
	c0, n0 := read()
	select {
	case <-time.After(4 * time.Second):
	case <-ctx.Done():
	}
	c1, n1 := read()
	return 100 * (c1 - c0) / max(n1-n0, 1)
}

// TestREDWithChromium: Chromium takes our copies and we take Chromium's, and
// over a line that loses a quarter of the packets hardly anything is missing.
func TestREDWithChromium(t *testing.T) {
	b, err := web.Start(context.WithoutCancel(t.Context()), web.Options{Dir: t.TempDir(), Flags: map[string]any{
		"allow-loopback-in-peer-connection": true, "autoplay-policy": "no-user-gesture-required",
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	c := newRedCall(t, b)
	c.line.drop.Store(25)
	c.wait(t, ctx, "RED from us, when Chromium has reported the loss", func() bool { return c.line.red[0].Load() > 50 })
	if n := c.line.red[1].Load(); n < 50 {
		t.Errorf("%d packets of RED from Chromium, which was asked for it", n)
	}
	// With in-band redundancy alone every fourth of the lost packets, 6 % of all,
	// would have nothing that brings it back. A machine that is busy with other
	// things adds gaps of its own: one good stretch is proof.
	const proof = 3
	theirs, ours := 100.0, 100.0
	for range 10 {
		theirs = min(theirs, c.share(t, ctx, func() (float64, float64) {
			h, err := web.Eval[struct{ Concealed, Total float64 }](ctx, c.page, "heard()")
			if err != nil {
				t.Fatal(err)
			}
			return h.Concealed, h.Total
		}))
		ours = min(ours, c.share(t, ctx, func() (float64, float64) {
			s := c.stats()
			return float64(s.Concealed), float64(s.Played)
		}))
		if max(theirs, ours) < proof {
			break
		}
	}
	t.Logf("of 25 %% loss Chromium concealed %.2f %%, and the phone %.2f %%", theirs, ours)
	if max(theirs, ours) >= proof {
		t.Error("the copies are of no use")
	}
}
