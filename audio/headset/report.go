package headset

import "fmt"

// Lights is what a headset is told of the call.
type Lights struct {
	// OffHook: a call is up. Only then do most headsets speak of their buttons.
	OffHook bool
	// Ring: a call comes in. This phone only calls out; it is always false,
	// and always written.
	Ring bool
	// Mute: the microphone is off.
	Mute bool
	// Hold: the call is on hold.
	Hold bool
}

func (l Lights) on(which light) bool {
	return [lights]bool{lightOffHook: l.OffHook, lightRing: l.Ring, lightMute: l.Mute, lightHold: l.Hold}[which]
}

// sense is how the value of a control is meant (Usage Tables 1.12, 3.4.1).
type sense uint8

const (
	senseState sense = 0 // 1 while it is on
	sensePress sense = 1 // 1 for each change of its state
	senseSides sense = 2 // 1 switches it on, -1 off
)

func (f field) sense() sense {
	switch {
	case f.relative() && f.logicalMin < 0:
		return senseSides
	case f.relative():
		return sensePress
	}
	return senseState
}

// reading is what a report says of one control.
type reading struct {
	control control
	sense   sense
	value   int // 1, 0 or -1
}

// decode reads one report as hidraw hands it over: with the ID first where the
// device numbers its reports. Values past the end of a short report are left
// out, because a missing hook switch is not one that is down; a report in which
// nothing is left is [ErrReport]. One that holds no control gives none.
func (l layout) decode(report []byte) ([]reading, error) {
	var id uint8
	body := report
	if l.numbered {
		if len(report) == 0 {
			return nil, fmt.Errorf("%w: it is empty", ErrReport)
		}
		id, body = report[0], report[1:]
	}
	var out []reading
	missing := false
	for _, s := range l.inputs {
		if s.field.report != id {
			continue
		}
		v, ok := s.field.value(body, s.index)
		if !ok {
			missing = true
			continue
		}
		out = append(out, reading{s.means, s.field.sense(), sign(v)})
	}
	for _, f := range l.arrays {
		if f.report != id {
			continue
		}
		list, ok := f.pressed(body)
		missing = missing || !ok
		out = append(out, list...)
	}
	if missing && len(out) == 0 {
		return nil, fmt.Errorf("%w: report %d has only %d bytes", ErrReport, id, len(report))
	}
	return out, nil
}

// sign keeps what a button can mean of a value.
func sign(v int32) int {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

// value is the i-th value of a field, sign-extended where the field's minimum
// is negative (5.8).
func (f field) value(body []byte, i int) (int32, bool) {
	at := f.offset + i*f.size
	if at+f.size > 8*len(body) {
		return 0, false
	}
	var v uint64
	for bit := range f.size {
		p := at + bit
		v |= uint64(body[p/8]>>(p%8)&1) << bit
	}
	if f.logicalMin < 0 {
		shift := 64 - f.size
		return int32(int64(v<<shift) >> shift), true
	}
	return int32(uint32(v)), true
}

// pressed reads an array: each value is the number of something that is
// pressed, counted from the logical minimum; all others are not (6.2.2.5).
func (f field) pressed(body []byte) ([]reading, bool) {
	var on [controls]bool
	for i := range f.count {
		v, ok := f.value(body, i)
		if !ok {
			return nil, false
		}
		index := int64(v) - int64(f.logicalMin)
		if v < f.logicalMin || v > f.logicalMax || index >= maxUsages {
			continue // nothing, or out of range: a null value (5.10)
		}
		if u, ok := f.usage(int(index)); ok {
			if c, known := controlOf(u); known {
				on[c] = true
			}
		}
	}
	var out []reading
	var told [controls]bool
	for i := range f.indices() {
		u, _ := f.usage(i)
		c, known := controlOf(u)
		if known && !told[c] {
			told[c] = true
			r := reading{control: c, sense: f.sense()}
			if on[c] {
				r.value = 1
			}
			out = append(out, r)
		}
	}
	return out, true
}

// encode gives the reports that set the lights, as hidraw takes them: each with
// its ID first, or a zero where the device numbers none. Everything in them that
// is no light of ours is zero.
func (l layout) encode(want Lights) [][]byte {
	var out [][]byte
	slot := map[uint8]int{}
	type array struct {
		report uint8
		offset int
	}
	filled := map[array]int{} // values that are taken
	for _, s := range l.outputs {
		id := s.field.report
		if _, ok := slot[id]; !ok {
			slot[id] = len(out)
			report := make([]byte, 1+(l.bits[id]+7)/8)
			report[0] = id
			out = append(out, report)
		}
		if !want.on(s.means) {
			continue
		}
		body := out[slot[id]][1:]
		if s.field.variable() {
			s.field.put(body, s.index, 1)
			continue
		}
		if n := filled[array{id, s.field.offset}]; n < s.field.count {
			s.field.put(body, n, int64(s.field.logicalMin)+int64(s.index))
			filled[array{id, s.field.offset}]++
		}
	}
	return out
}

// put writes the i-th value of a field.
func (f field) put(body []byte, i int, v int64) {
	at := f.offset + i*f.size
	for bit := range f.size {
		p := at + bit
		if v>>bit&1 != 0 {
			body[p/8] |= 1 << (p % 8)
		}
	}
}
