package main

import (
	"encoding/binary"
	"io"
	"os"
	"sync"
	"time"

	"nxphone/audio"
)

// recorder keeps what a sink plays, with the time of every sample. One goroutine
// reads until stop.
type recorder struct {
	from *os.File
	done sync.WaitGroup

	mu    sync.Mutex
	pcm   []int16
	marks []mark
}

// mark says that n samples had come at a time.
type mark struct {
	n  int
	at time.Time
}

// record reads a pipe of a desktop.
func record(from *os.File) *recorder {
	r := &recorder{from: from}
	r.done.Go(r.read)
	return r
}

func (r *recorder) read() {
	eachPiece(r.from, func(pcm []int16, at time.Time) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.pcm = append(r.pcm, pcm...)
		r.marks = append(r.marks, mark{len(r.pcm), at})
	})
}

// eachPiece hands on what comes out of a pipe of a desktop, and when each piece
// came, until the pipe is closed or the sound server has gone. The samples are
// the function's until it returns.
func eachPiece(from io.Reader, on func(pcm []int16, at time.Time)) {
	buf := make([]byte, 1<<16)
	pcm := make([]int16, 0, len(buf)/2)
	half := 0 // bytes of a sample that has not come as a whole
	for {
		n, err := from.Read(buf[half:])
		at := time.Now()
		if n > 0 {
			n += half
			pcm = pcm[:0]
			for i := 0; i+1 < n; i += 2 {
				pcm = append(pcm, int16(binary.LittleEndian.Uint16(buf[i:])))
			}
			on(pcm, at)
			if half = n & 1; half == 1 {
				buf[0] = buf[n-1]
			}
		}
		if err != nil {
			return // which the length of what was heard shows
		}
	}
}

// stop ends the recording.
func (r *recorder) stop() recording {
	r.from.Close()
	r.done.Wait()
	return newRecording(r.pcm, r.marks)
}

// samples is how many have come so far.
func (r *recorder) samples() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.pcm)
}

// recording is sound with its time.
type recording struct {
	pcm []int16
	// zero[s] is when the recording would have begun, by the samples of its second
	// number s: later where samples were lost.
	zero []time.Time
}

// newRecording works out the times. A program may be late to read, but never
// early: of all the marks of three seconds, the earliest beginning counts.
func newRecording(pcm []int16, marks []mark) recording {
	r := recording{pcm: pcm, zero: make([]time.Time, len(pcm)/audio.Rate+1)}
	least := make([]time.Time, len(r.zero))
	for _, m := range marks {
		zero := m.at.Add(-span(m.n))
		if s := min(m.n/audio.Rate, len(least)-1); least[s].IsZero() || zero.Before(least[s]) {
			least[s] = zero
		}
	}
	for s := range r.zero {
		for i := max(0, s-1); i <= min(s+1, len(least)-1); i++ {
			if z := least[i]; !z.IsZero() && (r.zero[s].IsZero() || z.Before(r.zero[s])) {
				r.zero[s] = z
			}
		}
		if r.zero[s].IsZero() && s > 0 {
			r.zero[s] = r.zero[s-1] // seconds that came in one piece
		}
	}
	return r
}

// span is how long n samples last.
func span(n int) time.Duration { return time.Duration(n) * time.Second / audio.Rate }

// when is the time of a sample.
func (r recording) when(i int) time.Time {
	return r.zero[min(max(i, 0)/audio.Rate, len(r.zero)-1)].Add(span(i))
}

// index is the sample of a time, which may lie outside of the recording.
func (r recording) index(at time.Time) int {
	i := int(at.Sub(r.zero[0]).Seconds() * audio.Rate)
	for range 2 { // the second that it lies in has a beginning of its own
		i += int(at.Sub(r.when(i)).Seconds() * audio.Rate)
	}
	return i
}

// cut is the sound from a time on, n samples of it, with silence where there is
// none.
func (r recording) cut(from time.Time, n int) []int16 {
	out := make([]int16, n)
	i := r.index(from)
	if i < 0 {
		if -i < n {
			copy(out[-i:], r.pcm)
		}
	} else if i < len(r.pcm) {
		copy(out, r.pcm[i:])
	}
	return out
}
