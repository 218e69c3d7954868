package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// headsetChanged takes what the headset tells. Its buttons need no window: they
// are commands to the engine before anything is shown.
func (d *desk) headsetChanged(h present.Headset) {
	d.facts.Headset = h
	if d.settings != nil {
		d.settings.noteHeadset()
	}
	d.again()
}

// headsetNote is the line below the setting, which says what is plugged in.
func (p *settingsPage) headsetNote() fyne.CanvasObject {
	p.headset = look.NewSentence(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignLeading, false)
	p.noteHeadset()
	return p.headset
}

// noteHeadset says it anew, while the page is open.
func (p *settingsPage) noteHeadset() {
	if p.headset == nil || p.d.opts.Headset == nil {
		return
	}
	p.headset.SetText(present.HeadsetNote(p.d.facts.Headset, p.d.values.Headset, p.d.texts))
}
