package ui

import (
	"errors"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"nxphone/call"
	"nxphone/ui/present"
)

// The keyboard: digits, *, # and + write the number or send tones, Enter calls,
// Backspace erases (a masked number whole), Delete clears, Escape puts away, cancels, or hangs up when
// pressed twice; Ctrl+V pastes, Ctrl+C copies. What other keys do together with
// Ctrl is in the table of shortcuts.go.

// listen takes the keys that no widget in focus wants.
func (d *desk) listen(c fyne.Canvas) {
	c.SetOnTypedRune(d.typedRune)
	c.SetOnTypedKey(d.typedKey)
	if c, ok := c.(desktop.Canvas); ok {
		c.SetOnKeyDown(func(e *fyne.KeyEvent) { d.heldKey(e, true) })
		c.SetOnKeyUp(func(e *fyne.KeyEvent) { d.heldKey(e, false) })
	}
	c.AddShortcut(&fyne.ShortcutPaste{}, func(fyne.Shortcut) { d.paste() })
	c.AddShortcut(&fyne.ShortcutCopy{}, func(fyne.Shortcut) { d.copy() })
	c.AddShortcut(&fyne.ShortcutUndo{}, func(fyne.Shortcut) { d.rememberCalls() })
	for _, x := range d.commandKeys() {
		c.AddShortcut(&desktop.CustomShortcut{KeyName: x.key, Modifier: fyne.KeyModifierShortcutDefault},
			func(fyne.Shortcut) { x.do() })
	}
}

// heldKey shows the whole number while F8 is down.
func (d *desk) heldKey(e *fyne.KeyEvent, down bool) {
	if e.Name == fyne.KeyF8 {
		d.reveal(down && (d.view.Card.Reveal || d.view.Number.Reveal))
	}
}

// openCheck opens the check where there is something to try.
func (d *desk) openCheck() {
	if d.opts.Check != nil {
		d.open(pageCheck)
	}
}

func (d *desk) typedRune(r rune) {
	if d.asking() {
		// Typing that was meant for something else: its next blank or Enter
		// must not be a yes.
		d.facts.AskedAt = d.now()
		d.again()
		return
	}
	if d.page != pageNone {
		return
	}
	switch d.view.Screen {
	case present.Dial:
		d.write(r)
	case present.Talk:
		if r = digit(r); r != 0 {
			d.sendTone(r)
		}
	}
}

// digit is a key of the pad as typed, full-width forms included; 0 for others.
func digit(r rune) rune {
	if r >= 0xff01 && r <= 0xff5e {
		r += '!' - 0xff01
	}
	if strings.ContainsRune(padKeys, r) {
		return r
	}
	return 0
}

func (d *desk) typedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		d.escape()
		return
	}
	if e.Name == fyne.KeyF1 {
		d.open(pageShortcuts)
		return
	}
	if d.asking() {
		if e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter {
			d.refuse()
		}
		return
	}
	if d.page != pageNone || d.view.Screen != present.Dial {
		return
	}
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		d.dial()
	case fyne.KeyBackspace:
		d.erase()
	case fyne.KeyDelete:
		d.clear()
	}
}

// escape steps back by one: out of a question with a no, out of a page, out of a notice, out of a number;
// before the answer it cancels, in a call it asks for a second press first. A
// press that closes something is not the first of these two: whoever closes a
// question and a page in a row must not lose the call. It says instead how the
// call is ended.
func (d *desk) escape() {
	switch {
	case d.asking():
		d.refuse()
	case d.settings != nil && d.settings.stays():
		d.settings.back()
	case d.page != pageNone:
		d.close()
		if d.view.Screen == present.Talk && d.view.Primary.Enabled {
			d.notice(present.Notice{Key: "hint.escape.twice", Until: d.now().Add(escapeTime)})
		}
	case !d.facts.FarewellAt.IsZero():
		d.farewellAsked() // takes it back
	case d.view.Screen == present.Talk:
		if !d.view.Primary.Enabled {
			return
		}
		if now := d.now(); d.escaped.IsZero() || now.Sub(d.escaped) > escapeTime {
			d.escaped = now
			d.notice(present.Notice{Key: "hint.escape", Until: now.Add(escapeTime)})
			return
		}
		d.hangup()
	case d.view.Screen == present.Calling:
		d.hangup()
	case d.view.Banner.Dismiss:
		d.dismiss()
	default:
		d.clear()
	}
}

// write adds a character to the number.
func (d *desk) write(r rune) {
	if unicode.IsControl(r) {
		return
	}
	n := d.facts.Number
	if d.facts.Secret() {
		n = "" // a digit begins a new number
	}
	n, err := present.Type(n, r)
	if err != nil || n == "" {
		n = d.facts.Number // refused, or a sign that only groups digits
	}
	d.edit(n, err)
}

// edit shows a changed number, or why it did not change.
func (d *desk) edit(number string, err error) {
	if d.facts.Number = number; number != d.facts.Fetched {
		d.facts.Fetched = ""
	}
	d.facts.Notice = present.Notice{Code: call.CodeOf(err)}
	if err == nil {
		// Whoever begins a new number has seen how the last call ended.
		d.facts.PutAway = d.facts.Snapshot.Call.ID
	}
	d.again()
}

// fetch fills in a number of our own lists: nobody has typed it, so it stays as
// masked as it was there.
func (d *desk) fetch(number string) {
	d.facts.Fetched = number
	d.edit(number, nil)
}

// erase takes the last digit away; a masked number goes whole, because what
// would be left of it is written out.
func (d *desk) erase() {
	if d.facts.Secret() {
		d.clear()
		return
	}
	if r := []rune(d.facts.Number); len(r) > 0 {
		d.edit(string(r[:len(r)-1]), nil)
	}
}

func (d *desk) clear() { d.edit("", nil) }

func (d *desk) paste() {
	if d.page != pageNone || d.asking() || d.view.Screen != present.Dial {
		return
	}
	s := fyne.CurrentApp().Clipboard().Content()
	if strings.TrimSpace(s) == "" {
		d.notice(present.Notice{Key: "error.clipboard.empty"})
		return
	}
	n, err := present.Extract(s)
	switch {
	case errors.Is(err, present.ErrAmbiguous):
		d.notice(present.Notice{Key: "error.clipboard.ambiguous"})
	case err != nil:
		d.edit(d.facts.Number, err)
	default:
		d.edit(n, nil)
	}
}

func (d *desk) copy() {
	switch {
	case d.page != pageNone || d.asking() || d.view.Screen != present.Dial || d.facts.Number == "":
	case d.facts.Secret():
		d.notice(present.Notice{Key: "number.secret"})
	default:
		fyne.CurrentApp().Clipboard().SetContent(d.facts.Number)
	}
}

func (d *desk) numberMenu() *fyne.Menu {
	paste := fyne.NewMenuItem(d.texts.Text("number.paste"), d.paste)
	cp := fyne.NewMenuItem(d.texts.Text("number.copy"), d.copy)
	cl := fyne.NewMenuItem(d.texts.Text("number.clear"), d.clear)
	cp.Disabled, cl.Disabled = d.facts.Number == "" || d.facts.Secret(), d.facts.Number == ""
	return fyne.NewMenu("", paste, cp, cl)
}
