package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// detailsView is the small print of a call: measurements, what is done to the
// sound, and the last minute of two of the measurements.
type detailsView struct {
	root        *fyne.Container
	rows        [6]*look.Line
	sound, loud *look.Sentence
	graph       *look.Graph
}

func newDetailsView() *detailsView {
	v := &detailsView{graph: look.NewGraph()}
	lines := container.New(look.Column{Gap: 1, Stretch: -1})
	for i := range v.rows {
		v.rows[i] = look.NewLine(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignCenter, false)
	}
	lines.Add(container.New(look.Grid{Columns: 2, Gap: 2, Most: 100}, v.rows[0], v.rows[5], v.rows[1], v.rows[4]))
	lines.Add(container.New(look.Grid{Columns: 2, Gap: 2, Most: 100}, v.rows[3], v.rows[2]))
	v.sound = look.NewSentence(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignCenter, false)
	v.loud = look.NewSentence(theme.ColorNameForeground, theme.SizeNameCaptionText, fyne.TextAlignCenter, false)
	lines.Add(v.sound)
	lines.Add(v.loud)
	v.root = container.New(look.Column{Gap: 5, Stretch: -1}, lines, v.graph)
	return v
}

func (v *detailsView) set(d present.Details) {
	if !d.Show {
		return
	}
	for i, r := range d.Rows {
		v.rows[i].SetText(r.Name + " " + r.Value)
	}
	v.sound.SetText(d.Sound)
	v.loud.SetText(d.Loud)
	v.graph.Set(d.Graph)
}
