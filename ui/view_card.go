package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"nxphone/assets/text"
	"nxphone/ui/look"
	"nxphone/ui/present"
)

// cardView is the call that is up. Before the answer it fills the window, in
// the call it is a compact card.
type cardView struct {
	panel        *look.Panel
	emblem       *look.Emblem      // before the answer
	small        *look.Emblem      // in the call
	space        *canvas.Rectangle // under the emblem
	title        *look.Line
	number       *look.Line
	timer        *look.Line
	sub, details *look.Sentence
	detail       *look.Button
	body         *fyne.Container
	last         present.Card
	lastScreen   present.Screen
	texts        *text.Catalogue
}

func newCardView(details func(), keys *look.Keys, texts *text.Catalogue) *cardView {
	v := &cardView{
		emblem:  look.NewEmblem(92),
		small:   look.NewEmblem(26),
		title:   look.NewLine(theme.ColorNameForeground, look.SizeTitle, fyne.TextAlignCenter, true),
		number:  look.NewLine(theme.ColorNameForeground, look.SizeKey, fyne.TextAlignCenter, false),
		timer:   look.NewLine(theme.ColorNameForeground, look.SizeTitle, fyne.TextAlignCenter, false),
		sub:     look.NewSentence(look.Muted, theme.SizeNameText, fyne.TextAlignCenter, false),
		details: look.NewSentence(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignCenter, false),
		detail:  look.NewButton(look.Bare, details).PassKeys(keys),
		space:   canvas.NewRectangle(color.Transparent),
		texts:   texts,
	}
	v.space.SetMinSize(fyne.NewSize(1, 10))
	// Beside the compact card's title stand the emblem and the details
	// button: the title keeps clear of both.
	title := container.New(look.Inset{X: 34}, v.title)
	v.body = container.New(look.Column{Gap: 5, Stretch: -1}, v.emblem, v.space, title, v.number, v.timer, v.sub, v.details)
	v.panel = look.NewPanel(look.Surface, look.Outline, 14, container.NewStack(
		container.New(look.Middle{}, v.body),
		container.NewVBox(container.NewHBox(container.NewCenter(v.small), layout.NewSpacer(), v.detail)),
	))
	v.panel.Hide()
	return v
}

func (v *cardView) set(c present.Card, screen present.Screen) {
	if c == v.last && screen == v.lastScreen {
		return
	}
	shape := c.Show != v.last.Show || screen != v.lastScreen || c.Sub != v.last.Sub || c.Details != v.last.Details ||
		c.Title != v.last.Title
	v.last, v.lastScreen = c, screen
	if !c.Show {
		v.panel.Hide()
		return
	}
	soft, ink := look.RoleColor(c.Role, look.Soft), look.RoleColor(c.Role, look.Ink)
	v.emblem.Set(c.Icon, soft, ink)
	v.small.Set(c.Icon, soft, ink)
	v.title.Set(c.Title, ink)
	v.number.SetText(c.Number)
	v.timer.SetText(c.Timer)
	v.sub.SetText(c.Sub)
	v.details.SetText(c.Details)
	v.detail.Set(look.Face{Label: v.texts.Text("button.details"), Icon: "info", Role: present.Neutral})
	if !shape {
		return
	}
	v.emblem.Hidden = screen != present.Calling
	v.space.Hidden = v.emblem.Hidden
	v.small.Hidden = screen != present.Talk
	v.timer.Hidden = c.Timer == ""
	v.detail.Hidden = !c.CanDetail
	v.panel.Show()
	v.panel.Refresh()
}
