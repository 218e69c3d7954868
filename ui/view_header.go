package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"nxphone/assets/text"
	"nxphone/ui/look"
	"nxphone/ui/present"
)

// headerView names the line, changes the size of the window, and opens the
// settings.
type headerView struct {
	root                       *fyne.Container
	title, sub                 *look.Line
	columns, compact, settings *look.Button
	help                       *look.Button // in a call, while its own button is not there
	texts                      *text.Catalogue
}

// headerActions are what the header's buttons do.
type headerActions struct{ settings, compact, columns, help func() }

func newHeaderView(a headerActions, keys *look.Keys, texts *text.Catalogue) *headerView {
	button := func(f func()) *look.Button { return look.NewButton(look.Bare, f).PassKeys(keys) }
	v := &headerView{
		title:   look.NewLine(theme.ColorNameForeground, theme.SizeNameText, fyne.TextAlignLeading, true),
		sub:     look.NewLine(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignLeading, false),
		columns: button(a.columns), compact: button(a.compact), settings: button(a.settings), help: button(a.help),
		texts: texts,
	}
	v.compact.Set(look.Face{Label: texts.Text("size.compact"), Icon: "compact", Role: present.Neutral})
	v.help.Set(look.Face{Label: texts.Text("shift.help.ask"), Icon: "help", Role: present.Neutral})
	v.help.Hidden = true
	names := container.New(look.Column{Gap: 1, Stretch: -1}, v.title, v.sub)
	v.root = container.NewBorder(nil, nil, nil, container.New(look.Beside{}, v.help, v.columns, v.compact, v.settings),
		container.New(look.Inset{X: 2, Y: 3}, names))
	return v
}

// set shows the header; help says that the button for it stands here.
func (v *headerView) set(h present.Header, size present.Size, help bool) {
	color := theme.ColorNameForeground
	if h.Role != present.Neutral {
		color = look.RoleColor(h.Role, look.Ink)
	}
	v.title.Set(h.Title, color)
	v.sub.SetText(h.Sub)
	columns := "size.two"
	if size == present.Full {
		columns = "size.one"
	}
	v.columns.Set(look.Face{Label: v.texts.Text(columns), Icon: "columns", Role: present.Neutral})
	if v.help.Hidden == help {
		v.help.Hidden = !help
		v.root.Refresh()
	}
	v.settings.Set(look.Face{Label: v.texts.Text("header.settings"), Icon: "settings", Role: present.Neutral, Disabled: !h.Settings})
}
