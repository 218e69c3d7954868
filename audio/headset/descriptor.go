package headset

import "fmt"

// Limits that no real device comes near. A descriptor may be hostile: whoever
// can plug something in can send one.
const (
	maxDescriptor  = 4096     // bytes, as in the Linux kernel
	maxReportBits  = 8 * 4096 // of one report
	maxFields      = 1024
	maxUsages      = 4096 // of one field that are looked at
	maxCollections = 256
	maxPushed      = 32
)

// kind tells the three kinds of reports apart.
type kind uint8

const (
	kindInput   kind = 0
	kindOutput  kind = 1
	kindFeature kind = 2
)

// Bits of the data of Input, Output and Feature items (6.2.2.5).
const (
	flagConstant = 1 << 0
	flagVariable = 1 << 1 // else an array
	flagRelative = 1 << 2 // else absolute
)

// usageRange is a run of usages; single ones are runs of one.
type usageRange struct{ first, last Usage }

// field is what one Input, Output or Feature item describes: count values of
// size bits each, beginning at offset bits after the report's ID.
type field struct {
	kind   kind
	report uint8 // 0 where reports carry no ID
	offset int
	size   int
	count  int
	flags  uint32

	logicalMin, logicalMax   int32
	physicalMin, physicalMax int32
	usages                   []usageRange
	top                      Usage // of the application collection around it, 0 for none
}

func (f field) constant() bool { return f.flags&flagConstant != 0 }
func (f field) variable() bool { return f.flags&flagVariable != 0 }
func (f field) relative() bool { return f.flags&flagRelative != 0 }

// usage is that of the i-th value of a variable field, or the one that index i
// of an array stands for. A variable field repeats its last usage (6.2.2.8).
func (f field) usage(i int) (Usage, bool) {
	if i < 0 {
		return 0, false
	}
	for _, r := range f.usages {
		n := int(r.last-r.first) + 1
		if i < n {
			return r.first + Usage(i), true
		}
		i -= n
	}
	if f.variable() && len(f.usages) > 0 {
		return f.usages[len(f.usages)-1].last, true
	}
	return 0, false
}

// descriptor is a parsed report descriptor.
type descriptor struct {
	numbered bool // every report begins with its ID
	fields   []field
	bits     map[reportKey]int // the length of each report, without the ID
}

type reportKey struct {
	kind   kind
	report uint8
}

// globals are what Push and Pop save (6.2.2.7).
type globals struct {
	page                     uint16
	logicalMin, logicalMax   item
	physicalMin, physicalMax int32
	size, count              int
	report                   uint8
}

// locals live until the next main item (6.2.2.8).
type locals struct {
	usages []item // Usage, Usage Minimum and Usage Maximum as written
	open   bool   // inside delimiters
	chosen bool   // the first of alternative usages has been taken
}

// parser goes once through the items.
type parser struct {
	out    descriptor
	global globals
	pushed []globals
	local  locals
	// tops is the application usage in force inside each open collection.
	tops        []Usage
	collections int
}

// parseDescriptor reads a report descriptor (HID 1.11, 6.2.2).
func parseDescriptor(b []byte) (descriptor, error) {
	if len(b) > maxDescriptor {
		return descriptor{}, fmt.Errorf("%w: %d bytes", ErrDescriptor, len(b))
	}
	p := parser{out: descriptor{bits: map[reportKey]int{}}}
	for len(b) > 0 {
		it, rest, err := nextItem(b)
		if err != nil {
			return descriptor{}, err
		}
		switch it.kind {
		case itemMain:
			err = p.main(it)
			p.local = locals{}
		case itemGlobal:
			err = p.setGlobal(it)
		case itemLocal:
			err = p.setLocal(it)
		}
		if err != nil {
			return descriptor{}, err
		}
		b = rest
	}
	if len(p.tops) > 0 {
		return descriptor{}, fmt.Errorf("%w: a collection is not closed", ErrDescriptor)
	}
	return p.out, nil
}

func (p *parser) main(it item) error {
	switch it.tag {
	case tagCollection:
		return p.collection(it)
	case tagEndCollection:
		if len(p.tops) == 0 {
			return fmt.Errorf("%w: a collection is closed that was never opened", ErrDescriptor)
		}
		p.tops = p.tops[:len(p.tops)-1]
		return nil
	case tagInput:
		return p.field(kindInput, it)
	case tagOutput:
		return p.field(kindOutput, it)
	case tagFeature:
		return p.field(kindFeature, it)
	}
	return nil
}

// collection opens one. Only an application collection names what the device is
// (6.2.2.6); those inside it group.
func (p *parser) collection(it item) error {
	if p.collections++; p.collections > maxCollections {
		return fmt.Errorf("%w: too many collections", ErrDescriptor)
	}
	var top Usage
	if n := len(p.tops); n > 0 {
		top = p.tops[n-1]
	}
	const application = 1
	if it.data == application {
		if all, err := p.ranges(); err != nil {
			return err
		} else if len(all) > 0 {
			top = all[0].first
		}
	}
	p.tops = append(p.tops, top)
	return nil
}

func (p *parser) field(k kind, it item) error {
	g := p.global
	usages, err := p.ranges()
	if err != nil {
		return err
	}
	key := reportKey{k, g.report}
	offset := p.out.bits[key]
	if g.size > maxReportBits || g.count > maxReportBits || offset+g.size*g.count > maxReportBits {
		return fmt.Errorf("%w: a report of more than %d bits", ErrDescriptor, maxReportBits)
	}
	p.out.bits[key] = offset + g.size*g.count
	if g.size == 0 || g.count == 0 {
		return nil // it describes nothing, and some devices write it
	}
	if len(p.out.fields) == maxFields {
		return fmt.Errorf("%w: too many fields", ErrDescriptor)
	}
	f := field{
		kind: k, report: g.report, offset: offset, size: g.size, count: g.count, flags: it.data,
		logicalMin: g.logicalMin.signed(), logicalMax: g.logicalMax.signed(),
		physicalMin: g.physicalMin, physicalMax: g.physicalMax,
		usages: usages,
	}
	if f.logicalMin >= 0 && f.logicalMax < f.logicalMin {
		// "Logical Maximum (255)" in one byte reads -1; every system takes it
		// for what was meant.
		f.logicalMax = int32(min(g.logicalMax.data, 1<<31-1))
	}
	if n := len(p.tops); n > 0 {
		f.top = p.tops[n-1]
	}
	p.out.fields = append(p.out.fields, f)
	return nil
}

func (p *parser) setGlobal(it item) error {
	g := &p.global
	switch it.tag {
	case tagUsagePage:
		g.page = uint16(it.data)
	case tagLogicalMin:
		g.logicalMin = it
	case tagLogicalMax:
		g.logicalMax = it
	case tagPhysicalMin:
		g.physicalMin = it.signed()
	case tagPhysicalMax:
		g.physicalMax = it.signed()
	case tagReportSize:
		g.size = int(min(it.data, maxReportBits+1))
	case tagReportCount:
		g.count = int(min(it.data, maxReportBits+1))
	case tagReportID:
		// 6.2.2.7: zero is reserved, and an ID is one byte.
		if it.data == 0 || it.data > 0xff {
			return fmt.Errorf("%w: report ID %d", ErrDescriptor, it.data)
		}
		// What was described before the first ID can never be sent: its report
		// would begin with an ID that does not exist.
		g.report, p.out.numbered = uint8(it.data), true
	case tagPush:
		if len(p.pushed) == maxPushed {
			return fmt.Errorf("%w: too many pushes", ErrDescriptor)
		}
		p.pushed = append(p.pushed, *g)
	case tagPop:
		n := len(p.pushed)
		if n == 0 {
			return fmt.Errorf("%w: a pop without a push", ErrDescriptor)
		}
		id := g.report
		*g = p.pushed[n-1]
		p.pushed = p.pushed[:n-1]
		if g.report == 0 && p.out.numbered {
			// A state from before the first ID would describe a report that
			// cannot be told from the others.
			g.report = id
		}
	}
	return nil
}

func (p *parser) setLocal(it item) error {
	l := &p.local
	switch it.tag {
	case tagUsage, tagUsageMin, tagUsageMax:
		if l.open && it.tag == tagUsage {
			// Between delimiters stand alternatives, the preferred one first.
			if l.chosen {
				return nil
			}
			l.chosen = true
		}
		l.usages = append(l.usages, it)
	case tagDelimiter:
		if open := it.data != 0; open == l.open {
			return fmt.Errorf("%w: delimiters do not match", ErrDescriptor)
		} else {
			l.open, l.chosen = open, false
		}
	}
	return nil
}

// ranges are the local usages. A usage of one or two bytes gets the page that is
// in force at the main item, not where it was written (6.2.2.7). Minimum and
// maximum come in either order.
func (p *parser) ranges() ([]usageRange, error) {
	var out []usageRange
	var ends [2]*Usage
	for _, it := range p.local.usages {
		u := Usage(it.data)
		if it.size < 4 {
			u |= Usage(p.global.page) << 16
		}
		if it.tag == tagUsage {
			out = append(out, usageRange{u, u})
			continue
		}
		ends[it.tag-tagUsageMin] = &u
		if ends[0] == nil || ends[1] == nil {
			continue
		}
		r := usageRange{*ends[0], *ends[1]}
		if r.last < r.first || r.first.Page() != r.last.Page() {
			return nil, fmt.Errorf("%w: usages %v to %v", ErrDescriptor, r.first, r.last)
		}
		out, ends = append(out, r), [2]*Usage{}
	}
	return out, nil
}
