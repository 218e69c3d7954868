package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Remark is one short line with an icon before it, in the middle of its room.
// It is in small type; words that do not fit shrink.
type Remark struct {
	widget.BaseWidget
	icon, text string
	color      fyne.ThemeColorName
}

// NewRemark makes one without words.
func NewRemark() *Remark {
	m := &Remark{color: Muted}
	m.ExtendBaseWidget(m)
	return m
}

// Set changes icon, words and colour; the same ones again draw nothing.
func (m *Remark) Set(icon, text string, color fyne.ThemeColorName) {
	if m.icon == icon && m.text == text && m.color == color {
		return
	}
	m.icon, m.text, m.color = icon, text, color
	m.Refresh()
}

// Text is what it says, whole.
func (m *Remark) Text() string { return m.text }

// CreateRenderer is called by the toolkit.
func (m *Remark) CreateRenderer() fyne.WidgetRenderer {
	r := &remarkRenderer{m: m, icon: picture(), text: &canvas.Text{}}
	r.Refresh()
	return r
}

type remarkRenderer struct {
	m    *Remark
	icon *canvas.Image
	text *canvas.Text
}

func (r *remarkRenderer) Destroy() {}

func (r *remarkRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.icon, r.text}
}

func (r *remarkRenderer) MinSize() fyne.Size {
	return fyne.NewSize(10, max(lineHeight(theme.SizeNameCaptionText), Scaled(16)))
}

func (r *remarkRenderer) Layout(size fyne.Size) {
	if size.Width == 0 {
		return
	}
	icon, gap := Scaled(15), float32(5)
	if r.m.icon == "" {
		icon, gap = 0, 0
	}
	r.text.Text = r.m.text
	fit(r.text, size.Width-icon-gap, theme.Size(theme.SizeNameCaptionText))
	words := textSize(r.text)
	x := (size.Width - icon - gap - words.Width) / 2
	r.icon.Move(fyne.NewPos(x, (size.Height-icon)/2))
	r.icon.Resize(fyne.NewSquareSize(icon))
	r.text.Move(fyne.NewPos(x+icon+gap, (size.Height-words.Height)/2))
	r.text.Resize(words)
}

func (r *remarkRenderer) Refresh() {
	r.text.Color = theme.Color(r.m.color)
	setPicture(r.icon, r.m.icon, r.m.color)
	r.Layout(r.m.Size())
	canvas.Refresh(r.m)
}
