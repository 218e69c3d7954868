package kiosk

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/audio"
)

// heardOutput is a speaker that remembers.
type heardOutput struct {
	*audio.NullOutput
	mu     sync.Mutex
	pcm    []int16
	closed int
}

func newHeard() *heardOutput { return &heardOutput{NullOutput: audio.NewNullOutput(nil)} }

func (h *heardOutput) Write(frame []int16) {
	h.NullOutput.Write(frame)
	h.mu.Lock()
	h.pcm = append(h.pcm, frame...)
	h.mu.Unlock()
}

func (h *heardOutput) Close() error { h.mu.Lock(); h.closed++; h.mu.Unlock(); return nil }

// loud counts the samples of a level.
func (h *heardOutput) count(level int16) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, x := range h.pcm {
		if x == level {
			n++
		}
	}
	return n
}

func constant(level int16, d time.Duration) []int16 {
	out := make([]int16, samplesIn(d))
	for i := range out {
		out[i] = level
	}
	return out
}

func TestVoiceAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own := newHeard()
		v := NewVoice(func(context.Context) (audio.OutputDevice, error) { return own, nil })
		began := time.Now()
		if err := v.Play(t.Context(), constant(1000, 995*time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(began); d < time.Second || d > 1300*time.Millisecond {
			t.Errorf("a second took %v", d)
		}
		if n := own.count(1000); n != samplesIn(995*time.Millisecond) || own.closed != 1 {
			t.Errorf("%d samples, closed %d times", n, own.closed)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if err := v.Play(ctx, constant(1000, time.Hour)); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if own.closed != 2 {
			t.Error("the speaker stays open")
		}
	})
}

func TestVoiceWithoutASpeaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fault := errors.New("no speaker")
		v := NewVoice(func(context.Context) (audio.OutputDevice, error) { return nil, fault })
		if err := v.Play(t.Context(), constant(1, time.Second)); !errors.Is(err, fault) {
			t.Error(err)
		}
	})
}

// A call takes the speaker from a prompt, which goes on inside the call and,
// when that is over, by itself again.
func TestVoiceInACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var owns []*heardOutput
		v := NewVoice(func(context.Context) (audio.OutputDevice, error) {
			mu.Lock()
			defer mu.Unlock()
			owns = append(owns, newHeard())
			return owns[len(owns)-1], nil
		})
		done := make(chan error, 1)
		go func() { done <- v.Play(t.Context(), constant(1000, 3*time.Second)) }()
		time.Sleep(time.Second)
		synctest.Wait()
		callOut := newHeard()
		d, err := v.Around(func() (audio.Duplex, error) {
			mu.Lock()
			defer mu.Unlock()
			if len(owns) != 1 || owns[0].closed != 1 {
				t.Error("the call finds the speaker taken")
			}
			return audio.Join(audio.NewNullInput(nil), callOut, callOut), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		run, stop := context.WithTimeout(t.Context(), time.Second)
		_ = audio.Run(run, d, d, silentCall{})
		stop()
		if n := callOut.count(1000); n < samplesIn(900*time.Millisecond) {
			t.Errorf("%d samples of the prompt in the call", n)
		}
		if err := errors.Join(d.Close(), d.Close()); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		if len(owns) != 2 || owns[1].closed != 1 {
			t.Fatalf("%d speakers opened", len(owns))
		}
		if n := owns[0].count(1000) + callOut.count(1000) + owns[1].count(1000); n < samplesIn(2900*time.Millisecond) {
			t.Errorf("%d samples in all: too much of the prompt is lost", n)
		}
	})
}

type silentCall struct{}

func (silentCall) Capture([]int16)       {}
func (silentCall) Playout(frame []int16) { clear(frame) }

func TestVoiceAroundFails(t *testing.T) {
	v := NewVoice(func(context.Context) (audio.OutputDevice, error) { return newHeard(), nil })
	fault := errors.New("busy")
	if _, err := v.Around(func() (audio.Duplex, error) { return nil, fault }); !errors.Is(err, fault) {
		t.Error(err)
	}
	if s, free := v.now(); s != nil || !free {
		t.Error("the voice believes in a call")
	}
}

func TestVolume(t *testing.T) {
	v := NewVoice(nil)
	out := newHeard()
	d, err := v.Around(func() (audio.Duplex, error) { return audio.Join(audio.NewNullInput(nil), out), nil })
	if err != nil {
		t.Fatal(err)
	}
	frame := constant(10000, audio.FrameDur)
	for level, want := range map[int]int16{-5: 3980, 1: 3980, 2: 6310, 3: 10000, 4: 19950, 5: 32767, 9: 32767} {
		v.SetLevel(level)
		d.Write(frame)
		if got := out.pcm[len(out.pcm)-1]; got != want {
			t.Errorf("step %d: %d, want %d", level, got, want)
		}
	}
	if l, most := v.Level(); l < 1 || l > most || most != 5 {
		t.Error(l, most)
	}
	if n := testing.AllocsPerRun(100, func() { s := d.(*spoken); s.Duplex = silentDevice{}; d.Write(frame) }); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

type silentDevice struct{ audio.Duplex }

func (silentDevice) Write([]int16) {}
