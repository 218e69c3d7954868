package audio

import (
	"sync"
	"sync/atomic"
	"time"
)

const (
	// recorderRoom is how much sound may wait for the disk: five seconds.
	recorderRoom = 5 * Rate
	// recorderTick is how often it is written out.
	recorderTick = 100 * time.Millisecond
)

// Recorder lets the audio goroutine write a file without ever waiting for the
// disk: frames go through a ring to a goroutine of the recorder's own, which
// Close ends. Sound that the disk is five seconds too slow for is lost and
// counted.
type Recorder struct {
	ring *Ring
	file *WAVWriter
	stop chan struct{}
	done chan struct{}
	once sync.Once
	err  error // set before done is closed
	shut atomic.Bool
}

// NewRecorder starts a recorder, which from now on owns the file.
func NewRecorder(file *WAVWriter) *Recorder {
	r := &Recorder{ring: NewRing(recorderRoom), file: file, stop: make(chan struct{}), done: make(chan struct{})}
	go r.run()
	return r
}

// Write takes one frame, or any other number of samples, and does not wait,
// lock or allocate. It is for one goroutine at a time. After Close it does
// nothing.
func (r *Recorder) Write(pcm []int16) {
	if !r.shut.Load() {
		r.ring.Write(pcm)
	}
}

// Lost is how many samples the file lacks because the disk was too slow.
func (r *Recorder) Lost() uint64 { return r.ring.Stats().Dropped }

// Close writes out what waits, completes the file and ends the goroutine. It
// returns the first error of the file, each time it is called.
func (r *Recorder) Close() error {
	r.once.Do(func() {
		r.shut.Store(true)
		close(r.stop)
	})
	<-r.done
	return r.err
}

func (r *Recorder) run() {
	defer close(r.done)
	t := time.NewTicker(recorderTick)
	defer t.Stop()
	block := make([]int16, 10*FrameLen)
	for stopping := false; !stopping; {
		select {
		case <-t.C:
		case <-r.stop:
			stopping = true
		}
		r.drain(block)
	}
	r.err = r.file.Close()
}

// drain moves what is in the ring to the file. The file keeps its error.
func (r *Recorder) drain(block []int16) {
	for n := r.ring.Len(); n > 0; n = r.ring.Len() {
		k := r.ring.Read(block[:min(n, len(block))])
		_ = r.file.Write(block[:k])
	}
}
