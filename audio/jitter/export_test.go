package jitter

import "time"

// Position is where on the time line of the sender the next sample stands: from
// it and the clock a test knows the playout delay.
func (b *Buffer) Position() time.Duration { return span(b.out.pos - int64(b.out.n)) }
