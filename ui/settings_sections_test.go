package ui

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/ui/look"
	"nxphone/ui/present"
	"nxphone/ui/uitest"
)

// fixed are values of which an organisation, a variable and a flag decide some.
func fixed() Values {
	v := settled(testLine())
	v.Lang = text.English
	return v
}

// TestSettingsTellTheirSource: every row says where its value comes from, and
// one that is fixed is disabled and says who fixed it.
func TestSettingsTellTheirSource(t *testing.T) {
	openSettings(t, Options{}, fixed(), "line", func(r *rig, p *settingsPage) {
		for key, want := range map[string]struct{ tag, below string }{
			"realm": {"environment", "NXPHONE_REALM decides this"},
			"dn":    {"command line", "--dn was given"},
			"url":   {"your organisation", "Your organisation has fixed this"},
			"user":  {"your settings", "Leave"},
		} {
			f, tag := p.fields[key], p.tags[key]
			locked := key != "user"
			if tag.Text() != want.tag || (tag.Icon() == "lock") != locked || f.entry.Disabled() != locked {
				t.Errorf("%s: %q, icon %q, disabled %v", key, tag.Text(), tag.Icon(), f.entry.Disabled())
			}
			if locked && !strings.Contains(f.below.Text(), want.below) {
				t.Errorf("%s says %q", key, f.below.Text())
			}
		}
		// What is fixed is not the user's to correct, even where it is wrong.
		if p.wrong() != "" {
			t.Errorf("%s must be corrected", p.wrong())
		}
		p.fields["user"].entry.SetText("kim")
		if got := p.tags["user"].Text(); got != "not saved yet" {
			t.Errorf("an edited row comes from %q", got)
		}
		p.turn("calls")
		if !p.choices["mask-numbers"].sel.Disabled() || !p.fields["hotkey-mute"].entry.Disabled() || p.fields["hotkey-hangup"].entry.Disabled() {
			t.Error("locks of the calls' section are wrong")
		}
	})
}

// TestEditsOutliveTheSections: what is edited in one section is there when the
// others have been looked at, and all of it is saved at once, and nothing else.
func TestEditsOutliveTheSections(t *testing.T) {
	openSettings(t, Options{}, testLine(), "line", func(r *rig, p *settingsPage) {
		if !p.save.Face().Disabled {
			t.Error("nothing can be saved")
		}
		p.fields["dn"].entry.SetText("2000")
		p.password.entry.SetText("secret")
		r.key(fyne.KeyEscape)
		if p.at != "" || p.save.Hidden {
			t.Fatalf("at %q, save hidden %v", p.at, p.save.Hidden)
		}
		p.enter("window")
		r.tap1(p.toggles["on-top"])
		r.tap1(p.toggles["meters"])
		r.tap1(p.toggles["meters"]) // and back: no edit
		p.choices["theme"].sel.SetSelectedIndex(3)
		p.enter("line")
		if p.fields["dn"].entry.Text != "2000" || p.password.entry.Text != "secret" {
			t.Errorf("typed %q and %q are gone", p.fields["dn"].entry.Text, p.password.entry.Text)
		}
		r.tap(p.save)
		want := map[string]string{"dn": "2000", "on-top": "true", "theme": "contrast"}
		if !maps.Equal(r.settings.changes, want) || r.settings.password != "secret" {
			t.Errorf("saved %v, password %q", r.settings.changes, r.settings.password)
		}
		if r.d.values.Theme != look.Contrast || !r.d.values.OnTop {
			t.Errorf("in force: %+v", r.d.values)
		}
	})
}

// TestNothingIsLostOnAFailedSave: everything is as it was typed, in every
// section, and can be tried again.
func TestNothingIsLostOnAFailedSave(t *testing.T) {
	openSettings(t, Options{}, testLine(), "line", func(r *rig, p *settingsPage) {
		r.settings.saveErr = errors.New("disk full")
		p.fields["dn"].entry.SetText("2000")
		p.enter("calls")
		r.tap(p.dials.add)
		p.dials.rows[0].name.SetText("119")
		p.dials.rows[0].tel.SetText("119")
		r.tap(p.save)
		if !strings.Contains(p.trouble.Text(), "could not be saved") || r.d.page != pageSettings || r.d.settings != p {
			t.Fatalf("page %d, trouble %q", r.d.page, p.trouble.Text())
		}
		if p.dials.rows[0].name.Text != "119" || p.draft.text("dn") != "2000" {
			t.Error("typed again, please")
		}
		r.settings.mu.Lock()
		r.settings.saveErr = nil
		r.settings.mu.Unlock()
		r.tap(p.save)
		if r.settings.saves != 1 || len(r.settings.changes) != 2 || r.d.page != pageNone {
			t.Errorf("saved %v", r.settings.changes)
		}
	})
}

// TestWrongValueInAnotherSection: saving goes to where the fault is.
func TestWrongValueInAnotherSection(t *testing.T) {
	openSettings(t, Options{}, testLine(), "calls", func(r *rig, p *settingsPage) {
		p.fields["hotkey-mute"].entry.SetText("wrong")
		if !strings.Contains(p.fields["hotkey-mute"].below.Text(), "joined") && !strings.Contains(p.fields["hotkey-mute"].below.Text(), "Join") {
			t.Errorf("the field says %q", p.fields["hotkey-mute"].below.Text())
		}
		p.enter("window")
		r.tap(p.save)
		if p.at != "calls" || r.settings.saves != 0 || p.trouble.Text() == "" {
			t.Errorf("at %q, %d saves, %q", p.at, r.settings.saves, p.trouble.Text())
		}
		p.fields["hotkey-mute"].entry.SetText("Ctrl+Shift+F8")
		if p.trouble.Text() != "" {
			t.Errorf("corrected, and still %q", p.trouble.Text())
		}
	})
}

// TestSpeedDials: numbers are taken in any notation, an empty row is none, and
// half a row is told.
func TestSpeedDials(t *testing.T) {
	v := testLine()
	v.SpeedDials = []present.SpeedDial{{Name: "Kim", Tel: "01012345678"}}
	openSettings(t, Options{}, v, "calls", func(r *rig, p *settingsPage) {
		if len(p.dials.rows) != 1 || p.dials.rows[0].tel.Text != "010-1234-5678" {
			t.Fatalf("%d rows, %q", len(p.dials.rows), p.dials.rows[0].tel.Text)
		}
		r.tap(p.dials.add)
		r.tap(p.dials.add)
		if r.win.Canvas().Focused() != p.dials.rows[2].name {
			t.Error("a new row has not the focus")
		}
		p.dials.rows[1].name.SetText("Desk wrong")
		if p.dials.below.Text() != r.d.texts.Text("settings.speed-dials.wrong") {
			t.Errorf("half a row passes: %q", p.dials.below.Text())
		}
		p.dials.rows[1].name.SetText("Desk")
		p.dials.rows[1].tel.SetText("+82 (2) 1234-5678")
		if p.dials.below.Text() != r.d.texts.Text("settings.speed-dials.hint") {
			t.Errorf("corrected, and still %q", p.dials.below.Text())
		}
		r.tap(p.dials.rows[0].remove)
		r.tap(p.save)
		var got []present.SpeedDial
		if err := json.Unmarshal([]byte(r.settings.changes["speed-dials"]), &got); err != nil || len(got) != 1 || got[0] != (present.SpeedDial{Name: "Desk", Tel: "0212345678"}) {
			t.Errorf("saved %s, %v", r.settings.changes["speed-dials"], err)
		}
	})
}

// TestHeadsetProfiles: the devices that are chosen are kept under a name, and
// one of that name is replaced.
func TestHeadsetProfiles(t *testing.T) {
	list := func(context.Context) (mics, speakers []Device, err error) {
		return []Device{{ID: "m1", Name: "Left"}, {ID: "m2", Name: "Right"}}, []Device{{ID: "s1", Name: "Loud"}}, nil
	}
	v := testLine()
	v.HeadsetProfiles = []present.HeadsetProfile{{Name: "old", Microphone: "m9"}}
	openSettings(t, Options{Devices: list}, v, "sound", func(r *rig, p *settingsPage) {
		h := p.headsets
		if !h.add.Face().Disabled || !strings.Contains(drawnWords(h.root), "m9") {
			t.Errorf("add %+v, shown:\n%s", h.add.Face(), drawnWords(h.root))
		}
		p.choices["microphone"].sel.SetSelectedIndex(2)
		h.name.SetText(" desk ")
		r.tap(h.add)
		p.choices["speaker"].sel.SetSelectedIndex(1)
		h.name.SetText("desk")
		r.tap(h.add)
		if !strings.Contains(drawnWords(h.root), "Microphone Right · speaker Loud") {
			t.Errorf("shown:\n%s", drawnWords(h.root))
		}
		h.remove(0)
		r.settle()
		r.tap(p.save)
		want := `[{"name":"desk","microphone":"m2","speaker":"s1"}]`
		if got := r.settings.changes["headset-profiles"]; got != want {
			t.Errorf("saved %s", got)
		}
	})
}

// TestExport writes what the store gives, for this user alone.
func TestExport(t *testing.T) {
	openSettings(t, Options{}, testLine(), "about", func(r *rig, p *settingsPage) {
		path := filepath.Join(t.TempDir(), "out.json")
		p.exportTo(path)
		r.settle()
		data, err := os.ReadFile(path)
		if err != nil || string(data) != "{}\n" || !strings.Contains(p.trouble.Text(), "were written") {
			t.Errorf("%q, %v, told %q", data, err, p.trouble.Text())
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		p.exportTo(filepath.Join(t.TempDir(), "no", "such", "folder.json"))
		r.settle()
		if !strings.Contains(p.trouble.Text(), "could not be written") {
			t.Errorf("told %q", p.trouble.Text())
		}
	})
}

// TestImportShowsFirst: nothing changes before the user has seen what would,
// and what is not taken is named.
func TestImportShowsFirst(t *testing.T) {
	openSettings(t, Options{}, testLine(), "about", func(r *rig, p *settingsPage) {
		path := filepath.Join(t.TempDir(), "in.json")
		if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
		r.settings.imports = someImport()
		p.importFrom(path)
		r.settle()
		words := drawnWords(p.scroll.Content)
		for _, want := range []string{"4 settings will change", "example.net → helpline.example", "••••", "Not taken: Colours, kiosk-number, password-file"} {
			if !strings.Contains(words, want) {
				t.Errorf("%q is not shown in:\n%s", want, words)
			}
		}
		if strings.Contains(words, "secret") || r.settings.saves != 0 {
			t.Errorf("a secret is shown, or it was taken already (%d saves)", r.settings.saves)
		}
		r.key(fyne.KeyEscape)
		if p.at != "about" || r.settings.saves != 0 {
			t.Errorf("at %q, %d saves", p.at, r.settings.saves)
		}
		p.importFrom(path)
		r.settle()
		p.take(r.settings.imports)
		r.settle()
		if r.settings.saves != 1 || r.settings.changes["realm"] != "helpline.example" || len(r.settings.changes) != 4 {
			t.Errorf("saved %v", r.settings.changes)
		}
	})
}

func TestImportFaults(t *testing.T) {
	openSettings(t, Options{}, testLine(), "about", func(r *rig, p *settingsPage) {
		path := filepath.Join(t.TempDir(), "in.json")
		if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
		for want, err := range map[string]error{
			"line 3, column 7":                      &present.FileFault{Line: 3, Column: 7},
			"line 2, column 12: Colours":            &present.FileFault{Key: "theme", Line: 2, Column: 12},
			"Check that it is a file of settings":   &present.FileFault{},
			"Check that it is a file of settings (": errors.New("something else"),
		} {
			r.settings.importErr = err
			p.importFrom(path)
			r.settle()
			if !strings.Contains(p.trouble.Text(), want) || p.at != "about" {
				t.Errorf("%v is told as %q", err, p.trouble.Text())
			}
		}
		p.importFrom(path + ".none")
		r.settle()
		if !strings.Contains(p.trouble.Text(), "cannot be read") {
			t.Errorf("no file is told as %q", p.trouble.Text())
		}
	})
}

// drawnWords are all sentences and lines of a tree.
func drawnWords(o fyne.CanvasObject) string {
	var words []string
	var walk func(fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *fyne.Container:
			for _, c := range o.Objects {
				walk(c)
			}
			return
		case *look.Sentence:
			words = append(words, o.Text())
			return
		case *look.Line:
			words = append(words, o.Text())
			return
		case fyne.Widget:
			for _, c := range test.WidgetRenderer(o).Objects() {
				walk(c)
			}
		}
	}
	walk(o)
	return strings.Join(words, "\n")
}

// TestAllSettingsCoverSecrets: the list for whoever helps shows every key, and
// no secret.
func TestAllSettingsCoverSecrets(t *testing.T) {
	openSettings(t, Options{}, fixed(), "all", func(r *rig, p *settingsPage) {
		words := drawnWords(p.scroll.Content)
		for key := range r.d.values.Keys {
			if !strings.Contains(words, key) {
				t.Errorf("%s is not listed", key)
			}
		}
		if strings.Contains(words, "secret\n") || !strings.Contains(words, "••••") {
			t.Errorf("the token is shown:\n%s", words)
		}
	})
}

// TestFaultsAreTold: what was wrong with the settings at the start stands on top
// of them, and leads to what it was.
func TestFaultsAreTold(t *testing.T) {
	const fault = "One of the settings has a wrong value and was left out. (/etc/nxphone/policies/managed/a.json:2:11)"
	openSettings(t, Options{Faults: []string{fault}}, testLine(), "", func(r *rig, p *settingsPage) {
		b := p.index[len(p.index)-1]
		if b.Face().Label != "Some settings could not be used" {
			t.Fatalf("%+v", b.Face())
		}
		r.tap(b)
		if p.at != "all" || !strings.Contains(drawnWords(p.scroll.Content), fault) {
			t.Errorf("at %q: %s", p.at, drawnWords(p.scroll.Content))
		}
		if strings.Contains(drawnWords(p.scroll.Content), "secret") {
			t.Error("a secret is shown")
		}
	})
	openSettings(t, Options{}, testLine(), "", func(r *rig, p *settingsPage) {
		if n := len(p.index); n != len(p.sections()) {
			t.Errorf("%d buttons without a fault", n)
		}
	})
}

// TestKeyboardReachesEverything: in every section Tab comes to every widget that
// can be used, what has the focus is in sight, and Escape leaves.
func TestKeyboardReachesEverything(t *testing.T) {
	for _, id := range []string{"", "line", "sound", "window", "calls", "breaks", "web", "about"} {
		openSettings(t, Options{Web: uitest.NewWeb()}, settled(testLine()), id, func(r *rig, p *settingsPage) {
			want := map[fyne.Focusable]string{}
			for k, f := range p.fields {
				if !f.entry.Disabled() {
					want[f.entry] = k
				}
			}
			for k, c := range p.choices {
				if !c.sel.Disabled() {
					want[c.sel] = k
				}
			}
			for k, g := range p.toggles {
				if !g.Disabled() {
					want[g] = k
				}
			}
			for _, b := range p.index {
				want[b] = b.Face().Label
			}
			top := fyne.CurrentApp().Driver().AbsolutePositionForObject(p.scroll).Y
			for range 60 {
				test.FocusNext(r.win.Canvas())
				f := r.win.Canvas().Focused()
				if _, ok := want[f]; !ok {
					continue
				}
				o := f.(fyne.CanvasObject)
				y := fyne.CurrentApp().Driver().AbsolutePositionForObject(o).Y
				if y < top || y+o.Size().Height > top+p.scroll.Size().Height+1 {
					t.Errorf("%s/%s has the focus out of sight (%v to %v)", id, want[f], y, y+o.Size().Height)
				}
				delete(want, f)
			}
			if len(want) != 0 {
				t.Errorf("%s: cannot be reached: %v", id, slicesOf(want))
			}
		})
	}
}

// TestFocusOfAChoiceIsSeen by its frame, and its words stay what they are.
func TestFocusOfAChoiceIsSeen(t *testing.T) {
	openSettings(t, Options{}, testLine(), "window", func(r *rig, p *settingsPage) {
		c := p.choices["theme"]
		r.win.Canvas().Focus(c.sel)
		if c.sel.frame.Width() != 2 {
			t.Error("the focus is not seen")
		}
		c.sel.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
		r.settle()
		if r.win.Canvas().Overlays().Top() == nil {
			t.Error("Space does not open the list")
		}
		r.win.Canvas().Overlays().Top().Hide()
		r.win.Canvas().Focus(p.choices["lang"].sel)
		if c.sel.frame.Width() != 1 {
			t.Error("the focus is seen where it is no more")
		}
	})
}

func slicesOf(m map[fyne.Focusable]string) (all []string) {
	for _, v := range m {
		all = append(all, v)
	}
	return all
}

// TestFirstSteps leads from an empty phone to a test call that works.
func TestFirstSteps(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newRig(t, Options{Lang: text.English}, Values{})
		r.d.firstRun()
		r.settle()
		p := r.d.first
		if p == nil || p.step != stepLine || !p.next.Face().Disabled {
			t.Fatal("an empty phone does not begin with its line")
		}
		p.fields["realm"].entry.SetText("example.net")
		p.fields["dn"].entry.SetText("1000")
		p.fields["url"].entry.SetText("http://sbc.example.net")
		if !p.next.Face().Disabled || !strings.Contains(p.fields["url"].below.Text(), "ws://") {
			t.Errorf("a web address passes: %q", p.fields["url"].below.Text())
		}
		p.fields["url"].entry.SetText("wss://sbc.example.net")
		p.password.entry.SetText("secret")
		r.tap(p.next)
		if p.step != stepSound || r.settings.password != "secret" || r.d.values.DN != "1000" {
			t.Fatalf("step %d, password %q, %+v", p.step, r.settings.password, r.d.values)
		}
		r.tap(p.next)
		if p.step != stepTest || !p.call.Face().Disabled || p.next.Face().Label != "Later" {
			t.Fatalf("step %d, call %+v, next %+v", p.step, p.call.Face(), p.next.Face())
		}
		if r.win.Canvas().Focused() != p.fields["echo-number"].entry || !p.next.Face().Calm {
			t.Errorf("the keyboard is on %v", r.win.Canvas().Focused())
		}
		p.fields["echo-number"].entry.SetText("600")
		if p.call.Face().Disabled {
			t.Error("the number that was typed cannot be called")
		}
		r.tap(p.call)
		r.expect("dial 600")
		if r.settings.changes["echo-number"] != "600" {
			t.Errorf("saved %v", r.settings.changes)
		}
		r.state("incall")
		if got := p.verdict.Text(); !strings.Contains(got, "Say something") {
			t.Errorf("in the call it says %q", got)
		}
		if !r.d.primary.Visible() {
			t.Error("the test call cannot be ended")
		}
		s, _ := uitest.State("incall", r.now)
		s.State = call.Idle
		s.Call.Ended, s.Call.Reason = r.now, call.Reason{Code: call.CodeHangup, Local: true}
		r.push(s)
		if got := p.verdict.Text(); !strings.Contains(got, "worked") || p.next.Face().Label != "Start" {
			t.Errorf("at the end it says %q, %q", got, p.next.Face().Label)
		}
		r.tap(p.next)
		if r.d.page != pageNone {
			t.Error("the first steps do not end")
		}
	})
}

// TestFirstStepsHaveTheKeyboard: whoever has only a keyboard begins at once.
func TestFirstStepsHaveTheKeyboard(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newRig(t, Options{Lang: text.English}, Values{DN: "1000"})
		r.d.firstRun()
		r.settle()
		p := r.d.first
		is := func(when string, want fyne.Focusable) {
			t.Helper()
			if got := r.win.Canvas().Focused(); got != want {
				t.Errorf("%s, the focus is on a %T, want a %T", when, got, want)
			}
		}
		is("at first", p.fields["realm"].entry)
		for _, c := range "example.net" {
			r.win.Canvas().Focused().TypedRune(c)
		}
		if p.fields["realm"].entry.Text != "example.net" {
			t.Errorf("typed %q", p.fields["realm"].entry.Text)
		}
		p.fields["url"].entry.SetText("wss://sbc.example.net")
		r.tap(p.next)
		is("where nothing is to be filled in", p.next)
		r.focused(fyne.KeySpace)
		is("without a number", p.fields["echo-number"].entry)
		p.fields["echo-number"].entry.SetText("600")
		r.tap(p.foot.Objects[1].(*look.Button)) // back
		r.tap(p.next)
		is("with a number", p.call)
	})
}

// TestFirstStepsAreNotForced: a phone with a line, the demo, and a number that
// is handed over do not begin with them, and they can be left at any time.
func TestFirstStepsAreNotForced(t *testing.T) {
	for name, tt := range map[string]struct {
		opts   Options
		values Values
		want   page
	}{
		"empty":  {Options{}, Values{}, pageFirst},
		"half":   {Options{}, Values{Realm: "example.net"}, pageFirst},
		"line":   {Options{}, testLine(), pageNone},
		"demo":   {Options{Demo: &Demo{}}, Values{}, pageNone},
		"number": {Options{Number: "600"}, Values{}, pageNone},
	} {
		onWindow(t, func(t *testing.T) {
			r := newRig(t, tt.opts, tt.values)
			r.d.firstRun()
			r.settle()
			if r.d.page != tt.want {
				t.Errorf("%s: page %d, want %d", name, r.d.page, tt.want)
			}
			r.key(fyne.KeyEscape)
			if r.d.page != pageNone {
				t.Errorf("%s: Escape does not leave", name)
			}
		})
	}
}

// TestFirstStepsTakeAProfile: what an administrator sends is seen in the fields
// before it is saved.
func TestFirstStepsTakeAProfile(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newRig(t, Options{Lang: text.English}, Values{})
		r.d.firstRun()
		r.settle()
		p := r.d.first
		fyne.CurrentApp().Clipboard().SetContent("hello")
		p.paste()
		r.settle()
		if !strings.Contains(p.trouble.Text(), "no settings to paste") {
			t.Errorf("told %q", p.trouble.Text())
		}
		fyne.CurrentApp().Clipboard().SetContent("realm: helpline.example")
		r.settings.imports = someImport()
		p.paste()
		r.settle()
		if p.fields["realm"].entry.Text != "helpline.example" || p.trouble.Text() != "" || r.settings.saves != 0 {
			t.Errorf("%q, %q", p.fields["realm"].entry.Text, p.trouble.Text())
		}
		if words := drawnWords(p.found); !strings.Contains(words, "4 settings") || !strings.Contains(words, "A short sound") {
			t.Errorf("shown: %s", words)
		}
		r.settings.importErr = &present.FileFault{Line: 1, Column: 2}
		p.paste()
		r.settle()
		if !strings.Contains(p.trouble.Text(), "line 1, column 2") || p.fields["realm"].entry.Text != "helpline.example" {
			t.Errorf("told %q", p.trouble.Text())
		}
	})
}

func TestProfileText(t *testing.T) {
	for in, want := range map[string]string{
		`{"dn": "1"}`: `{"dn": "1"}`,
		"realm: example.net\nDN = 1000\r\nurl: wss://sbc.example.net:6081/ws?a=b": `{"dn":"1000","realm":"example.net","url":"wss://sbc.example.net:6081/ws?a=b"}`,
		"안녕하세요.\n  wss://sbc.example.net:6081  \n감사합니다.":                          `{"url":"wss://sbc.example.net:6081"}`,
		`url = "ws://a:1",`: `{"url":"ws://a:1"}`,
		"password: secret":  "", "": "", "hello": "", "https://example.net": "",
	} {
		got, err := profileText(in)
		if string(got) != want || (err != nil) != (want == "") {
			t.Errorf("%q: %s, %v", in, got, err)
		}
	}
}

// TestFirstStepsKeepWhatFails: a save that fails leaves the step and its fields.
func TestFirstStepsKeepWhatFails(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newRig(t, Options{Lang: text.English}, Values{})
		r.settings.saveErr = errors.New("disk full")
		r.d.firstRun()
		r.settle()
		p := r.d.first
		for k, v := range map[string]string{"realm": "example.net", "dn": "1000", "url": "ws://a"} {
			p.fields[k].entry.SetText(v)
		}
		r.tap(p.next)
		if p.step != stepLine || !strings.Contains(p.trouble.Text(), "could not be saved") || p.fields["dn"].entry.Text != "1000" || p.next.Face().Disabled {
			t.Errorf("step %d, %q, %+v", p.step, p.trouble.Text(), p.next.Face())
		}
	})
}

// TestRefusedTestCall: a test call that the phone does not even begin is told,
// and can be placed again.
func TestRefusedTestCall(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		v := testLine()
		v.EchoNumber = "600"
		r := newRig(t, Options{Lang: text.English}, v)
		r.d.turnTo(pageFirst)
		r.d.first.turn(stepTest)
		r.settle()
		p := r.d.first
		r.phone.Err = func(string) error { return &call.Error{Code: call.CodeBadRealm} }
		r.tap(p.call)
		if got := p.verdict.Text(); !strings.Contains(got, "server name") || p.call.Face().Disabled {
			t.Errorf("it says %q, call %+v", got, p.call.Face())
		}
		r.phone.Err = nil
		r.tap(p.call)
		if got := p.verdict.Text(); !strings.Contains(got, "Calling") {
			t.Errorf("again it says %q", got)
		}
	})
}

// TestShortcutsPage lists every key in words, with those of the desktop as they
// are set.
func TestShortcutsPage(t *testing.T) {
	for _, l := range text.Langs() {
		onWindow(t, func(t *testing.T) {
			r := newRig(t, Options{Lang: l}, settled(testLine()))
			r.d.open(pageShortcuts)
			words := drawnWords(r.d.sheet)
			for _, s := range r.d.shortcuts() {
				if w := r.d.texts.Text(s.text); w == s.text || !strings.Contains(words, w) {
					t.Errorf("%s: %s is not told", l, s.text)
				}
			}
			if !strings.Contains(words, "Ctrl + Shift + F9") || strings.Contains(words, "key.") {
				t.Errorf("%s:\n%s", l, words)
			}
		})
	}
}

// TestLargeTextTakesEffectAtOnce: text grows when it is saved, and the window
// with it.
func TestLargeTextTakesEffectAtOnce(t *testing.T) {
	openSettings(t, Options{}, testLine(), "window", func(r *rig, p *settingsPage) {
		before := theme.Size(theme.SizeNameText)
		p.choices["text-size"].sel.SetSelectedIndex(4)
		r.tap(p.save)
		if got := theme.Size(theme.SizeNameText); got != 2*before {
			t.Errorf("text of %v, was %v", got, before)
		}
		if got, want := r.win.Canvas().Size().Width, float32(startWidth)*widening(200); got < want {
			t.Errorf("the window is %v wide, want %v", got, want)
		}
	})
}

// TestFaultIsInSight: words about a value that cannot be used are longer than
// the hint was, and are scrolled to where the row is the last one in sight.
func TestFaultIsInSight(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newRig(t, Options{Lang: text.Korean}, testLine())
		r.state("idle")
		p := r.openSection("calls")
		f := p.fields["hotkey-hangup"]
		r.win.Canvas().Focus(f.entry)
		r.settle()
		f.entry.SetText("wrong")
		r.settle()
		d := fyne.CurrentApp().Driver()
		end := d.AbsolutePositionForObject(f.below).Y + f.below.Size().Height
		if most := d.AbsolutePositionForObject(p.scroll).Y + p.scroll.Size().Height; f.below.Text() == "" || end > most {
			t.Errorf("%q ends at %v, in sight is what stands above %v", f.below.Text(), end, most)
		}
	})
}
