package jitter

const (
	// declick is how long a step at a joint takes to die away, 2.5 ms.
	declick = 120
	// overlap is how long a guess and the sound that follows it are heard
	// together, 5 ms.
	overlap = 5 * ms
	// joinable is how alike they must be for the guess to go on until they fit.
	joinable = 0.4
)

// join makes the n samples that were decoded behind what is ready continue it,
// and returns how many there are then: where the time line may grow, the guess
// before them goes on until they fit.
func (b *Buffer) join(n int, grow bool) int {
	p := &b.out
	if p.run > 0 && !grow && b.skip(n) {
		return n
	}
	x := p.room()
	switch {
	case n < overlap || p.n == 0 && !p.began:
		b.smooth(n)
		return n
	case p.run > 0 && p.guessed == Silence:
		noise := p.scratch[:overlap]
		p.noise.fill(noise)
		crossFade(x[:overlap], noise, x[:overlap], false)
		return n
	case !grow && !p.joint:
		b.smooth(n)
		return n
	}
	// What would have been heard without the new sound.
	end := past + p.n
	goesOn := p.scratch[:lagMax+overlap]
	extend(goesOn, p.buf[end-past:end])
	at := 0
	if grow {
		at = fit(goesOn, x[:overlap])
		p.doubt.samples += uint64(at)
	}
	copy(x[at:at+n], x[:n])
	copy(x[:at], goesOn[:at])
	crossFade(x[at:at+overlap], goesOn[at:at+overlap], x[at:at+overlap], true)
	return n + at
}

// skip leaves out what was guessed for a loss and not put out yet, where it and
// the n samples behind it are no more than background: nobody hears that a pause
// is shorter, and the delay that is lost comes back in pauses. It reports whether
// the n samples, the first of which are changed, follow without a step now.
func (b *Buffer) skip(n int) bool {
	p := &b.out
	cut := min(int(p.doubt.samples), p.n)
	if p.pause || p.guessed != Concealed || cut < overlap || n < overlap {
		return false
	}
	end := past + p.n
	old, x := p.buf[end-cut:end], p.buf[end:end+n]
	if !p.noise.hushed(power(old)) || !p.noise.hushed(power(x[:min(n, cut)])) {
		return false
	}
	crossFade(x[:overlap], old[:overlap], x[:overlap], false)
	copy(p.buf[end-cut:], x)
	p.n -= cut
	p.head = min(p.head, p.n)
	p.doubt.samples -= uint64(cut)
	p.pace.shift(-int64(cut), p.pace.rest)
	return true
}

// fit finds where in long short fits best, 0 where it fits nowhere.
func fit(long, short []int16) int {
	at, best := 0, joinable
	for i := 0; i+len(short) <= len(long); i += 2 {
		if s := correlate(long[i:i+len(short)], short); s > best {
			at, best = i, s
		}
	}
	return at
}

// extend fills y with what goes on from x by repeating its last period.
func extend(y, x []int16) {
	span := min(len(x)-lagMax, searchLen/2)
	lag, _ := alikeAt(x, len(x)-span, span, -1, lagMax)
	for i := range y {
		if i < lag {
			y[i] = x[len(x)-lag+i]
		} else {
			y[i] = y[i-lag]
		}
	}
}

// smooth lets the step between what is ready and the n samples that follow die
// away.
func (b *Buffer) smooth(n int) {
	p := &b.out
	x := p.room()
	step := int(p.buf[past+p.n-1]) - int(x[0])
	for i := range min(n, declick) {
		x[i] = clip(float64(int(x[i]) + step*(declick-i)/declick))
	}
}
