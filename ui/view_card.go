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
	panel     *look.Panel
	emblem    *look.Emblem      // before the answer
	small     *look.Emblem      // in the call
	space     *canvas.Rectangle // under the emblem
	title     *look.Line
	number    *look.Line
	hold      *look.Hold // around the number
	presented *look.Remark
	timer     *look.Line
	meters    *metersView
	quality   *look.Remark
	sub       *look.Sentence
	details   *detailsView
	detail    *look.Button
	last      cardState
	texts     *text.Catalogue
}

// cardState is what the card shows.
type cardState struct {
	card   present.Card
	screen present.Screen
	// tight leaves the card its first lines, where an alarm needs the room; low
	// leaves two, where the keypad does.
	tight, low bool
}

// cardActions are what the card's parts do.
type cardActions struct {
	details func()
	reveal  func(bool)
}

func newCardView(a cardActions, keys *look.Keys, texts *text.Catalogue) *cardView {
	v := &cardView{
		emblem:    look.NewEmblem(92),
		small:     look.NewEmblem(26),
		title:     look.NewLine(theme.ColorNameForeground, look.SizeTitle, fyne.TextAlignCenter, true),
		number:    look.NewLine(theme.ColorNameForeground, look.SizeKey, fyne.TextAlignCenter, false),
		presented: look.NewRemark(),
		timer:     look.NewLine(theme.ColorNameForeground, look.SizeTitle, fyne.TextAlignCenter, false),
		meters:    newMetersView(),
		quality:   look.NewRemark(),
		sub:       look.NewSentence(look.Muted, theme.SizeNameText, fyne.TextAlignCenter, false),
		details:   newDetailsView(),
		detail:    look.NewButton(look.Bare, a.details).PassKeys(keys),
		space:     canvas.NewRectangle(color.Transparent),
		texts:     texts,
	}
	v.hold = look.NewHold(v.number, a.reveal, keys)
	v.space.SetMinSize(fyne.NewSize(1, 10))
	// Beside the compact card's title stand the emblem and the details
	// button: the title keeps clear of both.
	title := container.New(look.Inset{X: 34}, v.title)
	body := container.New(look.Column{Gap: 5, Stretch: -1}, v.emblem, v.space, title, v.hold, v.presented, v.timer,
		v.sub, v.meters.root, v.quality, v.details.root)
	v.panel = look.NewPanel(look.Surface, look.Outline, 14, container.NewStack(
		container.New(look.Middle{}, body),
		container.NewVBox(container.NewHBox(container.NewCenter(v.small), layout.NewSpacer(), v.detail)),
	))
	v.panel.Hide()
	return v
}

func (v *cardView) set(s cardState) {
	if s == v.last {
		return
	}
	c, old := s.card, v.last
	shape := s.tight != old.tight || s.low != old.low || s.screen != old.screen || shapeOf(c) != shapeOf(old.card)
	v.last = s
	if !c.Show {
		v.panel.Hide()
		return
	}
	soft, ink := look.RoleColor(c.Role, look.Soft), look.RoleColor(c.Role, look.Ink)
	v.emblem.Set(c.Icon, soft, ink)
	v.small.Set(c.Icon, soft, ink)
	v.title.Set(c.Title, ink)
	v.number.SetText(c.Number)
	v.hold.SetLive(c.Reveal)
	v.presented.Set("", c.Presented, look.Muted)
	if s.low {
		v.timer.SetText(c.Timer + " · " + c.Short)
	} else {
		v.timer.SetText(c.Timer)
	}
	v.sub.SetText(c.Sub)
	v.quality.Set(c.QualityIcon, c.Quality, qualityColor(c.QualityRole))
	v.details.set(c.Details)
	v.detail.Set(look.Face{Label: v.texts.Text("button.details"), Icon: "info", Role: present.Neutral})
	if shape {
		v.reshape()
	}
}

// qualityColor leaves a good connection quiet: it needs no attention.
func qualityColor(r present.Role) fyne.ThemeColorName {
	if r == present.Good || r == "" {
		return look.Muted
	}
	return look.RoleColor(r, look.Ink)
}

// shapeOf leaves of a card what moves its parts.
func shapeOf(c present.Card) present.Card {
	c.Timer, c.Number, c.Icon, c.Role = mark(c.Timer), mark(c.Number), "", ""
	c.QualityIcon, c.QualityRole, c.Quality = "", "", mark(c.Quality)
	c.Details = present.Details{Show: c.Details.Show, Sound: c.Details.Sound, Loud: c.Details.Loud}
	return c
}

// mark is whether there are words.
func mark(s string) string {
	if s == "" {
		return ""
	}
	return "x"
}

func (v *cardView) reshape() {
	c, talk := v.last.card, v.last.screen == present.Talk
	roomy := !v.last.tight && !v.last.low
	v.emblem.Hidden = v.last.screen != present.Calling || v.last.tight
	v.title.Hidden = v.last.low
	v.space.Hidden = v.emblem.Hidden
	v.small.Hidden = !talk
	v.timer.Hidden = c.Timer == ""
	v.presented.Hidden = c.Presented == "" || !roomy || c.Details.Show
	v.meters.root.Hidden = !talk || !c.Meters || !roomy
	v.quality.Hidden = c.Quality == "" || !roomy
	v.details.root.Hidden = !c.Details.Show || !roomy
	v.detail.Hidden = !c.CanDetail || !roomy
	v.panel.Show()
	v.panel.Refresh()
}
