package jitter

import (
	"sync"
	"sync/atomic"
	"time"

	"nxphone/audio"
)

// Decoder is what the buffer needs of a codec; codec.Decoder has it. It is
// called from Pull alone.
type Decoder interface {
	// Duration says how many samples a packet holds; it changes nothing.
	Duration(packet []byte) (int, error)
	// Decode writes a packet's samples to pcm.
	Decode(packet []byte, pcm []int16) (int, error)
	// DecodeFEC fills pcm with the packet before next out of the redundancy in
	// next, or returns 0 where there is none. A decoder that has a method
	// HasFEC(packet []byte) bool besides lets the buffer know beforehand how
	// long it is worth waiting for it.
	DecodeFEC(next []byte, pcm []int16) (int, error)
	// Conceal fills pcm, a multiple of 120 samples, with a guess.
	Conceal(pcm []int16) error
	// Reset forgets the past.
	Reset()
}

// Format is a payload type's codec.
type Format struct {
	Decoder Decoder
	// ClockRate is the RTP clock in Hz, a divisor of 48000.
	ClockRate int
}

// Packet is one RTP packet.
type Packet struct {
	SSRC        uint32
	PayloadType uint8
	Seq         uint16
	Timestamp   uint32
	Payload     []byte
	// Redundant: the payload is a copy of an earlier packet that came along
	// with a later one (RFC 2198). Seq and Timestamp are the earlier packet's.
	// A copy of what came, or whose turn is over, is dropped without a count.
	Redundant bool
	// Arrived is when it came, by the same clock as Config.Now; zero is now.
	Arrived time.Time
}

// Config of a Buffer. The zero value of each field has a meaning.
type Config struct {
	// Target is the delay aimed at until the network is known, and the longest
	// that the first packet waits; 0 is 60 ms.
	Target time.Duration
	// MinTarget and MaxTarget are the bounds of the target afterwards; 0 is
	// 20 ms and 500 ms.
	MinTarget, MaxTarget time.Duration
	// Ceiling is how far over the target the delay may be before sound is cut
	// out at once; 0 is 600 ms. What is less is made up by playing faster.
	Ceiling time.Duration
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Kind says what a pulled frame is made of.
type Kind uint8

const (
	// Silence: nothing has come yet, or nothing for so long that the guess has
	// given way to comfort noise (to silence where no background is known).
	Silence Kind = iota
	// Normal: at least part of it was decoded from a packet.
	Normal
	// Concealed: all of it is a guess, because of a loss.
	Concealed
	// Comfort: the sender pauses, and the codec fills the pause.
	Comfort
)

// Frame is what Pull tells of a frame.
type Frame struct {
	Kind Kind
	// PayloadType is the one decoded last; it means nothing before the first
	// frame that is Normal.
	PayloadType uint8
}

// Buffer is the playout buffer of one stream; see the package comment.
type Buffer struct {
	pushing sync.Mutex // keeps producers apart; the puller never takes it
	queue   queue
	formats atomic.Pointer[formats]
	c       counters

	// All below belongs to the puller.
	now   func() time.Time
	epoch time.Time // sample 0 of the arrival clock
	cfg   limits
	in    receiver
	store store
	out   player
}

// formats is the table of payload types; it is replaced, never changed.
type formats [128]*format

// format is a Format and what its decoder can do besides.
type format struct {
	Format
	redundancy redundancy // nil where the codec has none
}

// redundancy is a decoder that can tell whether a packet holds the one before
// it as well.
type redundancy interface{ HasFEC(packet []byte) bool }

// limits is Config in samples.
type limits struct{ minTarget, maxTarget, ceiling int64 }

// New makes a buffer. SetFormats tells it how to decode.
func New(cfg Config) *Buffer {
	b := &Buffer{
		now: cfg.Now,
		cfg: limits{
			minTarget: samplesOr(cfg.MinTarget, 20*time.Millisecond),
			maxTarget: samplesOr(cfg.MaxTarget, 500*time.Millisecond),
			ceiling:   samplesOr(cfg.Ceiling, 600*time.Millisecond),
		},
	}
	if b.now == nil {
		b.now = time.Now
	}
	b.cfg.maxTarget = max(b.cfg.maxTarget, b.cfg.minTarget)
	b.in.arrivals.start(samplesOr(cfg.Target, 60*time.Millisecond))
	b.formats.Store(new(formats))
	b.epoch = b.now()
	b.c.target.Store(b.target())
	return b
}

// SetFormats says how payload types are decoded from now on; packets of others
// count as received but carry no sound (telephone-event is best left out).
// Decoders belong to the caller, who closes them when nobody pulls any more.
// It may be called from any goroutine.
func (b *Buffer) SetFormats(byType map[uint8]Format) {
	var t formats
	for pt, f := range byType {
		if pt < 128 && f.Decoder != nil && f.ClockRate > 0 && audio.Rate%f.ClockRate == 0 {
			r, _ := f.Decoder.(redundancy)
			t[pt] = &format{f, r}
		}
	}
	b.formats.Store(&t)
}

// Push hands a packet over; the payload is copied. It reports false where the
// packet was refused: longer than MaxPayload, or the puller has not come for
// more than two seconds. It may be called from any goroutine, does not
// allocate, and never waits for the puller.
func (b *Buffer) Push(p Packet) bool {
	b.pushing.Lock()
	defer b.pushing.Unlock()
	if p.Arrived.IsZero() {
		p.Arrived = b.now()
	}
	if len(p.Payload) > MaxPayload || !b.queue.push(p) {
		b.c.refused.Add(1)
		return false
	}
	return true
}

// Pull fills the next frame, at most 20 ms of it, and says what it is made of.
// It is called at the speaker's pace from one goroutine at a time, takes no
// lock and does not allocate.
func (b *Buffer) Pull(frame []int16) Frame {
	frame = frame[:min(len(frame), maxPull)]
	now := b.samples(b.now())
	b.drain()
	kind := b.play(frame, now)
	b.c.buffered.Store(int64(b.out.n) + b.waiting())
	b.c.target.Store(b.target())
	b.c.jitter.Store(int64(b.in.arrivals.jitter))
	return Frame{Kind: kind, PayloadType: b.out.pt}
}

// Stats reads the counters. It may be called from any goroutine.
func (b *Buffer) Stats() Stats { return b.c.stats() }

// target is the delay that is aimed at now.
func (b *Buffer) target() int64 {
	return b.in.arrivals.target(b.cfg.minTarget, b.cfg.maxTarget)
}

// waiting is how much sound the store holds ahead of the player.
func (b *Buffer) waiting() int64 {
	if e := b.store.newest(); e != nil {
		return max(0, e.end()-max(b.out.pos, b.oldest()))
	}
	return 0
}

// oldest is the timestamp of the oldest stored sound.
func (b *Buffer) oldest() int64 {
	for e := b.store.from(b.out.seq); e != nil; e = b.store.from(e.seq + 1) {
		if e.dur > 0 {
			return e.ts
		}
	}
	return 0
}

// samples is a moment on the arrival clock.
func (b *Buffer) samples(t time.Time) int64 {
	// By way of microseconds: nanoseconds times the rate overflow in two days.
	return t.Sub(b.epoch).Microseconds() * (audio.Rate / 1000) / 1000
}

func samplesOr(d, def time.Duration) int64 {
	if d <= 0 {
		d = def
	}
	return int64(d) * audio.Rate / int64(time.Second)
}
