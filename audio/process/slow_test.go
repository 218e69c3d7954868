package process

import (
	"math"
	"reflect"
	"testing"
	"time"

	"nxphone/audio/audiotest"
)

// TestNoSlowNumbers holds that nothing fades for ever: numbers next to nought,
// which many processors take a hundred times as long for, are nought after a
// while of exact silence on either side.
func TestNoSlowNumbers(t *testing.T) {
	voice := audiotest.Voice(1, 2*second, -20)
	echo := heard(voice, room(2, 60*time.Millisecond, 150*time.Millisecond, 0.5))
	for name, quiet := range map[string]struct{ far, near bool }{"far": {far: true}, "both": {true, true}} {
		t.Run(name, func(t *testing.T) {
			e, g, l, h := NewEcho(), NewGain(), NewLimiter(-6), NewHighPass()
			var rest remains
			far, near := make([]int16, hop), make([]int16, hop)
			for i := 0; i < 10*at(second); i += hop {
				for j := range far {
					k := (i + j) % len(voice)
					far[j], near[j] = int16(voice[k]), int16(echo[k])+int16(j%5)
				}
				if i >= len(voice) && quiet.far {
					clear(far)
				}
				if i >= len(voice) && quiet.near {
					clear(near)
				}
				l.Process(far)
				rest.played(far)
				e.Far(far)
				h.Process(near)
				rest.before(near)
				e.Near(near)
				rest.after(near, 2)
				g.Process(near)
			}
			// The suppressor stands still in exact silence, see background. A few
			// numbers are no matter.
			for _, stage := range []any{e, g, l, h, &rest} {
				if n := slow(reflect.ValueOf(stage)); n > 16 {
					t.Errorf("%T has %d", stage, n)
				}
			}
		})
	}
}

// slow counts such numbers in a value.
func slow(v reflect.Value) (n int) {
	switch v.Kind() {
	case reflect.Float32:
		if x := math.Abs(v.Float()); x > 0 && x < 0x1p-126 {
			n = 1
		}
	case reflect.Float64:
		if x := math.Abs(v.Float()); x > 0 && x < 0x1p-1022 {
			n = 1
		}
	case reflect.Pointer:
		if v.Type().Elem().Kind() == reflect.Struct && !v.IsNil() {
			n = slow(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			n += slow(v.Field(i))
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			n += slow(v.Index(i))
		}
	}
	return n
}
