package ui

import (
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// field is one text of the settings: its name and where it comes from, the
// entry, and below either a hint or what is wrong.
type field struct {
	root  *fyne.Container
	entry *entry
	below *look.Sentence
	help  string
	row   *fyne.Container
}

func newField(name string, tag *look.Tag, hint, value string, secret bool, escape func()) *field {
	f := &field{
		entry: newEntry(name, secret, escape),
		below: look.NewSentence(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignLeading, false),
		help:  hint,
	}
	f.entry.SetText(value)
	f.below.SetText(hint)
	f.row = container.NewBorder(nil, nil, nil, nil, f.entry)
	f.root = container.New(look.Column{Gap: 3, Stretch: -1}, rowHead(name, tag), f.row, f.below)
	return f
}

// rowHead is a row's name with its tag at the right; nil for no tag.
func rowHead(name string, tag *look.Tag) fyne.CanvasObject {
	label := look.NewLine(theme.ColorNameForeground, theme.SizeNameCaptionText, fyne.TextAlignLeading, true)
	label.SetText(name)
	if tag == nil {
		return label
	}
	return container.NewBorder(nil, nil, nil, tag, label)
}

// entry is the toolkit's, which swallows Escape, with a way out of the page.
type entry struct {
	widget.Entry
	name   string // stands beside it
	escape func()
	focus  func() // it got the focus; nil for nothing
}

func newEntry(name string, secret bool, escape func()) *entry {
	e := &entry{name: name, escape: escape}
	e.Password = secret // the toolkit adds the button that shows it
	e.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	e.ExtendBaseWidget(e)
	return e
}

// AccessibilityLabel is what is to be typed here, not what has been: that may be
// a secret.
func (e *entry) AccessibilityLabel() string { return e.name }

// FocusGained is called by the toolkit.
func (e *entry) FocusGained() {
	e.Entry.FocusGained()
	if e.focus != nil {
		e.focus()
	}
}

// TypedKey is called by the toolkit.
func (e *entry) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		e.escape()
		return
	}
	e.Entry.TypedKey(k)
}

// selection is the same for the toolkit's select.
type selection struct {
	widget.Select
	name   string // stands above it
	frame  *look.Frame
	escape func()
	focus  func() // it got the focus; nil for nothing
}

func newSelection(name string, escape func()) *selection {
	s := &selection{name: name, escape: escape, frame: look.NewFrame(theme.ColorNameInputBorder)}
	s.ExtendBaseWidget(s)
	return s
}

// AccessibilityLabel is what is to be chosen.
func (s *selection) AccessibilityLabel() string { return s.name }

// FocusGained is called by the toolkit, whose own way of showing the focus here
// is a ground on which the words cannot be read; the frame shows it instead.
func (s *selection) FocusGained() {
	s.frame.Set(look.FocusLine, 2)
	if s.focus != nil {
		s.focus()
	}
}

// FocusLost is called by the toolkit.
func (s *selection) FocusLost() { s.frame.Set(theme.ColorNameInputBorder, 1) }

// TypedKey is called by the toolkit.
func (s *selection) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		s.escape()
		return
	}
	s.Select.TypedKey(k)
}

// button adds a button behind the entry.
func (f *field) button(icon, label string, tap func()) *look.Button {
	b := look.NewButton(look.Bare, tap)
	b.Set(look.Face{Label: label, Icon: icon, Role: present.Neutral})
	f.row = container.NewBorder(nil, nil, nil, b, container.New(look.Middle{}, f.entry))
	f.root.Objects[1] = f.row
	return b
}

// text is what was typed, without blanks around it.
func (f *field) text() string { return strings.TrimSpace(f.entry.Text) }

// hint changes the words below.
func (f *field) hint(words string) {
	f.help = words
	f.fault("")
}

// fault says what is wrong; empty words bring the hint back.
func (f *field) fault(words string) {
	before := f.below.Text()
	if words == "" {
		f.below.Set(f.help, look.Muted)
	} else {
		f.below.Set(words, theme.ColorNameError)
	}
	if before != f.below.Text() {
		f.root.Refresh()
	}
}

// option is one of a choice's values.
type option struct{ value, label string }

// choice is one of several values.
type choice struct {
	root    *fyne.Container
	sel     *selection
	below   *look.Sentence
	options []option
}

func newChoice(name string, tag *look.Tag, escape func()) *choice {
	c := &choice{
		sel:   newSelection(name, escape),
		below: look.NewSentence(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignLeading, false),
	}
	// The toolkit draws selects without the border that its entries have.
	framed := container.NewStack(c.sel, c.sel.frame)
	c.root = container.New(look.Column{Gap: 3, Stretch: -1}, rowHead(name, tag), framed, c.below)
	return c
}

// hint changes the words below.
func (c *choice) hint(words string) { c.below.SetText(words) }

// set offers options and chooses one; a chosen one that is not among them is
// added, so that what nobody changes stays. Two devices of one name stay apart.
func (c *choice) set(options []option, chosen string) {
	if !slices.ContainsFunc(options, func(o option) bool { return o.value == chosen }) {
		options = append(slices.Clone(options), option{chosen, chosen})
	}
	c.options = options
	labels := make([]string, len(options))
	seen := map[string]int{}
	at := 0
	for i, o := range options {
		labels[i] = o.label
		if seen[o.label]++; seen[o.label] > 1 {
			labels[i] += strings.Repeat("\u200b", seen[o.label]-1)
		}
		if o.value == chosen {
			at = i
		}
	}
	c.sel.SetOptions(labels)
	c.sel.SetSelectedIndex(at)
}

// value is the chosen one.
func (c *choice) value() string {
	if i := c.sel.SelectedIndex(); i >= 0 && i < len(c.options) {
		return c.options[i].value
	}
	return ""
}

// caption is a small sentence in the second colour.
func caption(words string) fyne.CanvasObject {
	s := look.NewSentence(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignLeading, false)
	s.SetText(words)
	return s
}

// checkCAFile gives the key of what is wrong with a CA file, empty for nothing;
// so does no file at all.
func checkCAFile(path string) string {
	if path == "" {
		return ""
	}
	data, err := readSmall(path, maxCAFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "error.ca.missing"
	case err != nil:
		return "error.ca.unreadable"
	}
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return "error.ca.format"
		}
		if block.Type == "CERTIFICATE" {
			return ""
		}
	}
}

// maxCAFile is what is read of a CA file; a system's whole store is a quarter.
const maxCAFile = 1 << 20

// checkNotice gives the key of what is wrong with the file of the notice, empty
// for nothing. What stands in it beyond the head is the engine's to refuse.
func checkNotice(path string) string {
	if path == "" {
		return ""
	}
	head, err := readSmall(path, 12)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "error.ca.missing"
	case err != nil:
		return "error.ca.unreadable"
	case len(head) < 12 || string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE":
		return "error.notice.format"
	}
	return ""
}

// readSmall reads the first limit bytes of a plain file. Whatever else a path
// that is still being typed may name is refused: a pipe would never end, and
// the window waits for it when it closes.
func readSmall(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fs.ErrInvalid
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit))
}

// chooseFile lets the user pick a file to be read, in a window of its own: the
// phone's is too small for it.
func chooseFile(d *desk, title string, endings []string, chosen func(path string)) {
	w := fyne.CurrentApp().NewWindow(title)
	w.Resize(fyne.NewSize(760, 520))
	open := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		defer w.Close()
		if err != nil || r == nil {
			return
		}
		path := r.URI().Path()
		_ = r.Close() // only its name was wanted
		chosen(path)
	}, w)
	open.SetFilter(storage.NewExtensionFileFilter(endings))
	open.SetTitleText(title)
	open.Resize(fyne.NewSize(740, 500))
	w.Show()
	open.Show()
}

// chooseNewFile lets the user say where a file is to be written.
func chooseNewFile(d *desk, title, name string, chosen func(path string)) {
	w := fyne.CurrentApp().NewWindow(title)
	w.Resize(fyne.NewSize(760, 520))
	save := dialog.NewFileSave(func(f fyne.URIWriteCloser, err error) {
		defer w.Close()
		if err != nil || f == nil {
			return
		}
		path := f.URI().Path()
		_ = f.Close() // written off the UI goroutine, with rights of its own
		chosen(path)
	}, w)
	save.SetFileName(name)
	save.SetFilter(storage.NewExtensionFileFilter([]string{filepath.Ext(name)}))
	save.SetTitleText(title)
	save.Resize(fyne.NewSize(740, 500))
	w.Show()
	save.Show()
}
