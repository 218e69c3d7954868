package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"nxphone/assets/text"
	"nxphone/ui/look"
	"nxphone/ui/present"
)

// compactView is the phone as one strip: who, how long, mute, the big button,
// and the way back to a larger window.
type compactView struct {
	panel      *look.Panel
	emblem     *look.Emblem
	title, sub *look.Line
	words      *look.Sentence // what the card would explain, under the strip
	below      *look.Panel
	mute       *look.Button
	primary    *look.Button
	grow       *look.Button
	texts      *text.Catalogue
	last       compactState
}

// compactState is what the strip shows.
type compactState struct {
	mini    present.Mini
	mute    present.Mute
	primary present.Primary
}

func newCompactView(mute, primary, grow func(), keys *look.Keys, texts *text.Catalogue) *compactView {
	v := &compactView{
		emblem:  look.NewEmblem(36),
		title:   look.NewLine(theme.ColorNameForeground, look.SizeBig, fyne.TextAlignLeading, true),
		sub:     look.NewLine(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignLeading, false),
		mute:    look.NewButton(look.Tile, mute).PassKeys(keys),
		primary: look.NewButton(look.Tile, primary).PassKeys(keys).Settle(),
		grow:    look.NewButton(look.Bare, grow).PassKeys(keys),
		texts:   texts,
	}
	words := container.New(look.Middle{}, container.New(look.Column{Gap: 1, Stretch: -1}, v.title, v.sub))
	// The microphone stands at one end, hanging up at the other: who wants to
	// unmute must not hang up.
	left := container.New(look.Beside{}, v.mute, container.New(look.Middle{}, v.emblem))
	right := container.New(look.Beside{Gap: 2}, v.grow, v.primary)
	row := container.NewBorder(nil, nil, left, right, container.New(look.Inset{X: 8}, words))
	v.words = look.NewSentence(theme.ColorNameForeground, theme.SizeNameText, fyne.TextAlignLeading, false)
	v.below = look.NewPanel(look.Surface, look.Outline, 12, v.words)
	v.panel = look.NewPanel(look.Surface, look.Outline, 10, row)
	v.grow.Set(look.Face{Label: texts.Text("size.grow"), Icon: "expand", Role: present.Neutral})
	return v
}

func (v *compactView) set(s compactState) {
	if s == v.last {
		return
	}
	v.last = s
	m := s.mini
	soft, ink := look.RoleColor(m.Role, look.Soft), look.RoleColor(m.Role, look.Ink)
	ground, line, words := look.Surface, look.Outline, look.Muted
	if m.Muted {
		ground, line, words = soft, look.RoleColor(m.Role, look.Solid), ink
		v.emblem.Set(m.Icon, line, look.RoleColor(m.Role, look.On))
	} else {
		v.emblem.Set(m.Icon, soft, ink)
	}
	v.title.SetText(m.Title)
	v.words.Set(m.Words, look.RoleColor(m.WordsRole, look.Ink))
	v.below.SetColors(look.RoleColor(m.WordsRole, look.Soft), look.RoleColor(m.WordsRole, look.Soft))
	v.below.Refresh()
	v.sub.Set(m.Sub, words)
	mute := muteFace(s.mute)
	mute.Label, mute.Sub = m.Mute, ""
	if !mute.Loud {
		mute.Role = present.Neutral
	}
	v.mute.Set(mute)
	v.mute.Hidden, v.emblem.Hidden = !s.mute.Show, s.mute.Show
	primary := primaryFace(s.primary)
	primary.Loud = !primary.Disabled
	primary.Label, primary.Round = m.Primary, true
	v.primary.Set(primary)
	v.panel.SetColors(ground, line)
	v.panel.Refresh()
}
