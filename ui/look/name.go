package look

import "strings"

// Named is whatever says in words what it is, for those who do not see it. The
// words are in the window's language and are what stands in the window, or would
// stand there if there were room; how a switch stands is not part of them.
//
// The method is the one that the toolkit asks from 2.8 on, as part of
// fyne.Accessible. 2.7.4 has nobody who asks (see package ui for why it stays):
// until then a test does, which lets nothing take the keyboard without a name.
type Named interface {
	// AccessibilityLabel is called on the UI goroutine.
	AccessibilityLabel() string
}

// Words joins what is said of one thing, leaving out what is empty.
func Words(parts ...string) string {
	said := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, ", ")
}

// AccessibilityLabel is the label, of which a Bare button shows only the icon,
// and the explanation.
func (b *Button) AccessibilityLabel() string { return Words(b.face.Label, b.face.Sub) }

// AccessibilityLabel is the sentence.
func (t *Toggle) AccessibilityLabel() string { return t.label.Text() }

// AccessibilityLabel is what the content shows now: whoever listens hears of a
// masked number what others see of it.
func (h *Hold) AccessibilityLabel() string {
	if c, ok := h.content.(interface{ Text() string }); ok {
		return c.Text()
	}
	return ""
}

// Live reports whether there is something to look into.
func (h *Hold) Live() bool { return h.live }

var (
	_ Named = (*Button)(nil)
	_ Named = (*Toggle)(nil)
	_ Named = (*Hold)(nil)
)
