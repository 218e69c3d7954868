package headset

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"testing"

	"nxphone/audio/headset/headsettest"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name string
		in   []byte
		want []field
	}{
		{"page in force at the main item, not where the usage stood (6.2.2.7)",
			[]byte{0x05, 0x0b, 0x09, 0x17, 0x05, 0x08, 0x75, 0x01, 0x95, 0x01, 0x91, 0x02},
			[]field{{kind: kindOutput, size: 1, count: 1, flags: 2, usages: []usageRange{{0x080017, 0x080017}}}}},
		{"a usage of four bytes brings its page",
			[]byte{0x05, 0x01, 0x0b, 0x20, 0x00, 0x0b, 0x00, 0x75, 0x01, 0x95, 0x01, 0x81, 0x02},
			[]field{{size: 1, count: 1, flags: 2, usages: []usageRange{{0x0b0020, 0x0b0020}}}}},
		{"ranges, in either order",
			[]byte{0x05, 0x09, 0x29, 0x08, 0x19, 0x01, 0x75, 0x01, 0x95, 0x08, 0x81, 0x02},
			[]field{{size: 1, count: 8, flags: 2, usages: []usageRange{{0x090001, 0x090008}}}}},
		{"push and pop",
			[]byte{0x05, 0x0b, 0x75, 0x01, 0x95, 0x01, 0xa4, 0x05, 0x08, 0x75, 0x03, 0x09, 0x01, 0x81, 0x02, 0xb4, 0x09, 0x20, 0x81, 0x02},
			[]field{
				{size: 3, count: 1, flags: 2, usages: []usageRange{{0x080001, 0x080001}}},
				{offset: 3, size: 1, count: 1, flags: 2, usages: []usageRange{{0x0b0020, 0x0b0020}}},
			}},
		{"signed and unsigned limits",
			[]byte{0x15, 0xff, 0x25, 0x01, 0x35, 0xf6, 0x46, 0x00, 0x01, 0x75, 0x02, 0x95, 0x01, 0x09, 0x01, 0x81, 0x06,
				0x15, 0x00, 0x25, 0xff, 0x75, 0x08, 0x09, 0x02, 0x81, 0x02},
			[]field{
				{size: 2, count: 1, flags: 6, logicalMin: -1, logicalMax: 1, physicalMin: -10, physicalMax: 256, usages: []usageRange{{1, 1}}},
				{offset: 2, size: 8, count: 1, flags: 2, logicalMax: 255, physicalMin: -10, physicalMax: 256, usages: []usageRange{{2, 2}}},
			}},
		{"the first of alternatives counts",
			[]byte{0x05, 0x0b, 0xa9, 0x01, 0x09, 0x20, 0x09, 0x2f, 0xa9, 0x00, 0x75, 0x01, 0x95, 0x01, 0x81, 0x02},
			[]field{{size: 1, count: 1, flags: 2, usages: []usageRange{{0x0b0020, 0x0b0020}}}}},
		{"a long item is stepped over",
			[]byte{0xfe, 0x02, 0x10, 0xaa, 0xbb, 0x75, 0x08, 0x95, 0x01, 0x81, 0x01},
			[]field{{size: 8, count: 1, flags: 1}}},
		{"each report has its own offsets",
			[]byte{0x75, 0x08, 0x95, 0x01, 0x85, 0x01, 0x81, 0x01, 0x85, 0x02, 0x81, 0x01, 0x85, 0x01, 0x81, 0x01, 0x91, 0x01},
			[]field{
				{report: 1, size: 8, count: 1, flags: 1}, {report: 2, size: 8, count: 1, flags: 1},
				{report: 1, offset: 8, size: 8, count: 1, flags: 1}, {kind: kindOutput, report: 1, size: 8, count: 1, flags: 1},
			}},
		{"a field of no bits is none", []byte{0x75, 0x00, 0x95, 0x05, 0x81, 0x01}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := parseDescriptor(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(d.fields, tt.want) {
				t.Errorf("got  %+v\nwant %+v", d.fields, tt.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct {
		name string
		in   []byte
	}{
		{"a short item that is cut off", []byte{0x26, 0xff}},
		{"a long item that is cut off", []byte{0xfe, 0x04, 0x00, 0x01}},
		{"a long item without its size", []byte{0xfe}},
		{"an open collection", []byte{0xa1, 0x01}},
		{"a collection that was never opened", []byte{0xc0}},
		{"a pop without a push", []byte{0xb4}},
		{"pushes without end", bytes.Repeat([]byte{0xa4}, maxPushed+1)},
		{"collections without end", bytes.Repeat([]byte{0xa1, 0x00}, maxCollections+1)},
		{"report ID 0", []byte{0x85, 0x00}},
		{"a report ID of two bytes", []byte{0x86, 0x00, 0x01}},
		{"a range backwards", []byte{0x19, 0x08, 0x29, 0x01, 0x75, 0x01, 0x95, 0x01, 0x81, 0x02}},
		{"a range over two pages", []byte{0x1b, 0x01, 0, 0x09, 0, 0x2b, 0x02, 0, 0x0a, 0, 0x75, 0x01, 0x95, 0x01, 0x81, 0x02}},
		{"delimiters that do not match", []byte{0xa9, 0x00}},
		{"a report as large as memory", []byte{0x77, 0xff, 0xff, 0xff, 0xff, 0x97, 0xff, 0xff, 0xff, 0xff, 0x81, 0x02}},
		{"many fields", append([]byte{0x75, 0x01, 0x95, 0x01}, bytes.Repeat([]byte{0x80}, maxFields+1)...)},
		{"more than any device has", make([]byte, maxDescriptor+1)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := parseDescriptor(tt.in); !errors.Is(err, ErrDescriptor) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func layoutOf(t testing.TB, b []byte) layout {
	t.Helper()
	d, err := parseDescriptor(b)
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLayout(d)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLayout(t *testing.T) {
	const all = "hook true, mute true, reject true; lights off-hook true, ring true, mute true, hold true"
	tests := []struct {
		name string
		in   []byte
		want string
	}{
		{"Jabra-like", headsettest.JabraLike(), all},
		{"Poly-like", headsettest.PolyLike(), "hook true, mute true, reject false; lights off-hook true, ring true, mute true, hold false"},
		{"plain", headsettest.Plain(), "hook true, mute true, reject false; lights off-hook true, ring false, mute true, hold false"},
		{"array", headsettest.Array(), "hook true, mute true, reject false; lights off-hook true, ring true, mute true, hold false"},
		{"lights in a collection of their own",
			[]byte{0x05, 0x0b, 0x09, 0x05, 0xa1, 0x01, 0x09, 0x2f, 0x75, 0x01, 0x95, 0x08, 0x81, 0x06, 0xc0,
				0x05, 0x08, 0x09, 0x01, 0xa1, 0x01, 0x09, 0x09, 0x91, 0x02, 0xc0},
			"hook false, mute true, reject false; lights off-hook false, ring false, mute true, hold false"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := layoutOf(t, tt.in).String(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	for name, in := range map[string][]byte{
		"a keyboard": headsettest.Keyboard(), "nothing": nil,
		"a hook switch of another device": {0x05, 0x0c, 0x09, 0x01, 0xa1, 0x01, 0x0b, 0x20, 0, 0x0b, 0, 0x75, 0x01, 0x95, 0x01, 0x81, 0x02, 0xc0},
		"padding that is called hook":     {0x05, 0x0b, 0x09, 0x05, 0xa1, 0x01, 0x09, 0x20, 0x75, 0x01, 0x95, 0x01, 0x81, 0x03, 0xc0},
	} {
		d, err := parseDescriptor(in)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := newLayout(d); !errors.Is(err, ErrNoTelephony) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDecode(t *testing.T) {
	hook := func(v int) reading { return reading{controlHook, senseState, v} }
	mute := func(s sense, v int) reading { return reading{controlMute, s, v} }
	reject := func(v int) reading { return reading{controlReject, sensePress, v} }
	twoSided := []byte{0x05, 0x0b, 0x09, 0x05, 0xa1, 0x01, 0x15, 0xff, 0x25, 0x01, 0x75, 0x02, 0x95, 0x01,
		0x09, 0x20, 0x81, 0x06, 0x09, 0x2f, 0x81, 0x06, 0xc0}
	tests := []struct {
		name       string
		descriptor []byte
		report     []byte
		want       []reading
		bad        bool
	}{
		{"hook and no mute", headsettest.JabraLike(), []byte{2, 0x01, 0}, []reading{hook(1), mute(sensePress, 0), reject(0)}, false},
		{"mute pressed while off-hook", headsettest.JabraLike(), []byte{2, 0x05, 0}, []reading{hook(1), mute(sensePress, 1), reject(0)}, false},
		{"reject", headsettest.JabraLike(), []byte{2, 0x10, 0}, []reading{hook(0), mute(sensePress, 0), reject(1)}, false},
		{"another report's bits are not looked at", headsettest.JabraLike(), []byte{1, 0xff}, nil, false},
		{"a report that nobody announced", headsettest.JabraLike(), []byte{77, 0xff}, nil, false},
		{"bits behind others", headsettest.PolyLike(), []byte{8, 0x20}, []reading{hook(0), mute(senseState, 1)}, false},
		{"no IDs", headsettest.Plain(), []byte{0x03}, []reading{hook(1), mute(senseState, 1)}, false},
		{"array: both", headsettest.Array(), []byte{2, 1}, []reading{hook(1), mute(senseState, 1)}, false},
		{"array: a value out of range is nothing", headsettest.Array(), []byte{9, 2}, []reading{hook(0), mute(senseState, 1)}, false},
		{"two sides", twoSided, []byte{0x03 | 0x01<<2}, []reading{{controlHook, senseSides, -1}, {controlMute, senseSides, 1}}, false},
		{"only an ID: a missing hook is not one that is down", headsettest.JabraLike(), []byte{2}, nil, true},
		{"empty, with IDs", headsettest.JabraLike(), nil, nil, true},
		{"empty, without", headsettest.Plain(), nil, nil, true},
		{"an array that is cut off", headsettest.Array(), []byte{1}, nil, true},
		{"longer than announced", headsettest.Plain(), []byte{0x01, 0xff, 0xff}, []reading{hook(1), mute(senseState, 0)}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := layoutOf(t, tt.descriptor).decode(tt.report)
			if !slices.Equal(got, tt.want) || errors.Is(err, ErrReport) != tt.bad {
				t.Errorf("got %v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

func TestEncode(t *testing.T) {
	up := Lights{OffHook: true}
	muted := Lights{OffHook: true, Mute: true}
	everything := Lights{OffHook: true, Ring: true, Mute: true, Hold: true}
	tests := []struct {
		name       string
		descriptor []byte
		lights     Lights
		want       [][]byte
	}{
		{"Jabra-like: dark", headsettest.JabraLike(), Lights{}, [][]byte{{2, 0, 0}}},
		{"Jabra-like: a call", headsettest.JabraLike(), up, [][]byte{{2, 0x01, 0}}},
		{"Jabra-like: mute is two lights", headsettest.JabraLike(), muted, [][]byte{{2, 0x15, 0}}},
		{"Jabra-like: everything", headsettest.JabraLike(), everything, [][]byte{{2, 0x1f, 0}}},
		{"Poly-like: two reports", headsettest.PolyLike(), muted, [][]byte{{9, 1}, {10, 1}}},
		{"Poly-like: ring", headsettest.PolyLike(), Lights{Ring: true}, [][]byte{{9, 0}, {10, 0x80}}},
		{"no IDs: a zero stands for them", headsettest.Plain(), muted, [][]byte{{0, 0x03}}},
		{"array", headsettest.Array(), muted, [][]byte{{0, 1, 3}}},
		{"array: more than it can name", headsettest.Array(), everything, [][]byte{{0, 1, 2}}},
		{"array: dark", headsettest.Array(), Lights{}, [][]byte{{0, 0, 0}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := layoutOf(t, tt.descriptor).encode(tt.lights); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %x, want %x", got, tt.want)
			}
		})
	}
}

// FuzzDescriptor: whatever a device calls its description and sends as a
// report, it is understood or refused; and what is understood keeps to its own
// limits.
func FuzzDescriptor(f *testing.F) {
	for _, d := range [][]byte{headsettest.JabraLike(), headsettest.PolyLike(), headsettest.Plain(), headsettest.Array(), headsettest.Keyboard()} {
		for _, report := range [][]byte{nil, {0}, {2, 0xff, 0xff}, {8, 0x30}, {1, 2}} {
			f.Add(d, report)
		}
	}
	f.Fuzz(func(t *testing.T, in, report []byte) {
		d, err := parseDescriptor(in)
		if err != nil {
			if !errors.Is(err, ErrDescriptor) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		l, err := newLayout(d)
		if err != nil {
			return
		}
		readings, err := l.decode(report)
		if err != nil && len(readings) > 0 {
			t.Fatal("both readings and an error")
		}
		for _, r := range readings {
			if !l.has[r.control] || r.value < -1 || r.value > 1 {
				t.Fatalf("reading %+v of %s", r, l)
			}
		}
		for _, lights := range []Lights{{}, {OffHook: true, Ring: true, Mute: true, Hold: true}} {
			for _, out := range l.encode(lights) {
				if len(out) > 1+maxReportBits/8 || l.numbered != (out[0] != 0) {
					t.Fatalf("report % x", out)
				}
			}
		}
	})
}
