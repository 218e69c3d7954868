package jitter

const (
	// maxPacket is the longest packet in samples: 120 ms.
	maxPacket = 120 * ms
	// maxPull is the longest frame that Pull fills.
	maxPull = 20 * ms
	// past is how much of what was put out is kept, to compare with.
	past = 30 * ms
	// fifoLen holds what a pull may leave, the longest packet, and what a joint
	// and a stretch insert.
	fifoLen = 3*maxPull + maxPacket + 3*lagMax

	// After this long without a packet the next one begins like the first.
	giveUp = 1000 * ms
	// A hole of which no more than this is left when a later packet is there is
	// filled at once, so that in a pause it can be left out (skip).
	shortHole = 40 * ms
	// A hole in the time line longer than this is skipped, not filled.
	maxHole = 500 * ms
)

// player is the playing side: where on the time line it stands and what it has
// decoded ahead.
type player struct {
	fresh   bool // no packet of this stream has been kept
	started bool // a packet of this stream has been played
	playing bool // false: waiting until enough has come
	began   bool // anything was ever played, by any stream

	seq int64 // the packet that is due next
	pos int64 // the time stamp that is due next
	// ahead is how much has been guessed without moving pos on: if the packet
	// comes late the delay has grown by it, if it turns out lost or never sent
	// it counts towards the hole.
	ahead int64

	decoder Decoder
	reset   bool // the decoder is to forget the past before the next packet
	pt      uint8
	pause   bool // the last packet announced a pause

	run    int64 // how much in a row has been guessed
	filled bool  // a hole was filled, and what follows it is to be decoded at once
	joint  bool  // what follows does not continue what was decoded last
	doubt  doubt // guesses of which it is not known yet what they were for

	// buf holds what was put out last, past samples of it, and then n samples
	// that are ready; those before decoded came (at least in part) from packets,
	// the rest was guessed as guessed says, and so were the first head of them.
	buf     [past + fifoLen]int16
	n       int
	decoded int
	head    int
	guessed Kind
	scratch [lagMax + overlap]int16

	pace  pace
	noise background
}

// ready is the sound that is to be put out next.
func (p *player) ready() []int16 { return p.buf[past : past+p.n] }

// room is where the sound after that goes.
func (p *player) room() []int16 { return p.buf[past+p.n:] }

// restart forgets the stream but not what is about to be heard.
func (p *player) restart() {
	p.fresh, p.started, p.playing = true, false, false
	p.seq, p.pos, p.ahead = 0, 0, 0
	p.reset, p.pause, p.filled = true, false, false
	p.pace = pace{}
	p.noise.forget()
}

// play makes one frame.
func (b *Buffer) play(frame []int16, now int64) Kind {
	p := &b.out
	b.hold(now)
	b.fill(len(frame), now)
	kind := p.guessed
	if p.decoded > 0 && p.head < len(frame) {
		kind = Normal
	}
	if kind == Normal && p.playing {
		b.steer(now, len(frame))
	}
	copy(frame, p.ready())
	copy(p.buf[:], p.buf[len(frame):past+p.n])
	p.n -= len(frame)
	p.decoded = max(0, p.decoded-len(frame))
	p.head = max(0, p.head-len(frame))
	if p.began {
		b.c.total.Add(uint64(len(frame)))
	}
	return kind
}

// fill decodes or guesses until n samples are there, and what follows a hole that
// was filled at once.
func (b *Buffer) fill(n int, now int64) {
	p := &b.out
	for p.n < n || p.filled && p.n <= maxPull+shortHole {
		if !p.playing && !b.start(now) {
			b.guess(chunk)
			continue
		}
		b.step(now)
	}
}

// start begins to play when the first sound has waited long enough.
func (b *Buffer) start(now int64) bool {
	p := &b.out
	if p.fresh {
		return false
	}
	e := b.firstSound()
	if e == nil {
		return false
	}
	if !b.ripe(e, now) {
		return false
	}
	p.seq, p.pos, p.ahead = e.seq, e.ts, 0
	p.started, p.playing, p.began = true, true, true
	p.pace = pace{}
	return true
}

// ripe reports whether a packet that begins a stretch of sound has waited
// enough.
func (b *Buffer) ripe(e *entry, now int64) bool { return b.delayAt(e.ts, now) >= b.target() }

// delayAt is the playout delay that a sample would have which is put out after
// all that is decoded.
func (b *Buffer) delayAt(ts, now int64) int64 {
	return now + int64(b.out.n) - b.in.arrivals.line() - ts
}

// firstSound is the oldest packet with sound; those without are dropped.
func (b *Buffer) firstSound() *entry {
	for {
		e := b.store.from(b.out.seq)
		if e == nil || e.dur > 0 {
			return e
		}
		b.store.remove(e)
		if b.out.started {
			b.out.seq = e.seq + 1
		}
	}
}

// step plays what is due: the packet if it is there, else what can be made up
// for it. It adds sound or moves on.
func (b *Buffer) step(now int64) {
	p := &b.out
	if e := b.store.get(p.seq); e != nil {
		if e.dur == 0 {
			b.store.remove(e)
			p.seq++
			return
		}
		b.due(e, now)
		return
	}
	if e := b.firstSound(); e != nil {
		b.missing(e)
		return
	}
	// Nothing at all: the network is late, the sender pauses, or it is gone.
	p.filled = false
	b.guess(chunk)
	p.ahead += chunk
	if p.ahead >= giveUp {
		p.playing = false
		b.settle(p.pause)
	}
}

// due plays the packet whose turn it is.
func (b *Buffer) due(e *entry, now int64) {
	p := &b.out
	if hole := e.ts - p.pos; hole >= unit {
		// The numbers go on but the time leaps: the sender paused.
		b.claim(hole, true)
		hole = e.ts - p.pos
		if hole >= unit && hole <= maxHole && !b.ripe(e, now) {
			p.pause = true
			b.guess(min(chunk, hole/unit*unit))
			p.pos += min(chunk, hole/unit*unit)
			return
		}
		p.pos = e.ts
		p.pace = pace{} // a pause is where the delay changes freely
	}
	if e.end() <= p.pos { // all of it has been guessed already
		b.c.discarded.Add(1)
	} else {
		b.decode(e, now)
	}
	p.pos = max(p.pos, e.end())
	p.seq++
	b.store.remove(e)
}

// missing fills the hole before e, the next packet that is there.
func (b *Buffer) missing(e *entry) {
	p := &b.out
	hole := e.ts - p.pos
	if hole < unit || hole > maxHole {
		p.seq = e.seq
		if hole > maxHole {
			b.claim(hole, p.pause)
			p.pos = e.ts
		}
		return
	}
	b.claim(hole, p.pause)
	hole = (e.ts - p.pos) / unit * unit
	switch {
	case hole == 0:
		p.seq, p.pos = e.seq, e.ts
	case hole <= e.dur && b.recover(e, hole):
		p.seq, p.pos = e.seq, e.ts
	default:
		n := hole
		if hole > e.dur { // the last packet before e may be recovered yet
			n = max(unit, (hole-e.dur)/unit*unit)
		}
		if n > shortHole {
			b.guess(chunk)
			p.pos += chunk
			b.settle(p.pause)
			return
		}
		p.pos += n
		for ; n > 0; n -= min(chunk, n) {
			b.guess(min(chunk, n))
		}
		p.filled = true
	}
}

// claim counts what was guessed ahead towards a hole, a pause or a loss.
func (b *Buffer) claim(hole int64, pause bool) {
	p := &b.out
	if p.ahead > 0 {
		p.pos += min(p.ahead, hole)
		p.ahead = 0
		b.settle(pause)
	}
}

// recover decodes the packet before e from e's redundancy, of which the last
// hole samples are wanted.
func (b *Buffer) recover(e *entry, hole int64) bool {
	p := &b.out
	if e.fmt.Decoder != p.decoder || e.dur%unit != 0 {
		return false
	}
	n, err := p.decoder.DecodeFEC(e.payload(), p.room()[:e.dur])
	if err != nil || n == 0 {
		return false
	}
	b.c.recovered.Add(1)
	b.append(n, int64(n)-hole, false)
	b.settle(p.pause)
	return true
}

// decode plays a packet, less what of it has been guessed already.
func (b *Buffer) decode(e *entry, now int64) {
	p := &b.out
	paused := p.pause
	late := p.ahead > 0
	if late { // the delay has grown
		p.ahead = 0
		p.pace = pace{}
	}
	if e.fmt.Decoder != p.decoder || p.reset {
		p.decoder, p.reset, p.joint = e.fmt.Decoder, false, true
		p.decoder.Reset()
	}
	n, err := p.decoder.Decode(e.payload(), p.room()[:maxPacket])
	if err != nil || n <= 0 {
		b.c.discarded.Add(1)
		b.settle(paused)
		p.filled = false
		for left := (e.end() - p.pos) / unit * unit; left > 0; left -= min(chunk, left) {
			b.guess(min(chunk, left))
		}
		b.settle(false)
		return
	}
	p.pt, p.pause = e.pt, e.pause()
	if e.copied {
		b.c.recovered.Add(1)
	}
	b.wait(max(0, now-e.at)+int64(p.n), int64(n))
	b.append(n, p.pos-e.ts, late)
	b.settle(paused)
}

// append takes n decoded samples, which lie behind what is ready, without the
// first skip. The time line may grow at the joint or not.
func (b *Buffer) append(n int, skip int64, grow bool) {
	p := &b.out
	skip = min(max(skip, 0), int64(n))
	x := p.room()
	if skip > 0 {
		copy(x, x[skip:n])
	}
	n -= int(skip)
	if n == 0 {
		return
	}
	if !p.pause {
		p.noise.listen(x[:n])
	}
	if p.run > 0 || skip > 0 || p.joint {
		n = b.join(n, grow && skip == 0)
	}
	p.run, p.joint, p.filled = 0, false, false
	p.n += n
	p.decoded = p.n
}

// wait counts how long n samples stayed here, for the statistics.
func (b *Buffer) wait(delay, n int64) {
	b.c.delay.Add(uint64(delay) * uint64(n) / ms)
	b.c.targetDelay.Add(uint64(b.target()) * uint64(n) / ms)
	b.c.emitted.Add(uint64(n))
}
