package look

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// smallest is the size below which text is cut off rather than shrunk. It grows
// with the text, so that large text stays large.
func smallest() float32 { return 11 * (1 + (Scaled(1)-1)*0.6) }

// face is the theme's face for a style. Texts name it themselves: for those that
// leave it to the toolkit (2.7.4) it parses the face anew for every style, and
// three others besides that are never drawn from (its own, one for emoji, and the
// system's for the user's language), which is 20 MB in a Korean window. What
// the face lacks is still looked for in the system's.
func face(style fyne.TextStyle) fyne.Resource { return theme.Current().Font(style) }

// newText makes a text without words.
func newText() *canvas.Text { return &canvas.Text{FontSource: face(fyne.TextStyle{})} }

// restyle changes the style of a text, and the face with it.
func restyle(t *canvas.Text, style fyne.TextStyle) { t.TextStyle, t.FontSource = style, face(style) }

// measure is the size of a text in the theme's face.
func measure(text string, size float32, style fyne.TextStyle) fyne.Size {
	s, _ := fyne.CurrentApp().Driver().RenderedTextSize(text, size, style, face(style))
	return s
}

// textSize measures a canvas text as it is now.
func textSize(t *canvas.Text) fyne.Size { return measure(t.Text, t.TextSize, t.TextStyle) }

// fit sets the text's size to what it should be, or to what fits into width.
func fit(t *canvas.Text, width, size float32) {
	t.TextSize = size
	least := min(smallest(), size)
	// Glyphs are as wide as whole pixels, so widths do not shrink evenly.
	for w := textSize(t).Width; w > width && t.TextSize > least; w = textSize(t).Width {
		t.TextSize = max(min(t.TextSize*width/w, t.TextSize-0.25), least)
	}
	if textSize(t).Width > width {
		t.Text = cut(t.Text, width, func(s string) float32 {
			return measure(s, t.TextSize, t.TextStyle).Width
		})
	}
}

// fitHost is fit for the name of a host, which loses its beginning: its end
// says whose it is.
func fitHost(t *canvas.Text, width, size float32) {
	whole := []rune(t.Text)
	fit(t, width, size)
	if t.Text == string(whole) {
		return
	}
	for i := range whole {
		if t.Text = "…" + string(whole[i+1:]); textSize(t).Width <= width {
			return
		}
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
	r := &lineRenderer{l: l, text: newText()}
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
	return fyne.NewSize(10, measure("0", theme.Size(r.l.size), r.l.style).Height)
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
	r.text.Alignment = r.l.align
	restyle(r.text, r.l.style)
	r.text.TextSize = theme.Size(r.l.size)
	r.text.Color = theme.Color(r.l.color)
	if r.l.Size().Width > 0 {
		r.Layout(r.l.Size())
	}
	canvas.Refresh(r.l)
}

// Sentence is text that wraps between words; a word that is too long for a line
// breaks before a dot, or else anywhere. It stands flush with its edges, unlike the toolkit's own.
type Sentence struct {
	widget.BaseWidget
	text  string
	color fyne.ThemeColorName
	size  fyne.ThemeSizeName
	style fyne.TextStyle
	align fyne.TextAlign
}

// NewSentence makes a text that wraps, hidden until it has words.
func NewSentence(color fyne.ThemeColorName, size fyne.ThemeSizeName, align fyne.TextAlign, bold bool) *Sentence {
	s := &Sentence{color: color, size: size, align: align, style: fyne.TextStyle{Bold: bold}}
	s.Hidden = true
	s.ExtendBaseWidget(s)
	return s
}

// Set changes text and colour; the same ones again draw nothing. An empty text
// hides the sentence.
func (s *Sentence) Set(text string, color fyne.ThemeColorName) {
	if s.text == text && s.color == color {
		return
	}
	s.text, s.color = text, color
	s.Hidden = text == ""
	s.Refresh()
}

// SetText changes the text alone.
func (s *Sentence) SetText(text string) { s.Set(text, s.color) }

// SetSize changes the size of the text.
func (s *Sentence) SetSize(size fyne.ThemeSizeName) {
	if s.size != size {
		s.size = size
		s.Refresh()
	}
}

// Text is what the sentence says.
func (s *Sentence) Text() string { return s.text }

// CreateRenderer is called by the toolkit.
func (s *Sentence) CreateRenderer() fyne.WidgetRenderer {
	r := &sentenceRenderer{s: s}
	r.wrap()
	return r
}

type sentenceRenderer struct {
	s     *Sentence
	lines []fyne.CanvasObject
}

func (r *sentenceRenderer) Destroy()                     {}
func (r *sentenceRenderer) Objects() []fyne.CanvasObject { return r.lines }

// leading is the height of a line in text heights: Hangul needs air.
const leading = 1.12

func (r *sentenceRenderer) height() float32 {
	return measure("가", theme.Size(r.s.size), r.s.style).Height * leading
}

// MinSize is as high as the text is at the present width. Whoever lays a
// sentence out sets the width first.
func (r *sentenceRenderer) MinSize() fyne.Size {
	return fyne.NewSize(10, r.height()*float32(max(len(r.lines), 1)))
}

func (r *sentenceRenderer) Layout(size fyne.Size) {
	r.wrap()
	h := r.height()
	for i, l := range r.lines {
		l.Resize(fyne.NewSize(size.Width, h))
		l.Move(fyne.NewPos(0, h*float32(i)))
	}
}

func (r *sentenceRenderer) Refresh() {
	r.Layout(r.s.Size())
	canvas.Refresh(r.s)
}

// wrap makes the lines for the present width, or one line before there is one.
func (r *sentenceRenderer) wrap() {
	size := theme.Size(r.s.size)
	lines := []string{r.s.text}
	if w := r.s.BaseWidget.Size().Width; w > 0 {
		width := func(s string) float32 { return measure(s, size, r.s.style).Width }
		lines = wrap(r.s.text, w, width)
		if len(lines) > 1 && (r.s.align == fyne.TextAlignCenter || lost(lines, width)) {
			lines = balance(lines, w, width)
		}
	}
	r.lines = r.lines[:0]
	for _, l := range lines {
		r.lines = append(r.lines, &canvas.Text{
			Text: l, TextSize: size, TextStyle: r.s.style, FontSource: face(r.s.style), Alignment: r.s.align, Color: theme.Color(r.s.color),
		})
	}
}

// wrap breaks text into lines that measure at most width.
func wrap(text string, width float32, measure func(string) float32) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		next := word
		if line != "" {
			next = line + " " + word
		}
		if measure(next) <= width {
			line = next
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for len([]rune(word)) > 1 && measure(word) > width {
			n := atDot([]rune(word), fitting([]rune(word), width, measure))
			lines = append(lines, string([]rune(word)[:n]))
			word = string([]rune(word)[n:])
		}
		line = word
	}
	return append(lines, line)
}

// lost reports whether the last line is so short that it looks forgotten, as a
// Korean ending of one word does.
func lost(lines []string, measure func(string) float32) bool {
	n := len(lines)
	return measure(lines[n-1]) < measure(lines[n-2])/3
}

// balance breaks lines anew, and no more of them: where the sentences end, if
// that gives no line that looks forgotten, or else so that all are about of one
// length. A last line of one word looks lost in the middle.
func balance(lines []string, width float32, measure func(string) float32) []string {
	text := strings.Join(lines, " ")
	if s := sentences(text, width, measure); len(s) == len(lines) && !short(s, measure) {
		return s
	}
	for _, word := range strings.Fields(text) {
		if measure(word) > width/2 {
			return lines // broken in a word, or nearly: there is nothing to choose
		}
	}
	low, high := width/2, width
	for high-low > 4 {
		mid := (low + high) / 2
		if next := wrap(text, mid, measure); len(next) <= len(lines) {
			lines, high = next, mid
		} else {
			low = mid
		}
	}
	return lines
}

// sentences breaks text after each sentence, and those that are wider than width
// where they must.
func sentences(text string, width float32, measure func(string) float32) []string {
	var lines []string
	for text != "" {
		head, rest, more := strings.Cut(text, ". ")
		if more {
			head += "."
		}
		lines = append(lines, wrap(head, width, measure)...)
		text = rest
	}
	return lines
}

// short reports whether a line has less than a third of the longest one's length.
func short(lines []string, measure func(string) float32) bool {
	least, most := measure(lines[0]), float32(0)
	for _, l := range lines {
		w := measure(l)
		least, most = min(least, w), max(most, w)
	}
	return least < most/3
}

// fitting counts the first runes of word that fit into width, at least one.
func fitting(word []rune, width float32, measure func(string) float32) int {
	n := 1
	for n < len(word) && measure(string(word[:n+1])) <= width {
		n++
	}
	return n
}

// atDot moves a break in a long word to before a dot, where there is one in the
// latter half of the line: the parts of a host stay whole, and a line that
// begins with a dot cannot be taken for a host by itself.
func atDot(word []rune, n int) int {
	for i := n; i > n/2; i-- {
		if i < len(word) && word[i] == '.' {
			return i
		}
	}
	return n
}
