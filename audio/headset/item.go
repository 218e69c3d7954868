package headset

import (
	"encoding/binary"
	"fmt"
)

// itemKind is bType of a short item (HID 1.11, 6.2.2.2).
type itemKind uint8

const (
	itemMain   itemKind = 0
	itemGlobal itemKind = 1
	itemLocal  itemKind = 2
)

// Tags, by kind (6.2.2.4, 6.2.2.7, 6.2.2.8). Those that say nothing about a
// report's layout or meaning here (units, designators, strings) are left out.
const (
	tagInput         uint8 = 0x8
	tagOutput        uint8 = 0x9
	tagCollection    uint8 = 0xa
	tagFeature       uint8 = 0xb
	tagEndCollection uint8 = 0xc

	tagUsagePage   uint8 = 0x0
	tagLogicalMin  uint8 = 0x1
	tagLogicalMax  uint8 = 0x2
	tagPhysicalMin uint8 = 0x3
	tagPhysicalMax uint8 = 0x4
	tagReportSize  uint8 = 0x7
	tagReportID    uint8 = 0x8
	tagReportCount uint8 = 0x9
	tagPush        uint8 = 0xa
	tagPop         uint8 = 0xb

	tagUsage     uint8 = 0x0
	tagUsageMin  uint8 = 0x1
	tagUsageMax  uint8 = 0x2
	tagDelimiter uint8 = 0xa
)

// longItem is the prefix of a long item (6.2.2.3). No long item has ever been
// defined; they are stepped over.
const longItem = 0xfe

// item is one short item with its data.
type item struct {
	kind itemKind
	tag  uint8
	size int    // bytes of data: 0, 1, 2 or 4
	data uint32 // zero-extended
}

// signed is the data sign-extended, as minima and maxima are written.
func (it item) signed() int32 {
	switch it.size {
	case 1:
		return int32(int8(it.data))
	case 2:
		return int32(int16(it.data))
	}
	return int32(it.data)
}

// nextItem takes the first item off b. A long item is given with the reserved
// kind 3, which nobody looks at.
func nextItem(b []byte) (it item, rest []byte, err error) {
	prefix := b[0]
	if prefix == longItem {
		if len(b) < 3 || len(b) < 3+int(b[1]) {
			return item{}, nil, fmt.Errorf("%w: a long item is cut off", ErrDescriptor)
		}
		return item{kind: 3}, b[3+int(b[1]):], nil
	}
	size := int(prefix & 3)
	if size == 3 {
		size = 4
	}
	if len(b) < 1+size {
		return item{}, nil, fmt.Errorf("%w: the last item is cut off", ErrDescriptor)
	}
	var data [4]byte
	copy(data[:], b[1:1+size])
	it = item{
		kind: itemKind(prefix >> 2 & 3), tag: prefix >> 4, size: size,
		data: binary.LittleEndian.Uint32(data[:]),
	}
	return it, b[1+size:], nil
}
