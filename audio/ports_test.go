package audio_test

import (
	"errors"
	"io"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest"
)

// watch is a clock that the test sets.
type watch struct{ now time.Time }

func newWatch() *watch { return &watch{now: time.Unix(500, 0)} }

func (w *watch) Now() time.Time          { return w.now }
func (w *watch) advance(d time.Duration) { w.now = w.now.Add(d) }

func TestNullPortsKeepTheContract(t *testing.T) {
	audiotest.RunDeviceSuite(t, func() audio.Duplex {
		return audio.Join(audio.NewNullInput(nil), audio.NewNullOutput(nil))
	})
}

func TestInputsFollowTheClock(t *testing.T) {
	frame := make([]int16, audio.FrameLen)
	for name, make := range map[string]func(audio.Clock) audio.Input{
		"null": func(c audio.Clock) audio.Input { return audio.NewNullInput(c) },
		"file": func(c audio.Clock) audio.Input { return audio.NewFileInput(&listed{}, c) },
	} {
		w := newWatch()
		in := make(w.Now)
		count := func() (n int) {
			for in.Read(frame) {
				n++
			}
			return n
		}
		for i, step := range []struct {
			by   time.Duration
			want int
		}{
			{0, 0}, {9 * time.Millisecond, 0}, {time.Millisecond, 1}, {0, 0}, {25 * time.Millisecond, 2}, {5 * time.Millisecond, 1},
			{150 * time.Millisecond, 15},
			// A machine that slept: what is too old is skipped.
			{time.Hour, 1}, {10 * time.Millisecond, 1}, {10 * time.Millisecond, 1},
		} {
			w.advance(step.by)
			if n := count(); n != step.want {
				t.Errorf("%s: step %d: %d frames, want %d", name, i, n, step.want)
			}
		}
	}
}

func TestNullOutputFollowsTheClock(t *testing.T) {
	w := newWatch()
	out := audio.NewNullOutput(w.Now)
	frame := make([]int16, audio.FrameLen)
	n := 0
	for range 1000 {
		w.advance(3 * time.Millisecond)
		for out.Room() {
			if !out.Room() {
				t.Fatal("asking twice takes the room away")
			}
			out.Write(frame)
			n++
		}
	}
	if n != 300 && n != 299 {
		t.Errorf("%d frames in 3 s", n)
	}
}

// listed is a source of given blocks.
type listed struct {
	blocks [][]int16
	err    error
}

func (l *listed) Read(dst []int16) (int, error) {
	if len(l.blocks) == 0 {
		if l.err != nil {
			return 0, l.err
		}
		return 0, io.EOF
	}
	n := copy(dst, l.blocks[0])
	if l.blocks[0] = l.blocks[0][n:]; len(l.blocks[0]) == 0 {
		l.blocks = l.blocks[1:]
	}
	return n, nil
}

func TestFileInputPlaysThenIsSilent(t *testing.T) {
	broken := errors.New("disk on fire")
	for name, want := range map[string]error{"whole": nil, "broken": broken} {
		w := newWatch()
		in := audio.NewFileInput(&listed{blocks: [][]int16{ramp(1, 300), ramp(301, 400)}, err: want}, w.Now)
		frame := make([]int16, audio.FrameLen)
		read := func() []int16 {
			for i := range frame {
				frame[i] = -1
			}
			for !in.Read(frame) {
				w.advance(time.Millisecond)
			}
			return frame
		}
		if f := read(); f[0] != 1 || f[479] != 480 {
			t.Errorf("%s: first frame %d ... %d", name, f[0], f[479])
		}
		select {
		case <-in.Done():
			t.Errorf("%s: over too early", name)
		default:
		}
		if in.Err() != nil {
			t.Errorf("%s: an error before the end: %v", name, in.Err())
		}
		if f := read(); f[0] != 481 || f[219] != 700 || f[220] != 0 || f[479] != 0 {
			t.Errorf("%s: second frame %d ... %d %d", name, f[0], f[219], f[220])
		}
		if f := read(); f[0] != 0 || f[479] != 0 {
			t.Errorf("%s: not silent afterwards", name)
		}
		<-in.Done()
		if !errors.Is(in.Err(), want) {
			t.Errorf("%s: %v", name, in.Err())
		}
	}
}

func ramp(from, n int) []int16 {
	pcm := make([]int16, n)
	for i := range pcm {
		pcm[i] = int16(from + i)
	}
	return pcm
}

// closer notes when it was closed.
type closer struct {
	log  *[]string
	name string
	err  error
}

func (c closer) Close() error {
	*c.log = append(*c.log, c.name)
	return c.err
}

func TestJoinClosesOnceTheLastFirst(t *testing.T) {
	var log []string
	bad := errors.New("stuck")
	d := audio.Join(audio.NewNullInput(nil), audio.NewNullOutput(nil),
		closer{&log, "file", nil}, closer{&log, "device", bad}, closer{&log, "context", nil})
	for range 2 {
		if err := d.Close(); !errors.Is(err, bad) {
			t.Errorf("Close: %v", err)
		}
	}
	if len(log) != 3 || log[0] != "context" || log[1] != "device" || log[2] != "file" {
		t.Errorf("closed %v", log)
	}
	if err := audio.Join(audio.NewNullInput(nil), audio.NewNullOutput(nil)).Close(); err != nil {
		t.Errorf("nothing to close: %v", err)
	}
}

// closable is a microphone that can be given back.
type closable struct {
	audio.Input
	closed int
}

func (c *closable) Close() error { c.closed++; return nil }

func TestJoinClosesItsInput(t *testing.T) {
	mic := &closable{Input: audio.NewNullInput(nil)}
	d, ok := audio.Join(mic, audio.NewNullOutput(nil)).(audio.InputCloser)
	if !ok {
		t.Fatal("a joined device cannot give its microphone back")
	}
	if err := d.CloseInput(); err != nil || mic.closed != 1 {
		t.Errorf("closed %d times, %v", mic.closed, err)
	}
	silent := audio.Join(audio.NewNullInput(nil), audio.NewNullOutput(nil)).(audio.InputCloser)
	if err := silent.CloseInput(); err != nil {
		t.Error(err)
	}
}
