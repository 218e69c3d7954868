package ui

import (
	"context"
	"errors"
	"os"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// exportName is what an exported file is called unless the user says otherwise.
const exportName = "nxphone-settings.json"

// maxImport bounds what is read of a file that is imported.
const maxImport = 1 << 20

// aboutRows is what concerns the settings as a whole.
func (p *settingsPage) aboutRows() []fyne.CanvasObject {
	t, d := p.d.texts, p.d
	var rows []fyne.CanvasObject
	if d.opts.Version != "" {
		rows = append(rows, caption(t.Text("settings.version", "version", d.opts.Version)))
	}
	add := func(icon, key string, tap func()) {
		_, o := p.actionRow(icon, key, tap)
		rows = append(rows, o)
	}
	if d.opts.Doctor != nil {
		add("shield", "settings.doctor", func() { d.turnTo(pageDoctor) })
	}
	add("keyboard", "settings.shortcuts", func() { d.turnTo(pageShortcuts) })
	add("list", "settings.all", func() { p.enter("all") })
	add("folder", "settings.export", p.exportAsked)
	add("folder", "settings.import", p.importAsked)
	if d.opts.Enrol != nil && p.draft.values.Setting("provision-url").Text != "" {
		add("key", "settings.enrol", func() {
			p.enter("enrol")
			d.win.Canvas().Focus(p.code.entry)
		})
	}
	if p.hasLine {
		add("retry", "settings.first", func() {
			d.turnTo(pageFirst)
			d.first.enter(stepLine)
		})
	}
	return []fyne.CanvasObject{panel(rows...)}
}

// exportAsked writes the user's own settings into a file of the user's choice.
func (p *settingsPage) exportAsked() {
	chooseNewFile(p.d, p.d.texts.Text("settings.export"), exportName, p.exportTo)
}

func (p *settingsPage) exportTo(path string) {
	keep := p.d.opts.Settings
	p.later(func(context.Context) func() {
		data, err := keep.Export()
		if err == nil {
			err = os.WriteFile(path, data, 0o600)
		}
		if err == nil {
			err = os.Chmod(path, 0o600) // the dialog has made the file for everybody
		}
		if err != nil {
			p.d.log.Warn("settings not exported", "err", err)
			return func() { p.tell("error.export", theme.ColorNameError) }
		}
		return func() { p.tell("settings.exported", look.RoleColor(present.Good, look.Ink)) }
	})
}

// tell says something above the button that saves.
func (p *settingsPage) tell(key string, color fyne.ThemeColorName) {
	p.trouble.Set(p.d.texts.Text(key), color)
}

// importAsked reads a file of the user's choice and shows what it would change.
func (p *settingsPage) importAsked() {
	chooseFile(p.d, p.d.texts.Text("settings.import"), []string{".json"}, p.importFrom)
}

func (p *settingsPage) importFrom(path string) {
	p.trouble.SetText("")
	p.later(func(context.Context) func() {
		got, err := readImport(p.d.opts.Settings, path)
		if err != nil {
			p.d.log.Info("settings not imported", "err", err)
			words := importFault(p.d.texts, err)
			return func() { p.trouble.Set(words, theme.ColorNameError) }
		}
		return func() { p.preview(got) }
	})
}

// readImport reads a file and says what it would change.
func readImport(keep Settings, path string) (present.Import, error) {
	data, err := readSmall(path, maxImport)
	if err != nil {
		return present.Import{}, err
	}
	return keep.Import(data)
}

// importFault says why a file was not taken.
func importFault(t present.Texts, err error) string {
	var f *present.FileFault
	if !errors.As(err, &f) {
		return t.Text("error.import.unreadable")
	}
	at := []string{"line", strconv.Itoa(f.Line), "column", strconv.Itoa(f.Column), "name", settingName(t, f.Key)}
	switch {
	case f.Line == 0:
		return t.Text("error.import.unreadable")
	case f.Key != "":
		return t.Text("error.import.value", at...)
	}
	return t.Text("error.import.file", at[:4]...)
}

// preview shows what an import would change, before it does.
func (p *settingsPage) preview(got present.Import) {
	t := p.d.texts
	p.at = "import"
	rows := importRows(t, got)
	if len(got.Changes) > 0 {
		take := look.NewButton(look.Quiet, func() { p.take(got) }).PassKeys(p.d.keys)
		take.Set(look.Face{Label: t.Text("settings.import.take"), Icon: "check", Role: present.Accent})
		rows = append(rows, leading(take))
	}
	p.show(t.Text("settings.import"), container.New(look.Column{Gap: 16, Stretch: -1}, rows...))
	p.checkSave()
}

// importRows lists the changes and what stays.
func importRows(t present.Texts, got present.Import) []fyne.CanvasObject {
	intro := t.Text("settings.import.none")
	if n := len(got.Changes); n > 0 {
		intro = present.Count(t, "changes", n)
	}
	rows := []fyne.CanvasObject{sentence(intro, theme.ColorNameForeground)}
	var changes []fyne.CanvasObject
	for _, c := range got.Changes {
		changes = append(changes, container.New(look.Column{Gap: 2, Stretch: -1},
			rowHead(settingName(t, c.Key), nil),
			sentence(t.Text("settings.import.change", "before", c.Before.Words(t), "after", c.After.Words(t)), theme.ColorNameForeground)))
	}
	if len(changes) > 0 {
		rows = append(rows, panel(changes...))
	}
	if len(got.Kept) > 0 {
		var names string
		for i, k := range got.Kept {
			if i > 0 {
				names += ", "
			}
			names += settingName(t, k)
		}
		rows = append(rows, caption(t.Text("settings.import.kept", "names", names)))
	}
	return rows
}

// take saves what an import changes.
func (p *settingsPage) take(got present.Import) {
	p.at = "about"
	p.commit(got.Texts())
}

// sentence is a text in full size.
func sentence(words string, color fyne.ThemeColorName) fyne.CanvasObject {
	s := look.NewSentence(color, theme.SizeNameText, fyne.TextAlignLeading, false)
	s.SetText(words)
	return s
}

// allRows lists every setting with its value and where it comes from, for whoever
// helps from afar. Secrets are covered.
func (p *settingsPage) allRows() []fyne.CanvasObject {
	t := p.d.texts
	v := p.d.values
	var keys []string
	for k := range v.Keys {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var rows []fyne.CanvasObject
	for _, k := range keys {
		s := v.Keys[k]
		icon := ""
		if s.Locked {
			icon = "lock"
		}
		rows = append(rows, container.New(look.Column{Gap: 1, Stretch: -1},
			rowHead(k, look.NewTag(s.Source(t), icon)), sentence(s.Shown(t), theme.ColorNameForeground)))
	}
	out := []fyne.CanvasObject{caption(t.Text("settings.all.hint"))}
	if len(p.d.opts.Faults) > 0 {
		faults := []fyne.CanvasObject{groupTitle(t.Text("settings.faults"))}
		for _, f := range p.d.opts.Faults {
			faults = append(faults, sentence(f, look.RoleColor(present.Warn, look.Ink)))
		}
		out = append(out, panel(faults...))
	}
	return append(out, panel(rows...))
}
