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

func openSettings(t *testing.T, opts Options, v Values, f func(r *rig, p *settingsPage)) {
	t.Helper()
	onWindow(t, func(t *testing.T) {
		if opts.Lang == "" && v.Lang == "" {
			v.Lang = text.English
		}
		r := newRig(t, opts, v)
		r.d.open(pageSettings)
		r.settle()
		f(r, r.d.settings)
	})
}

func TestSettingsAreSaved(t *testing.T) {
	openSettings(t, Options{}, Values{PushToken: "kept"}, func(r *rig, p *settingsPage) {
		p.realm.entry.SetText(" example.net ")
		p.dn.entry.SetText("1000")
		p.url.entry.SetText("wss://sbc.example.net:6081/ws")
		p.user.entry.SetText("kim")
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
	openSettings(t, Options{}, testLine(), func(r *rig, p *settingsPage) {
		fault := func(f *field) bool { return strings.Contains(f.below.Text(), "cannot be used") }
		p.url.entry.SetText("http://sbc.example.net")
		if !fault(p.url) {
			t.Errorf("a web address passes: %q", p.url.below.Text())
		}
		p.realm.entry.SetText("example net")
		p.dn.entry.SetText("천")
		p.user.entry.SetText("a\"b")
		if !fault(p.realm) || !fault(p.dn) || !strings.Contains(p.user.below.Text(), "user name") {
			t.Errorf("%q, %q, %q", p.realm.below.Text(), p.dn.below.Text(), p.user.below.Text())
		}
		r.tap(p.save)
		if r.settings.saves != 0 || p.trouble.Text() == "" {
			t.Errorf("saved %d times, trouble %q", r.settings.saves, p.trouble.Text())
		}
		p.url.entry.SetText("ws://sbc.example.net")
		p.realm.entry.SetText("example.net")
		p.dn.entry.SetText("1000")
		p.user.entry.SetText("")
		if fault(p.url) || p.trouble.Text() != "" {
			t.Errorf("corrected, and still %q, %q", p.url.below.Text(), p.trouble.Text())
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
	openSettings(t, Options{}, testLine(), func(r *rig, p *settingsPage) {
		p.ca.entry.SetText("/no/such/file.pem")
		r.settle()
		if got := p.ca.below.Text(); got != "There is no such file. Please check the path." {
			t.Errorf("the field says %q", got)
		}
		r.tap(p.save)
		if r.settings.saves != 0 {
			t.Error("saved with a CA file that is not there")
		}
		p.ca.entry.SetText("")
		r.settle()
		r.tap(p.save)
		if r.settings.saves != 1 {
			t.Error("not saved after the field was emptied")
		}
	})
}

func TestPasswordWithoutKeyring(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newRig(t, Options{Lang: text.English}, testLine())
		r.settings.ringErr = ErrNoKeyring
		r.d.open(pageSettings)
		r.settle()
		p := r.d.settings
		if !p.password.entry.Disabled() || !strings.Contains(p.password.below.Text(), "no keyring") {
			t.Errorf("disabled %v, %q", p.password.entry.Disabled(), p.password.below.Text())
		}
		r.tap(p.save)
		if r.settings.saves != 1 || r.d.page != pageNone {
			t.Error("without a keyring nothing can be saved")
		}
	})
}

func TestLockedKeyring(t *testing.T) {
	openSettings(t, Options{}, testLine(), func(r *rig, p *settingsPage) {
		r.settings.mu.Lock()
		r.settings.ringErr = errors.New("locked")
		r.settings.mu.Unlock()
		p.password.entry.SetText("secret")
		p.realm.entry.SetText("other.example.net")
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
		r.d.open(pageSettings)
		r.settle()
		p := r.d.settings
		if p.password.entry.Text != "" || !p.forget.Visible() {
			t.Errorf("the field shows %q, forget visible %v", p.password.entry.Text, p.forget.Visible())
		}
		r.tap(p.save)
		if r.settings.password != "kept" || r.settings.passwords != 0 {
			t.Error("saving touched a password that was not edited")
		}
		r.d.open(pageSettings)
		r.settle()
		r.tap(r.d.settings.forget)
		r.tap(r.d.settings.save)
		if r.settings.password != "" {
			t.Error("the password was not forgotten")
		}
	})
}

func TestSaveFails(t *testing.T) {
	openSettings(t, Options{}, testLine(), func(r *rig, p *settingsPage) {
		r.settings.mu.Lock()
		r.settings.saveErr = errors.New("disk full")
		r.settings.mu.Unlock()
		p.realm.entry.SetText("other.example.net")
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
	openSettings(t, Options{}, testLine(), func(r *rig, p *settingsPage) {
		r.state("incall")
		p = r.d.settings
		p.lang.sel.SetSelectedIndex(1)
		p.brightness.sel.SetSelectedIndex(2)
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
	openSettings(t, Options{Lang: text.Korean}, Values{Lang: text.English}, func(r *rig, _ *settingsPage) {
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
	openSettings(t, Options{Devices: list}, v, func(r *rig, p *settingsPage) {
		if got := p.microphone.sel.Options[0]; got != "System default (Headset)" {
			t.Errorf("the default is %q", got)
		}
		if got := p.speaker.sel.Selected; got != "gone (not connected)" {
			t.Errorf("a speaker that is not there is %q", got)
		}
		p.microphone.sel.SetSelectedIndex(2) // the second of two with one name
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
	openSettings(t, Options{Devices: list}, testLine(), func(_ *rig, p *settingsPage) {
		p.check() // as the check of the CA file does, which may come later
		if !strings.Contains(p.trouble.Text(), "No sound devices") {
			t.Errorf("trouble %q", p.trouble.Text())
		}
	})
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
		if old.trouble.Text() != "" {
			t.Error("a closed page was changed")
		}
	})
}

// TestEscapeFromAField: the page can be left by the keyboard from wherever the
// focus is.
func TestEscapeFromAField(t *testing.T) {
	for _, pick := range []func(*settingsPage) fyne.Focusable{
		func(p *settingsPage) fyne.Focusable { return p.realm.entry },
		func(p *settingsPage) fyne.Focusable { return p.password.entry },
		func(p *settingsPage) fyne.Focusable { return p.microphone.sel },
		func(p *settingsPage) fyne.Focusable { return p.save },
	} {
		openSettings(t, Options{}, testLine(), func(r *rig, p *settingsPage) {
			r.win.Canvas().Focus(pick(p))
			focused := r.win.Canvas().Focused()
			if focused == nil {
				t.Fatal("nothing has the focus")
			}
			focused.TypedRune('x')
			focused.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
			r.settle()
			if r.d.page != pageNone {
				t.Errorf("Escape does not leave the page from a %T", focused)
			}
		})
	}
}

// TestLineIsUnlockedAfterTheCall: the page may stay open over the end of a call,
// and over the beginning of the next.
func TestLineIsUnlockedAfterTheCall(t *testing.T) {
	window(t, func(r *rig) {
		r.state("incall")
		r.d.open(pageSettings)
		r.settle()
		p := r.d.settings
		for _, tt := range []struct {
			state  string
			locked bool
		}{{"ended", false}, {"connecting", true}} {
			r.state(tt.state)
			if r.d.settings != p {
				t.Fatal("the page is gone")
			}
			for _, f := range []*field{p.realm, p.dn, p.url, p.ca, p.user, p.password} {
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
		r.d.open(pageSettings)
		r.settle()
		p := r.d.settings
		for _, f := range []*field{p.realm, p.dn, p.url, p.ca, p.user, p.password} {
			if !f.entry.Disabled() {
				t.Error("the line can be changed during a call")
			}
		}
	})
}

func TestDemoHasNoLineToSet(t *testing.T) {
	openSettings(t, Options{Demo: &Demo{Numbers: demoNumbers()}}, testLine(), func(r *rig, p *settingsPage) {
		p.brightness.sel.SetSelectedIndex(1)
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
	openSettings(t, Options{Web: uitest.NewWeb()}, v, f)
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
		r.tap1(p.web.toggle)
		if !p.web.toggle.On() || !p.web.toggle.Disabled() {
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
			p.realm.entry.SetText("other.example.net")
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
		p.lang.sel.SetSelectedIndex(1)
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
		want := map[fyne.Focusable]bool{p.web.toggle: true, p.web.origins[0].button: true, p.web.origins[1].button: true}
		for range 40 {
			test.FocusNext(r.win.Canvas())
			delete(want, r.win.Canvas().Focused())
		}
		if len(want) != 0 {
			t.Errorf("%d cannot be reached", len(want))
		}
		r.win.Canvas().Focus(p.web.toggle)
		r.focused(fyne.KeySpace)
		if p.web.toggle.On() {
			t.Error("Space does not switch")
		}
		r.focused(fyne.KeyEscape)
		if r.d.page != pageNone {
			t.Error("Escape does not leave the page")
		}
	})
}
