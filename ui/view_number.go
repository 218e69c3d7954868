package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// numberView shows the number. It is no text field: nothing blinks (a blinking
// cursor costs 7 % of a core without a graphics card), no input method stands
// in between, and the keyboard writes into it wherever the focus is.
type numberView struct {
	root      *fyne.Container
	hold      *look.Hold // around the line
	line      *look.Line
	presented *look.Remark // what the far end will see
	erase     *look.Button
	// recent opens the recent calls, nil where there are none.
	recent *look.Button
	row    *fyne.Container // what stands at the sides
}

// numberActions are what the number's parts do.
type numberActions struct {
	erase, clear func()
	reveal       func(bool)
	menu         func() *fyne.Menu
}

func newNumberView(do numberActions, keys *look.Keys) *numberView {
	v := &numberView{
		line:      look.NewLine(theme.ColorNameForeground, look.SizeDigits, fyne.TextAlignCenter, false),
		presented: look.NewRemark(),
		erase:     look.NewButton(look.Bare, do.erase).PassKeys(keys),
	}
	v.erase.OnHold = do.clear
	v.hold = look.NewHold(v.line, do.reveal, keys)
	v.hold.Menu = func(e *fyne.PointEvent) { v.openMenu(do.menu(), e) }
	// The number keeps clear of the erase button on both sides, so that it
	// stands in the middle and does not move when the button comes.
	middle := container.New(look.Inset{X: 44, Y: 8}, v.hold)
	v.row = container.NewHBox(layout.NewSpacer(), container.NewCenter(v.erase))
	v.root = container.New(look.Middle{}, container.New(look.Column{Stretch: -1}, container.NewStack(middle, v.row), v.presented))
	return v
}

// offerRecent puts the way to the recent calls opposite to the erase button,
// where there is room already.
func (v *numberView) offerRecent(label string, open func(), keys *look.Keys) {
	v.recent = look.NewButton(look.Bare, open).PassKeys(keys)
	v.recent.Set(look.Face{Label: label, Icon: "clock", Role: present.Neutral})
	v.row.Objects = append([]fyne.CanvasObject{container.NewCenter(v.recent)}, v.row.Objects...)
}

// beside says whether the recent calls stand beside the phone anyway.
func (v *numberView) beside(on bool) {
	if v.recent != nil && v.recent.Hidden != on {
		v.recent.Hidden = on
		v.root.Refresh()
	}
}

func (v *numberView) set(n present.Number, eraseLabel string) {
	if n.Text == "" {
		v.line.SetSize(look.SizeBig)
		v.line.Set(n.Placeholder, look.Muted)
	} else {
		v.line.SetSize(look.SizeDigits)
		v.line.Set(n.Text, theme.ColorNameForeground)
	}
	v.hold.SetLive(n.Reveal)
	v.presented.Set("", n.Presented, look.Muted)
	v.erase.Set(look.Face{Label: eraseLabel, Icon: "backspace", Role: present.Neutral, Disabled: !n.Erasable})
	if v.erase.Hidden == n.Erasable {
		v.erase.Hidden = !n.Erasable
		v.root.Refresh() // a row leaves no place for what is hidden
	}
}

// openMenu opens the number's menu at the pointer.
func (v *numberView) openMenu(m *fyne.Menu, e *fyne.PointEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(v.hold); m != nil && c != nil {
		widget.ShowPopUpMenuAtPosition(m, c, e.AbsolutePosition)
	}
}
