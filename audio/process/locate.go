package process

// locator finds how late the echo is, in blocks: the lag at which the reference
// and the microphone are most coherent. Only the frequencies of voices count.
type locator struct {
	cross    [lags][looked]complex128
	far, mic [looked]float64
	score    [lags]float64
	lag      int // as used: the first partition's
	peak     int // where the echo was when that was chosen
	better   int // blocks in a row that another lag was clearly better
	seen     int // blocks looked at
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
		copy(l.cross[by:], l.cross[:lags-by])
		clear(l.cross[:by])
	} else {
		copy(l.cross[:], l.cross[-by:])
		clear(l.cross[lags+by:])
	}
}

// look takes a block of the microphone and gives the lag at which the filter
// should begin. known: the filter has been right; what is elsewhere then has
// jumped, and what the filter knows holds where it has jumped to.
// lost: it is wrong just now.
func (l *locator) look(mic []complex128, spectra *[history][bins]complex128, at int, known, lost bool) (lag int, jumped bool) {
	keep := remember
	if lost {
		keep = rememberLost
	}
	newest := &spectra[at%history]
	for i := range looked {
		k := lowest + i
		l.far[i] = keep*l.far[i] + sq(newest[k])
		l.mic[i] = keep*l.mic[i] + sq(mic[k])
	}
	best := 0
	for p := range lags {
		x, c := &spectra[(at+p)%history], &l.cross[p]
		sum := 0.0
		for i := range looked {
			c[i] = complex(keep, 0)*c[i] + conj(x[lowest+i])*mic[lowest+i]
			sum += sq(c[i]) / (l.far[i]*l.mic[i] + 1)
		}
		l.score[p] = sum
		if sum > l.score[best] {
			best = p
		}
	}
	l.seen++
	if known {
		return l.jump(best, lost)
	}
	want, held := max(best-before, 0), sure
	if l.seen < 200 {
		held = sureFirst
	}
	// Where the peak still lies well inside the filter nothing is gained by a move.
	inside := best >= l.lag && best < l.lag+partitions/2
	if want == l.lag || inside && l.seen > 200 || l.score[best] < 0.1*looked {
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
	by, held, least := best-l.peak, sure, 0.1
	if lost {
		held, least = sureFirst, leastLost
	}
	if by > -farJump && by < farJump || l.score[best] < least*looked || l.score[best] < 1.3*l.score[min(max(l.peak, 0), lags-1)] {
		l.better = 0
		return l.lag, false
	}
	if l.better++; l.better < held {
		return l.lag, false
	}
	l.lag, l.peak, l.better = min(max(l.lag+by, 0), lags-1), best, 0
	return l.lag, true
}
