package jitter

import "time"

// Delay is the playout delay of the sample that Pull gives next, if the sender's
// timestamp 0 is the moment zero: what a test measures from outside the clocks.
func (b *Buffer) Position() time.Duration { return span(b.out.pos - int64(b.out.n)) }
