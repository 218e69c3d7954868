package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"nxphone/assets/text"
	"nxphone/ui/look"
	"nxphone/ui/present"
)

// bannerActions are what the buttons of a banner do.
type bannerActions struct {
	settings, numbers, details, dismiss, act func()
}

// bannerView tells one thing on the dial screen: what happened, what to do.
type bannerView struct {
	panel                              *look.Panel
	emblem                             *look.Emblem
	title, help, details               *look.Sentence
	settings, numbers, detail, dismiss *look.Button
	act                                *look.Button
	buttons                            *fyne.Container
	last                               present.Banner
	texts                              *text.Catalogue
	loud                               bool // the ground has the colour of what is told
}

func newBannerView(a bannerActions, keys *look.Keys, texts *text.Catalogue) *bannerView {
	button := func(f func()) *look.Button { return look.NewButton(look.Quiet, f).PassKeys(keys) }
	v := &bannerView{
		emblem:   look.NewEmblem(34),
		title:    look.NewSentence(theme.ColorNameForeground, theme.SizeNameText, fyne.TextAlignLeading, true),
		help:     look.NewSentence(look.Muted, theme.SizeNameText, fyne.TextAlignLeading, false),
		details:  look.NewSentence(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignLeading, false),
		settings: button(a.settings), numbers: button(a.numbers), detail: button(a.details), act: button(a.act),
		dismiss: look.NewButton(look.Bare, a.dismiss).PassKeys(keys),
		texts:   texts,
	}
	v.buttons = container.New(layout.NewHBoxLayout(), v.act, v.settings, v.numbers, v.detail)
	words := container.New(look.Column{Gap: 2, Stretch: -1}, v.title, v.help, v.details, v.buttons)
	emblem := container.New(look.Column{Stretch: -1}, v.emblem)
	row := container.NewBorder(nil, nil, emblem, container.New(look.Column{Stretch: -1}, v.dismiss), container.New(look.Inset{X: 5}, words))
	v.panel = look.NewPanel(look.Surface, look.Outline, 12, row)
	v.panel.Hide()
	return v
}

// newAlarmView is a banner that cannot be put away, on a coloured ground.
func newAlarmView(keys *look.Keys, texts *text.Catalogue) *bannerView {
	v := newBannerView(bannerActions{}, keys, texts)
	v.loud = true
	return v
}

func (v *bannerView) set(b present.Banner) {
	if b == v.last {
		return
	}
	v.last = b
	if !b.Show {
		v.panel.Hide()
		return
	}
	soft, ink := look.RoleColor(b.Role, look.Soft), look.RoleColor(b.Role, look.Ink)
	if v.loud {
		v.panel.SetColors(soft, ink)
		v.emblem.Set(b.Icon, look.RoleColor(b.Role, look.Solid), look.RoleColor(b.Role, look.On))
		v.help.Set(b.Help, theme.ColorNameForeground)
	} else {
		v.emblem.Set(b.Icon, soft, ink)
	}
	v.title.SetText(b.Title)
	v.help.SetText(b.Help)
	v.details.SetText(b.Details)
	v.act.Hidden = b.Act == ""
	v.act.Set(look.Face{Label: b.Act, Role: b.Role})
	v.setButton(v.settings, b.Settings, "button.settings", "settings", b.Role)
	v.setButton(v.numbers, b.Numbers, "button.demo", "list", b.Role)
	key := "button.details"
	if b.Details != "" {
		key = "button.details.hide"
	}
	v.setButton(v.detail, b.CanDetail, key, "", present.Neutral)
	v.dismiss.Set(look.Face{Label: v.texts.Text("button.dismiss"), Icon: "close", Role: present.Neutral})
	v.dismiss.Hidden = !b.Dismiss
	v.buttons.Hidden = b.Act == "" && !b.Settings && !b.Numbers && !b.CanDetail
	v.panel.Show()
	v.panel.Refresh()
}

func (v *bannerView) setButton(b *look.Button, show bool, key, icon string, role present.Role) {
	b.Hidden = !show
	b.Set(look.Face{Label: v.texts.Text(key), Icon: icon, Role: role})
}
