package audio_test

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"nxphone/audio"
)

func TestRingKeepsOrderAndCounts(t *testing.T) {
	r := audio.NewRing(5)
	if r.Cap() != 8 || r.Len() != 0 || r.Free() != 8 {
		t.Fatalf("new ring: cap %d len %d free %d", r.Cap(), r.Len(), r.Free())
	}
	if n := r.Write([]int16{1, 2, 3, 4, 5, 6}); n != 6 || r.Len() != 6 || r.Free() != 2 {
		t.Fatalf("wrote %d, len %d", n, r.Len())
	}
	got := make([]int16, 4)
	if n := r.Read(got); n != 4 || got[0] != 1 || got[3] != 4 {
		t.Fatalf("read %d: %v", n, got)
	}
	// Over the end of the buffer, and three too many.
	if n := r.Write([]int16{7, 8, 9, 10, 11, 12, 13, 14, 15}); n != 6 {
		t.Fatalf("wrote %d", n)
	}
	if n := r.Discard(1); n != 1 {
		t.Fatalf("discarded %d", n)
	}
	all := make([]int16, 9)
	n := r.Read(all)
	for i, want := range []int16{6, 7, 8, 9, 10, 11, 12, 0, 0} {
		if all[i] != want {
			t.Fatalf("read %d: %v", n, all)
		}
	}
	want := audio.RingStats{Overruns: 1, Dropped: 3, Underruns: 1, Missing: 2}
	if s := r.Stats(); s != want {
		t.Errorf("stats %+v, want %+v", s, want)
	}
	if n := r.Discard(5); n != 0 {
		t.Errorf("discarded %d of nothing", n)
	}
	if n := r.Discard(-1); n != 0 {
		t.Errorf("discarded %d", n)
	}
}

// Two goroutines, blocks of every length: the numbers come out in order, none
// twice, none lost while the writer waits for room. A third one looks on.
func TestRingBetweenGoroutines(t *testing.T) {
	const total = 300_000
	r := audio.NewRing(512)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		rng := rand.New(rand.NewPCG(1, 1))
		buf := make([]int16, 200)
		for next := 0; next < total; {
			n := min(1+rng.IntN(200), r.Free(), total-next)
			for i := range n {
				buf[i] = int16(next + i)
			}
			if got := r.Write(buf[:n]); got != n {
				t.Errorf("Free said %d, Write took %d", n, got)
				return
			}
			next += n
			if n == 0 {
				runtime.Gosched()
			}
		}
	})
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				if n := r.Len(); n < 0 || n > r.Cap() {
					t.Errorf("Len %d", n)
					return
				}
				runtime.Gosched()
			}
		}
	})
	rng := rand.New(rand.NewPCG(2, 2))
	buf := make([]int16, 200)
	for next := 0; next < total && !t.Failed(); {
		n := r.Read(buf[:min(1+rng.IntN(200), r.Len())])
		for i, x := range buf[:n] {
			if x != int16(next+i) {
				t.Fatalf("at %d: got %d", next+i, x)
			}
		}
		next += n
		if n == 0 {
			runtime.Gosched()
		}
	}
	close(stop)
	wg.Wait()
	if s := r.Stats(); s != (audio.RingStats{}) {
		t.Errorf("stats %+v", s)
	}
}

func TestRingDoesNotAllocate(t *testing.T) {
	r := audio.NewRing(4096)
	frame := make([]int16, audio.FrameLen)
	if n := testing.AllocsPerRun(1000, func() {
		r.Write(frame)
		r.Read(frame)
		_ = r.Stats()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkRing(b *testing.B) {
	r := audio.NewRing(4096)
	frame := make([]int16, audio.FrameLen)
	b.SetBytes(2 * audio.FrameLen)
	for b.Loop() {
		r.Write(frame)
		r.Read(frame)
	}
}
