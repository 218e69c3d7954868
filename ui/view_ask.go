package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// askView is a question in front of everything but a call's own buttons. Its
// safe answer comes first, has the focus and is the loud one.
type askView struct {
	panel   *look.Panel
	emblem  *look.Emblem
	title   *look.Sentence
	subject *look.Sentence
	detail  *look.Sentence
	warn    *look.Sentence
	warning *look.Panel
	help    *look.Sentence
	left    *look.Line
	no, yes *look.Button
	body    *fyne.Container
	last    present.Ask
}

func newAskView(no, yes func(), keys *look.Keys) *askView {
	sentence := func(c fyne.ThemeColorName, s fyne.ThemeSizeName, bold bool) *look.Sentence {
		return look.NewSentence(c, s, fyne.TextAlignCenter, bold)
	}
	v := &askView{
		emblem:  look.NewEmblem(64),
		title:   sentence(theme.ColorNameForeground, look.SizeBig, true),
		subject: sentence(look.RoleColor(present.Accent, look.Ink), look.SizeTitle, true),
		detail:  sentence(theme.ColorNameForeground, theme.SizeNameText, true),
		warn:    sentence(look.RoleColor(present.Warn, look.Ink), theme.SizeNameText, false),
		help:    sentence(look.Muted, theme.SizeNameText, false),
		left:    look.NewLine(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignCenter, false),
		no:      look.NewButton(look.Primary, no).PassKeys(keys),
		yes:     look.NewButton(look.Primary, yes).PassKeys(keys),
	}
	soft := look.RoleColor(present.Warn, look.Soft)
	v.warning = look.NewPanel(soft, soft, 10, v.warn)
	air := canvas.NewRectangle(color.Transparent)
	air.SetMinSize(fyne.NewSize(1, 1))
	v.body = container.New(look.Column{Gap: 10, Stretch: -1},
		v.emblem, v.title, v.subject, v.detail, v.warning, v.help, air, v.no, v.yes, v.left)
	v.panel = look.NewPanel(look.Surface, look.Outline, 16, container.New(look.Middle{}, v.body))
	return v
}

// set shows a question. Only the remaining time and the readiness of yes may
// change while it stands; both leave everything at its place.
func (v *askView) set(a present.Ask) {
	if a == v.last {
		return
	}
	same := v.last
	same.Left, same.Armed = a.Left, a.Armed
	v.last = a
	v.left.SetText(a.Left)
	v.yes.Set(look.Face{Label: a.Yes, Icon: a.YesIcon, Role: a.YesRole, Calm: true, Disabled: !a.Armed})
	if same == a || a.Key.Kind == present.AskNothing {
		return
	}
	v.emblem.Set(a.Icon, look.RoleColor(a.Role, look.Soft), look.RoleColor(a.Role, look.Ink))
	v.title.SetText(a.Title)
	v.subject.SetSize(subjectSize(a))
	v.subject.SetText(a.Subject)
	v.detail.SetText(a.Detail)
	v.warn.SetText(a.Warn)
	v.help.SetText(a.Help)
	v.no.Set(look.Face{Label: a.No, Role: present.Accent})
	v.emblem.Hidden = len(a.Subject) > longSubject
	v.warning.Hidden = a.Warn == ""
	v.yes.Hidden = a.Yes == ""
	v.left.Hidden = a.Left == ""
	v.panel.Refresh()
}

// longSubject is the length from which an origin needs the room of everything
// that is not necessary. A host can have 253 characters.
const longSubject = 60

func subjectSize(a present.Ask) fyne.ThemeSizeName {
	switch {
	case a.Key.Kind == present.AskCode:
		return look.SizeCode
	case len(a.Subject) > longSubject:
		return theme.SizeNameText
	case a.Key.Kind == present.AskCall && len(a.Subject) <= 16:
		return look.SizeKey
	}
	return look.SizeTitle
}
