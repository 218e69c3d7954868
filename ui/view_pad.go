package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// padKeys are the keys of a telephone, row by row.
const padKeys = "123456789*0#"

// padView is the dial pad.
type padView struct {
	root *fyne.Container
	keys map[rune]*look.Button
	last present.Pad
}

// newPadView makes the pad; press is called with the key's sign, and with '+'
// when 0 is held.
func newPadView(press func(rune), keys *look.Keys) *padView {
	v := &padView{keys: map[rune]*look.Button{}}
	v.root = container.New(padLayout(52))
	for _, sign := range padKeys {
		b := look.NewButton(look.Key, func() { press(sign) }).PassKeys(keys)
		if sign == '0' {
			b.OnHold = func() {
				if v.last.Tones {
					press('0') // a tone has no second meaning
					return
				}
				press('+')
			}
		}
		v.keys[sign] = b
		v.root.Add(b)
	}
	return v
}

// padLayout is lower where there is more to show.
func padLayout(least float32) fyne.Layout {
	return look.Grid{Columns: 3, Gap: 8, Least: least, Most: 64}
}

func (v *padView) set(p present.Pad) {
	if p.Low != v.last.Low || p.Tones != v.last.Tones {
		v.root.Layout = padLayout(52)
		if p.Low || p.Tones {
			v.root.Layout = padLayout(44)
		}
		v.root.Refresh()
	}
	v.last = p
	for sign, b := range v.keys {
		f := look.Face{Label: string(sign), Role: present.Neutral, Disabled: !p.Enabled}
		if sign == '*' {
			f.Icon = "star" // the face's own sits too high
		}
		if sign == '0' && !p.Tones {
			f.Sub = "+"
		}
		b.Set(f)
	}
}
