package ui

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// webSection is the part of the settings that lists which web pages may call. Like everything else there, what is removed is gone when it is
// saved and not before.
type webSection struct {
	p       *settingsPage
	root    fyne.CanvasObject
	list    *fyne.Container
	none    *look.Sentence
	origins []*originRow
}

// originRow is an origin that is allowed.
type originRow struct {
	origin  string
	removed bool
	name    *look.Sentence
	state   *look.Sentence
	button  *look.Button // nil for what a policy allows
}

func newWebSection(p *settingsPage, v Values) *webSection {
	t := p.d.texts
	s := &webSection{p: p, list: container.New(look.Column{Gap: 10, Stretch: -1})}
	s.none = look.NewSentence(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignLeading, false)
	s.root = panel(container.New(look.Column{Gap: 4, Stretch: -1}, rowHead(t.Text("settings.origins"), nil), s.none, s.list))
	s.set(v)
	return s
}

// set lists the origins in force, a policy's first. What the user has marked
// for removal stays marked.
func (s *webSection) set(v Values) {
	t := s.p.d.texts
	marked := map[string]bool{}
	for _, o := range s.removals() {
		marked[o] = true
	}
	fixed := map[string]bool{}
	s.origins, s.list.Objects = nil, nil
	for _, o := range v.FixedOrigins {
		fixed[o] = true
		s.add(&originRow{origin: o})
	}
	for _, o := range v.Origins {
		if fixed[o] {
			continue // removing it would change nothing
		}
		r := &originRow{origin: o, removed: marked[o]}
		r.button = look.NewButton(look.Quiet, func() { s.turn(r) }).PassKeys(s.p.d.keys)
		r.button.OnFocus = func() { s.p.reveal(r.button) }
		s.add(r)
	}
	words := ""
	if len(s.origins) == 0 {
		words = t.Text("settings.origins.none")
	}
	s.none.SetText(words)
	s.list.Refresh()
}

func (s *webSection) add(r *originRow) {
	r.name = look.NewSentence(theme.ColorNameForeground, theme.SizeNameText, fyne.TextAlignLeading, false)
	r.state = look.NewSentence(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignLeading, false)
	words := container.New(look.Column{Gap: 1, Stretch: -1}, r.name, r.state)
	row := container.New(look.Middle{}, words)
	if r.button != nil {
		row = container.NewBorder(nil, nil, nil, container.NewCenter(r.button), row)
	}
	s.origins = append(s.origins, r)
	s.show(r)
	s.list.Add(row)
}

func (s *webSection) show(r *originRow) {
	t := s.p.d.texts
	switch {
	case r.button == nil:
		r.name.Set(present.Spell(r.origin), theme.ColorNameForeground)
		r.state.SetText(t.Text("settings.origins.fixed"))
	case r.removed:
		r.name.Set(present.Spell(r.origin), look.Muted)
		r.state.SetText(t.Text("settings.origins.removed"))
		r.button.Set(look.Face{Label: t.Text("settings.origins.keep"), Role: present.Accent})
	default:
		r.name.Set(present.Spell(r.origin), theme.ColorNameForeground)
		r.state.SetText("")
		r.button.Set(look.Face{Label: t.Text("settings.origins.remove"), Role: present.Neutral})
	}
}

// turn marks an origin for removal, or takes that back.
func (s *webSection) turn(r *originRow) {
	r.removed = !r.removed
	s.show(r)
	s.list.Refresh() // the button's words have another width
	s.p.checkSave()
	s.p.d.stage.root.Refresh()
}

// removals are the origins to be removed.
func (s *webSection) removals() (origins []string) {
	for _, r := range s.origins {
		if r.removed {
			origins = append(origins, r.origin)
		}
	}
	return origins
}

// ask finds out which origins are allowed now: pages may have been allowed
// since the window read its values.
func (s *webSection) ask() {
	s.p.later(func(context.Context) func() {
		v := s.p.d.opts.Settings.Values()
		return func() { s.set(v) }
	})
}

// remove takes back what the user has allowed, and gives the key of what went
// wrong, empty for nothing. It runs off the UI goroutine.
func (d *desk) remove(ctx context.Context, origins []string) string {
	var all error
	for _, o := range origins {
		all = errors.Join(all, d.opts.Web.Revoke(ctx, o))
	}
	if all != nil {
		d.log.Warn("an origin was not removed", "err", all)
		return "error.revoke.save"
	}
	return ""
}
