package ui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"nxphone/call"
	"nxphone/ui/look"
)

// newShortcutsPage lists the keys, from the one table of them; in a call those
// of a call come first.
func newShortcutsPage(d *desk) fyne.CanvasObject {
	t := d.texts
	groups := container.New(look.Column{Gap: 14, Stretch: -1})
	order := shortcutGroups()
	if d.facts.Snapshot.State != call.Idle {
		order = append([]string{"call"}, slices.DeleteFunc(order, func(g string) bool { return g == "call" })...)
	}
	for _, g := range order {
		rows := []fyne.CanvasObject{groupTitle(t.Text("keys.group." + g))}
		for _, s := range d.shortcuts() {
			if s.group == g {
				rows = append(rows, shortcutRow(keyNames(s.keys, t.Text), t.Text(s.text)))
			}
		}
		if len(rows) > 1 {
			groups.Add(panel(rows...))
		}
	}
	return sheet(pageHead(d, t.Text("settings.shortcuts")), container.NewVScroll(container.New(look.Bar{}, groups)), nil)
}

// groupTitle heads a group on a panel.
func groupTitle(words string) fyne.CanvasObject {
	l := look.NewLine(theme.ColorNameForeground, theme.SizeNameText, fyne.TextAlignLeading, true)
	l.SetText(words)
	return l
}

// shortcutRow is a key with what it does below it: side by side the words have
// no room in large text.
func shortcutRow(keys, words string) fyne.CanvasObject {
	name := look.NewSentence(theme.ColorNameForeground, theme.SizeNameText, fyne.TextAlignLeading, true)
	name.SetText(keys)
	return container.New(look.Column{Gap: 1, Stretch: -1}, name, caption(words))
}

// keyNames spells keys as they are printed on a keyboard in the user's
// language; what has no name of its own is spelt as it is.
func keyNames(keys string, text func(string, ...string) string) string {
	parts := strings.Split(keys, "+")
	for i, k := range parts {
		if name := text("key." + strings.ToLower(k)); !strings.HasPrefix(name, "key.") {
			parts[i] = name
		}
	}
	return strings.ReplaceAll(strings.Join(parts, " + "), "Plus", "+")
}
