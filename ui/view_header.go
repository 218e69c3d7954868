package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// headerView names the line, and opens the settings.
type headerView struct {
	root       *fyne.Container
	title, sub *look.Line
	settings   *look.Button
}

func newHeaderView(openSettings func(), keys *look.Keys) *headerView {
	v := &headerView{
		title:    look.NewLine(theme.ColorNameForeground, theme.SizeNameText, fyne.TextAlignLeading, true),
		sub:      look.NewLine(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignLeading, false),
		settings: look.NewButton(look.Bare, openSettings).PassKeys(keys),
	}
	names := container.New(look.Column{Gap: 1, Stretch: -1}, v.title, v.sub)
	v.root = container.NewBorder(nil, nil, nil, v.settings, container.New(look.Inset{X: 2, Y: 3}, names))
	return v
}

func (v *headerView) set(h present.Header, settingsLabel string) {
	color := theme.ColorNameForeground
	if h.Role != present.Neutral {
		color = look.RoleColor(h.Role, look.Ink)
	}
	v.title.Set(h.Title, color)
	v.sub.SetText(h.Sub)
	v.settings.Set(look.Face{Label: settingsLabel, Icon: "settings", Role: present.Neutral, Disabled: !h.Settings})
}
