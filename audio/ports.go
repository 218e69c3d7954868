package audio

import (
	"errors"
	"io"
	"sync"
	"time"
)

// Clock tells the time; time.Now is one.
type Clock func() time.Time

// maxBehind is how far a port may be behind its clock. What is older is
// skipped: a machine that wakes from sleep must not send hours of silence at
// once.
const maxBehind = 200 * time.Millisecond

// pacer deals out frames at the pace of a clock, from its first question on.
type pacer struct {
	now  Clock
	next time.Time // when the next frame is due; zero before the first question
}

// due reports whether another frame's time has come, and counts it if take.
func (p *pacer) due(take bool) bool {
	now := p.now()
	if p.next.IsZero() {
		p.next = now.Add(FrameDur)
	}
	if now.Before(p.next) {
		return false
	}
	if now.Sub(p.next) > maxBehind {
		p.next = now
	}
	if take {
		p.next = p.next.Add(FrameDur)
	}
	return true
}

// NullInput is a microphone that hears nothing: one frame of silence for each
// 10 ms of wall time.
type NullInput struct{ pace pacer }

// NewNullInput makes a silent microphone; a nil clock is time.Now.
func NewNullInput(now Clock) *NullInput { return &NullInput{pacer{now: orNow(now)}} }

// Read implements Input.
func (i *NullInput) Read(frame []int16) bool {
	if !i.pace.due(true) {
		return false
	}
	clear(frame)
	return true
}

// Source is where a FileInput takes its sound from; WAVReader is one.
type Source interface {
	// Read fills dst and returns how many samples there were; 0 with an error
	// at the end.
	Read(dst []int16) (int, error)
}

// FileInput is a microphone that hears a recording, one frame for each 10 ms
// of wall time, and silence when it is over.
type FileInput struct {
	pace pacer
	src  Source
	done chan struct{}
	over bool
	err  error
}

// NewFileInput makes a microphone out of a recording; a nil clock is time.Now.
// Reading it must be quick, as it is for a file on a disk of the machine: it
// happens inside Read.
func NewFileInput(src Source, now Clock) *FileInput {
	return &FileInput{pace: pacer{now: orNow(now)}, src: src, done: make(chan struct{})}
}

// Read implements Input.
func (i *FileInput) Read(frame []int16) bool {
	if !i.pace.due(true) {
		return false
	}
	n := 0
	for !i.over && n < len(frame) {
		k, err := i.src.Read(frame[n:])
		n += k
		if err != nil || k == 0 {
			i.finish(err)
		}
	}
	clear(frame[n:])
	return true
}

func (i *FileInput) finish(err error) {
	i.over = true
	if !errors.Is(err, io.EOF) {
		i.err = err
	}
	close(i.done)
}

// Done is closed when the recording is over.
func (i *FileInput) Done() <-chan struct{} { return i.done }

// Err is what ended the recording, nil for its end. It is to be asked for
// after Done.
func (i *FileInput) Err() error {
	select {
	case <-i.done:
		return i.err
	default:
		return nil
	}
}

// NullOutput is a speaker that nobody hears: it takes one frame for each 10 ms
// of wall time.
type NullOutput struct{ pace pacer }

// NewNullOutput makes a mute speaker; a nil clock is time.Now.
func NewNullOutput(now Clock) *NullOutput { return &NullOutput{pacer{now: orNow(now)}} }

// Room implements Output.
func (o *NullOutput) Room() bool { return o.pace.due(false) }

// Write implements Output.
func (o *NullOutput) Write([]int16) { o.pace.due(true) }

func orNow(now Clock) Clock {
	if now == nil {
		return time.Now
	}
	return now
}

// joined is two halves made into one device.
type joined struct {
	Input
	Output
	closers []io.Closer
	once    sync.Once
	err     error
}

// Join makes a device out of a microphone and a speaker. Close closes the
// closers once, the last first, and returns their errors, each time it is
// called.
func Join(in Input, out Output, closers ...io.Closer) Duplex {
	return &joined{Input: in, Output: out, closers: closers}
}

// CloseInput implements InputCloser, where the microphone can be closed alone.
func (j *joined) CloseInput() error {
	if c, ok := j.Input.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

func (j *joined) Close() error {
	j.once.Do(func() {
		var errs []error
		for i := len(j.closers) - 1; i >= 0; i-- {
			if err := j.closers[i].Close(); err != nil {
				errs = append(errs, err)
			}
		}
		j.err = errors.Join(errs...)
	})
	return j.err
}
