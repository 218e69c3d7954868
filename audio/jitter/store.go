package jitter

// storeLen is how far apart the oldest and the newest packet in the store may
// lie, in sequence numbers; a power of two.
const storeLen = 128

// entry is a packet that waits to be played. Numbers are unwrapped: they never
// turn over. Times are samples at 48 kHz.
type entry struct {
	used bool
	seq  int64
	ts   int64 // of its first sample
	dur  int64 // 0: the packet carries no sound (telephone-event, broken)
	at   int64 // arrival
	fmt  *format
	pt   uint8
	// fec: the packet holds the one before it as well. copied: it came as a
	// copy beside another packet.
	fec, copied bool
	size        int
	data        [MaxPayload]byte
}

func (e *entry) payload() []byte { return e.data[:e.size] }
func (e *entry) end() int64      { return e.ts + e.dur }

// pause reports whether the packet is a sign that the sender falls silent
// (DTX): nothing but an Opus header (RFC 6716 section 3.1, frames of length
// zero), though it stands for a whole frame.
func (e *entry) pause() bool { return e.size <= 2 && e.dur >= 120 }

// store orders packets by sequence number.
type store struct {
	slots [storeLen]entry
	count int
	high  int64 // the newest sequence number that is or was in it
}

// slot is where a sequence number lives; it may hold another one.
func (s *store) slot(seq int64) *entry { return &s.slots[seq&(storeLen-1)] }

// get is the packet with this number, nil if it is not there.
func (s *store) get(seq int64) *entry {
	if e := s.slot(seq); e.used && e.seq == seq {
		return e
	}
	return nil
}

// from is the oldest packet with this number or a newer one, nil when there is
// none.
func (s *store) from(seq int64) *entry {
	if s.count == 0 {
		return nil
	}
	for ; seq <= s.high; seq++ {
		if e := s.get(seq); e != nil {
			return e
		}
	}
	return nil
}

// newest is the newest packet with sound, nil when there is none.
func (s *store) newest() *entry {
	for seq := s.high; s.count > 0 && seq > s.high-storeLen; seq-- {
		if e := s.get(seq); e != nil && e.dur > 0 {
			return e
		}
	}
	return nil
}

// claim makes room for a packet and returns its place, whose fields the caller
// sets.
func (s *store) claim(seq int64) *entry {
	if s.count == 0 || seq > s.high {
		s.high = seq
	}
	e := s.slot(seq)
	if !e.used {
		s.count++
	}
	e.used, e.seq = true, seq
	return e
}

// remove gives a place back.
func (s *store) remove(e *entry) {
	if e.used {
		e.used = false
		s.count--
	}
}

// clear removes everything.
func (s *store) clear() {
	for i := range s.slots {
		s.slots[i].used = false
	}
	s.count, s.high = 0, 0
}
