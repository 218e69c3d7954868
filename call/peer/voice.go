package peer

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"nxphone/audio"
	"nxphone/audio/codec"
	"nxphone/call"
	"nxphone/call/peer/stream"
)

const (
	packetDur = 20 * time.Millisecond
	// stall is how long a running microphone may give nothing before silence
	// is sent in its place.
	stall = 200 * time.Millisecond
	// levelEvery is how often the meters renew themselves: 20 times a second.
	levelEvery = audio.Rate / 20
)

// voice is the way from the microphone's ring to the network: one goroutine
// that gates, encodes and sends 20 ms at a time. Silence goes out when there
// is no microphone (yet): gateways learn from packets where we are, and take
// their absence for a dead call.
type voice struct {
	mic     *audio.Ring
	wake    chan struct{}
	running atomic.Bool // a device is capturing
	mouth   *gauge      // the microphone, before the gate
	sent    *gauge      // what is handed to the encoder
	log     *slog.Logger
	tell    func(call.MediaEvent)

	route atomic.Pointer[route]
	plan  atomic.Pointer[stream.Plan] // what the network asks of the encoder
	books *books

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
	packet  packet
	granted uint32 // the wish that was last confirmed
	muted   bool   // and what it was
}

func newVoice(b *books, log *slog.Logger, tell func(call.MediaEvent)) *voice {
	return &voice{
		mic:   audio.NewRing(audio.Rate / 5),
		wake:  make(chan struct{}, 1),
		mouth: newGauge(), sent: newGauge(),
		log: log, tell: tell, books: b, packet: packet{broken: true},
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
	defer v.packet.close()
	idle := time.NewTimer(packetDur)
	defer idle.Stop()
	var due time.Time // of the next silence, while no microphone gives the pace
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
			due = time.Time{}
		case now := <-idle.C:
			if v.running.CompareAndSwap(true, false) {
				v.log.Warn("the microphone gives no sound")
			}
			clear(v.pcm[:])
			v.send(now)
			due = next(due, now)
			idle.Reset(time.Until(due))
		}
	}
}

// next is when silence is due again: 20 ms after it was due last, so that the
// lateness of timers does not add up to a clock that runs slow at the far end.
func next(due, now time.Time) time.Time {
	if due.IsZero() || now.Sub(due) > stall {
		due = now
	}
	return due.Add(packetDur)
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
	v.deliver(v.route.Load(), now, wish != v.granted)
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
