package peer

import (
	"context"
	"sync"
	"time"

	"nxphone/audio"
	"nxphone/audio/tone"
)

// fakeDevice is a sound card on a real clock: it hears a tone and keeps what
// is played. Its methods are called by one goroutine; heard by any.
type fakeDevice struct {
	start  time.Time
	freq   float64
	gen    *tone.Generator
	reads  int
	writes int
	closed chan struct{}
	once   sync.Once
	mute   chan struct{} // closed by CloseInput
	quiet  sync.Once

	mu     sync.Mutex
	played []int16
}

func newDevice(freq float64) *fakeDevice {
	return &fakeDevice{freq: freq, closed: make(chan struct{}), mute: make(chan struct{}), gen: tone.NewGenerator(steady(freq))}
}

func steady(freq float64) tone.Signal {
	return tone.Signal{Segments: []tone.Segment{{F1: freq, DB: -12, Dur: time.Second}}}
}

func (d *fakeDevice) open(context.Context) (audio.Duplex, error) {
	d.start = time.Now()
	return d, nil
}

func (d *fakeDevice) due() int { return int(time.Since(d.start) / audio.FrameDur) }

func (d *fakeDevice) Read(frame []int16) bool {
	if d.reads >= d.due() {
		return false
	}
	d.reads++
	d.gen.Fill(frame)
	return true
}

func (d *fakeDevice) Room() bool { return d.writes < d.due()+2 }

func (d *fakeDevice) Write(frame []int16) {
	d.writes++
	d.mu.Lock()
	defer d.mu.Unlock()
	d.played = append(d.played, frame...)
}

func (d *fakeDevice) CloseInput() error {
	d.quiet.Do(func() { close(d.mute) })
	return nil
}

func (d *fakeDevice) Close() error {
	d.once.Do(func() { close(d.closed) })
	return nil
}

// heard is the last n samples that were played, nil while there are fewer.
func (d *fakeDevice) heard(n int) []int16 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return lastOf(d.played, n)
}

func lastOf(pcm []int16, n int) []int16 {
	if len(pcm) < n {
		return nil
	}
	return append([]int16(nil), pcm[len(pcm)-n:]...)
}
