package jitter

import "math"

const (
	// unit is the granularity of concealment, chunk the most that is guessed
	// at once: a packet that comes meanwhile is still used.
	unit  = 120
	chunk = 10 * ms

	// A guess keeps its level for holdLevel and has given way to comfort noise
	// at fadeEnd; in a pause of the sender the codec's own comfort noise may go
	// on longer.
	holdLevel    = 80 * ms
	fadeEnd      = 240 * ms
	comfortLevel = 1000 * ms
)

// guess adds n samples for which there is no packet: the codec's concealment,
// giving way to comfort noise while the loss lasts.
func (b *Buffer) guess(n int64) {
	p := &b.out
	pcm := p.room()[:n]
	p.n += int(n)
	hold, end := int64(holdLevel), int64(fadeEnd)
	if p.pause {
		hold, end = comfortLevel, comfortLevel+fadeEnd-holdLevel
	}
	before := p.run
	p.run += n
	if p.decoder == nil || before >= end || p.decoder.Conceal(pcm) != nil {
		p.noise.fill(pcm)
		p.guessed = Silence
	} else {
		b.giveWay(pcm, before, hold, end)
		p.guessed = Concealed
		if p.pause {
			p.guessed = Comfort
		}
	}
	if p.decoded == 0 {
		p.head = p.n
	}
	b.note(n)
}

// giveWay fades pcm, which begins so far into a loss, from what it is at hold to
// comfort noise at end.
func (b *Buffer) giveWay(pcm []int16, at, hold, end int64) {
	if at+int64(len(pcm)) <= hold {
		return
	}
	p := &b.out
	noise := p.scratch[:len(pcm)]
	p.noise.fill(noise)
	for i := range pcm {
		w := float64(min(end, max(hold, at+int64(i)))-hold) / float64(end-hold)
		pcm[i] = clip(float64(pcm[i])*(1-w) + float64(noise[i])*math.Sqrt(w*(2-w)))
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
