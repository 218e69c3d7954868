package peer

import (
	"time"

	"github.com/pion/rtp"

	"nxphone/audio/codec"
	"nxphone/call"
	"nxphone/call/peer/sdp"
	"nxphone/call/peer/stream"
)

// packet is where voice becomes RTP: it gathers 20 ms blocks until a packet is
// full, encodes it as the far end wishes and the network allows, and sends it,
// with copies of the ones before where that was agreed. It belongs to the voice
// goroutine and allocates nothing for a packet.
type packet struct {
	enc     codec.Encoder
	encName string
	tuned   codec.Options // what the encoder was last told
	effort  stream.Effort

	// pcm holds fill samples that wait, which began at stamp.
	pcm   [codec.LongestPacket]int16
	fill  int
	stamp uint32

	head    rtp.Header
	payload [codec.MaxPacket]byte
	red     stream.RED
	wrapped [stream.RoomRED]byte
	broken  bool // the stream was interrupted: the next packet is marked
}

func (p *packet) close() {
	if p.enc != nil {
		p.enc.Close()
		p.enc = nil
	}
}

// interrupt says that the stream does not go on from what was sent.
func (p *packet) interrupt() {
	p.fill, p.broken = 0, true
	p.red.Forget()
}

// deliver sends what these 20 ms are: an event, voice, or nothing. turn says
// that the mute has changed with them: what was said before it goes out by
// itself, and so do they, at once.
func (v *voice) deliver(r *route, now time.Time, turn bool) {
	if r == nil {
		return
	}
	v.books.sending.Lock()
	v.books.out.Tick(now, r.voice.Rate)
	stamp := v.books.out.Stamp()
	v.books.sending.Unlock()
	if !r.sends || v.held.Load() || v.gone.Load() {
		v.forget()
	}
	switch {
	case !r.sends || !r.t.Secure():
		v.packet.interrupt()
	case v.event(r, stamp):
	default:
		if turn {
			v.flush(r)
		}
		v.speak(r, stamp, turn)
		if turn {
			// What is confirmed from here on holds for copies too, also for those
			// that in-band redundancy keeps of the packet before.
			v.packet.red.Forget()
		}
	}
	v.books.sending.Lock()
	v.books.out.Advance(packetDur)
	v.books.sending.Unlock()
}

// event sends the keypad's share of these 20 ms, and reports whether they
// belong to it.
func (v *voice) event(r *route, stamp uint32) bool {
	v.padMu.Lock()
	defer v.padMu.Unlock()
	if !v.pad.Busy() || r.dtmf.Name == "" {
		v.pad.Rest()
		return false
	}
	v.flush(r)
	v.packet.interrupt()
	p := &v.packet
	b := v.pad.Tick(stamp, r.dtmf.Rate)
	for i := range b.Copies {
		v.books.sending.Lock()
		v.books.out.HeaderAt(&p.head, r.dtmf.PT, b.Marker && i == 0, b.Timestamp)
		v.books.out.Sent(len(b.Payload))
		v.books.sending.Unlock()
		r.t.SendRTP(&p.head, b.Payload)
	}
	if b.Sent != 0 {
		v.tell(call.DTMFSent{Digit: b.Sent})
	}
	return true
}

// speak adds these 20 ms to the packet, and sends it when it is full.
func (v *voice) speak(r *route, stamp uint32, now bool) {
	p := &v.packet
	if !v.encoder(r.voice) {
		return
	}
	if p.fill == 0 {
		p.stamp = stamp
	}
	p.fill += copy(p.pcm[p.fill:], v.pcm[:])
	full := codec.PacketLen
	if plan := v.plan.Load(); plan != nil {
		full = int(plan.Frame/packetDur) * codec.PacketLen
	}
	if now || p.fill >= full {
		v.flush(r)
	}
}

// flush sends what waits.
func (v *voice) flush(r *route) {
	p := &v.packet
	if p.fill == 0 || !v.encoder(r.voice) {
		return
	}
	pcm := p.pcm[:p.fill]
	p.fill = 0
	plan := v.plan.Load()
	v.tune(r, plan)
	start := time.Now()
	n, err := p.enc.Encode(pcm, p.payload[:])
	p.effort.Spent(time.Since(start), packetDur*time.Duration(len(pcm)/codec.PacketLen))
	if err != nil || n == 0 {
		p.interrupt() // nothing to send (DTX), or nothing that can be
		return
	}
	pt, payload := r.voice.PT, p.payload[:n]
	if r.red.Name != "" {
		if plan != nil && plan.Copies > 0 {
			if k := p.red.Pack(p.wrapped[:], payload, pt, p.stamp, plan.Copies); k > 0 {
				pt, payload = r.red.PT, p.wrapped[:k]
			}
		}
		p.red.Sent(p.payload[:n], r.voice.PT, p.stamp)
	}
	v.books.sending.Lock()
	v.books.out.HeaderAt(&p.head, pt, p.broken, p.stamp)
	v.books.out.Sent(len(payload))
	v.books.sending.Unlock()
	p.broken = false
	r.t.SendRTP(&p.head, payload)
}

// tune tells the encoder what has changed.
func (v *voice) tune(r *route, plan *stream.Plan) {
	o := r.base
	o.Complexity = v.packet.effort.Complexity()
	if plan != nil {
		o.Bitrate, o.NoFEC, o.PacketLoss = plan.Bitrate, !plan.FEC, plan.Loss
	}
	if o != v.packet.tuned {
		v.packet.enc.Tune(o)
		v.packet.tuned = o
	}
}

// encoder makes sure of the encoder for this codec. What waits for another one
// is dropped.
func (v *voice) encoder(c sdp.Codec) bool {
	p := &v.packet
	if p.enc != nil && p.encName == c.Name {
		return true
	}
	p.close()
	p.interrupt()
	name, _ := codec.ByName(c.Name)
	enc, err := codec.NewEncoder(name, codec.Options{})
	if err != nil {
		v.log.Error("no encoder", "codec", c.Name, "error", err)
		return false
	}
	p.enc, p.encName, p.tuned = enc, c.Name, codec.Options{}
	return true
}
