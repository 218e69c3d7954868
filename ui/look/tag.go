package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Tag is a word or two in the second colour beside something larger, with an
// icon in front where that says more. It is as wide as its words.
type Tag struct {
	widget.BaseWidget
	text, icon string
}

// NewTag makes a tag; an empty icon leaves none.
func NewTag(text, icon string) *Tag {
	t := &Tag{text: text, icon: icon}
	t.ExtendBaseWidget(t)
	return t
}

// Set changes words and icon; the same ones again draw nothing.
func (t *Tag) Set(text, icon string) {
	if t.text == text && t.icon == icon {
		return
	}
	t.text, t.icon = text, icon
	t.Refresh()
}

// Text is what the tag says, Icon what it shows.
func (t *Tag) Text() string { return t.text }

// Icon is the name of the tag's icon, empty for none.
func (t *Tag) Icon() string { return t.icon }

// CreateRenderer is called by the toolkit.
func (t *Tag) CreateRenderer() fyne.WidgetRenderer {
	r := &tagRenderer{t: t, icon: picture(), words: newText()}
	r.Refresh()
	return r
}

type tagRenderer struct {
	t     *Tag
	icon  *canvas.Image
	words *canvas.Text
}

func (r *tagRenderer) Destroy()                     {}
func (r *tagRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.icon, r.words} }

// side is the icon's length with the gap behind it, 0 without one.
func (r *tagRenderer) side() float32 {
	if r.t.icon == "" {
		return 0
	}
	return Scaled(14) + 4
}

func (r *tagRenderer) MinSize() fyne.Size {
	return textSize(r.words).AddWidthHeight(r.side(), 0)
}

func (r *tagRenderer) Layout(size fyne.Size) {
	icon := Scaled(14)
	r.icon.Move(fyne.NewPos(0, (size.Height-icon)/2))
	r.icon.Resize(fyne.NewSquareSize(icon))
	text := textSize(r.words)
	r.words.Move(fyne.NewPos(r.side(), (size.Height-text.Height)/2))
	r.words.Resize(text)
}

func (r *tagRenderer) Refresh() {
	r.words.Text, r.words.TextSize = r.t.text, theme.Size(theme.SizeNameCaptionText)
	r.words.Color = theme.Color(Muted)
	setPicture(r.icon, r.t.icon, Muted)
	r.Layout(r.t.Size())
	canvas.Refresh(r.t)
}
