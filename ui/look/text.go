package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// smallest is the size below which text is cut off rather than shrunk.
const smallest = 11

// textSize measures a canvas text as it is now.
func textSize(t *canvas.Text) fyne.Size {
	return fyne.MeasureText(t.Text, t.TextSize, t.TextStyle)
}

// fit sets the text's size to what it should be, or to what fits into width.
func fit(t *canvas.Text, width, size float32) {
	t.TextSize = size
	if w := textSize(t).Width; w > width && w > 0 {
		t.TextSize = max(size*width/w, smallest)
	}
	if textSize(t).Width > width {
		t.Text = cut(t.Text, width, func(s string) float32 {
			return fyne.MeasureText(s, t.TextSize, t.TextStyle).Width
		})
	}
}

// cut shortens s to width and ends it with an ellipsis.
func cut(s string, width float32, measure func(string) float32) string {
	r := []rune(s)
	for len(r) > 0 && measure(string(r)+"…") > width {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}

// Line is one line of text that shrinks, then is cut, to stay inside its width.
type Line struct {
	widget.BaseWidget
	text  string
	color fyne.ThemeColorName
	size  fyne.ThemeSizeName
	style fyne.TextStyle
	align fyne.TextAlign
}

// NewLine makes a line of text.
func NewLine(color fyne.ThemeColorName, size fyne.ThemeSizeName, align fyne.TextAlign, bold bool) *Line {
	l := &Line{color: color, size: size, align: align, style: fyne.TextStyle{Bold: bold}}
	l.ExtendBaseWidget(l)
	return l
}

// Set changes text and colour; the same ones again draw nothing.
func (l *Line) Set(text string, color fyne.ThemeColorName) {
	if l.text == text && l.color == color {
		return
	}
	l.text, l.color = text, color
	l.Refresh()
}

// SetText changes the text alone.
func (l *Line) SetText(text string) { l.Set(text, l.color) }

// SetSize changes the size of the text.
func (l *Line) SetSize(size fyne.ThemeSizeName) {
	if l.size != size {
		l.size = size
		l.Refresh()
	}
}

// Text is what the line says, whole.
func (l *Line) Text() string { return l.text }

// CreateRenderer is called by the toolkit.
func (l *Line) CreateRenderer() fyne.WidgetRenderer {
	r := &lineRenderer{l: l, text: &canvas.Text{}}
	r.Refresh()
	return r
}

type lineRenderer struct {
	l    *Line
	text *canvas.Text
}

func (r *lineRenderer) Destroy()                     {}
func (r *lineRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.text} }

func (r *lineRenderer) MinSize() fyne.Size {
	return fyne.NewSize(10, fyne.MeasureText("0", theme.Size(r.l.size), r.l.style).Height)
}

func (r *lineRenderer) Layout(size fyne.Size) {
	r.text.Text = r.l.text
	fit(r.text, size.Width, theme.Size(r.l.size))
	h := textSize(r.text).Height
	r.text.Resize(fyne.NewSize(size.Width, h))
	r.text.Move(fyne.NewPos(0, (size.Height-h)/2))
}

func (r *lineRenderer) Refresh() {
	r.text.Text = r.l.text
	r.text.Alignment, r.text.TextStyle = r.l.align, r.l.style
	r.text.TextSize = theme.Size(r.l.size)
	r.text.Color = theme.Color(r.l.color)
	if r.l.Size().Width > 0 {
		r.Layout(r.l.Size())
	}
	canvas.Refresh(r.l)
}

// Sentence is text that wraps between words.
type Sentence struct {
	widget.RichText
	segment *widget.TextSegment
}

// NewSentence makes a text that wraps.
func NewSentence(color fyne.ThemeColorName, size fyne.ThemeSizeName, align fyne.TextAlign, bold bool) *Sentence {
	seg := &widget.TextSegment{Style: widget.RichTextStyle{
		Alignment: align, ColorName: color, SizeName: size, TextStyle: fyne.TextStyle{Bold: bold},
	}}
	s := &Sentence{segment: seg}
	s.Segments = []widget.RichTextSegment{seg}
	s.Wrapping = fyne.TextWrapWord
	s.ExtendBaseWidget(s)
	return s
}

// Set changes text and colour; the same ones again draw nothing. An empty text
// hides the sentence.
func (s *Sentence) Set(text string, color fyne.ThemeColorName) {
	if s.segment.Text == text && s.segment.Style.ColorName == color {
		return
	}
	s.segment.Text, s.segment.Style.ColorName = text, color
	s.Hidden = text == ""
	s.Refresh()
}

// SetText changes the text alone.
func (s *Sentence) SetText(text string) { s.Set(text, s.segment.Style.ColorName) }

// Text is what the sentence says.
func (s *Sentence) Text() string { return s.segment.Text }
