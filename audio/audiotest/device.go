package audiotest

import (
	"sync"
	"time"

	"nxphone/audio"
)

// speakerQueue is how much a Device's speaker wants to have waiting: two
// frames, as a real one does.
const speakerQueue = 2 * audio.FrameLen

// Device is a sound card made of memory: what its microphone hears is given by
// the test, what its speaker plays is kept for the test. Its clock is driven by
// the test or by a Clock. It implements audio.Duplex.
type Device struct {
	mu   sync.Mutex
	now  audio.Clock // nil: only Advance lets time pass
	last time.Time   // up to when time has passed
	rest time.Duration

	speech   []int16 // the microphone is going to hear this, then silence
	recorded []int16 // heard, not yet read
	queued   []int16 // written, not yet played
	played   []int16
	missing  int // samples that the speaker lacked since the first Write
	written  bool
	gone     bool // unplugged
	closed   int
}

// NewDevice makes a card that is running. A nil clock leaves time to Advance.
func NewDevice(now audio.Clock) *Device {
	d := &Device{now: now}
	if now != nil {
		d.last = now()
	}
	return d
}

// Speak appends to what the microphone is going to hear; after it comes
// silence.
func (d *Device) Speak(pcm []int16) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.speech = append(d.speech, pcm...)
}

// Advance lets time pass on the card: the microphone records, the speaker
// plays.
func (d *Device) Advance(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.advance(by)
}

// Played is everything that the speaker has played since the card was made,
// silence included.
func (d *Device) Played() []int16 {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tick()
	return append([]int16(nil), d.played...)
}

// Passed is how much the speaker has played, in samples. Unlike Played it copies
// nothing, so that whoever waits for it does not hold the card up.
func (d *Device) Passed() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tick()
	return len(d.played)
}

// Missing is how many samples the speaker lacked since the first Write; there
// it played silence.
func (d *Device) Missing() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.missing
}

// Unplug makes the card fall silent in both directions, as a pulled USB plug
// does: no error, only no more frames.
func (d *Device) Unplug() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tick()
	d.gone = true
}

// Closed is how often Close has been called.
func (d *Device) Closed() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.closed
}

// Read implements audio.Input.
func (d *Device) Read(frame []int16) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tick()
	if d.stopped() || len(d.recorded) < audio.FrameLen {
		return false
	}
	copy(frame, d.recorded[:audio.FrameLen])
	d.recorded = shift(d.recorded, audio.FrameLen)
	return true
}

// Room implements audio.Output.
func (d *Device) Room() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tick()
	return !d.stopped() && len(d.queued)+audio.FrameLen <= speakerQueue
}

// Write implements audio.Output.
func (d *Device) Write(frame []int16) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopped() {
		return
	}
	d.queued = append(d.queued, frame...)
	d.written = true
}

// Close implements audio.Duplex.
func (d *Device) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed++
	return nil
}

func (d *Device) stopped() bool { return d.gone || d.closed > 0 }

// tick lets pass the time that has passed by the clock.
func (d *Device) tick() {
	if d.now == nil {
		return
	}
	now := d.now()
	d.advance(now.Sub(d.last))
	d.last = now
}

func (d *Device) advance(by time.Duration) {
	by += d.rest
	n := int(by * audio.Rate / time.Second)
	d.rest = by - time.Duration(n)*time.Second/audio.Rate
	if d.stopped() {
		return
	}
	for range n {
		var heard int16
		if len(d.speech) > 0 {
			heard, d.speech = d.speech[0], d.speech[1:]
		}
		d.recorded = append(d.recorded, heard)
	}
	k := min(n, len(d.queued))
	d.played = append(d.played, d.queued[:k]...)
	d.queued = shift(d.queued, k)
	d.played = append(d.played, make([]int16, n-k)...)
	if d.written {
		d.missing += n - k
	}
}

// shift drops the first n samples and keeps the memory.
func shift(pcm []int16, n int) []int16 { return pcm[:copy(pcm, pcm[n:])] }
