package jitter

import "nxphone/audio"

const (
	// A jump of the sequence number beyond these is a new beginning if the
	// next packet confirms it, else a stray (RFC 3550 appendix A.1).
	maxDropout  = 3000
	maxMisorder = 100
	// A second stream that has been silent for less than this is not yet
	// followed back to: two sources that overlap must not take turns.
	ssrcHold = 200 * ms
	// maxLead is how much further than the wall clock a timestamp may go in
	// one step, and how late a packet may be, before the timestamps are taken
	// to have been set anew.
	maxLead = 1000 * ms
	// seenLen is how many sequence numbers back a duplicate is recognised.
	seenLen = 1024
)

// receiver is what is known of the incoming stream.
type receiver struct {
	any            bool
	ssrc, previous uint32
	hadPrevious    bool
	lastAt         int64 // arrival of the last packet of this SSRC

	first, high int64 // unwrapped sequence numbers; high is the newest
	strayNext   uint16
	stray       bool
	seen        [seenLen]int64 // the number that was seen in this place
	received    uint64         // of this stream, duplicates left out
	lost        uint64         // of the streams before, and of this one up to now
	lostBefore  uint64

	ref      reference
	covered  int64 // the last packet that was missing, but rebuilt from the next one
	arrivals arrivals
}

// reference is the newest packet with sound; timestamps are unwrapped against
// it.
type reference struct {
	any   bool
	seq   int64
	raw   uint32
	ts    int64
	dur   int64
	at    int64
	clock int
}

// drain moves what has arrived into the store.
func (b *Buffer) drain() {
	table := b.formats.Load()
	for s := b.queue.front(); s != nil; s = b.queue.front() {
		b.accept(s, table)
		b.queue.drop()
	}
}

// accept looks at one packet: does it belong to the stream, is it new, is it
// in time, and where on the time line does it stand.
func (b *Buffer) accept(s *slot, table *formats) {
	at := b.samples(s.Arrived)
	f := table[s.PayloadType&0x7f]
	dur := f.duration(s.Payload)
	if s.Redundant {
		b.acceptCopy(s, f, dur, at)
		return
	}
	if !b.follow(s.SSRC, at, dur > 0) {
		b.c.discarded.Add(1)
		return
	}
	seq, ok := b.number(s.Seq)
	if !ok {
		b.c.discarded.Add(1)
		return
	}
	in := &b.in
	in.lastAt = at
	if mark := &in.seen[seq&(seenLen-1)]; *mark == seq+1 {
		b.c.duplicated.Add(1)
		return
	} else {
		*mark = seq + 1 // so that zero means nothing
	}
	in.received++
	b.c.received.Add(1)
	in.high = max(in.high, seq)
	in.first = min(in.first, seq)
	in.lost = in.lostBefore + uint64(max(0, in.high-in.first+1-int64(in.received)))
	b.c.lost.Store(in.lost)

	if dur == 0 && f != nil && len(s.Payload) > 0 {
		b.c.discarded.Add(1)
	}
	b.keep(s, f, dur, seq, at)
}

// acceptCopy keeps what came beside another packet, where the original did not
// come, or not yet.
func (b *Buffer) acceptCopy(s *slot, f *format, dur, at int64) {
	in := &b.in
	if dur == 0 || !in.any || s.SSRC != in.ssrc || !in.ref.any || f.ClockRate != in.ref.clock {
		return
	}
	d := int64(int16(s.Seq - uint16(in.high)))
	seq := in.high + d
	ts := in.ref.ts + int64(int32(s.Timestamp-in.ref.raw))*int64(audio.Rate/f.ClockRate)
	// It stands where its number says, or the timestamps were set anew.
	off := ts - in.ref.ts - (seq-in.ref.seq)*dur
	switch {
	case d > maxMisorder || d < -maxMisorder || off < -maxLead || off > maxLead,
		in.seen[seq&(seenLen-1)] == seq+1, b.store.get(seq) != nil, b.out.started && seq < b.out.seq:
		return
	}
	in.arrivals.rebuilt(at, ts)
	in.covered = seq
	b.put(s, f, dur, seq, ts, at, f.hasFEC(s.Payload))
}

// duration is how much sound a packet holds, 0 for none or for what cannot be
// decoded.
func (f *format) duration(payload []byte) int64 {
	if f == nil || len(payload) == 0 {
		return 0
	}
	n, err := f.Decoder.Duration(payload)
	if err != nil || n < 0 || n > maxPacket {
		return 0
	}
	return int64(n)
}

// hasFEC reports whether a packet with sound holds the one before it as well.
func (f *format) hasFEC(payload []byte) bool {
	return f.redundancy != nil && f.redundancy.HasFEC(payload)
}

// keep puts a packet into the store, unless it is too late. What carries no
// sound has its place there too, so that it is not taken for lost.
func (b *Buffer) keep(s *slot, f *format, dur, seq, at int64) {
	ts, fec := int64(0), false
	if dur > 0 {
		fec = f.hasFEC(s.Payload)
		ts = b.place(s.Timestamp, f.ClockRate, seq, dur, at, fec)
	}
	if !b.out.started && (seq < b.out.seq || b.out.fresh) {
		b.out.seq = seq
		b.out.fresh = false
	}
	if seq < b.out.seq {
		if dur > 0 {
			b.c.discarded.Add(1)
		}
		return
	}
	b.put(s, f, dur, seq, ts, at, fec)
}

// put stores a packet.
func (b *Buffer) put(s *slot, f *format, dur, seq, ts, at int64, fec bool) {
	b.makeRoom(seq)
	e := b.store.claim(seq)
	e.ts, e.dur, e.at, e.fmt, e.pt = ts, dur, at, f, s.PayloadType
	e.copied, e.fec = s.Redundant, fec
	e.size = copy(e.data[:], s.Payload)
}

// makeRoom drops the oldest packets where the new one would not fit beside
// them.
func (b *Buffer) makeRoom(seq int64) {
	oldest := seq - storeLen + 1
	if b.out.seq >= oldest {
		return
	}
	for e := b.store.from(b.out.seq); e != nil && e.seq < oldest; e = b.store.from(e.seq + 1) {
		if e.dur > 0 {
			b.c.discarded.Add(1)
		}
		b.store.remove(e)
	}
	b.out.seq = oldest
}

// follow decides whether a packet of this SSRC is listened to. A new SSRC is a
// new stream: PBXs change it when music on hold or a transfer takes over. But
// only sound makes one: telephone-event may come with an SSRC of its own.
func (b *Buffer) follow(ssrc uint32, at int64, sound bool) bool {
	in := &b.in
	if in.any && ssrc == in.ssrc {
		return true
	}
	if in.any && !sound {
		return false
	}
	if in.any && in.hadPrevious && ssrc == in.previous && at-in.lastAt < ssrcHold {
		return false
	}
	if in.any {
		in.previous, in.hadPrevious = in.ssrc, true
	}
	in.ssrc = ssrc
	b.restart()
	return true
}

// restart begins a new stream.
func (b *Buffer) restart() {
	in := &b.in
	in.any, in.stray, in.ref.any = false, false, false
	in.lostBefore, in.received = in.lost, 0
	clear(in.seen[:])
	in.covered = 0
	in.arrivals.forget()
	b.store.clear()
	b.out.restart()
}

// number unwraps a sequence number; a stray one is refused.
func (b *Buffer) number(seq uint16) (int64, bool) {
	in := &b.in
	if !in.any {
		in.any = true
		// Well above zero, so that packets from before the first one count.
		in.high = 1<<20 + int64(seq)
		in.first = in.high
		return in.high, true
	}
	d := int64(int16(seq - uint16(in.high)))
	if d <= maxDropout && d >= -maxMisorder {
		in.stray = false
		return in.high + d, true
	}
	if in.stray && seq == in.strayNext {
		b.restart()
		return b.number(seq)
	}
	in.stray, in.strayNext = true, seq+1
	return 0, false
}

// place finds where a packet with sound stands on the time line, in samples at
// 48 kHz, and lets the arrival history know of it. Senders set their
// timestamps anew when they change source or codec, often without saying so;
// then the packet is put behind the newest one.
// fec says that the packet holds the one before it as well.
func (b *Buffer) place(raw uint32, clock int, seq, dur, at int64, fec bool) int64 {
	ref := &b.in.ref
	if !ref.any {
		*ref = reference{any: true, seq: seq, raw: raw, dur: dur, at: at, clock: clock}
		b.in.arrivals.add(at, 0)
		return 0
	}
	steps := seq - ref.seq
	ts := ref.ts + int64(int32(raw-ref.raw))*int64(audio.Rate/clock)
	if steps < 0 { // it comes after a newer one
		if ts >= ref.ts || ts < ref.ts-maxLead || clock != ref.clock {
			ts = ref.ts + steps*dur
		}
		b.in.arrivals.late(at, ts) // what could be rebuilt meanwhile is less than the original
		return ts
	}
	if clock != ref.clock || !b.plausible(ts, steps, at) {
		ts = ref.ts + max(ref.dur*steps, at-ref.at)
		b.in.arrivals.forget()
	}
	if missing := steps - 1; missing > 0 {
		b.in.arrivals.hole(missing)
		if fec && seq-1 != b.in.covered && ts-ref.ts == steps*dur {
			b.in.arrivals.rebuilt(at, ts-dur)
			b.in.covered = seq - 1
		}
		if seq-1 == b.in.covered {
			missing--
		}
		b.in.arrivals.missing(missing)
	}
	*ref = reference{any: true, seq: seq, raw: raw, ts: ts, dur: dur, at: at, clock: clock}
	b.in.arrivals.add(at, ts)
	return ts
}

// plausible reports whether a packet so many sequence numbers after the
// reference can have this timestamp.
func (b *Buffer) plausible(ts, steps, at int64) bool {
	ref := &b.in.ref
	step := ts - ref.ts
	wall := at - ref.at
	switch {
	case step <= 0: // it does not go on
		return false
	case steps == 1 && step < ref.dur-120: // it overlaps
		return false
	case step-max(wall, steps*ref.dur) > maxLead: // it leaps ahead of the clock
		return false
	}
	return wall-step <= maxLead // or the sender's clock stood still
}
