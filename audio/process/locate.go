package process

// locator finds how late the echo is, in blocks: the lag at which the reference
// and the microphone are most coherent. Only the frequencies of voices count.
type locator struct {
	// re and im are the products of the two, far and mic the powers.
	re, im   [lags][looked]float32
	far, mic [looked]float32
	score    [lags]float32
	lag      int // as used: the first partition's
	peak     int // where the echo was when that was chosen
	better   int // blocks in a row that another lag was clearly better
	seen     int // blocks looked at
	best     int // the most coherent lag of the last look
	soon     int // blocks in a row that it was 0
	unheard  int // blocks in a row that an echo was there and not expected
	located  bool
}

const (
	// lowest and looked are the band, 300 Hz to 4 kHz.
	lowest = 6
	looked = 80
	// remember is how much of the past counts: half a second.
	remember = 0.98
	// rememberLost is the same while the filter is wrong, an eighth of a second.
	rememberLost = 0.92
	// leastLost is the coherence that is believed in then: of so few blocks any
	// two sounds have some.
	leastLost = 0.35
	// leastFound is the coherence of an echo that is found for the first time.
	leastFound = 0.15
	// sure is how many blocks in a row another lag must be better before it is
	// believed; at the start less is enough.
	sure, sureFirst = 25, 8
	// before is how much earlier than the peak the filter begins: the peak need
	// not be the first sound.
	before = 2
	// farJump is how many blocks a jump has at least.
	farJump = 4
)

// rebase counts lags from a reference that is newer by some blocks.
func (l *locator) rebase(by int) {
	l.lag, l.peak = l.lag+by, l.peak+by
	if by > 0 {
		copy(l.re[by:], l.re[:lags-by])
		copy(l.im[by:], l.im[:lags-by])
		clear(l.re[:by])
		clear(l.im[:by])
	} else {
		copy(l.re[:], l.re[-by:])
		copy(l.im[:], l.im[-by:])
		clear(l.re[lags+by:])
		clear(l.im[lags+by:])
	}
}

// look takes a block of the microphone and gives the lag at which the filter
// should begin. known: the filter has been right; what is elsewhere then has
// jumped, and what the filter knows holds where it has jumped to.
// lost: it is wrong just now.
func (l *locator) look(yr, yi []float32, spectra *[history]spectrum, at int, known, lost bool) (lag int, jumped bool) {
	keep := float32(remember)
	if lost {
		keep = rememberLost
	}
	yr, yi = yr[lowest:lowest+looked], yi[lowest:lowest+looked]
	newest := spectra[at%history].power[lowest : lowest+looked]
	var weight [looked]float32
	for i := range looked {
		l.far[i] = keep*l.far[i] + newest[i]
		l.mic[i] = keep*l.mic[i] + yr[i]*yr[i] + yi[i]*yi[i]
		weight[i] = 1 / (l.far[i]*l.mic[i] + 1)
	}
	best := 0
	for p := range lags {
		x, re, im := &spectra[(at+p)%history], l.re[p][:looked], l.im[p][:looked]
		xr, xi := x.re[lowest:lowest+looked], x.im[lowest:lowest+looked]
		sum := float32(0)
		for i := range re {
			a, b, c, d := xr[i], xi[i], yr[i], yi[i]
			u := keep*re[i] + a*c + b*d
			v := keep*im[i] + a*d - b*c
			re[i], im[i] = u, v
			sum += (u*u + v*v) * weight[i]
		}
		l.score[p] = sum / looked
		if l.score[p] > l.score[best] {
			best = p
		}
	}
	l.best = best
	l.seen++
	if l.seen > 20 && l.score[best] > leastFound && best >= l.lag && best < l.lag+partitions {
		l.located = true
	}
	if known {
		return l.jump(best, lost)
	}
	want, held := max(best-before, 0), sure
	if l.seen < 200 || !l.located {
		held = sureFirst
	}
	// Where the peak still lies well inside the filter nothing is gained by a move.
	inside := best >= l.lag && best < l.lag+partitions/2
	if want == l.lag || inside && l.seen > 200 || l.score[best] < 0.1 {
		l.better, l.peak = 0, best
		return l.lag, false
	}
	if l.better++; l.better >= held {
		l.lag, l.peak, l.better = want, best, 0
	}
	return l.lag, false
}

// jump follows an echo that was somewhere and is somewhere else. The aligner sees
// to what is less than farJump. A tone is coherent everywhere, and is nowhere
// else.
func (l *locator) jump(best int, lost bool) (lag int, jumped bool) {
	by, held, least := best-l.peak, sure, float32(0.1)
	if lost {
		held, least = sureFirst, leastLost
	}
	if by > -farJump && by < farJump || l.score[best] < least || l.score[best] < 1.3*l.score[min(max(l.peak, 0), lags-1)] {
		l.better = 0
		return l.lag, false
	}
	if l.better++; l.better < held {
		return l.lag, false
	}
	l.lag, l.peak, l.better = min(max(l.lag+by, 0), lags-1), best, 0
	return l.lag, true
}

// restart looks for the echo as at the beginning.
func (l *locator) restart() {
	l.seen, l.better, l.unheard, l.located = 0, 0, 0, false
}

// early reports that the echo comes as soon as the reference does, or sooner.
func (l *locator) early() bool {
	if l.best > 0 || l.score[0] < 0.1 {
		l.soon = 0
	} else if l.soon++; l.soon >= sureFirst {
		l.soon = 0
		return true
	}
	return false
}

// deaf reports that there is an echo that the filter, which has learnt that there
// is none, does not expect: a call has gone from a headset to a speaker. told and
// loud are the recent powers of the expected echo and of the microphone; it is asked
// only while the far end speaks.
func (l *locator) deaf(told, loud float32) bool {
	if told > 0.1*loud || l.score[l.best] < leastLost {
		l.unheard = 0
	} else if l.unheard++; l.unheard >= sure {
		l.unheard = 0
		return true
	}
	return false
}
