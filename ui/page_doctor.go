package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"nxphone/call"
	"nxphone/ui/look"
	"nxphone/ui/present"
)

// doctorPage looks at all that calls need and says what is wrong and what to do.
// It begins by itself: whoever opens it has trouble. Leaving it ends it.
type doctorPage struct {
	d    *desk
	root fyne.CanvasObject
	now  present.Examination
	busy bool               // a call is up
	stop context.CancelFunc // of what runs, nil for nothing
	save bool               // a report is being made
	said string             // about a report

	emblem       *look.Emblem
	title        *look.Sentence
	list         *fyne.Container
	scroll       *container.Scroll
	told         *look.Sentence
	again, write *look.Button
}

func newDoctorPage(d *desk) *doctorPage {
	p := &doctorPage{d: d, emblem: look.NewEmblem(48), list: container.New(look.Column{Gap: 8, Stretch: -1})}
	p.title = look.NewSentence(theme.ColorNameForeground, theme.SizeNameText, fyne.TextAlignCenter, true)
	p.told = look.NewSentence(look.Muted, theme.SizeNameText, fyne.TextAlignLeading, false)
	p.told.Hide()
	p.again = look.NewButton(look.Primary, p.startOrStop).PassKeys(d.keys)
	p.write = look.NewButton(look.Quiet, p.reportAsked).PassKeys(d.keys)
	body := container.New(look.Column{Gap: 10, Stretch: -1}, p.emblem, p.title, p.list)
	p.scroll = container.NewVScroll(container.New(look.Bar{}, body))
	foot := container.New(look.Column{Gap: 8, Stretch: -1}, p.told, p.write, p.again)
	p.root = sheet(pageHead(d, d.texts.Text("doctor.page.title")), p.scroll, foot)
	p.busy = d.facts.Snapshot.State != call.Idle
	p.draw()
	if !p.busy {
		p.begin()
	}
	return p
}

// snapshot tells the page of the phone's state: the examination's own call is
// none that could be disturbed.
func (p *doctorPage) snapshot(s call.Snapshot) {
	if busy := s.State != call.Idle && !s.Call.Test; busy != p.busy {
		p.busy = busy
		p.draw()
	}
}

func (p *doctorPage) startOrStop() {
	if p.stop != nil {
		p.stop()
		return
	}
	p.begin()
}

// begin starts an examination; its words come through the pump.
func (p *doctorPage) begin() {
	if p.stop != nil || p.busy {
		return
	}
	d := p.d
	ctx, stop := context.WithCancel(d.cmds.ctx)
	p.stop = stop
	p.now, p.said = present.Examination{Running: true}, ""
	p.draw()
	words := d.texts
	d.cmds.run(func(context.Context) error {
		defer stop()
		summary := d.opts.Doctor.Examine(ctx, words, func(f present.Finding) {
			d.pump.run(func() {
				p.now.Found = append(p.now.Found, f)
				p.drawIfShown()
			})
		})
		whole := ctx.Err() == nil
		d.pump.run(func() {
			p.stop, p.now.Running, p.now.Done = nil, false, whole
			if whole {
				p.now.Summary = summary
			}
			p.drawIfShown()
		})
		return nil
	})
}

// reportAsked lets the user say where the report goes.
func (p *doctorPage) reportAsked() {
	name := p.d.opts.Doctor.ReportName(time.Now())
	chooseNewFile(p.d, p.d.texts.Text("doctor.page.report"), name, p.reportTo)
}

func (p *doctorPage) reportTo(path string) {
	if p.save {
		return
	}
	d := p.d
	p.save, p.said = true, d.texts.Text("doctor.page.saving")
	p.draw()
	words := d.texts
	d.cmds.run(func(ctx context.Context) error {
		err := d.opts.Doctor.Report(ctx, words, path)
		if err != nil {
			d.log.Warn("the report was not made", "err", err)
		}
		d.pump.run(func() {
			p.save, p.said = false, words.Text("report.done", "file", path)
			if err != nil {
				p.said = words.Text("doctor.page.unsaved")
			}
			p.drawIfShown()
		})
		return nil
	})
}

// leave ends the examination with the page; a report is made to its end.
func (p *doctorPage) leave() {
	if p.stop != nil {
		p.stop()
	}
}

func (p *doctorPage) drawIfShown() {
	if p.d.doctor == p {
		p.draw()
	}
}

func (p *doctorPage) draw() {
	t := p.d.texts
	title, icon, role := t.Text("doctor.page.idle"), "shield", present.Accent
	switch {
	case p.now.Running:
		title = t.Text("doctor.page.running")
	case p.now.Done:
		title, role = p.now.Summary, p.now.Role()
		icon = present.Finding{Role: role}.Icon()
	case p.busy:
		title, role = t.Text("doctor.page.busy"), present.Neutral
	}
	p.emblem.Set(icon, look.RoleColor(role, look.Soft), look.RoleColor(role, look.Ink))
	p.title.SetText(title)
	p.list.Objects = nil
	for _, f := range p.now.Shown() {
		p.list.Add(findingRow(f))
	}
	face := look.Face{Label: t.Text("doctor.page.start"), Icon: "shield", Role: present.Accent, Disabled: p.busy || p.save}
	switch {
	case p.now.Running:
		face = look.Face{Label: t.Text("check.stop"), Icon: "close", Role: present.Neutral}
	case p.now.Done:
		face.Label = t.Text("doctor.page.again")
	}
	p.again.Set(face)
	p.write.Set(look.Face{Label: t.Text("doctor.page.report"), Icon: "folder", Role: present.Neutral, Disabled: p.now.Running || p.save || p.busy})
	p.told.SetText(p.said)
	show(p.told, p.said != "")
	p.root.Refresh()
}

// findingRow is one finding: its sign, what was looked at, what was found, and
// what to do.
func findingRow(f present.Finding) fyne.CanvasObject {
	icon := look.NewEmblem(30)
	icon.Set(f.Icon(), look.RoleColor(f.Role, look.Soft), look.RoleColor(f.Role, look.Ink))
	name := look.NewLine(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignLeading, false)
	name.SetText(f.Title)
	what := look.NewSentence(theme.ColorNameForeground, theme.SizeNameText, fyne.TextAlignLeading, f.Todo != "")
	what.SetText(f.What)
	words := []fyne.CanvasObject{name, what}
	if f.Todo != "" {
		todo := look.NewSentence(look.Muted, theme.SizeNameText, fyne.TextAlignLeading, false)
		todo.SetText(f.Todo)
		words = append(words, todo)
	}
	return look.NewPanel(look.Surface, look.Outline, 10,
		container.NewBorder(nil, nil, container.NewCenter(icon), nil, container.New(look.Inset{X: 6}, container.New(look.Column{Gap: 2, Stretch: -1}, words...))))
}
