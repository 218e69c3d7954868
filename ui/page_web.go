package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// usersPage lists who uses the phone, each with a way to end that. A row keeps
// its place as long as the page is open, also when its page has gone: nothing
// may move under the pointer.
type usersPage struct {
	d    *desk
	root fyne.CanvasObject
	list *fyne.Container
	none *look.Sentence
	rows []*userRow
}

type userRow struct {
	who    string
	root   fyne.CanvasObject
	name   *look.Sentence
	does   *look.Sentence
	revoke *look.Button
}

func newUsersPage(d *desk) *usersPage {
	p := &usersPage{d: d, list: container.New(look.Column{Gap: 8, Stretch: -1})}
	p.none = look.NewSentence(look.Muted, theme.SizeNameText, fyne.TextAlignLeading, false)
	help := caption(d.texts.Text("web.list.help"))
	body := container.New(look.Column{Gap: 10, Stretch: -1}, help, p.none, p.list)
	p.root = container.NewBorder(pageHead(d, d.texts.Text("web.list.title")), nil, nil, nil,
		container.New(look.Beyond{Y: 8}, container.NewVScroll(container.New(look.Bar{}, body))))
	p.set(d.facts.Web, d.view.Strip)
	return p
}

// set brings the rows up to date; new ones come at the end.
func (p *usersPage) set(w present.Web, s present.Strip) {
	t := p.d.texts
	users := present.Users(w)
	for _, who := range users {
		if !slices.ContainsFunc(p.rows, func(r *userRow) bool { return r.who == who }) {
			r := p.newRow(who)
			p.rows = append(p.rows, r)
			p.list.Add(r.root)
		}
	}
	for _, r := range p.rows {
		here := slices.Contains(users, r.who)
		words, color := t.Text("web.line.gone"), look.Muted
		switch {
		case here && s.Control && s.Who == r.who:
			words, color = t.Text("web.line.controls"), look.RoleColor(present.Accent, look.Ink)
		case here:
			words = t.Text("web.line.can")
		}
		r.does.Set(words, color)
		r.revoke.Set(look.Face{Label: t.Text("web.revoke.yes"), Role: present.Neutral, Disabled: !here})
	}
	words := ""
	if len(p.rows) == 0 {
		words = t.Text("web.list.none")
	}
	p.none.SetText(words)
	p.root.Refresh()
}

func (p *usersPage) newRow(who string) *userRow {
	r := &userRow{
		who:    who,
		name:   look.NewSentence(theme.ColorNameForeground, theme.SizeNameText, fyne.TextAlignLeading, true),
		does:   look.NewSentence(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignLeading, false),
		revoke: look.NewButton(look.Quiet, func() { p.d.askRevoke(who) }).PassKeys(p.d.keys),
	}
	icon := look.NewEmblem(30)
	icon.Set("globe", look.RoleColor(present.Neutral, look.Soft), look.RoleColor(present.Neutral, look.Ink))
	name := present.Spell(who) // here with its scheme
	if present.Local(who) {
		icon.Set("window", look.RoleColor(present.Neutral, look.Soft), look.RoleColor(present.Neutral, look.Ink))
		name = present.Named(who, p.d.texts)
	}
	r.name.SetText(name)
	r.does.SetText(" ")
	words := container.New(look.Middle{}, container.New(look.Column{Gap: 1, Stretch: -1}, r.name, r.does))
	r.root = look.NewPanel(look.Surface, look.Outline, 10, container.NewBorder(nil, nil,
		container.NewCenter(icon), container.NewCenter(r.revoke), container.New(look.Inset{X: 6}, words)))
	return r
}
