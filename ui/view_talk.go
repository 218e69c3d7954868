package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// muteFace draws the microphone switch. The three states differ in ground,
// icon and words at once: white with a microphone, red with a crossed one,
// amber while nothing is confirmed.
func muteFace(m present.Mute) look.Face {
	return look.Face{
		Label: m.Title, Sub: m.Sub, Icon: m.Icon, Role: m.Role, Disabled: !m.Enabled,
		Loud: m.On || m.Pending || m.Doubt != present.Sure,
	}
}

// primaryFace draws the big button.
func primaryFace(p present.Primary) look.Face {
	return look.Face{Label: p.Label, Icon: p.Icon, Role: p.Role, Disabled: !p.Enabled}
}

// newSentLine shows the digits that went out in a call.
func newSentLine() *look.Line {
	return look.NewLine(look.Muted, theme.SizeNameText, fyne.TextAlignCenter, false)
}
