package jitter

// guess adds n samples for which there is no packet: the codec's concealment,
// fading while the loss lasts, in the end silence.
func (b *Buffer) guess(n int64) {
	p := &b.out
	pcm := p.buf[p.n : p.n+int(n)]
	p.n += int(n)
	hold, end := int64(holdLevel), int64(fadeEnd)
	if p.pause {
		hold, end = comfortLevel, comfortLevel+fadeEnd-holdLevel
	}
	before := p.run
	p.run += n
	if p.decoder == nil || before >= end || p.decoder.Conceal(pcm) != nil {
		clear(pcm)
		p.guessed = Silence
	} else {
		fadeOut(pcm, before, hold, end)
		p.guessed = Concealed
		if p.pause {
			p.guessed = Comfort
		}
	}
	b.note(n)
}

// fadeOut scales pcm, which begins so far into a loss: 1 until hold, 0 from
// end on.
func fadeOut(pcm []int16, at, hold, end int64) {
	if at+int64(len(pcm)) <= hold {
		return
	}
	for i := range pcm {
		left := end - max(hold, at+int64(i))
		pcm[i] = int16(int64(pcm[i]) * max(0, left) / (end - hold))
	}
}

// doubt counts guesses until it turns out whether a loss or a pause of the
// sender made them necessary; only the former counts as concealment.
type doubt struct {
	samples, silent uint64
	// event: the loss has not been counted as an event yet.
	event bool
}

// note counts a guess. Before the first sound there is no loss.
func (b *Buffer) note(n int64) {
	p := &b.out
	if !p.began {
		return
	}
	p.doubt.samples += uint64(n)
	if p.guessed == Silence {
		p.doubt.silent += uint64(n)
	}
	if p.run == n {
		p.doubt.event = true
	}
	if !p.playing { // given up: there is nothing to wait for
		b.settle(p.pause)
	}
}

// settle decides what the guesses of late were for.
func (b *Buffer) settle(pause bool) {
	p := &b.out
	if !pause && p.doubt.samples > 0 {
		b.c.concealed.Add(p.doubt.samples)
		b.c.silent.Add(p.doubt.silent)
		if p.doubt.event {
			b.c.events.Add(1)
		}
	}
	p.doubt = doubt{}
}
