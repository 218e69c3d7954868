package jitter

import "sync/atomic"

const (
	// queueLen is how many packets may arrive between two pulls: more than two
	// seconds of 20 ms packets, should the puller be late.
	queueLen = 128
	// MaxPayload is the longest RTP payload that is taken, in bytes: what an
	// Ethernet frame can carry.
	MaxPayload = 1500
)

// slot holds one packet in memory that was allocated beforehand.
type slot struct {
	Packet
	data [MaxPayload]byte
}

// queue carries packets from the network's goroutine to the puller: one
// producer, one consumer, neither ever waits.
type queue struct {
	slots [queueLen]slot
	_     [64]byte
	put   atomic.Uint64 // how many have been put; the producer's
	_     [56]byte
	taken atomic.Uint64 // how many have been taken; the consumer's
}

// push copies a packet and reports whether there was room.
func (q *queue) push(p Packet) bool {
	at := q.put.Load()
	if at-q.taken.Load() == queueLen {
		return false
	}
	s := &q.slots[at%queueLen]
	s.Packet = p
	s.Payload = s.data[:copy(s.data[:], p.Payload)]
	q.put.Store(at + 1)
	return true
}

// front is the oldest packet, nil when there is none. It stays valid until
// drop.
func (q *queue) front() *slot {
	at := q.taken.Load()
	if at == q.put.Load() {
		return nil
	}
	return &q.slots[at%queueLen]
}

// drop gives the oldest packet's memory back.
func (q *queue) drop() { q.taken.Add(1) }
