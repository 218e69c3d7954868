package jitter

const (
	// The delay is steered when it is so far from the target, until it is
	// within near of it.
	low  = 3 * ms
	high = 9 * ms
	near = 2 * ms

	paceSlots = 5  // the least delay of the last slots is what counts,
	paceSlot  = 10 // each so many pulls long: half a second together

	// How alike two periods must be to be cross-faded.
	alike     = 0.85
	lessAlike = 0.5
	// A correction that is not urgent waits so many pulls for a moment in which
	// nobody speaks, where it costs nothing; then for a voice to be cross-faded,
	// later also for less steady sound, in the end it takes what there is.
	patience = 200

	// Over the target by brisk, nothing waits for a pause; by hurry, sound is
	// taken out wherever it can be.
	brisk = 60 * ms
	hurry = 150 * ms
	// Under the target by lacking, nothing waits either.
	lacking = 15 * ms

	// usualRest and briskRest are between two corrections in speech. What was
	// inserted because a packet was late stays for afterHold: when one is late,
	// others are.
	usualRest = 150 * ms
	briskRest = 40 * ms
	afterHold = 600 * ms

	// When the chance that the next packet comes too late is over doubtful, what
	// is there is stretched where that is not heard; over dubious, where it is
	// hardly heard; and with no more than lastResort left, anywhere: it is better
	// than a hole.
	doubtful   = 0.2
	dubious    = 0.35
	lastResort = 20 * ms
)

// pace steers the playout delay: slowly, where nobody hears it.
type pace struct {
	least  [paceSlots]int64
	slots  int // that are in use
	at     int
	pulls  int   // in the current slot
	rest   int64 // samples to be put out until the next correction,
	held   int64 // until sound may be held up again
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
	p.held = max(0, p.held-int64(n))
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
	p.rest = rest
}

// choose sets the mode from the delay and the bounds between which it may be.
func (p *pace) choose(delay, least, most int64) {
	switch {
	case delay > most+high:
		p.mode = -1
	case delay < least-low:
		p.mode = 1
	case p.mode < 0 && delay <= most+near, p.mode > 0 && delay >= least:
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
	// against lateness: what counts moves in steps of a pull.
	rest := p.n % n
	delay -= int64(rest)
	target := b.target()
	if delay > target+b.cfg.ceiling {
		b.cut(delay - target)
		return
	}
	// Until it is known whether a bad half second makes the target rise, what it
	// left of delay stays.
	most := max(target, min(b.in.arrivals.peak, b.cfg.maxTarget))
	p.pace.choose(delay, target, most)
	if p.run > 0 || p.head > 0 || p.pace.mode == 0 && rest < lagMin {
		return
	}
	b.readAhead(now)
	hushed := p.noise.hushed(power(p.ready()))
	if p.pace.mode == 0 && hushed && p.n >= n+rest && p.n >= 2*rest {
		// It only waits, so it may go. The delay that counts stays.
		b.remove(rest, false, 0)
		return
	}
	switch {
	case p.pace.mode < 0 && (p.pace.rest == 0 || hushed):
		b.faster(n, rest, delay-most, hushed)
	case p.pace.mode > 0 && p.pace.rest == 0:
		// What is there for losses may grow in pauses.
		b.slower(target-delay-b.in.arrivals.spare, hushed)
	}
}

// faster takes out one period, at most as much as the delay is over the target.
// rest samples are beyond what counts, and go with it.
func (b *Buffer) faster(n, rest int, over int64, hushed bool) {
	p := &b.out
	longest := min(lagMax, p.n/2, p.n-n, rest+int(over+low)/n*n)
	if hushed {
		if longest >= lagMin {
			b.remove(longest, false, 0)
		}
		return
	}
	wanted, pause := p.pace.wanted(over > brisk)
	if over > hurry {
		wanted, pause = 0, 10*ms
	}
	if wanted > 1 {
		return
	}
	lag, score := alikeAt(p.buf[:past+p.n], past, p.n-longest, 1, longest)
	if lag == 0 || score < wanted {
		return
	}
	b.remove(lag, score > lessAlike, pause)
}

// remove takes lag samples out at the head of what is ready.
func (b *Buffer) remove(lag int, alike bool, rest int64) {
	p := &b.out
	p.n = len(shorten(p.ready(), lag, alike))
	p.decoded = p.n
	p.pace.shift(-int64(lag), rest)
	b.c.removed.Add(uint64(lag))
}

// slower puts in one period.
func (b *Buffer) slower(under int64, hushed bool) {
	wanted, pause := b.out.pace.wanted(under > lacking)
	if hushed {
		wanted, pause = 0, 0
	}
	if wanted <= 1 {
		b.insert(wanted, pause)
	}
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
	p.pace.held = 2 * int64(lag)
	b.c.inserted.Add(uint64(lag))
	return true
}

// wanted is how alike two periods must be now, over 1 for not at all, and how
// long is to be rested after a correction.
func (p *pace) wanted(brisk bool) (score float64, rest int64) {
	switch {
	case brisk && p.sought > patience/4:
		return lessAlike, briskRest
	case brisk:
		return alike, briskRest
	case p.sought > 3*patience:
		return 0, usualRest
	case p.sought > 2*patience:
		return lessAlike, usualRest
	case p.sought > patience:
		return alike, usualRest
	}
	return 2, 0
}

// hold stretches what is there when the next packet is so late that it will
// probably come too late: rather a longer vowel than a hole.
func (b *Buffer) hold(now int64) {
	p := &b.out
	if !p.playing || p.pause || p.run > 0 || p.head > 0 || p.pace.held > 0 {
		return
	}
	have, open := b.unbroken()
	if !open {
		return
	}
	need := b.delayAt(p.pos, now)
	late := need - int64(p.n) - have
	if late <= 0 {
		return
	}
	chance := b.in.arrivals.tooLate(late, need)
	if chance < doubtful {
		return
	}
	b.readAhead(now)
	wanted := alike
	if chance > dubious {
		wanted = lessAlike
		if have+int64(p.n) <= lastResort {
			wanted = 0
		}
	}
	if b.insert(wanted, 0) {
		p.pace.rest = afterHold
	}
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
