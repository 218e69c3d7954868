package stream

import (
	"encoding/binary"
	"strings"
	"time"
)

// Timing of a digit. 100 ms are recognised by every gateway, and 70 ms of
// silence part two equal digits (ITU-T Q.24 asks for 40 each at least). The
// gap is rounded up to whole packets.
const (
	digitTicks = 5 // packets of 20 ms
	gapTicks   = 4
	tick       = 20 * time.Millisecond
	// volume in -dBm0 (RFC 4733 section 2.3.3).
	volume = 10
	// endings: RFC 4733 section 2.5.1.4 has the last packet sent three times.
	endings = 3
)

const digitCodes = "0123456789*#ABCD" // in the order of RFC 4733 section 3.2

// IsDigit reports whether r is one of 0-9 * # A-D.
func IsDigit(r rune) bool { return r < 128 && strings.IndexByte(digitCodes, byte(r)) >= 0 }

// Keypad turns queued digits into the packets of RFC 4733, 20 ms by 20 ms.
type Keypad struct {
	queue []rune
	now   rune // the digit under way, 0 for none
	done  int  // ticks of it that have been sent
	gap   int  // ticks of silence left before the next
	stamp uint32
	buf   [4]byte
}

// Press queues a digit; what is none is ignored.
func (k *Keypad) Press(r rune) {
	if IsDigit(r) {
		k.queue = append(k.queue, r)
	}
}

// Busy reports whether the next tick belongs to the keypad and not to voice.
func (k *Keypad) Busy() bool { return k.now != 0 || len(k.queue) > 0 }

// Forget drops what is queued and under way. A digit that the far end has begun
// to hear ends there by its own time-out (RFC 4733 section 2.5.1.4).
func (k *Keypad) Forget() { *k = Keypad{} }

// Burst is what a tick sends: Copies packets of the same Payload, all with
// Timestamp, the first marked if Marker. Copies may be 0: a gap.
type Burst struct {
	Payload   []byte // valid until the next Tick
	Timestamp uint32
	Marker    bool
	Copies    int
	// Sent is the digit that is complete with this burst, else 0.
	Sent rune
}

// Tick gives the packets of the coming 20 ms, which begin at the timestamp
// stamp on a clock of so many Hz. It is called only while Busy.
func (k *Keypad) Tick(stamp uint32, clock int) Burst {
	if k.now == 0 {
		if k.gap > 0 {
			k.gap--
			return Burst{}
		}
		k.now, k.done, k.stamp = k.queue[0], 0, stamp
		k.queue = k.queue[1:]
	}
	k.done++
	end := k.done == digitTicks
	b := Burst{Timestamp: k.stamp, Marker: k.done == 1, Copies: 1}
	k.buf[0] = byte(strings.IndexByte(digitCodes, byte(k.now)))
	k.buf[1] = volume
	if end {
		k.buf[1] |= 0x80
		b.Copies, b.Sent = endings, k.now
		k.now, k.gap = 0, gapTicks
	}
	duration := time.Duration(k.done) * tick * time.Duration(clock) / time.Second
	binary.BigEndian.PutUint16(k.buf[2:], uint16(duration))
	b.Payload = k.buf[:]
	return b
}

// Rest lets a gap pass while voice is sent.
func (k *Keypad) Rest() { k.gap = max(k.gap-1, 0) }
