package headset

import "fmt"

// control is what a person works on a headset.
type control uint8

const (
	controlHook   control = 0
	controlMute   control = 1
	controlReject control = 2
	controls              = 3
)

// light is what a headset is told. Most are lamps; all of them also tell the
// headset what its buttons mean.
type light uint8

const (
	lightOffHook light = 0
	lightRing    light = 1
	lightMute    light = 2
	lightHold    light = 3
	lights             = 4
)

// controlOf and lightOf give the meaning of a usage.
func controlOf(u Usage) (control, bool) {
	switch u {
	case usageHook:
		return controlHook, true
	case usageMute:
		return controlMute, true
	case usageReject, usageDrop:
		return controlReject, true
	}
	return 0, false
}

func lightOf(u Usage) (light, bool) {
	switch u {
	case usageLEDOffHook:
		return lightOffHook, true
	case usageLEDRing, usageRinger:
		return lightRing, true
	case usageLEDMute, usageLEDMicrophone:
		// A "microphone" lamp is lit while the microphone is off: the answer
		// that headsets wait for after their mute button, whichever of the two
		// they have.
		return lightMute, true
	case usageLEDHold:
		return lightHold, true
	}
	return 0, false
}

// spot is one value in a report: value is the control's or the light's meaning.
type spot[M any] struct {
	field field
	index int // of a variable field
	means M
}

// layout is where the controls and lights of one device stand in its reports.
type layout struct {
	numbered bool
	inputs   []spot[control] // of variable fields
	arrays   []field         // input arrays in which a control can appear
	outputs  []spot[light]
	bits     map[uint8]int // length of each output report with a light, without the ID

	has  [controls]bool
	lamp [lights]bool
}

// newLayout finds what matters in a descriptor: controls in collections of the
// telephony page, and lights there or, where these hold none, anywhere in the
// device. [ErrNoTelephony] means that it is something else than a headset.
func newLayout(d descriptor) (layout, error) {
	l := layout{numbered: d.numbered, bits: map[uint8]int{}}
	for _, f := range d.fields {
		if f.constant() || f.top.Page() != pageTelephony || f.kind != kindInput || f.size > 32 || d.numbered != (f.report != 0) {
			continue
		}
		l.addInput(f)
	}
	if !l.has[controlHook] && !l.has[controlMute] {
		return layout{}, ErrNoTelephony
	}
	for _, inside := range []bool{true, false} {
		for _, f := range d.fields {
			if f.constant() || f.kind != kindOutput || f.size > 32 || d.numbered != (f.report != 0) {
				continue
			}
			if (f.top.Page() == pageTelephony) == inside {
				l.addOutput(f, d.bits[reportKey{kindOutput, f.report}])
			}
		}
		if l.lamp[lightOffHook] || l.lamp[lightMute] {
			break
		}
	}
	return l, nil
}

func (l *layout) addInput(f field) {
	if !f.variable() {
		found := false
		for i := range f.indices() {
			u, _ := f.usage(i)
			if c, ok := controlOf(u); ok {
				l.has[c], found = true, true
			}
		}
		if found {
			l.arrays = append(l.arrays, f)
		}
		return
	}
	for i := range min(f.count, f.indices()) {
		u, _ := f.usage(i)
		if c, known := controlOf(u); known {
			l.inputs = append(l.inputs, spot[control]{f, i, c})
			l.has[c] = true
		}
	}
}

func (l *layout) addOutput(f field, bits int) {
	n := f.indices()
	if f.variable() {
		n = min(n, f.count)
	}
	for i := range n {
		u, _ := f.usage(i)
		if m, known := lightOf(u); known {
			l.outputs = append(l.outputs, spot[light]{f, i, m})
			l.bits[f.report] = bits
			l.lamp[m] = true
		}
	}
}

// indices is how many usages are named. A variable field may have more values:
// they repeat the last usage, and a second hook switch made that way is padding.
func (f field) indices() int {
	n := 0
	for _, r := range f.usages {
		n += int(r.last-r.first) + 1
		if n > maxUsages {
			return maxUsages
		}
	}
	return n
}

func (l layout) String() string {
	return fmt.Sprintf("hook %t, mute %t, reject %t; lights off-hook %t, ring %t, mute %t, hold %t",
		l.has[controlHook], l.has[controlMute], l.has[controlReject],
		l.lamp[lightOffHook], l.lamp[lightRing], l.lamp[lightMute], l.lamp[lightHold])
}
