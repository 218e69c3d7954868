package telemetry

import (
	"encoding/binary"
	"math"
)

// message writes the protobuf encoding (protobuf.dev/programming-guides/encoding)
// of the few kinds of fields that OTLP's metrics have. Zero values are left out,
// as proto3 asks.
type message []byte

// The wire types.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
)

func (m *message) tag(field, wire int) { *m = binary.AppendUvarint(*m, uint64(field)<<3|uint64(wire)) }

func (m *message) varint(field int, v uint64) {
	if v != 0 {
		m.tag(field, wireVarint)
		*m = binary.AppendUvarint(*m, v)
	}
}

func (m *message) fixed64(field int, v uint64) {
	if v != 0 {
		m.tag(field, wireFixed64)
		*m = binary.LittleEndian.AppendUint64(*m, v)
	}
}

// double writes a field of a oneof or an optional one: a zero is a value.
func (m *message) double(field int, v float64) {
	m.tag(field, wireFixed64)
	*m = binary.LittleEndian.AppendUint64(*m, math.Float64bits(v))
}

// sfixed64 is for a field of a oneof, where zero is a value.
func (m *message) sfixed64(field int, v int64) {
	m.tag(field, wireFixed64)
	*m = binary.LittleEndian.AppendUint64(*m, uint64(v))
}

func (m *message) text(field int, s string) {
	if s != "" {
		m.bytes(field, []byte(s))
	}
}

func (m *message) bytes(field int, b []byte) {
	m.tag(field, wireBytes)
	*m = binary.AppendUvarint(*m, uint64(len(b)))
	*m = append(*m, b...)
}

// packed64 writes repeated values of 8 bytes.
func (m *message) packed64(field int, values []uint64) {
	if len(values) == 0 {
		return
	}
	m.tag(field, wireBytes)
	*m = binary.AppendUvarint(*m, uint64(8*len(values)))
	for _, v := range values {
		*m = binary.LittleEndian.AppendUint64(*m, v)
	}
}

// field reads the next field of an encoded message: its number and, for what
// has a length, its bytes, else its value. ok is false at the end and where the
// encoding is broken.
func (m *message) field() (number int, value uint64, body []byte, ok bool) {
	tag, n := binary.Uvarint(*m)
	if n <= 0 {
		return 0, 0, nil, false
	}
	*m = (*m)[n:]
	switch tag & 7 {
	case wireVarint:
		value, n = binary.Uvarint(*m)
		if n <= 0 {
			return 0, 0, nil, false
		}
	case wireFixed64:
		if n = 8; len(*m) < n {
			return 0, 0, nil, false
		}
		value = binary.LittleEndian.Uint64(*m)
	case wireBytes:
		size, k := binary.Uvarint(*m)
		if k <= 0 || size > uint64(len(*m)-k) {
			return 0, 0, nil, false
		}
		body, n = (*m)[k:k+int(size)], k+int(size)
	default:
		return 0, 0, nil, false
	}
	*m = (*m)[n:]
	return int(tag >> 3), value, body, true
}
