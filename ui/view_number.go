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
	root  *fyne.Container
	area  *numberArea
	line  *look.Line
	erase *look.Button
	// recent opens the recent calls, nil where there are none.
	recent *look.Button
	row    *fyne.Container // what stands at the sides
}

func newNumberView(erase, clear func(), menu func() *fyne.Menu, keys *look.Keys) *numberView {
	v := &numberView{
		line:  look.NewLine(theme.ColorNameForeground, look.SizeDigits, fyne.TextAlignCenter, false),
		erase: look.NewButton(look.Bare, erase).PassKeys(keys),
	}
	v.erase.OnHold = clear
	v.area = newNumberArea(v.line, menu)
	// The number keeps clear of the erase button on both sides, so that it
	// stands in the middle and does not move when the button comes.
	middle := container.New(look.Inset{X: 44, Y: 8}, v.area)
	v.row = container.NewHBox(layout.NewSpacer(), container.NewCenter(v.erase))
	v.root = container.NewStack(middle, v.row)
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
	v.erase.Set(look.Face{Label: eraseLabel, Icon: "backspace", Role: present.Neutral, Disabled: !n.Erasable})
	if v.erase.Hidden == n.Erasable {
		v.erase.Hidden = !n.Erasable
		v.root.Refresh() // a row leaves no place for what is hidden
	}
}

// numberArea is the number's place on the screen: its menu opens with the
// second mouse button.
type numberArea struct {
	widget.BaseWidget
	line *look.Line
	menu func() *fyne.Menu
}

func newNumberArea(line *look.Line, menu func() *fyne.Menu) *numberArea {
	a := &numberArea{line: line, menu: menu}
	a.ExtendBaseWidget(a)
	return a
}

// CreateRenderer is called by the toolkit.
func (a *numberArea) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(a.line)
}

// TappedSecondary opens the menu at the pointer.
func (a *numberArea) TappedSecondary(e *fyne.PointEvent) {
	c := fyne.CurrentApp().Driver().CanvasForObject(a)
	if m := a.menu(); m != nil && c != nil {
		widget.ShowPopUpMenuAtPosition(m, c, e.AbsolutePosition)
	}
}
