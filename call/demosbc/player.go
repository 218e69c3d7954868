package demosbc

import (
	"sync"
	"time"

	"nxphone/audio/codec"
)

// packetDur is how much sound one packet of ours carries.
const packetDur = 20 * time.Millisecond

// player sends a sound packet by packet, in real time. It sleeps while there
// is nothing to play. It owns one goroutine until close returns.
type player struct {
	sounds *library
	out    *sender
	up     <-chan struct{} // closed when packets can flow
	quit   chan struct{}
	done   chan struct{}
	wake   chan struct{} // holds one token when next has changed

	mu    sync.Mutex
	next  track
	ahead track
}

// track is a sound in the codec and payload type of one call.
type track struct {
	what sound
	name codec.Name
	pt   uint8
	// changed: the player has not seen it yet.
	changed bool
}

func newPlayer(sounds *library, out *sender, up <-chan struct{}) *player {
	p := &player{
		sounds: sounds, out: out, up: up,
		quit: make(chan struct{}), done: make(chan struct{}), wake: make(chan struct{}, 1),
	}
	go p.run()
	return p
}

// play changes the sound, from its beginning; soundEcho and soundNone stop the
// player. It returns at once.
func (p *player) play(what sound, name codec.Name, pt uint8) {
	p.mu.Lock()
	p.next = track{what: what, name: name, pt: pt, changed: true}
	p.mu.Unlock()
	p.signal()
}

// prepare makes a sound that will be wanted later, so that it can begin
// without delay on a busy machine. It returns at once.
func (p *player) prepare(what sound, name codec.Name) {
	p.mu.Lock()
	p.ahead = track{what: what, name: name}
	p.mu.Unlock()
	p.signal()
}

func (p *player) signal() {
	select {
	case p.wake <- struct{}{}:
	default: // a change is already waiting to be seen
	}
}

// close stops the player and waits for it.
func (p *player) close() {
	close(p.quit)
	<-p.done
}

// run waits for sounds and plays them. Nothing is sent, and no sound begins,
// before the transport is up: a message must not lose its first words.
func (p *player) run() {
	defer close(p.done)
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	defer timer.Stop()

	var (
		now   track
		roll  *roll
		pos   int
		due   time.Time
		up    = p.up
		ready bool
	)
	begin := func() {
		pos = 0
		if ready && roll != nil {
			due = time.Now()
			timer.Reset(0)
		}
	}
	for {
		select {
		case <-p.quit:
			return
		case <-up:
			up, ready = nil, true
			begin()
		case <-p.wake:
			p.mu.Lock()
			next, ahead := p.next, p.ahead
			p.next.changed, p.ahead = false, track{}
			p.mu.Unlock()
			if next.changed {
				now = next
				timer.Stop()
				roll = p.sounds.roll(now.what, now.name)
				begin()
			}
			p.sounds.roll(ahead.what, ahead.name)
		case <-timer.C:
			p.out.play(now.pt, roll.packet(pos), roll.ticks)
			pos = roll.after(pos)
			due = nextDue(due, time.Now())
			timer.Reset(time.Until(due))
		}
	}
}

// nextDue is when to send the next packet: a packet later, or from now on when
// the process was stopped for longer than anybody's jitter buffer holds.
func nextDue(due, now time.Time) time.Time {
	due = due.Add(packetDur)
	if now.Sub(due) > 10*packetDur {
		return now
	}
	return due
}
