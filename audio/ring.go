package audio

import "sync/atomic"

// Ring is a queue of samples between exactly one writing and one reading
// goroutine (or device callback). Neither side waits, locks or allocates: a
// writer that finds no room loses what does not fit, a reader that finds too
// little gets what there is, and both are counted.
//
// Write and Free belong to the writer, Read and Discard to the reader; Len,
// Cap and Stats may be called from anywhere. A Ring must not be copied.
type Ring struct {
	buf  []int16
	mask uint64
	// The two positions only grow; each has one owner and lies in its own
	// cache line, so that the sides do not slow each other down.
	_       [64]byte
	written atomic.Uint64
	_       [56]byte
	read    atomic.Uint64
	_       [56]byte

	overruns, dropped  atomic.Uint64 // the writer's
	underruns, missing atomic.Uint64 // the reader's
}

// RingStats counts what did not fit together since the ring was made.
type RingStats struct {
	// Overruns is how many Writes lost something, Dropped how many samples
	// they lost.
	Overruns, Dropped uint64
	// Underruns is how many Reads got too little, Missing how many samples
	// they lacked.
	Underruns, Missing uint64
}

// NewRing makes a ring that holds at least size samples, rounded up to a power
// of two.
func NewRing(size int) *Ring {
	n := 1
	for n < size {
		n *= 2
	}
	return &Ring{buf: make([]int16, n), mask: uint64(n - 1)}
}

// Cap is how many samples the ring can hold.
func (r *Ring) Cap() int { return len(r.buf) }

// Len is how many samples can be read now. For the reader it can only grow
// until it reads, for the writer only shrink until it writes.
func (r *Ring) Len() int {
	// The reader's position first: read the other way round, a third goroutine
	// could see more read than written.
	read := r.read.Load()
	return min(int(r.written.Load()-read), len(r.buf))
}

// Free is how many samples can be written now.
func (r *Ring) Free() int { return len(r.buf) - r.Len() }

// Write appends src as far as there is room and returns how many samples that
// were.
func (r *Ring) Write(src []int16) int {
	at := r.written.Load()
	n := min(len(src), len(r.buf)-int(at-r.read.Load()))
	i := int(at & r.mask)
	k := copy(r.buf[i:], src[:n])
	copy(r.buf, src[k:n])
	r.written.Store(at + uint64(n))
	if n < len(src) {
		r.overruns.Add(1)
		r.dropped.Add(uint64(len(src) - n))
	}
	return n
}

// Read takes the oldest samples and returns how many there were. The rest of
// dst is left alone; a device callback fills it with silence.
func (r *Ring) Read(dst []int16) int {
	at := r.read.Load()
	n := min(len(dst), int(r.written.Load()-at))
	i := int(at & r.mask)
	k := copy(dst[:n], r.buf[i:])
	copy(dst[k:n], r.buf)
	r.read.Store(at + uint64(n))
	if n < len(dst) {
		r.underruns.Add(1)
		r.missing.Add(uint64(len(dst) - n))
	}
	return n
}

// Discard drops the oldest n samples, or all where there are fewer, and
// returns how many it dropped. They are not counted in Stats.
func (r *Ring) Discard(n int) int {
	at := r.read.Load()
	n = min(max(n, 0), int(r.written.Load()-at))
	r.read.Store(at + uint64(n))
	return n
}

// Stats reads the counters.
func (r *Ring) Stats() RingStats {
	return RingStats{
		Overruns:  r.overruns.Load(),
		Dropped:   r.dropped.Load(),
		Underruns: r.underruns.Load(),
		Missing:   r.missing.Load(),
	}
}
