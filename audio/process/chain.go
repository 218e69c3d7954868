package process

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"nxphone/audio"
)

// Settings say which stages of a [Chain] work. The zero value is none: what comes
// in goes out, sample by sample and at once.
type Settings struct {
	// HighPass takes out what lies under the voice, Echo the far end's voice,
	// Noise the background, and Gain brings the rest to an even level.
	HighPass, Echo, Noise, Gain bool
	// Limit protects the ear; see [Limiter]. Ceiling is in dBFS.
	Limit   bool
	Ceiling float64
}

// Chain is all that is done to the sound of one call between its device and the
// network:
//
//	microphone -> HighPass -> Echo -> Noise -> Gain -> network
//	network -> Limiter -> speaker (and Echo's reference)
//
// Stages come and go while the call runs, by [Chain.Set]: the sound crosses over
// from one way to the other within a few frames. A stage that is off costs
// nothing and delays nothing.
//
// Near and Far belong to one goroutine, as audio.Run's callers do; they neither
// lock nor allocate. Set and Stats may be called from any.
type Chain struct {
	mu   sync.Mutex // Set's
	want atomic.Pointer[stages]
	near way
	far  way
	rest remains

	// What is made once, and keeps what it knows while it is off.
	high  *HighPass
	gain  *Gain
	limit *Limiter

	mic, spoken, heard *audio.Meter
	alive              atomic.Uint64 // frames of the microphone with any sound
}

// stages are those that work, nil for those that do not. It does not change once
// it is made; the stages are the audio goroutine's.
type stages struct {
	Settings
	late  int // frames that echo canceller and noise suppressor delay
	echo  *Echo
	noise *background
	near  [nearStages]stage
	far   [farStages]stage
}

const (
	nearStages = 4
	farStages  = 1
	// The place of three of the near stages.
	echoStage, noiseStage, gainStage = 1, 2, 3
)

// stage changes a frame in place.
type stage interface{ Process(frame []int16) }

// meterEvery is how often levels are renewed, in samples (100 ms).
const meterEvery = rate / 10

// NewChain makes the chain of one call.
func NewChain(s Settings) *Chain {
	c := &Chain{
		high: NewHighPass(), gain: NewGain(), limit: NewLimiter(s.Ceiling),
		mic: audio.NewMeter(meterEvery), spoken: audio.NewMeter(meterEvery), heard: audio.NewMeter(meterEvery),
	}
	c.Set(s)
	now := c.want.Load()
	c.near.now, c.near.next, c.far.now, c.far.next = now, now, now, now
	return c
}

// Settings are those of the last Set.
func (c *Chain) Settings() Settings { return c.want.Load().Settings }

// Set changes what is done, from one of the next frames on.
func (c *Chain) Set(s Settings) {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.want.Load()
	if old != nil && old.Settings == s {
		return
	}
	c.limit.SetCeiling(s.Ceiling)
	n := &stages{Settings: s}
	if s.HighPass {
		n.near[0] = c.high
	}
	if s.Echo {
		// A canceller that was off does not know what was played meanwhile.
		if old != nil && old.echo != nil {
			n.echo = old.echo
		} else {
			n.echo = NewEcho()
		}
		n.near[echoStage] = canceller{n.echo}
		n.late++
	}
	if s.Noise {
		// A suppressor that was off knows another background.
		if old != nil && old.noise != nil {
			n.noise = old.noise
		} else {
			n.noise = newBackground()
		}
		n.near[noiseStage] = n.noise
		n.late++
	}
	if s.Gain {
		n.near[gainStage] = c.gain
	}
	if s.Limit {
		n.far[0] = c.limit
	}
	c.want.Store(n)
}

// canceller is the near side of an Echo.
type canceller struct{ echo *Echo }

func (c canceller) Process(frame []int16) { c.echo.Near(frame) }

// background is a Noise that is not told of exact silence: a device that is only
// just opening, a canceller's first frame, a microphone that is shut in the
// hardware. It would take that for the background, and the real one for a voice.
type background struct {
	noise  *Noise
	silent int // frames of exact silence in a row
}

// flush is how many frames of silence go through, so that nothing of what was
// before is left inside.
const flush = 3

func newBackground() *background { return &background{NewNoise(), flush} }

func (b *background) Process(frame []int16) {
	switch {
	case anySound(frame):
		b.silent = 0
	case b.silent == flush:
		return
	default:
		b.silent++
	}
	b.noise.Process(frame)
}

// anySound reports whether a frame is anything but exact silence.
func anySound(frame []int16) bool {
	return slices.ContainsFunc(frame, func(x int16) bool { return x != 0 })
}

// Near changes a frame of the microphone in place.
func (c *Chain) Near(frame []int16) {
	c.mic.Add(frame)
	if anySound(frame) {
		c.alive.Add(1)
	}
	c.near.begin(c.want.Load())
	for i := range nearStages {
		switch i {
		case echoStage:
			c.rest.before(frame)
		case gainStage:
			c.gain.Deafen(c.rest.after(frame, c.near.now.late))
		}
		c.near.pass(frame, c.near.now.near[i], c.near.next.near[i])
	}
	c.near.end()
	c.spoken.Add(frame)
}

// Far changes a frame for the speaker in place.
func (c *Chain) Far(frame []int16) {
	c.far.begin(c.want.Load())
	for i := range farStages {
		c.far.pass(frame, c.far.now.far[i], c.far.next.far[i])
	}
	c.far.end()
	c.heard.Add(frame)
	c.rest.played(frame)
	// Both of the near side's cancellers hear what is played.
	now, next := c.near.now.echo, c.near.next.echo
	if now != nil {
		now.Far(frame)
	}
	if next != nil && next != now {
		next.Far(frame)
	}
}

// way is one direction, perhaps on its way from some stages to others.
type way struct {
	now, next *stages
	frame     int // of the crossing, 0 when there is none
	other     [frameLen]int16
}

// A crossing: new stages run for warm frames unheard, so that what they delay is
// there, and are faded in over fade.
const (
	warm = 3
	fade = 2
)

// begin takes what is wanted, when the last crossing is over.
func (w *way) begin(want *stages) {
	if w.now == w.next {
		w.next, w.frame = want, 0
	}
}

// pass puts a frame through one stage, or from one to another.
func (w *way) pass(frame []int16, from, to stage) {
	if from == to {
		if to != nil {
			to.Process(frame)
		}
		return
	}
	other := w.other[:len(frame)]
	copy(other, frame)
	if from != nil {
		from.Process(frame)
	}
	if to != nil {
		to.Process(other)
	}
	if w.frame < warm {
		return
	}
	const steps = fade * frameLen
	part := (w.frame - warm) * frameLen
	for i := range frame {
		share := float32(part+i+1) / steps
		frame[i] = audio.Saturate(float32(frame[i])*(1-share) + float32(other[i])*share)
	}
}

// end is the end of a frame.
func (w *way) end() {
	if w.now == w.next {
		return
	}
	if w.frame++; w.frame == warm+fade {
		w.now = w.next
	}
}

// Stats are what a Chain has done.
type Stats struct {
	Settings
	// Cancelled is what the echo canceller says of itself, zero while it is off.
	Cancelled EchoStats
	// Reduced is by how much the noise suppressor makes the background quieter just
	// now, in dB, 0 or more.
	Reduced float64
	// Gain is what the automatic gain does just now, in dB.
	Gain float64
	// Events are the limiter's, and Deepest the most it has taken away, in dB
	// (0 or less).
	Events  Events
	Deepest float64
	// Mic is the level that the microphone gave, Sent what is left of it, and
	// Heard what went to the speaker: the last 100 ms, in dBFS.
	Mic, Sent, Heard float64
	// Alive counts the frames of the microphone that were not exact silence: a
	// faint room is, behind noise suppression, and a dead microphone before it.
	Alive uint64
}

// Stats are the figures of this moment.
func (c *Chain) Stats() Stats {
	s := Stats{
		Settings: c.Settings(), Events: c.limit.Events(), Deepest: c.limit.Deepest(),
		Alive: c.alive.Load(), Mic: c.mic.RMS(), Sent: c.spoken.RMS(), Heard: c.heard.RMS(),
	}
	if s.Settings.Gain {
		s.Gain = c.gain.DB()
	}
	now := c.want.Load()
	if now.echo != nil {
		s.Cancelled = now.echo.Stats()
	}
	if now.noise != nil {
		s.Reduced = max(0, -now.noise.noise.Reduction())
	}
	return s
}

// Delay is by how much the chain delays each direction.
func (s Settings) Delay() (near, far time.Duration) {
	if s.Echo {
		near += audio.FrameDur
	}
	if s.Noise {
		near += NoiseDelay * time.Second / rate
	}
	if s.Gain {
		near += GainDelay * time.Second / rate
	}
	if s.Limit {
		far += LimiterDelay * time.Second / rate
	}
	return near, far
}
