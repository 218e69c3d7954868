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
	}
	copy(x[at:at+n], x[:n])
	copy(x[:at], goesOn[:at])
	crossFade(x[at:at+overlap], goesOn[at:at+overlap], x[at:at+overlap], true)
	return n + at
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
