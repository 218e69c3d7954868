package peer

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"nxphone/audio"
	"nxphone/audio/codec"
	"nxphone/call"
	"nxphone/call/peer/sdp"
	"nxphone/call/peer/stream"
)

const (
	packetDur = 20 * time.Millisecond
	// stall is how long a running microphone may give nothing before silence
	// is sent in its place.
	stall = 200 * time.Millisecond
	// levelEvery is how often the meters renew themselves.
	levelEvery = audio.Rate / 5
)

// voice is the way from the microphone's ring to the network: one goroutine
// that gates, encodes and sends 20 ms at a time. Silence goes out when there
// is no microphone (yet): gateways learn from packets where we are, and take
// their absence for a dead call.
type voice struct {
	mic     *audio.Ring
	wake    chan struct{}
	running atomic.Bool // a device is capturing
	mouth   gauge       // the microphone, before the gate
	sent    gauge       // what is handed to the encoder
	log     *slog.Logger
	tell    func(call.MediaEvent)
	dtx     bool

	route atomic.Pointer[route]
	books *books
	loss  atomic.Int32 // percent of our packets that the far end misses

	// wish is the last Mute: its number times two, plus one for on.
	wish atomic.Uint32
	// What else shuts the gate: the call is not answered yet (nobody may be
	// heard by an announcement, or by whoever listens to one), or we hold it.
	answered, held atomic.Bool
	// bolted shuts the microphone a second time, at its other end: the gate
	// was found to leak.
	bolted atomic.Bool
	zeros  [audio.FrameLen]int16
	// gone: a lawful ending has begun, and no Mute opens the gate any more.
	gone atomic.Bool
	// notice is played in place of the microphone.
	notice atomic.Pointer[notice]
	// silence is what the gate does to a packet.
	silence func([]int16)
	// changed is told that the mute has really changed; nil for nobody.
	changed func(muted bool)

	padMu sync.Mutex
	pad   stream.Keypad

	// The goroutine's own.
	pcm     [codec.PacketLen]int16
	payload [codec.MaxPacket]byte
	head    rtp.Header
	enc     codec.Encoder
	encName string
	lossSet int32  // what the encoder was last told
	granted uint32 // the wish that was last confirmed
	muted   bool   // and what it was
	broken  bool   // the stream was interrupted: the next packet is marked
}

func newVoice(b *books, dtx bool, log *slog.Logger, tell func(call.MediaEvent)) *voice {
	return &voice{
		mic:   audio.NewRing(audio.Rate / 5),
		wake:  make(chan struct{}, 1),
		mouth: newGauge(), sent: newGauge(),
		log: log, tell: tell, dtx: dtx, books: b, broken: true,
		silence: func(pcm []int16) { clear(pcm) },
	}
}

// capture takes a frame from the audio goroutine.
func (v *voice) capture(frame []int16) {
	v.running.Store(true)
	if v.bolted.Load() {
		v.mic.Write(v.zeros[:min(len(frame), len(v.zeros))])
	} else {
		v.mic.Write(frame)
	}
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

// mute asks; the confirmation comes from the goroutine, when it has handed the
// encoder a packet under the new state. To ask for what is asked for already
// means that the gate has leaked: the microphone is shut at its source too.
func (v *voice) mute(on bool) {
	if !on && v.gone.Load() {
		return
	}
	v.bolted.Store(on && v.wish.Load()&1 == 1)
	ask(&v.wish, on)
}

// shutForGood mutes, and lets no Mute undo it.
func (v *voice) shutForGood() {
	v.gone.Store(true)
	ask(&v.wish, true)
}

// press queues a digit.
func (v *voice) press(digit rune) {
	v.padMu.Lock()
	defer v.padMu.Unlock()
	v.pad.Press(digit)
}

// forget drops the digits that are queued: after a hold the far end may ask for
// others.
func (v *voice) forget() {
	v.padMu.Lock()
	defer v.padMu.Unlock()
	v.pad.Forget()
}

func (v *voice) run(ctx context.Context) {
	defer func() {
		if v.enc != nil {
			v.enc.Close()
		}
	}()
	idle := time.NewTimer(packetDur)
	defer idle.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-v.wake:
			// A select that finds both ready takes either: the microphone is
			// shut all the same once the session is closed.
			for ctx.Err() == nil && v.mic.Len() >= codec.PacketLen {
				v.mic.Read(v.pcm[:])
				v.send(time.Now())
			}
			idle.Reset(stall)
		case now := <-idle.C:
			if v.running.CompareAndSwap(true, false) {
				v.log.Warn("the microphone gives no sound")
			}
			clear(v.pcm[:])
			v.send(now)
			idle.Reset(packetDur)
		}
	}
}

// send is 20 ms of v.pcm. The mute gate stands here, directly before the
// encoder, and nowhere else: whatever way sound took, it passes this line. Only
// the notice of a lawful ending comes in behind it.
func (v *voice) send(now time.Time) {
	wish := v.wish.Load()
	shut := wish&1 == 1
	v.mouth.add(v.pcm[:])
	if shut || v.held.Load() || !v.answered.Load() {
		v.silence(v.pcm[:])
	}
	n := v.notice.Load()
	if n != nil {
		n.next(v.pcm[:])
	}
	v.sent.add(v.pcm[:])
	v.packet(v.route.Load(), now)
	if wish != v.granted {
		v.granted = wish
		v.tell(call.MuteConfirmed{On: shut})
		if v.changed != nil && shut != v.muted {
			v.changed(shut)
		}
		v.muted = shut
	}
	if n != nil {
		v.tellNotice(n)
	}
}

func (v *voice) tellNotice(n *notice) {
	if !n.told {
		n.told = true
		v.tell(call.NoticeBegan{})
	}
	if !n.over && n.heard() {
		n.over = true
		v.tell(call.NoticeEnded{})
	}
}

// packet sends what these 20 ms are: an event, voice, or nothing.
func (v *voice) packet(r *route, now time.Time) {
	if r == nil {
		return
	}
	v.books.mu.Lock()
	v.books.out.Tick(now, r.voice.Rate)
	v.books.mu.Unlock()
	if !r.sends || v.held.Load() || v.gone.Load() {
		v.forget()
	}
	switch {
	case !r.sends || !r.t.Secure():
		v.broken = true
	case v.event(r):
		v.broken = true
	default:
		v.speak(r)
	}
	v.books.mu.Lock()
	v.books.out.Advance(packetDur)
	v.books.mu.Unlock()
}

// event sends the keypad's share of these 20 ms, and reports whether they
// belong to it.
func (v *voice) event(r *route) bool {
	v.padMu.Lock()
	defer v.padMu.Unlock()
	if !v.pad.Busy() || r.dtmf.Name == "" {
		v.pad.Rest()
		return false
	}
	v.books.mu.Lock()
	stamp := v.books.out.Stamp()
	v.books.mu.Unlock()
	b := v.pad.Tick(stamp, r.dtmf.Rate)
	for i := range b.Copies {
		v.books.mu.Lock()
		v.books.out.HeaderAt(&v.head, r.dtmf.PT, b.Marker && i == 0, b.Timestamp)
		v.books.out.Sent(len(b.Payload))
		v.books.mu.Unlock()
		r.t.SendRTP(&v.head, b.Payload)
	}
	if b.Sent != 0 {
		v.tell(call.DTMFSent{Digit: b.Sent})
	}
	return true
}

func (v *voice) speak(r *route) {
	if !v.encoder(r.voice) {
		return
	}
	if loss := v.loss.Load(); loss != v.lossSet {
		v.enc.SetPacketLoss(int(loss))
		v.lossSet = loss
	}
	n, err := v.enc.Encode(v.pcm[:], v.payload[:])
	if err != nil || n == 0 {
		v.broken = true // nothing to send (DTX), or nothing that can be
		return
	}
	v.books.mu.Lock()
	v.books.out.Header(&v.head, r.voice.PT, v.broken)
	v.books.out.Sent(n)
	v.books.mu.Unlock()
	v.broken = false
	r.t.SendRTP(&v.head, v.payload[:n])
}

// encoder makes sure of the encoder for this codec.
func (v *voice) encoder(c sdp.Codec) bool {
	if v.enc != nil && v.encName == c.Name {
		return true
	}
	if v.enc != nil {
		v.enc.Close()
		v.enc = nil
	}
	name, _ := codec.ByName(c.Name)
	enc, err := codec.NewEncoder(name, codec.Options{DTX: v.dtx})
	if err != nil {
		v.log.Error("no encoder", "codec", c.Name, "error", err)
		return false
	}
	v.enc, v.encName, v.lossSet = enc, c.Name, 0
	return true
}
