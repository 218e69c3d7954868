package jitter

const (
	// The delay is steered when it is so far from the target, until it is
	// within near of it.
	low  = 4 * ms
	high = 14 * ms
	near = 3 * ms

	paceSlots = 5  // the least delay of the last slots is what counts,
	paceSlot  = 10 // each so many pulls long: half a second together

	// How alike two periods must be to be cross-faded, and how many pulls are
	// spent looking for better ones before worse ones will do.
	alike     = 0.85
	patience  = 150
	lessAlike = 0.5

	// Over the target by brisk, sound is taken out twice as often; by hurry,
	// wherever it can be.
	brisk = 60 * ms
	hurry = 150 * ms

	// Where the chance that the next packet comes in time is less than 1-doubtful,
	// what is there is stretched meanwhile.
	doubtful = 0.2
)

// pace steers the playout delay: slowly, where nobody hears it.
type pace struct {
	least  [paceSlots]int64
	slots  int // that are in use
	at     int
	pulls  int   // in the current slot
	rest   int64 // samples to be put out until the next correction
	sought int   // how long a correction has been wanted
	mode   int   // -1 shorten, 1 lengthen, 0 steady
}

// note takes the delay of a pull of n samples.
func (p *pace) note(delay int64, n int) {
	if p.pulls == 0 {
		p.at = (p.at + 1) % paceSlots
		p.slots = min(p.slots+1, paceSlots)
		p.least[p.at] = delay
	}
	p.least[p.at] = min(p.least[p.at], delay)
	p.pulls = (p.pulls + 1) % paceSlot
	p.rest = max(0, p.rest-int64(n))
}

// delay is the least of the last half second; ok is false until there is a
// whole slot.
func (p *pace) delay() (least int64, ok bool) {
	least = p.least[p.at]
	for i := range p.slots {
		least = min(least, p.least[(p.at-i+paceSlots)%paceSlots])
	}
	return least, p.slots > 1
}

// shift accounts for a correction, after which none follows for rest samples.
func (p *pace) shift(by, rest int64) {
	for i := range p.least {
		p.least[i] += by
	}
	p.rest, p.sought = rest, 0
}

// choose sets the mode from the delay and the target.
func (p *pace) choose(delay, target int64) {
	switch {
	case delay > target+high:
		p.mode = -1
	case delay < target-low:
		p.mode = 1
	case p.mode < 0 && delay <= target+near, p.mode > 0 && delay >= target:
		p.mode = 0
	}
	if p.mode == 0 {
		p.sought = 0
	} else {
		p.sought++
	}
}

// steer corrects the delay by at most one period, and leaves n samples or
// more.
func (b *Buffer) steer(now int64, n int) {
	p := &b.out
	p.pace.note(b.delayAt(p.pos, now), n)
	delay, ok := p.pace.delay()
	if !ok || n == 0 {
		return
	}
	// What is left of the last packet when the next one is needed is no help
	// against lateness.
	delay -= int64(p.n % n)
	target := b.target()
	if delay > target+b.cfg.ceiling {
		b.cut(delay - target)
		return
	}
	p.pace.choose(delay, target)
	if p.pace.mode == 0 || p.run > 0 {
		return
	}
	b.readAhead(now)
	hushed := p.noise.hushed(power(p.ready()))
	if p.pace.rest > 0 && !hushed {
		return
	}
	if p.pace.mode < 0 {
		b.faster(n, delay-target, hushed)
	} else {
		b.slower(hushed)
	}
}

// faster takes out one period.
func (b *Buffer) faster(n int, over int64, hushed bool) {
	p := &b.out
	longest := min(lagMax, p.n/2, p.n-n)
	lag, score := alikeAt(p.buf[:past+p.n], past, p.n-longest, 1, longest)
	wanted, rest := p.pace.wanted(), int64(50*ms)
	if over > hurry {
		wanted, rest = 0, 10*ms
	} else if over > brisk {
		wanted, rest = min(wanted, lessAlike), 25*ms
	}
	if hushed {
		wanted, rest = 0, 0
	}
	if lag == 0 || score < wanted {
		return
	}
	p.n = len(shorten(p.ready(), lag, score > lessAlike))
	p.decoded = p.n
	p.pace.shift(-int64(lag), rest)
	b.c.removed.Add(uint64(lag))
}

// slower puts in one period.
func (b *Buffer) slower(hushed bool) {
	p := &b.out
	wanted, rest := p.pace.wanted(), int64(50*ms)
	if hushed {
		wanted, rest = 0, 0
	}
	b.insert(wanted, rest)
}

// insert puts in one period if one is alike enough, and reports whether.
func (b *Buffer) insert(wanted float64, rest int64) bool {
	p := &b.out
	longest := min(lagMax, p.n)
	lag, score := alikeAt(p.buf[:past+p.n], past, min(p.n, past-lagMax), -1, longest)
	if lag == 0 || score < wanted {
		return false
	}
	lengthen(p.buf[:past+p.n], past, lag, score > lessAlike)
	p.n += lag
	p.decoded += lag
	p.pace.shift(int64(lag), max(rest, 2*int64(lag)))
	b.c.inserted.Add(uint64(lag))
	return true
}

// wanted is how alike two periods must be now.
func (p *pace) wanted() float64 {
	switch {
	case p.sought > 2*patience:
		return 0
	case p.sought > patience:
		return lessAlike
	}
	return alike
}

// hold stretches what is there when the next packet is so late that it will
// probably come too late: rather a longer vowel than a hole.
func (b *Buffer) hold(now int64) {
	p := &b.out
	if !p.playing || p.pause || p.run > 0 || p.n < lagMin || p.pace.rest > 0 {
		return
	}
	have, open := b.unbroken()
	if !open {
		return
	}
	need := b.delayAt(p.pos, now)
	late := need - int64(p.n) - have
	if late <= 0 || b.in.arrivals.hopeless(late, need) < doubtful {
		return
	}
	b.readAhead(now)
	b.insert(lessAlike, 0)
}

// unbroken is how much sound the store holds without a hole; open says that
// behind it there is nothing yet.
func (b *Buffer) unbroken() (have int64, open bool) {
	p := &b.out
	pos := p.pos
	for seq := p.seq; ; seq++ {
		e := b.store.get(seq)
		if e == nil {
			next := b.store.from(seq)
			if next == nil {
				return pos - p.pos, true
			}
			if next.seq != seq+1 || !next.fec {
				return pos - p.pos, false
			}
			continue
		}
		if e.dur > 0 {
			if e.ts-pos >= e.dur+unit { // a pause
				return pos - p.pos, false
			}
			pos = e.end()
		}
	}
}

// readAhead decodes one more packet where it is there, so that there is enough
// to look for a period in.
func (b *Buffer) readAhead(now int64) {
	p := &b.out
	for p.n < 2*lagMax {
		e := b.store.get(p.seq)
		if e == nil || e.dur == 0 || e.ts-p.pos >= unit || int64(p.n)+e.dur > 3*maxPull+maxPacket/2 {
			return
		}
		b.due(e, now)
	}
}

// cut drops the oldest sound at once, about so much of it.
func (b *Buffer) cut(surplus int64) {
	p := &b.out
	dropped := int64(0)
	for {
		e := b.firstSound()
		if e == nil || e.end()-p.pos > surplus-dropped {
			break
		}
		dropped += e.end() - p.pos
		p.pos, p.seq = e.end(), e.seq+1
		b.store.remove(e)
	}
	if dropped > 0 {
		b.c.removed.Add(uint64(dropped))
		p.pace.shift(-dropped, 0)
		p.joint = true
	}
}
