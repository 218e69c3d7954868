package process

// locator finds how late the echo is, in blocks: the lag at which the reference
// and the microphone are most coherent. Only the frequencies of voices count.
type locator struct {
	cross    [lags][looked]complex128
	far, mic [looked]float64
	score    [lags]float64
	lag      int // as used: the first partition's
	better   int // blocks in a row that another lag was clearly better
	seen     int // blocks looked at
}

const (
	// lowest and looked are the band, 300 Hz to 4 kHz.
	lowest = 6
	looked = 80
	// remember is how much of the past counts: half a second.
	remember = 0.98
	// sure is how many blocks in a row another lag must be better before it is
	// believed; at the start less is enough.
	sure, sureFirst = 25, 8
	// before is how much earlier than the peak the filter begins: the peak need
	// not be the first sound.
	before = 2
)

// look takes a block of the microphone and gives the lag at which the filter
// should begin.
func (l *locator) look(mic []complex128, spectra *[history][bins]complex128, at int) int {
	newest := &spectra[at%history]
	for i := range looked {
		k := lowest + i
		l.far[i] = remember*l.far[i] + sq(newest[k])
		l.mic[i] = remember*l.mic[i] + sq(mic[k])
	}
	best := 0
	for p := range lags {
		x, c := &spectra[(at+p)%history], &l.cross[p]
		sum := 0.0
		for i := range looked {
			c[i] = remember*c[i] + conj(x[lowest+i])*mic[lowest+i]
			sum += sq(c[i]) / (l.far[i]*l.mic[i] + 1)
		}
		l.score[p] = sum
		if sum > l.score[best] {
			best = p
		}
	}
	l.seen++
	want, held := max(best-before, 0), sure
	if l.seen < 200 {
		held = sureFirst
	}
	// Where the peak still lies well inside the filter nothing is gained by a move.
	inside := best >= l.lag && best < l.lag+partitions/2
	if want == l.lag || inside && l.seen > 200 || l.score[best] < 0.1*looked {
		l.better = 0
		return l.lag
	}
	if l.better++; l.better >= held {
		l.lag, l.better = want, 0
	}
	return l.lag
}
