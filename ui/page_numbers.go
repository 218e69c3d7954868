package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// pageHead is a page's title with its close button.
func pageHead(d *desk, title string) fyne.CanvasObject {
	line := look.NewLine(theme.ColorNameForeground, look.SizeTitle, fyne.TextAlignLeading, true)
	line.SetText(title)
	x := look.NewButton(look.Bare, d.close).PassKeys(d.keys)
	x.Set(look.Face{Label: d.texts.Text("button.dismiss"), Icon: "close", Role: present.Neutral})
	return container.NewBorder(nil, nil, nil, x, container.New(look.Inset{X: 2}, line))
}

// newNumbersPage lists the demo SBC's numbers; a tap fills one in.
func newNumbersPage(d *desk) fyne.CanvasObject {
	rows := container.New(look.Column{Gap: 8, Stretch: -1})
	for _, n := range d.opts.Demo.Numbers {
		b := look.NewButton(look.Row, func() {
			d.close()
			d.edit(n, nil)
		}).PassKeys(d.keys)
		b.Set(look.Face{Label: n, Sub: d.texts.Text("demo." + n), Role: present.Accent})
		rows.Add(b)
	}
	return container.NewBorder(pageHead(d, d.texts.Text("demo.title")), nil, nil, nil,
		container.New(look.Beyond{Y: 8}, container.NewVScroll(container.New(look.Bar{}, rows))))
}

// newClosePage asks whether to end the call and close.
func newClosePage(d *desk) fyne.CanvasObject {
	emblem := look.NewEmblem(72)
	emblem.Set("hangup", look.RoleColor(present.Warn, look.Soft), look.RoleColor(present.Warn, look.Ink))
	title := look.NewSentence(theme.ColorNameForeground, look.SizeTitle, fyne.TextAlignCenter, true)
	title.SetText(d.texts.Text("close.title"))
	words := look.NewSentence(look.Muted, theme.SizeNameText, fyne.TextAlignCenter, false)
	words.SetText(d.texts.Text("close.text"))
	stay := look.NewButton(look.Primary, d.close).PassKeys(d.keys)
	stay.Set(look.Face{Label: d.texts.Text("close.no"), Role: present.Accent})
	end := look.NewButton(look.Primary, d.leave).PassKeys(d.keys)
	end.Set(look.Face{Label: d.texts.Text("close.yes"), Role: present.Bad})
	return look.NewPanel(look.Surface, look.Outline, 16, container.New(look.Middle{},
		container.New(look.Column{Gap: 10, Stretch: -1}, emblem, title, words, stay, end)))
}
