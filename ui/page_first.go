package ui

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"nxphone/call"
	"nxphone/ui/look"
	"nxphone/ui/present"
)

// firstPage leads through a phone's first minutes in three steps: the line, the
// sound, a test call. It can be left at any time; what was saved until then is
// kept. Every step can be come back to from the settings.
type firstPage struct {
	*form
	root fyne.CanvasObject
	step int

	password *field
	found    *fyne.Container // what a pasted or imported profile brings
	scroll   *container.Scroll
	trouble  *look.Sentence
	next     *look.Button
	foot     *fyne.Container // the way on and back, hidden in a call
	call     *look.Button    // of the last step
	verdict  *look.Sentence
	emblem   *look.Emblem
	secret   string
	inFlight bool
	test     present.TestCall // the test call so far
}

// The steps. The demo's line is set already.
const (
	stepLine  = 0
	stepSound = 1
	stepTest  = 2
)

// firstRun opens the first steps where the phone has no line yet.
func (d *desk) firstRun() {
	if d.opts.Demo == nil && !d.facts.Line.Ready() && d.facts.Number == "" {
		d.turnTo(pageFirst)
	}
}

// setUp opens what a phone without a line needs, or the settings.
func (d *desk) setUp() {
	if d.opts.Demo == nil && !d.facts.Line.Ready() {
		d.open(pageFirst)
		return
	}
	d.open(pageSettings)
}

func newFirstPage(d *desk) *firstPage {
	p := &firstPage{form: newForm(d)}
	p.escape = d.escape
	p.onEdit = func() {
		p.check()
		p.set(d.facts.Snapshot)
	}
	p.reveal = func(o fyne.CanvasObject) { look.Reveal(p.scroll, o) }
	p.later = d.laterIf(func() bool { return d.first == p })
	p.trouble = look.NewSentence(theme.ColorNameError, theme.SizeNameText, fyne.TextAlignLeading, false)
	p.root = container.NewStack()
	p.step = stepLine
	if d.facts.Line.Ready() {
		p.step = stepSound
	}
	p.turn(p.step)
	p.listDevices(func() {
		if p.step == stepSound { // the others do not show devices, and keep their focus
			p.turn(p.step)
			p.focus()
		}
	})
	return p
}

// focus puts the keyboard where the step begins: into the first field that is
// to be filled in, on the test call, else on the way on.
func (p *firstPage) focus() {
	var at fyne.Focusable = p.next
	switch p.step {
	case stepLine:
		for _, key := range []string{"url", "dn", "realm"} {
			if e := p.fields[key].entry; (e.Text == "" || p.rowFault(key) != "") && !e.Disabled() {
				at = e // the first of them in the end
			}
		}
	case stepTest:
		switch echo := p.fields["echo-number"]; {
		case !p.call.Face().Disabled && !p.test.Placed:
			at = p.call
		case echo != nil && !echo.entry.Disabled() && (echo.entry.Text == "" || p.rowFault("echo-number") != ""):
			at = echo.entry
		}
	}
	p.d.win.Canvas().Focus(at)
}

// turn shows a step.
func (p *firstPage) turn(step int) {
	t := p.d.texts
	p.step = step
	p.clearRows()
	p.password, p.found, p.call, p.verdict, p.emblem = nil, nil, nil, nil, nil
	p.building = true
	var rows []fyne.CanvasObject
	switch step {
	case stepLine:
		rows = p.lineRows()
	case stepSound:
		mic, speaker := p.choiceRow("microphone", nil), p.choiceRow("speaker", nil)
		p.setDevices()
		rows = []fyne.CanvasObject{panel(mic.root, speaker.root)}
		rows = append(rows, p.noDeviceRow()...)
	default:
		rows = p.testRows()
	}
	p.building = false
	number := []string{"n", strconv.Itoa(step + 1), "all", "3"}
	intro := container.New(look.Column{Gap: 4, Stretch: -1},
		caption(t.Text("first.step", number...)), sentence(t.Text("first.intro."+strconv.Itoa(step)), theme.ColorNameForeground))
	body := container.New(look.Column{Gap: 14, Stretch: -1}, append([]fyne.CanvasObject{intro}, rows...)...)
	p.scroll = container.NewVScroll(container.New(look.Bar{}, body))
	stack := p.root.(*fyne.Container)
	stack.Objects = []fyne.CanvasObject{sheet(pageHead(p.d, t.Text("first.title")), p.scroll, p.newFoot())}
	stack.Refresh()
	for key := range p.fields {
		p.checkRow(key)
	}
	p.check()
	p.set(p.d.facts.Snapshot)
}

// newFoot is the way on and the way back.
func (p *firstPage) newFoot() fyne.CanvasObject {
	t := p.d.texts
	p.next = look.NewButton(look.Primary, p.nextAsked).PassKeys(p.d.keys)
	p.next.SetClock(p.d.clock)
	p.foot = container.NewStack(p.next)
	if p.step != stepLine && (p.step != stepSound || p.d.opts.Demo == nil) {
		back := look.NewButton(look.Bare, func() { p.enter(p.step - 1) }).PassKeys(p.d.keys)
		back.Set(look.Face{Label: t.Text("button.back"), Icon: "back", Role: present.Neutral})
		p.foot = container.NewBorder(nil, nil, back, nil, p.next)
	}
	return container.New(look.Column{Gap: 4, Stretch: -1}, p.trouble, p.foot)
}

func (p *firstPage) enter(step int) {
	p.d.win.Canvas().Unfocus()
	p.trouble.SetText("")
	p.turn(step)
	p.d.stage.root.Refresh()
	p.focus()
}

func (p *firstPage) lineRows() []fyne.CanvasObject {
	t := p.d.texts
	paste, _ := p.actionRow("list", "first.paste", p.paste)
	file, _ := p.actionRow("folder", "first.file", func() {
		chooseFile(p.d, t.Text("settings.import"), []string{".json"}, p.importFrom)
	})
	p.found = container.New(look.Column{Gap: 4, Stretch: -1})
	p.found.Hide()
	rows := []fyne.CanvasObject{container.NewHBox(paste, file), p.found}
	var fields []fyne.CanvasObject
	for _, key := range []string{"realm", "dn", "url"} {
		fields = append(fields, p.entryRow(key, false).root)
	}
	p.password = newField(t.Text("settings.password"), nil, t.Text("settings.password.hint"), p.secret, true, p.escape)
	p.password.entry.OnChanged = func(s string) { p.secret = s }
	p.password.entry.focus = func() { p.reveal(p.password.root) }
	return append(rows, panel(append(fields, p.password.root)...))
}

// paste takes what an administrator has sent: a file's content, or lines such
// as "dn: 1000".
func (p *firstPage) paste() {
	data, err := profileText(fyne.CurrentApp().Clipboard().Content())
	if err != nil {
		p.trouble.SetText(p.d.texts.Text("error.paste"))
		p.d.stage.root.Refresh()
		return
	}
	p.later(func(context.Context) func() {
		got, err := p.d.opts.Settings.Import(data)
		return func() { p.take(got, err) }
	})
}

func (p *firstPage) importFrom(path string) {
	p.later(func(context.Context) func() {
		got, err := readImport(p.d.opts.Settings, path)
		return func() { p.take(got, err) }
	})
}

// take puts what a profile says into the form, where it is seen before it is
// saved.
func (p *firstPage) take(got present.Import, err error) {
	t := p.d.texts
	if err != nil {
		p.trouble.SetText(importFault(t, err))
		return
	}
	for k, v := range got.Texts() {
		p.draft.set(k, v)
	}
	p.trouble.SetText("")
	p.turn(stepLine)
	p.focus()
	var names []string
	for _, c := range got.Changes {
		if p.fields[c.Key] == nil {
			names = append(names, settingName(t, c.Key))
		}
	}
	p.found.Show()
	p.found.Add(caption(present.Count(t, "changes", len(got.Changes))))
	if len(names) > 0 {
		p.found.Add(caption(t.Text("first.also", "names", strings.Join(names, ", "))))
	}
}

// errNoProfile: a text holds no settings.
var errNoProfile = errors.New("ui: no settings in the text")

// profileText makes a settings file of a text that people send: the file
// itself, lines of "name: value" or "name = value" with the keys' names, or an
// SBC's address alone.
func profileText(s string) ([]byte, error) {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "{") {
		return []byte(s), nil
	}
	found := map[string]string{}
	for line := range strings.Lines(s) {
		line = strings.TrimSpace(line)
		if scheme, _, ok := strings.Cut(line, "://"); ok && (scheme == "ws" || scheme == "wss") {
			found["url"] = line
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if n, v, eq := strings.Cut(line, "="); eq && (!ok || len(n) < len(name)) {
			name, value, ok = n, v, true
		}
		switch key := strings.ToLower(strings.TrimSpace(name)); {
		case !ok:
		case key == "realm" || key == "dn" || key == "url" || key == "user" || key == "echo-number" || key == "presented-number":
			found[key] = strings.Trim(strings.TrimSpace(value), `"',`)
		}
	}
	if len(found) == 0 {
		return nil, errNoProfile
	}
	return json.Marshal(found)
}

// check says whether the step can be left.
func (p *firstPage) check() {
	if p.next == nil {
		return
	}
	t := p.d.texts
	label, icon, ready, calm := t.Text("first.next"), "chevron", true, false
	switch p.step {
	case stepLine:
		line := present.Line{Realm: p.draft.text("realm"), DN: p.draft.text("dn"), URL: p.draft.text("url")}
		ready = line.Ready() && p.lineRight()
	case stepTest:
		label, icon = t.Text("first.done"), "check"
		if !p.test.Good() {
			// What is to be done here stands above.
			label, icon, calm = t.Text("first.later"), "chevron", true
		}
	}
	p.next.Set(look.Face{Label: label, Icon: icon, Role: present.Accent, Calm: calm, Disabled: !ready || p.inFlight})
}

func (p *firstPage) lineRight() bool {
	for _, key := range []string{"realm", "dn", "url"} {
		if p.rowFault(key) != "" {
			return false
		}
	}
	return true
}

// nextAsked saves the step and goes on.
func (p *firstPage) nextAsked() {
	if p.step == stepTest {
		p.d.close()
		return
	}
	changes, secret := p.draft.changes(), p.secret
	if len(changes) == 0 && secret == "" {
		p.enter(p.step + 1)
		return
	}
	p.inFlight = true
	p.check()
	keep := p.d.opts.Settings
	p.later(func(ctx context.Context) func() {
		fault := ""
		if err := keep.Save(ctx, changes); err != nil && !errors.Is(err, ErrWebAPI) && !errors.Is(err, ErrWebAPIKey) {
			p.d.log.Warn("settings not saved", "err", err)
			return func() { p.saved(Values{}, "error.save") }
		}
		v := keep.Values()
		if secret != "" {
			fault = keepPassword(ctx, p.d, v, secret)
		}
		return func() { p.saved(v, fault) }
	})
}

func (p *firstPage) saved(v Values, fault string) {
	d := p.d
	p.inFlight = false
	p.check()
	if fault == "error.save" {
		p.trouble.SetText(d.texts.Text(fault))
		return
	}
	step := p.step + 1
	d.adopt(v) // a new language makes a new page
	p = d.first
	if p == nil {
		return
	}
	p.draft = newDraft(v)
	p.enter(step)
	if fault != "" {
		p.trouble.SetText(d.texts.Text(fault))
	}
}

func (p *firstPage) testRows() []fyne.CanvasObject {
	p.emblem = look.NewEmblem(72)
	p.verdict = look.NewSentence(theme.ColorNameForeground, theme.SizeNameText, fyne.TextAlignCenter, false)
	p.call = look.NewButton(look.Quiet, p.callAsked).PassKeys(p.d.keys)
	rows := []fyne.CanvasObject{p.emblem, p.verdict, container.NewCenter(p.call)}
	if p.d.opts.Demo == nil {
		echo := p.entryRow("echo-number", false)
		rows = append(rows, echo.root)
	}
	out := []fyne.CanvasObject{panel(rows...)}
	if p.d.opts.Check != nil {
		_, check := p.actionRow("mic", "first.check", func() { p.d.turnTo(pageCheck) })
		out = append(out, check)
	}
	return out
}

// number is what the test call dials.
func (p *firstPage) number() string {
	return p.draft.after().TestNumber(p.d.opts.Demo != nil)
}

// callAsked places the test call; a new number is kept first.
func (p *firstPage) callAsked() {
	number := p.number()
	if number == "" || p.rowFault("echo-number") != "" || p.d.view.Screen != present.Dial {
		return
	}
	p.d.facts.Notice = present.Notice{}
	p.test = present.TestCall{Before: p.d.facts.Snapshot.Call.ID, Placed: true}
	if p.draft.changed("echo-number") {
		changes := map[string]string{"echo-number": p.draft.text("echo-number")}
		keep := p.d.opts.Settings
		p.later(func(ctx context.Context) func() {
			err := keep.Save(ctx, changes)
			v := keep.Values()
			return func() {
				if err != nil {
					p.trouble.SetText(p.d.texts.Text("error.save"))
					return
				}
				p.d.adopt(v)
			}
		})
	}
	p.d.testCall(number)
	p.set(p.d.facts.Snapshot)
}

// testCall dials without touching the number that is typed.
func (d *desk) testCall(number string) {
	if d.view.Screen != present.Dial || d.facts.Leaving {
		return
	}
	v := d.values
	d.facts.Notice = present.Notice{}
	d.facts.PutAway = d.facts.Snapshot.Call.ID
	d.again()
	d.cmds.dial(call.Request{Realm: v.Realm, DN: v.DN, Tel: number, URL: v.URL, PushToken: v.PushToken, Test: true})
}

// set shows how the test call goes.
func (p *firstPage) set(s call.Snapshot) {
	before := p.test
	p.test = p.test.Follow(s)
	if code := p.d.facts.Notice.Code; code != "" && p.test.Placed && p.test.ID == 0 {
		p.test.Over, p.test.Code = true, code // the phone has refused it
	}
	// In a call the room is the call's, whose own button ends it.
	if busy := p.d.view.Screen != present.Dial; p.foot.Hidden != busy {
		p.foot.Hidden = busy
		p.root.Refresh()
	}
	if p.verdict == nil {
		return
	}
	t := p.d.texts
	view := p.test.View(p.number(), t)
	p.emblem.Set(view.Icon, look.RoleColor(view.Role, look.Soft), look.RoleColor(view.Role, look.Ink))
	p.verdict.Set(view.Text, look.RoleColor(view.Role, look.Ink))
	p.call.Set(look.Face{Label: view.Button, Icon: "phone", Role: present.Good, Disabled: !view.CanCall})
	if before != p.test {
		p.check()
		p.root.Refresh()
	}
}
