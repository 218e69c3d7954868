package jitter

const (
	// The delay is steered within low and high around the target: below, one
	// period is put in now and then; above, one is taken out. 30 ms of delay
	// let the redundancy in the packet after a lost one come in time.
	low  = 10 * ms
	high = 20 * ms
	near = 5 * ms // steering ends this close to the target

	paceSlots = 5  // the least delay of the last slots is what counts,
	paceSlot  = 10 // each so many pulls long: half a second together
	paceRest  = 5  // pulls between two corrections

	// How alike two periods must be to be cross-faded, and how many pulls are
	// spent looking for better ones before worse ones will do.
	alike     = 0.85
	patience  = 200
	lessAlike = 0.5

	// hurry is how far over the target no time is lost with looking.
	hurry = 100 * ms
)

// pace steers the playout delay: slowly, where nobody hears it.
type pace struct {
	least  [paceSlots]int64
	slots  int // that are in use
	at     int
	pulls  int // in the current slot
	rest   int // until the next correction
	sought int // how long a correction has been wanted
	mode   int // -1 shorten, 1 lengthen, 0 steady
}

// note takes the delay of a pull.
func (p *pace) note(delay int64) {
	if p.pulls == 0 {
		p.at = (p.at + 1) % paceSlots
		p.slots = min(p.slots+1, paceSlots)
		p.least[p.at] = delay
	}
	p.least[p.at] = min(p.least[p.at], delay)
	p.pulls = (p.pulls + 1) % paceSlot
	p.rest = max(0, p.rest-1)
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

// shift accounts for a correction.
func (p *pace) shift(by int64) {
	for i := range p.least {
		p.least[i] += by
	}
	p.rest, p.sought = paceRest, 0
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
	p.pace.note(b.delayAt(p.pos, now))
	delay, ok := p.pace.delay()
	if !ok {
		return
	}
	target := b.target()
	if delay > max(b.cfg.ceiling, target+hurry) {
		b.cut(delay - target)
		return
	}
	p.pace.choose(delay, target)
	if p.pace.mode == 0 || p.pace.rest > 0 || p.run > 0 {
		return
	}
	b.readAhead(now)
	lag, score := similar(p.buf[:p.n])
	if lag == 0 || score < p.pace.wanted(delay, target) {
		return
	}
	if p.pace.mode < 0 {
		if p.n-lag < n {
			return
		}
		p.n = len(shorten(p.buf[:p.n], lag))
		p.decoded = p.n
		p.pace.shift(-int64(lag))
		b.c.removed.Add(uint64(lag))
		return
	}
	p.n = len(lengthen(p.buf[:p.n], lag))
	p.decoded = p.n
	p.pace.shift(int64(lag))
	b.c.inserted.Add(uint64(lag))
}

// wanted is how alike two periods must be now.
func (p *pace) wanted(delay, target int64) float64 {
	switch {
	case p.sought > 2*patience:
		return 0
	case p.sought > patience, delay > target+hurry:
		return lessAlike
	}
	return alike
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
		p.pace.shift(-dropped)
		p.joint = true
	}
}
