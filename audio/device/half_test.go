package device

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/audio"
)

// call reads and writes a device as audio.Run does, and keeps the numbers.
type testCall struct {
	t                *testing.T
	d                *Duplex
	captured, silent int
	played           int
	last             []int16 // the last frame
}

// run lets time pass.
func (c *testCall) run(d time.Duration) {
	c.t.Helper()
	frame := make([]int16, audio.FrameLen)
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		synctest.Wait()
		for c.d.Read(frame) {
			c.captured++
			if frame[0] == 0 {
				c.silent++
			}
			c.last = append(c.last[:0], frame...)
		}
		for c.d.Room() {
			c.played++
			frame[0] = 1
			c.d.Write(frame)
		}
	}
}

// rate checks how many frames went in each direction since reset.
func (c *testCall) rate(what string, want, slack int) {
	c.t.Helper()
	if abs(c.captured-want) > slack || abs(c.played-want) > slack {
		c.t.Errorf("%s: %d captured and %d played, want %d", what, c.captured, c.played, want)
	}
	c.captured, c.played, c.silent = 0, 0, 0
}

func abs(n int) int { return max(n, -n) }

func openCall(t *testing.T, h *Host, c Choice) *testCall {
	t.Helper()
	d, err := h.OpenDuplex(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return &testCall{t: t, d: d}
}

// usualCall is a call with the usual devices. Their host is closed when the test
// ends.
func usualCall(t *testing.T) (*fakeSystem, *testCall) {
	t.Helper()
	f := usual()
	h := f.host(t)
	t.Cleanup(func() { h.Close() })
	return f, openCall(t, h, Choice{})
}

func TestDuplexRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := usual()
		h := f.host(t)
		c := openCall(t, h, Choice{})
		c.run(10 * time.Second)
		if c.silent > 0 {
			t.Errorf("%d frames of silence", c.silent)
		}
		c.rate("ten seconds", 1000, 3)
		s := c.d.Stats()
		if s.Microphone.Overruns != 0 || s.Speaker.Underruns != 0 || s.Microphone.Lost+s.Speaker.Lost != 0 {
			t.Errorf("%+v", s)
		}
		if !s.Microphone.Live || s.Microphone.Device.ID != "mic" || s.Speaker.Queued > 30*time.Millisecond {
			t.Errorf("%+v", s)
		}
		if f.stream(0).id != "" || f.stream(1).id != "" {
			t.Error("the default was opened by ID and will not follow the system")
		}
		if err := errors.Join(c.d.Close(), c.d.Close(), h.Close(), h.Close()); err != nil {
			t.Error(err)
		}
		if !f.stream(0).isClosed() || !f.stream(1).isClosed() || f.dropped != f.made {
			t.Error("not everything was given back")
		}
		if c.d.Read(c.last) || c.d.Room() {
			t.Error("closed and goes on")
		}
	})
}

// TestDeviceGoes takes both devices away: after 200 ms silence stands in, in
// real time, and what comes back is used again.
func TestDeviceGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, c := usualCall(t)
		c.run(5 * time.Second)
		c.rate("before", 500, 3)

		f.set(func() { f.openErr = ErrFailed })
		f.stream(0).unplug(true)
		f.stream(1).unplug(true)
		c.run(200 * time.Millisecond)
		c.rate("until it is noticed", 0, 2)
		c.run(400 * time.Millisecond)
		c.rate("silence stands in", 40, 2)
		c.run(400 * time.Millisecond)
		select {
		case <-c.d.Lost():
		default:
			t.Error("not told lost")
		}
		c.run(9 * time.Second)
		if c.silent < 900 {
			t.Errorf("%d frames of silence in 9.4 s", c.silent)
		}
		c.rate("lost", 940, 4)
		if s := c.d.Stats(); s.Microphone.Live || s.Speaker.Live || s.Microphone.Lost != 1 || s.Speaker.Lost != 1 {
			t.Errorf("%+v", s)
		}
		if !f.stream(0).isClosed() || !f.stream(1).isClosed() {
			t.Error("lost devices were not given back")
		}

		f.set(func() { f.openErr = nil })
		c.run(2 * time.Second)
		c.rate("coming back", 200, 25)
		c.run(2 * time.Second)
		if c.silent > 0 {
			t.Errorf("%d frames of silence from a device that is back", c.silent)
		}
		c.rate("back", 200, 3)
		if s := c.d.Stats(); !s.Microphone.Live || s.Microphone.Reopened != 1 || s.Speaker.Reopened != 1 {
			t.Errorf("%+v", s)
		}
		if err := c.d.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestNamedDeviceGoes: the default takes the place of what was chosen.
func TestNamedDeviceGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := usual()
		headset := Info{ID: "usb", Name: "Headset"}
		f.mics, f.speakers = append(f.mics, headset), append(f.speakers, headset)
		h := f.host(t)
		defer h.Close()
		c := openCall(t, h, Choice{Microphone: "headset", Speaker: "usb"})
		c.run(4 * time.Second)
		if f.stream(0).id != "usb" || f.stream(1).id != "usb" {
			t.Fatalf("opened %q and %q", f.stream(0).id, f.stream(1).id)
		}
		f.set(func() { f.mics, f.speakers = f.mics[:1], f.speakers[:1] })
		f.stream(0).unplug(true)
		f.stream(1).unplug(true)
		c.run(2 * time.Second)
		if s := c.d.Stats(); s.Microphone.Device.ID != "mic" || s.Speaker.Device.ID != "spk" || !s.Speaker.Live {
			t.Errorf("%+v", s)
		}
	})
}

// TestHeadsetComesAndGoes: the device that is wanted more takes over as soon as
// it is there, and hands over to the next one when it goes; each change is told,
// and little sound is missed.
func TestHeadsetComesAndGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := usual()
		h := f.host(t)
		defer h.Close()
		var mu sync.Mutex
		var told []Event
		h.told = func(e Event) {
			mu.Lock()
			defer mu.Unlock()
			if e.Direction == Microphone {
				told = append(told, e)
			}
		}
		c := openCall(t, h, Choice{Microphones: []string{"Jabra"}, Speakers: []string{"Jabra"}})
		c.run(5 * time.Second)
		if s := c.d.Stats(); s.Microphone.Device.ID != "mic" || s.Speaker.Device.ID != "spk" {
			t.Fatalf("%+v", s)
		}
		usb := Info{ID: "usb", Name: "Jabra Evolve2"}
		f.set(func() { f.mics, f.speakers = append(f.mics, usb), append(f.speakers, usb) })
		c.run(100 * time.Millisecond)
		c.rate("before", 510, 5)
		c.run(2900 * time.Millisecond)
		if s := c.d.Stats(); s.Microphone.Device != usb || s.Speaker.Device != usb || s.Microphone.Lost != 0 {
			t.Errorf("the headset has come: %+v", s)
		}
		c.rate("changing over", 290, 8)
		if !f.stream(0).isClosed() || !f.stream(1).isClosed() {
			t.Error("the devices before were not given back")
		}
		c.run(4 * time.Second)
		n := f.opened()
		f.set(func() { f.mics, f.speakers = f.mics[:1], f.speakers[:1] })
		f.stream(n - 1).unplug(true)
		f.stream(n - 2).unplug(true)
		c.run(2 * time.Second)
		if s := c.d.Stats(); s.Microphone.Device.ID != "mic" || s.Speaker.Device.ID != "spk" || !s.Speaker.Live {
			t.Errorf("the headset has gone: %+v", s)
		}
		mu.Lock()
		defer mu.Unlock()
		want := []Event{
			{Microphone, usb, ""}, // that it was not there at the beginning is no news
			{Microphone, Info{}, "Jabra Evolve2"},
			{Microphone, Info{ID: "mic", Name: "Microphone", Default: true}, "Jabra"},
		}
		if len(told) != len(want) {
			t.Fatalf("told %+v", told)
		}
		for i := range want {
			want[i].Device.Name, told[i].Device.Name = "", ""
			if told[i] != want[i] {
				t.Errorf("told %+v, want %+v", told[i], want[i])
			}
		}
	})
}

// TestDeadHeadset: a device that is wanted more, opens and gives nothing takes
// no call away from one that is well, and is not gone back to when that goes.
func TestDeadHeadset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := usual()
		h := f.host(t)
		defer h.Close()
		c := openCall(t, h, Choice{Microphones: []string{"Jabra"}, Speakers: []string{"Jabra"}})
		c.run(4 * time.Second)
		usb := Info{ID: "usb", Name: "Jabra Evolve2"}
		f.set(func() {
			f.mics, f.speakers = append(f.mics, usb), append(f.speakers, usb)
			f.dead = "usb"
		})
		c.silent = 0
		c.run(10 * time.Second)
		if s := c.d.Stats(); s.Microphone.Device.ID != "mic" || s.Speaker.Device.ID != "spk" || s.Microphone.Lost+s.Speaker.Lost != 0 {
			t.Errorf("taken away: %+v", s)
		}
		if c.silent > 0 {
			t.Errorf("%d frames of silence", c.silent)
		}
		f.stream(0).unplug(true)
		f.stream(1).unplug(true)
		c.run(3 * time.Second)
		if s := c.d.Stats(); s.Microphone.Device.ID != "mic" || s.Speaker.Device.ID != "spk" {
			t.Errorf("after the good one has stumbled: %+v", s)
		}
		f.set(func() { f.dead = "" })
		c.run(deadEvery + 5*time.Second)
		if s := c.d.Stats(); s.Microphone.Device != usb || s.Speaker.Device != usb {
			t.Errorf("it has woken: %+v", s)
		}
		if err := c.d.Close(); err != nil {
			t.Error(err)
		}
		for i := range f.opened() {
			if !f.stream(i).isClosed() {
				t.Errorf("stream %d was not given back", i)
			}
		}
	})
}

// TestDeadFromTheStart: a call that begins on a device that gives nothing goes
// over to the next one.
func TestDeadFromTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := usual()
		usb := Info{ID: "usb", Name: "Jabra"}
		f.mics, f.dead = append(f.mics, usb), "usb"
		h := f.host(t)
		defer h.Close()
		c := openCall(t, h, Choice{Microphones: []string{"Jabra"}})
		c.run(8 * time.Second)
		if s := c.d.Stats(); s.Microphone.Device.ID != "mic" {
			t.Errorf("%+v", s)
		}
	})
}

// TestStandIn: a named device that is not there yet does not keep a call from
// being made, where that was asked for, and is waited for.
func TestStandIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := usual()
		h := f.host(t)
		defer h.Close()
		if _, err := h.OpenDuplex(t.Context(), Choice{Microphone: "Jabra"}); err == nil {
			t.Fatal("opened what is not there")
		}
		told := make(chan Event, 8)
		h.told = func(e Event) { told <- e }
		c := openCall(t, h, Choice{Microphone: "Jabra", StandIn: true})
		if e := <-told; e.Device.ID != "mic" || e.Missing != "Jabra" || len(told) != 0 {
			t.Errorf("told %+v", e)
		}
		c.run(time.Second)
		if s := c.d.Stats(); s.Microphone.Device.ID != "mic" {
			t.Errorf("%+v", s)
		}
		f.set(func() { f.mics = append(f.mics, Info{ID: "usb", Name: "Jabra"}) })
		c.run(3 * time.Second)
		if s := c.d.Stats(); s.Microphone.Device.ID != "usb" {
			t.Errorf("it has come: %+v", s)
		}
	})
}

// TestStartsLate: a device that takes long to begin is not taken for dead.
func TestStartsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, c := usualCall(t)
		f.stream(0).unplug(true)
		f.stream(1).unplug(true)
		c.run(2500 * time.Millisecond)
		c.rate("meanwhile", 244, 5)
		f.stream(0).unplug(false)
		f.stream(1).unplug(false)
		c.run(5 * time.Second)
		c.rate("then", 500, 5)
		if s := c.d.Stats(); s.Microphone.Lost+s.Speaker.Lost != 0 || f.opened() != 2 {
			t.Errorf("%+v", s)
		}
	})
}

// TestMicrophoneDelay: what nobody has read does not stay behind as delay.
func TestMicrophoneDelay(t *testing.T) {
	tests := []struct {
		name     string
		burst    int // ms that come at once
		overruns bool
		most     time.Duration // what may wait after the first read
	}{
		{"a late moment is kept", 60, false, 80 * time.Millisecond},
		{"a long one is cut", 150, true, 40 * time.Millisecond},
		{"a ring that was full is emptied", 1500, true, 10 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, c := usualCall(t)
				c.run(time.Second)
				for range tt.burst / 10 {
					f.stream(0).call(audio.FrameLen)
				}
				c.d.Read(make([]int16, audio.FrameLen))
				s := c.d.Stats().Microphone
				if s.Queued > tt.most || (s.Overruns > 0) != tt.overruns {
					t.Errorf("%v wait, %d samples dropped", s.Queued, s.Overruns)
				}
			})
		})
	}
}

// TestFirstRead: what was recorded while the call was being made is dropped
// but for 60 ms, and not counted as lost.
func TestFirstRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := usualCall(t)
		time.Sleep(205 * time.Millisecond)
		synctest.Wait()
		frame := make([]int16, audio.FrameLen)
		if !c.d.Read(frame) || frame[0] != 14*audio.FrameLen+1 {
			t.Errorf("the first frame begins with sample %d", frame[0])
		}
		if s := c.d.Stats().Microphone; s.Queued != 50*time.Millisecond || s.Overruns != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// TestSpeakerUnderrun: a late writer costs silence, which is counted, and
// silence before the first frame is not.
func TestSpeakerUnderrun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := usual()
		h := f.host(t)
		defer h.Close()
		out, err := h.OpenOutput(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(105 * time.Millisecond)
		if s := out.Stats(); s.Underruns != 0 {
			t.Errorf("%d before the first frame", s.Underruns)
		}
		n := 0
		for frame := make([]int16, audio.FrameLen); out.Room(); n++ {
			out.Write(frame)
		}
		if n != 2 {
			t.Errorf("room for %d frames, want 2", n)
		}
		time.Sleep(50 * time.Millisecond)
		if s := out.Stats(); s.Underruns != 3*audio.FrameLen {
			t.Errorf("%d samples of silence, want %d", s.Underruns, 3*audio.FrameLen)
		}
	})
}

func TestOpenFails(t *testing.T) {
	jabra := ErrNotFound{Name: "Jabra"}
	tests := []struct {
		name     string
		machine  func(f *fakeSystem)
		choice   Choice
		mic, spk error
	}{
		{"no sound system", func(f *fakeSystem) { f.listErr = ErrNoDevice }, Choice{}, ErrNoDevice, ErrNoDevice},
		{"no microphone", func(f *fakeSystem) { f.mics = nil }, Choice{}, ErrNoDevice, nil},
		{"no speaker", func(f *fakeSystem) { f.speakers = nil }, Choice{}, nil, ErrNoDevice},
		{"no such microphone", func(*fakeSystem) {}, Choice{Microphone: "Jabra"}, jabra, nil},
		{"busy", func(f *fakeSystem) { f.openErr = ErrBusy }, Choice{}, ErrBusy, ErrBusy},
		{"refused, and the speaker is null", func(f *fakeSystem) { f.openErr = ErrDenied }, Choice{Speaker: Null}, ErrDenied, nil},
		{"it hangs", func(f *fakeSystem) { f.hang = make(chan struct{}) }, Choice{}, ErrHung, ErrHung},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := usual()
				tt.machine(f)
				h := f.host(t)
				d, err := h.OpenDuplex(t.Context(), tt.choice)
				if d != nil {
					t.Fatal("opened")
				}
				if got := Failed(err, Microphone); !errors.Is(got, tt.mic) {
					t.Errorf("microphone: %v, want %v", got, tt.mic)
				}
				if got := Failed(err, Speaker); !errors.Is(got, tt.spk) {
					t.Errorf("speaker: %v, want %v", got, tt.spk)
				}
				for i := range f.opened() {
					if !f.stream(i).isClosed() {
						t.Error("the half that could be opened was left open")
					}
				}
				if f.hang != nil {
					close(f.hang)
				}
				if err := h.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestNullNeedsNothing: no sound system is asked.
func TestNullNeedsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSystem{listErr: ErrNoDevice}
		h := f.host(t)
		c := openCall(t, h, Choice{Microphone: Null, Speaker: Null})
		c.run(10 * time.Second)
		if c.silent != c.captured {
			t.Errorf("%d of %d frames silent", c.silent, c.captured)
		}
		c.rate("ten seconds", 1000, 2)
		if err := errors.Join(c.d.Close(), h.Close()); err != nil || f.made != 0 {
			t.Errorf("%v, %d drivers", err, f.made)
		}
	})
}

// TestCloseHangs: Close is bounded by 3 s for both halves together, and what
// hung is given back when it can be.
func TestCloseHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := usual()
		h := f.host(t)
		c := openCall(t, h, Choice{})
		c.run(time.Second)
		hang := make(chan struct{})
		f.set(func() { f.hang = hang })
		start := time.Now()
		if err := c.d.Close(); !errors.Is(err, ErrHung) {
			t.Errorf("Close: %v", err)
		}
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("Close took %v", took)
		}
		f.set(func() { f.hang = nil })
		close(hang)
		if err := h.Close(); err != nil {
			t.Errorf("the host: %v", err)
		}
		if !f.stream(0).isClosed() || !f.stream(1).isClosed() {
			t.Error("what hung was not given back")
		}
	})
}

// TestHostClosesEverything: also what is being opened.
func TestHostClosesEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := usual()
		h := f.host(t)
		c := openCall(t, h, Choice{})
		hang := make(chan struct{})
		f.set(func() { f.hang = hang })
		failed := make(chan error)
		go func() {
			_, err := h.OpenInput(context.Background(), "")
			failed <- err
		}()
		synctest.Wait()
		time.AfterFunc(time.Second, func() { f.set(func() { f.hang = nil }); close(hang) })
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		if err := <-failed; !errors.Is(err, ErrClosed) {
			t.Errorf("the open call: %v", err)
		}
		for i := range f.opened() {
			if !f.stream(i).isClosed() {
				t.Errorf("stream %d was left open", i)
			}
		}
		if _, err := h.OpenInput(t.Context(), ""); !errors.Is(err, ErrClosed) {
			t.Errorf("open after Close: %v", err)
		}
		if c.d.Read(make([]int16, audio.FrameLen)) {
			t.Error("a closed device reads")
		}
	})
}

// TestNoAllocations: nothing on the audio path allocates.
func TestNoAllocations(t *testing.T) {
	h := usual().host(t)
	defer h.Close()
	l := newGoLine()
	o := &opened{stream: &fakeStream{goLine: l}}
	f := &half{host: h}
	f.info.Store(&Info{})
	f.cur.Store(o)
	in, out := newInput(f), newOutput(&half{host: h})
	spk := newGoLine()
	out.half.cur.Store(&opened{stream: &fakeStream{goLine: spk}})
	frame := make([]int16, audio.FrameLen)
	got := 0
	if n := testing.AllocsPerRun(1000, func() {
		l.record(frame)
		if in.Read(frame) {
			got++
		}
		for out.Room() {
			out.Write(frame)
		}
		spk.fill(frame)
	}); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
	if got < 1000 {
		t.Errorf("only %d frames were read", got)
	}
}
