package ui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"nxphone/call"
	"nxphone/call/check"
	"nxphone/ui/look"
	"nxphone/ui/present"
)

// checkPage is the check before the shift. Leaving the page ends the check.
type checkPage struct {
	d     *desk
	root  fyne.CanvasObject
	facts present.CheckFacts
	view  present.Check
	stop  context.CancelFunc // of the check that runs, nil for none

	emblem      *look.Emblem
	title, help *look.Sentence
	meter       *look.Meter
	rows        [3]*checkLine
	yes, no     *look.Button
	start       *look.Button
	parts       *fyne.Container
}

// checkLine is one finding.
type checkLine struct {
	root        fyne.CanvasObject
	icon        *look.Emblem
	name        *look.Line
	title, help *look.Sentence
}

func newCheckPage(d *desk) *checkPage {
	p := &checkPage{d: d, meter: look.NewMeter("mic"), facts: present.CheckFacts{Parts: check.All}}
	p.emblem = look.NewEmblem(64)
	p.title = look.NewSentence(theme.ColorNameForeground, look.SizeTitle, fyne.TextAlignCenter, true)
	p.help = look.NewSentence(look.Muted, theme.SizeNameText, fyne.TextAlignCenter, false)
	button := func(kind look.Kind, key, icon string, role present.Role, tap func()) *look.Button {
		b := look.NewButton(kind, tap).PassKeys(d.keys)
		b.Set(look.Face{Label: d.texts.Text(key), Icon: icon, Role: role, Calm: role == present.Neutral})
		return b
	}
	p.yes = button(look.Primary, "check.heard.yes", "check", present.Good, func() { p.heard(present.HeardYes) })
	p.no = button(look.Primary, "check.heard.no", "close", present.Neutral, func() { p.heard(present.HeardNo) })
	p.start = look.NewButton(look.Primary, p.startOrStop).PassKeys(d.keys)
	p.start.SetClock(d.clock)
	p.parts = container.New(look.Grid{Columns: 2, Gap: 8, Least: 44, Most: 52},
		button(look.Quiet, "check.voice.only", "", present.Neutral, func() { p.begin(check.PartVoice) }),
		button(look.Quiet, "check.line.only", "", present.Neutral, func() { p.begin(check.PartLine) }))
	list := container.New(look.Column{Gap: 8, Stretch: -1})
	for i := range p.rows {
		p.rows[i] = newCheckLine()
		list.Add(p.rows[i].root)
	}
	body := container.New(look.Column{Gap: 10, Stretch: -1}, p.emblem, p.title, p.help, p.meter, p.yes, p.no, list)
	foot := container.New(look.Column{Gap: 8, Stretch: -1}, p.parts, p.start)
	p.root = container.NewBorder(pageHead(d, d.texts.Text("check.title")), foot, nil, nil,
		container.New(look.Beyond{Y: 8}, container.NewVScroll(container.New(look.Bar{}, body))))
	p.snapshot(d.facts.Snapshot)
	p.draw()
	return p
}

func newCheckLine() *checkLine {
	l := &checkLine{
		icon:  look.NewEmblem(30),
		name:  look.NewLine(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignLeading, false),
		title: look.NewSentence(theme.ColorNameForeground, theme.SizeNameText, fyne.TextAlignLeading, true),
		help:  look.NewSentence(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignLeading, false),
	}
	words := container.New(look.Middle{}, container.New(look.Column{Gap: 1, Stretch: -1}, l.name, l.title, l.help))
	l.root = look.NewPanel(look.Surface, look.Outline, 10,
		container.NewBorder(nil, nil, container.NewCenter(l.icon), nil, container.New(look.Inset{X: 6}, words)))
	return l
}

func (l *checkLine) set(r present.CheckRow) {
	l.icon.Set(r.Icon, look.RoleColor(r.Role, look.Soft), look.RoleColor(r.Role, look.Ink))
	l.name.SetText(r.Name)
	l.title.SetText(r.Title)
	l.help.SetText(r.Help)
}

// snapshot tells the page of the phone's state. The check watches by itself;
// here it is only about whether one can be started.
func (p *checkPage) snapshot(s call.Snapshot) {
	busy := s.State != call.Idle && !s.Call.Test
	if busy != p.facts.InCall {
		p.facts.InCall = busy
		p.draw()
	}
}

func (p *checkPage) startOrStop() {
	if p.stop != nil {
		p.stop()
		return
	}
	p.begin(check.All)
}

// begin starts a check; its words come through the pump.
func (p *checkPage) begin(parts check.Parts) {
	if p.stop != nil || p.facts.InCall {
		return
	}
	d := p.d
	ctx, stop := context.WithCancel(d.cmds.ctx)
	p.stop = stop
	p.facts = present.CheckFacts{Running: true, Parts: parts}
	p.facts.Progress.Step = check.Speak
	if parts&check.PartVoice == 0 {
		p.facts.Progress.Step = check.Dial
	}
	p.draw()
	d.cmds.run(func(context.Context) error {
		defer stop()
		d.opts.Check.Run(ctx, parts, func(g check.Progress) {
			d.pump.run(func() { p.progress(g) })
		})
		return nil
	})
}

func (p *checkPage) progress(g check.Progress) {
	p.facts.Progress = g
	if g.Step == check.Done {
		p.facts.Running, p.stop = false, nil
	}
	if p.d.checking == p {
		p.draw()
	}
}

func (p *checkPage) heard(h present.Heard) {
	p.facts.Heard = h
	p.draw()
}

// leave ends the check with the page.
func (p *checkPage) leave() {
	if p.stop != nil {
		p.stop()
	}
}

func (p *checkPage) draw() {
	v := present.CheckOf(p.facts, p.d.texts)
	first := p.view == present.Check{}
	if v == p.view {
		return
	}
	moved := first || v.Meter != p.view.Meter || v.AskHeard != p.view.AskHeard || v.Title != p.view.Title || v.Rows != p.view.Rows
	p.view = v
	p.emblem.Set(v.Icon, look.RoleColor(v.Role, look.Soft), look.RoleColor(v.Role, look.Ink))
	p.title.SetText(v.Title)
	p.help.SetText(v.Help)
	p.meter.Set(v.Level)
	show(p.meter, v.Meter)
	show(p.yes, v.AskHeard)
	show(p.no, v.AskHeard)
	show(p.parts, !v.Stop)
	for i, r := range v.Rows {
		p.rows[i].set(r)
	}
	face := look.Face{Label: p.d.texts.Text("check.start"), Icon: "check", Role: present.Accent, Disabled: !v.Start}
	switch {
	case v.Stop:
		face = look.Face{Label: p.d.texts.Text("check.stop"), Icon: "close", Role: present.Neutral}
	case p.facts.Progress.Step == check.Done:
		face.Label = p.d.texts.Text("check.again")
	}
	face.Calm = v.AskHeard || v.Stop // the question's answer is the one thing to press
	p.start.Set(face)
	if moved {
		p.root.Refresh() // words are of another length now
	}
}

func show(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}
