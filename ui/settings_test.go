package ui

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"nxphone/assets/text"
	"nxphone/ui/look"
	"nxphone/ui/uitest"
)

// openSettings opens a section of the settings.
func openSettings(t *testing.T, opts Options, v Values, section string, f func(r *rig, p *settingsPage)) {
	t.Helper()
	onWindow(t, func(t *testing.T) {
		if opts.Lang == "" && v.Lang == "" {
			v.Lang = text.English
		}
		r := newRig(t, opts, v)
		r.openSection(section)
		f(r, r.d.settings)
	})
}

// openSection opens the settings at a section, with every answer in.
func (r *rig) openSection(id string) *settingsPage {
	r.d.open(pageSettings)
	r.d.settings.turn(id)
	r.settle()
	return r.d.settings
}

func TestSettingsAreSaved(t *testing.T) {
	openSettings(t, Options{}, Values{PushToken: "kept"}, "line", func(r *rig, p *settingsPage) {
		p.fields["realm"].entry.SetText(" example.net ")
		p.fields["dn"].entry.SetText("1000")
		p.fields["url"].entry.SetText("wss://sbc.example.net:6081/ws")
		p.fields["user"].entry.SetText("kim")
		p.password.entry.SetText("secret")
		r.tap(p.save)
		want := map[string]string{"realm": "example.net", "dn": "1000", "url": "wss://sbc.example.net:6081/ws", "user": "kim"}
		if !maps.Equal(r.settings.changes, want) || r.settings.saves != 1 {
			t.Errorf("saved %d times: %v", r.settings.saves, r.settings.changes)
		}
		if r.settings.password != "secret" {
			t.Errorf("password %q", r.settings.password)
		}
		if r.d.page != pageNone || r.d.header.title.Text() != "Extension 1000" {
			t.Errorf("page %d, header %q", r.d.page, r.d.header.title.Text())
		}
		r.write("600")
		r.key(fyne.KeyReturn)
		r.expect("dial 600") // in force at once
	})
}

func TestSettingsAreCheckedAsTyped(t *testing.T) {
	openSettings(t, Options{}, testLine(), "line", func(r *rig, p *settingsPage) {
		fault := func(f *field) bool { return strings.Contains(f.below.Text(), "cannot be used") }
		p.fields["url"].entry.SetText("http://sbc.example.net")
		if !fault(p.fields["url"]) {
			t.Errorf("a web address passes: %q", p.fields["url"].below.Text())
		}
		p.fields["realm"].entry.SetText("example net")
		p.fields["dn"].entry.SetText("천")
		p.fields["user"].entry.SetText("a\"b")
		if !fault(p.fields["realm"]) || !fault(p.fields["dn"]) || !strings.Contains(p.fields["user"].below.Text(), "user name") {
			t.Errorf("%q, %q, %q", p.fields["realm"].below.Text(), p.fields["dn"].below.Text(), p.fields["user"].below.Text())
		}
		r.tap(p.save)
		if r.settings.saves != 0 || p.trouble.Text() == "" {
			t.Errorf("saved %d times, trouble %q", r.settings.saves, p.trouble.Text())
		}
		p.fields["url"].entry.SetText("ws://sbc.example.net")
		p.fields["realm"].entry.SetText("example.net")
		p.fields["dn"].entry.SetText("1000")
		p.fields["user"].entry.SetText("")
		if fault(p.fields["url"]) || p.trouble.Text() != "" {
			t.Errorf("corrected, and still %q, %q", p.fields["url"].below.Text(), p.trouble.Text())
		}
		r.tap(p.save)
		if r.settings.saves != 1 {
			t.Error("correct settings are not saved")
		}
	})
}

func TestCAFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const block = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
	for _, tt := range []struct{ path, want string }{
		{"", ""},
		{write("good.pem", "# comment\n"+block), ""},
		{write("both.pem", strings.ReplaceAll(block, "CERTIFICATE", "PRIVATE KEY")+block), ""},
		{write("key.pem", strings.ReplaceAll(block, "CERTIFICATE", "PRIVATE KEY")), "error.ca.format"},
		{write("empty.pem", ""), "error.ca.format"},
		{write("der.cer", "\x30\x82\x01\x00"), "error.ca.format"},
		{filepath.Join(dir, "none.pem"), "error.ca.missing"},
		{dir, "error.ca.unreadable"},
		{os.DevNull, "error.ca.unreadable"}, // no plain file: a pipe there would never end
		{write("big.pem", strings.Repeat("#", maxCAFile)+"\n"+block), "error.ca.format"},
	} {
		if got := checkCAFile(tt.path); got != tt.want {
			t.Errorf("%s: got %q, want %q", filepath.Base(tt.path), got, tt.want)
		}
	}
}

func TestCAFileIsCheckedAsTyped(t *testing.T) {
	openSettings(t, Options{}, testLine(), "line", func(r *rig, p *settingsPage) {
		p.fields["ca"].entry.SetText("/no/such/file.pem")
		r.settle()
		if got := p.fields["ca"].below.Text(); got != "There is no such file. Please check the path." {
			t.Errorf("the field says %q", got)
		}
		r.tap(p.save)
		if r.settings.saves != 0 {
			t.Error("saved with a CA file that is not there")
		}
		p.fields["ca"].entry.SetText("")
		r.settle()
		r.tap(p.save)
		if !p.save.Face().Disabled || r.settings.saves != 0 || p.fields["ca"].below.Text() == "" {
			t.Errorf("%d saves after the field was emptied again", r.settings.saves)
		}
	})
}

func TestPasswordWithoutKeyring(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newRig(t, Options{Lang: text.English}, testLine())
		r.settings.ringErr = ErrNoKeyring
		p := r.openSection("line")
		if !p.password.entry.Disabled() || !strings.Contains(p.password.below.Text(), "no keyring") {
			t.Errorf("disabled %v, %q", p.password.entry.Disabled(), p.password.below.Text())
		}
		p.fields["dn"].entry.SetText("1001")
		r.tap(p.save)
		if r.settings.saves != 1 || r.d.page != pageNone {
			t.Error("without a keyring nothing can be saved")
		}
	})
}

func TestLockedKeyring(t *testing.T) {
	openSettings(t, Options{}, testLine(), "line", func(r *rig, p *settingsPage) {
		r.settings.mu.Lock()
		r.settings.ringErr = errors.New("locked")
		r.settings.mu.Unlock()
		p.password.entry.SetText("secret")
		p.fields["realm"].entry.SetText("other.example.net")
		r.tap(p.save)
		if !strings.Contains(p.trouble.Text(), "keyring did not take") {
			t.Errorf("trouble %q", p.trouble.Text())
		}
		if r.d.page != pageSettings || p.password.entry.Text != "secret" {
			t.Error("the password must be typed again")
		}
		if r.d.values.Realm != "other.example.net" {
			t.Error("what was saved is not in force")
		}
	})
}

func TestKeptPassword(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newRig(t, Options{Lang: text.English}, testLine())
		r.settings.password = "kept"
		p := r.openSection("line")
		if p.password.entry.Text != "" || !p.forget.Visible() {
			t.Errorf("the field shows %q, forget visible %v", p.password.entry.Text, p.forget.Visible())
		}
		p.fields["dn"].entry.SetText("1001")
		r.tap(p.save)
		if r.settings.password != "kept" || r.settings.passwords != 0 {
			t.Error("saving touched a password that was not edited")
		}
		r.openSection("line")
		r.tap(r.d.settings.forget)
		r.tap(r.d.settings.save)
		if r.settings.password != "" {
			t.Error("the password was not forgotten")
		}
	})
}

func TestSaveFails(t *testing.T) {
	openSettings(t, Options{}, testLine(), "line", func(r *rig, p *settingsPage) {
		r.settings.mu.Lock()
		r.settings.saveErr = errors.New("disk full")
		r.settings.mu.Unlock()
		p.fields["realm"].entry.SetText("other.example.net")
		p.password.entry.SetText("secret")
		r.tap(p.save)
		if !strings.Contains(p.trouble.Text(), "could not be saved") || r.d.page != pageSettings {
			t.Errorf("page %d, trouble %q", r.d.page, p.trouble.Text())
		}
		if r.d.values.Realm != "example.net" || r.settings.passwords != 0 {
			t.Error("half of it is in force")
		}
		if p.save.Face().Disabled {
			t.Error("cannot be tried again")
		}
	})
}

func TestLanguageAndThemeChangeAtOnce(t *testing.T) {
	openSettings(t, Options{}, testLine(), "window", func(r *rig, p *settingsPage) {
		r.state("incall")
		p = r.d.settings
		p.choices["lang"].sel.SetSelectedIndex(1)
		p.choices["theme"].sel.SetSelectedIndex(2)
		r.tap(p.save)
		if r.settings.values.Lang != text.Korean || r.settings.values.Theme != look.Dark {
			t.Fatalf("saved %+v", r.settings.values)
		}
		if got := r.d.mute.Face().Label; got != "마이크 켜짐" {
			t.Errorf("mute says %q", got)
		}
		if r.d.page != pageNone || !r.d.card.panel.Visible() {
			t.Error("the call is not shown after the change")
		}
		r.tap(r.d.mute)
		r.expect("mute true")
	})
}

func TestCommandLineLanguageWins(t *testing.T) {
	openSettings(t, Options{Lang: text.Korean}, Values{Lang: text.English}, "", func(r *rig, _ *settingsPage) {
		if got := r.d.texts.Lang(); got != text.Korean {
			t.Errorf("the window speaks %q", got)
		}
	})
}

func TestDevices(t *testing.T) {
	list := func(context.Context) (mics, speakers []Device, err error) {
		return []Device{{ID: "a", Name: "Headset", Default: true}, {ID: "b", Name: "Headset"}}, []Device{{ID: "c", Name: "Loud"}}, nil
	}
	v := testLine()
	v.Speaker = "gone"
	openSettings(t, Options{Devices: list}, v, "sound", func(r *rig, p *settingsPage) {
		if got := p.choices["microphone"].sel.Options[0]; got != "System default (Headset)" {
			t.Errorf("the default is %q", got)
		}
		if got := p.choices["speaker"].sel.Selected; got != "gone (not connected)" {
			t.Errorf("a speaker that is not there is %q", got)
		}
		p.choices["microphone"].sel.SetSelectedIndex(2) // the second of two with one name
		r.tap(p.save)
		if r.settings.values.Microphone != "b" || r.settings.values.Speaker != "gone" {
			t.Errorf("saved %+v", r.settings.values)
		}
	})
}

func TestNoDevices(t *testing.T) {
	list := func(context.Context) (mics, speakers []Device, err error) {
		return nil, nil, errors.New("no sound system")
	}
	openSettings(t, Options{Devices: list}, testLine(), "sound", func(_ *rig, p *settingsPage) {
		if p.noDevices == nil || !strings.Contains(p.noDevices.Text(), "No sound devices") {
			t.Error("nobody says that there are no devices")
		}
	})
}

// TestSilenceByChoice: whoever has chosen no device is not told in red that
// there is none.
func TestSilenceByChoice(t *testing.T) {
	list := func(context.Context) (mics, speakers []Device, err error) { return nil, nil, nil }
	for _, tt := range []struct {
		microphone, speaker string
		told                bool
	}{{"null", "null", false}, {"null", "", true}, {"default", "null", true}} {
		v := testLine()
		v.Microphone, v.Speaker = tt.microphone, tt.speaker
		openSettings(t, Options{Devices: list}, v, "sound", func(r *rig, p *settingsPage) {
			if told := p.noDevices != nil; told != tt.told {
				t.Errorf("%q and %q: told %v", tt.microphone, tt.speaker, told)
			}
			if got := p.choices["microphone"].sel.Selected; tt.microphone == "null" && got != "No device (silence)" {
				t.Errorf("the microphone is shown as %q", got)
			}
		})
	}
}

func TestAnswersAfterThePageIsClosed(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		release := make(chan struct{})
		list := func(context.Context) (mics, speakers []Device, err error) {
			<-release
			return nil, nil, nil
		}
		r := newRig(t, Options{Lang: text.English, Devices: list}, testLine())
		r.d.open(pageSettings)
		old := r.d.settings
		r.d.close()
		close(release)
		r.settle()
		if old.listed {
			t.Error("a closed page was changed")
		}
	})
}

// TestEscapeFromAField: a section can be left by the keyboard from wherever the
// focus is, for the list first, then for the phone.
func TestEscapeFromAField(t *testing.T) {
	for _, tt := range []struct {
		section string
		pick    func(*settingsPage) fyne.Focusable
	}{
		{"line", func(p *settingsPage) fyne.Focusable { return p.fields["realm"].entry }},
		{"line", func(p *settingsPage) fyne.Focusable { return p.password.entry }},
		{"sound", func(p *settingsPage) fyne.Focusable { return p.choices["microphone"].sel }},
		{"sound", func(p *settingsPage) fyne.Focusable { return p.toggles["mute-sound"] }},
		{"calls", func(p *settingsPage) fyne.Focusable { return p.dials.add }},
		{"line", func(p *settingsPage) fyne.Focusable { return p.save }},
	} {
		openSettings(t, Options{}, testLine(), tt.section, func(r *rig, p *settingsPage) {
			r.win.Canvas().Focus(tt.pick(p))
			focused := r.win.Canvas().Focused()
			if focused == nil {
				t.Fatal("nothing has the focus")
			}
			focused.TypedRune('x')
			focused.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
			r.settle()
			if p.at != "" || r.d.page != pageSettings {
				t.Errorf("Escape does not leave the section from a %T", focused)
			}
			r.key(fyne.KeyEscape)
			if r.d.page != pageNone {
				t.Errorf("Escape does not leave the list")
			}
		})
	}
}

// TestLineIsUnlockedAfterTheCall: the page may stay open over the end of a call,
// and over the beginning of the next.
func TestLineIsUnlockedAfterTheCall(t *testing.T) {
	window(t, func(r *rig) {
		r.state("incall")
		p := r.openSection("line")
		for _, tt := range []struct {
			state  string
			locked bool
		}{{"ended", false}, {"connecting", true}} {
			r.state(tt.state)
			if r.d.settings != p {
				t.Fatal("the page is gone")
			}
			for _, f := range []*field{p.fields["realm"], p.fields["dn"], p.fields["url"], p.fields["ca"], p.fields["user"], p.password} {
				if f.entry.Disabled() != tt.locked {
					t.Errorf("%s: a field is disabled: %v", tt.state, f.entry.Disabled())
				}
			}
			if p.locked.Visible() != tt.locked {
				t.Errorf("%s: the page says that the line is locked: %v", tt.state, p.locked.Visible())
			}
		}
	})
}

func TestLineIsLockedInACall(t *testing.T) {
	window(t, func(r *rig) {
		r.state("incall")
		p := r.openSection("line")
		for _, f := range []*field{p.fields["realm"], p.fields["dn"], p.fields["url"], p.fields["ca"], p.fields["user"], p.password} {
			if !f.entry.Disabled() {
				t.Error("the line can be changed during a call")
			}
		}
	})
}

func TestDemoHasNoLineToSet(t *testing.T) {
	openSettings(t, Options{Demo: &Demo{Numbers: demoNumbers()}}, testLine(), "window", func(r *rig, p *settingsPage) {
		p.choices["theme"].sel.SetSelectedIndex(1)
		r.tap(p.save)
		if want := map[string]string{"theme": "light"}; !maps.Equal(r.settings.changes, want) {
			t.Errorf("saved %v", r.settings.changes)
		}
	})
}

// webSettings opens the settings of a phone with a web API.
func webSettings(t *testing.T, change func(*Values), f func(r *rig, p *settingsPage)) {
	t.Helper()
	v := testLine()
	v.WebAPI, v.Lang = true, text.English
	v.Origins = []string{page1, page2}
	if change != nil {
		change(&v)
	}
	openSettings(t, Options{Web: uitest.NewWeb()}, v, "web", f)
}

func TestOriginsAreRemovedWhenSaved(t *testing.T) {
	webSettings(t, nil, func(r *rig, p *settingsPage) {
		r.tap(p.web.origins[0].button)
		r.tap(p.web.origins[1].button)
		if got := p.web.origins[0].state.Text(); got != "It is removed when you save." {
			t.Errorf("the row says %q", got)
		}
		r.tap(p.web.origins[0].button) // taken back
		r.expectWeb()
		r.tap(p.save)
		r.expectWeb("revoke " + page2)
		if r.d.page != pageNone || !r.settings.values.WebAPI {
			t.Errorf("page %d, saved %+v", r.d.page, r.settings.values)
		}
	})
}

func TestRemovalsAreNothingWithoutSaving(t *testing.T) {
	webSettings(t, nil, func(r *rig, p *settingsPage) {
		r.tap(p.web.origins[0].button)
		r.d.close()
		r.settle()
		r.expectWeb()
	})
}

// TestOriginsAreThoseOfNow: a page may have been allowed since the window read
// its values, and marks outlive that.
func TestOriginsAreThoseOfNow(t *testing.T) {
	webSettings(t, nil, func(r *rig, p *settingsPage) {
		r.tap(p.web.origins[1].button)
		r.settings.mu.Lock()
		r.settings.values.Origins = []string{plain, page1, page2}
		r.settings.mu.Unlock()
		p.web.ask()
		r.settle()
		var got []string
		for _, o := range p.web.origins {
			got = append(got, o.name.Text())
		}
		if want := []string{plain, page1, page2}; !slices.Equal(got, want) {
			t.Errorf("lists %q, want %q", got, want)
		}
		if got := p.web.removals(); !slices.Equal(got, []string{page2}) {
			t.Errorf("marked %q", got)
		}
	})
}

func TestFixedWebSettings(t *testing.T) {
	webSettings(t, func(v *Values) {
		v.WebAPIFixed = true
		v.FixedOrigins = []string{page2} // the user's own Yes beside it changes nothing
	}, func(r *rig, p *settingsPage) {
		r.tap1(p.toggles["web-api"])
		if !p.toggles["web-api"].On() || !p.toggles["web-api"].Disabled() {
			t.Error("what a policy decides can be switched")
		}
		if len(p.web.origins) != 2 {
			t.Fatalf("%d rows", len(p.web.origins))
		}
		o := p.web.origins[0]
		if o.origin != page2 || o.button != nil || o.state.Text() != "Allowed from outside (administrator, command line or environment)." {
			t.Errorf("%q can be removed: %v, %q", o.origin, o.button != nil, o.state.Text())
		}
	})
}

func TestWebSettingsTrouble(t *testing.T) {
	for _, tt := range []struct {
		save, revoke error
		want         string
	}{
		{ErrWebAPI, nil, "17070"},
		{errors.Join(ErrWebAPI, ErrWebAPIKey), nil, "web-api.key"},
		{nil, errors.New("disk full"), "could not be removed"},
		{errors.New("disk full"), nil, "could not be saved"},
	} {
		webSettings(t, nil, func(r *rig, p *settingsPage) {
			r.settings.mu.Lock()
			r.settings.saveErr = tt.save
			r.settings.mu.Unlock()
			r.web.Err = tt.revoke
			p.edited("realm", "other.example.net") // in another section
			r.tap(p.web.origins[0].button)
			r.tap(p.save)
			if got := p.trouble.Text(); !strings.Contains(got, tt.want) || r.d.page != pageSettings {
				t.Errorf("page %d, trouble %q, want %q", r.d.page, got, tt.want)
			}
			saved := tt.want != "could not be saved"
			if (r.d.values.Realm == "other.example.net") != saved {
				t.Errorf("%q: what is in force: %q", tt.want, r.d.values.Realm)
			}
			if !saved {
				r.expectWeb()
			}
			if p = r.d.settings; tt.save == nil || !saved {
				return
			}
			// The words say to save again, with nothing else to save.
			r.settings.mu.Lock()
			r.settings.saveErr = nil
			r.settings.mu.Unlock()
			if p.save.Face().Disabled {
				t.Fatalf("%q: it cannot be saved again", tt.want)
			}
			r.tap(p.save)
			if r.settings.saves != 2 || r.d.page != pageNone {
				t.Errorf("%q: saved %d times, page %d", tt.want, r.settings.saves, r.d.page)
			}
		})
	}
}

// TestSavedUnderAQuestion: a page asks while the settings are being saved, with
// another language and with trouble to tell. The page and its words are there
// when the question is answered.
func TestSavedUnderAQuestion(t *testing.T) {
	webSettings(t, nil, func(r *rig, p *settingsPage) {
		r.settings.mu.Lock()
		r.settings.saveErr = ErrWebAPIKey
		r.settings.mu.Unlock()
		p.edited("lang", "ko")
		test.Tap(p.save)
		r.d.webChanged(question(r, page1, 30*time.Second))
		r.settle()
		if !r.d.asking() || r.d.texts.Lang() != text.Korean {
			t.Fatalf("asking %v, in %s", r.d.asking(), r.d.texts.Lang())
		}
		if r.win.Canvas().Focused() != r.d.ask.no || r.d.stage.page.Visible() {
			t.Error("the question is not in front any more")
		}
		r.tap(r.d.ask.no)
		if r.d.page != pageSettings || r.d.settings == nil || !r.d.stage.page.Visible() {
			t.Fatalf("page %d after the question", r.d.page)
		}
		if got := r.d.settings.trouble.Text(); !strings.Contains(got, "web-api.key") {
			t.Errorf("trouble %q", got)
		}
	})
}

// TestKeyboardReachesWebSettings: switch and buttons can be reached by Tab and
// left by Escape.
func TestKeyboardReachesWebSettings(t *testing.T) {
	webSettings(t, nil, func(r *rig, p *settingsPage) {
		want := map[fyne.Focusable]bool{p.toggles["web-api"]: true, p.web.origins[0].button: true, p.web.origins[1].button: true}
		for range 60 {
			test.FocusNext(r.win.Canvas())
			delete(want, r.win.Canvas().Focused())
		}
		if len(want) != 0 {
			t.Errorf("%d cannot be reached", len(want))
		}
		r.win.Canvas().Focus(p.toggles["web-api"])
		r.focused(fyne.KeySpace)
		if p.toggles["web-api"].On() {
			t.Error("Space does not switch")
		}
		r.focused(fyne.KeyEscape)
		if r.d.settings.at != "" {
			t.Error("Escape does not leave the section")
		}
	})
}
