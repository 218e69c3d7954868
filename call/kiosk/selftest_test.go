package kiosk

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/audio"
	"nxphone/call"
)

// room is a speaker and a microphone in one room: what is played comes back
// after a while, fainter, in noise.
type room struct {
	*audio.NullInput
	*audio.NullOutput
	delay  int     // samples
	gain   float64 // of the way through the air
	noise  float64 // amplitude
	air    []int16
	read   int
	rnd    *rand.Rand
	closed bool
}

func newRoom(delay time.Duration, gain, noise float64) *room {
	return &room{
		NullInput: audio.NewNullInput(nil), NullOutput: audio.NewNullOutput(nil),
		delay: samplesIn(delay), gain: gain, noise: noise, rnd: rand.New(rand.NewPCG(1, 2)),
	}
}

func (r *room) Read(frame []int16) bool {
	if !r.NullInput.Read(frame) {
		return false
	}
	for i := range frame {
		x := r.rnd.NormFloat64() * r.noise
		if at := r.read + i - r.delay; at >= 0 && at < len(r.air) {
			x += float64(r.air[at]) * r.gain
		}
		frame[i] = int16(min(max(x, -32768), 32767))
	}
	r.read += len(frame)
	return true
}

func (r *room) Write(frame []int16) {
	r.NullOutput.Write(frame)
	r.air = append(r.air, frame...)
}

func (r *room) Close() error { r.closed = true; return nil }

func TestAcousticLoop(t *testing.T) {
	for _, tt := range []struct {
		name  string
		room  *room
		want  Finding
		delay time.Duration
		level float64 // about
	}{
		{"a good booth", newRoom(80*time.Millisecond, 0.2, 30), FindingOK, 80 * time.Millisecond, -28},
		{"at once", newRoom(20*time.Millisecond, 1, 3), FindingOK, 20 * time.Millisecond, -14},
		{"a long way", newRoom(600*time.Millisecond, 0.05, 10), FindingOK, 600 * time.Millisecond, -40},
		{"in traffic", newRoom(120*time.Millisecond, 0.3, 1500), FindingOK, 120 * time.Millisecond, -24.5},
		{"a speaker that is nearly dead", newRoom(80*time.Millisecond, 0.002, 2), FindingFaint, 80 * time.Millisecond, -68},
		{"a muted speaker", newRoom(0, 0, 30), FindingUnheard, 0, audio.Silence},
		{"a microphone without a signal", newRoom(0, 0, 0), FindingSilent, 0, audio.Silence},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tester := Tester{Open: func(context.Context) (audio.Duplex, error) { return tt.room, nil }}
				r := tester.Run(t.Context())
				if r.Sound != tt.want || r.OK != (tt.want == FindingOK) || r.Line != FindingNone {
					t.Errorf("%+v", r)
				}
				if d := r.Delay - tt.delay; d < -15*time.Millisecond || d > 25*time.Millisecond {
					t.Errorf("the delay is %v, want %v", r.Delay, tt.delay)
				}
				if d := r.Level - tt.level; d < -2 || d > 2 {
					t.Errorf("the level is %.1f, want %.1f", r.Level, tt.level)
				}
				if !tt.room.closed {
					t.Error("the device stays open")
				}
			})
		})
	}
}

// Whatever else is heard is not taken for the notes.
func TestOtherSounds(t *testing.T) {
	n := samplesIn(recordFor())
	music := make([]int16, n)
	rnd := rand.New(rand.NewPCG(3, 4))
	phase, f := 0.0, 0.0
	for i := range music {
		if i%4800 == 0 {
			f = []float64{1000, 770, 523, 659, 1480}[rnd.IntN(5)] / audio.Rate
		}
		phase += f
		_, frac := 0.0, phase-float64(int(phase))
		music[i] = int16((frac - 0.5) * 20000)
	}
	steady := make([]int16, n)
	for i := range steady {
		steady[i] = int16(i%48-24) * 300 // 1 kHz, and its harmonics
	}
	for name, pcm := range map[string][]int16{"music": music, "a steady tone": steady} {
		if f := lookFor(pcm, samplesIn(listenFirst), true); f.heard {
			t.Errorf("%s is heard as the notes: %+v", name, f)
		}
	}
	if f := lookFor(nil, 0, false); f.heard || !f.dead {
		t.Errorf("nothing recorded: %+v", f)
	}
}

func TestNoDevice(t *testing.T) {
	tester := Tester{Open: func(context.Context) (audio.Duplex, error) { return nil, errors.New("none") }}
	if r := tester.Run(t.Context()); r.Sound != FindingDevice || r.OK {
		t.Errorf("%+v", r)
	}
}

// deaf is a device that never has a frame.
type deafDevice struct{ room }

func (*deafDevice) Read([]int16) bool { return false }
func (*deafDevice) Room() bool        { return false }
func (*deafDevice) Write([]int16)     {}

func TestDeviceThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		tester := Tester{Open: func(context.Context) (audio.Duplex, error) { return &deafDevice{}, nil }}
		if r := tester.Run(t.Context()); r.Sound != FindingSilent || time.Since(began) > 10*time.Second {
			t.Errorf("%+v after %v", r, time.Since(began))
		}
	})
}

// echoPhone is a phone whose calls echo the sound that it was given.
type echoPhone struct {
	phone
	mu    sync.Mutex
	sound audio.Duplex
	// answer is how long it takes, 0 for never; echo whether it echoes; drop
	// ends the call after the answer.
	answer time.Duration
	echo   bool
	drop   bool
	wg     sync.WaitGroup
}

func (p *echoPhone) swap(d audio.Duplex) func() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sound = d
	return func() { p.mu.Lock(); p.sound = nil; p.mu.Unlock() }
}

func (p *echoPhone) Dial(ctx context.Context, req call.Request) (int, error) {
	id, err := p.phone.Dial(ctx, req)
	if err != nil || p.answer == 0 {
		return id, err
	}
	p.wg.Go(func() {
		time.Sleep(p.answer)
		p.mu.Lock()
		d := p.sound
		p.mu.Unlock()
		if d == nil {
			return // it has been broken off
		}
		p.phone.mu.Lock()
		p.change(func(s *call.Snapshot) { s.State, s.Call.Answered, s.Call.MediaUp = call.InCall, time.Now(), true })
		p.phone.mu.Unlock()
		run, stop := context.WithTimeout(context.Background(), 10*time.Second)
		defer stop()
		_ = audio.Run(run, d, d, &echo{on: p.echo, late: make([]int16, samplesIn(150*time.Millisecond))})
	})
	if p.drop {
		p.wg.Go(func() {
			time.Sleep(p.answer + time.Second)
			p.phone.mu.Lock()
			p.change(func(s *call.Snapshot) { s.State, s.Call.Reason = call.Idle, call.Reason{Code: call.CodeRemoteHangup} })
			p.phone.mu.Unlock()
		})
	}
	return id, nil
}

// echo is a far end that sends back what it hears, a little later.
type echo struct {
	on   bool
	late []int16
}

func (e *echo) Capture(frame []int16) { e.late = append(e.late, frame...) }
func (e *echo) Playout(frame []int16) {
	clear(frame)
	if e.on {
		copy(frame, e.late[:min(len(frame), len(e.late))])
	}
	e.late = e.late[min(len(frame), len(e.late)):]
}

func TestLine(t *testing.T) {
	for _, tt := range []struct {
		name  string
		phone *echoPhone
		want  Finding
		hangs int
	}{
		{"an echo", &echoPhone{answer: 2 * time.Second, echo: true}, FindingOK, 1},
		{"nobody answers", &echoPhone{}, FindingNoCall, 1},
		{"no echo", &echoPhone{answer: time.Second}, FindingNoEcho, 1},
		{"cut off", &echoPhone{answer: time.Second, echo: true, drop: true}, FindingNoEcho, 0},
		{"refused", &echoPhone{phone: phone{refuse: call.ErrBusy}}, FindingNoCall, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := Tester{
					Open: func(context.Context) (audio.Duplex, error) { return newRoom(20*time.Millisecond, 1, 3), nil },
					Swap: tt.phone.swap, Phone: tt.phone, Number: theCounsellor,
					Request: func(tel string) call.Request { return call.Request{Tel: tel} },
				}.Run(t.Context())
				if r.Line != tt.want || r.OK != (tt.want == FindingOK) || r.Sound != FindingOK {
					t.Errorf("%+v", r)
				}
				if tt.want == FindingOK && (r.Echo < 140*time.Millisecond || r.Echo > 200*time.Millisecond) {
					t.Errorf("the echo took %v", r.Echo)
				}
				tt.phone.mu.Lock()
				if tt.phone.sound != nil {
					t.Error("the next call would have the test's sound")
				}
				tt.phone.mu.Unlock()
				tt.phone.wg.Wait()
				if tt.phone.snap.State != call.Idle || tt.phone.hangups != tt.hangs {
					t.Errorf("%v, %d hang-ups", tt.phone.snap.State, tt.phone.hangups)
				}
			})
		})
	}
}

func TestTestIsBrokenOff(t *testing.T) {
	for _, after := range []time.Duration{time.Second, 4 * time.Second} { // in the sound's part, in the line's
		synctest.Test(t, func(t *testing.T) {
			p := &echoPhone{answer: 30 * time.Second}
			ctx, cancel := context.WithTimeout(t.Context(), after)
			defer cancel()
			began := time.Now()
			r := Tester{
				Open: func(context.Context) (audio.Duplex, error) { return newRoom(20*time.Millisecond, 1, 3), nil },
				Swap: p.swap, Phone: p, Number: theCounsellor, Request: func(tel string) call.Request { return call.Request{Tel: tel} },
			}.Run(ctx)
			if d := time.Since(began); d > after+10*time.Millisecond || r.OK {
				t.Errorf("%+v after %v", r, d)
			}
			p.wg.Wait()
			if p.snap.State != call.Idle {
				t.Error("the call stays up")
			}
		})
	}
}

func TestFindingsAreWords(t *testing.T) {
	for _, f := range []Finding{FindingOK, FindingDevice, FindingSilent, FindingUnheard, FindingFaint, FindingNoCall, FindingNoEcho} {
		if f == "" || strings.ContainsAny(string(f), " 0123456789") {
			t.Errorf("%q", f)
		}
	}
}
