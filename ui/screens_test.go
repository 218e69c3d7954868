package ui

import (
	"flag"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/call/shift"
	"nxphone/ui/look"
	"nxphone/ui/present"
	"nxphone/ui/uitest"
)

// screensDir is where TestScreens puts pictures, empty for nowhere.
var screensDir = flag.String("screens", "", "directory for pictures of every screen")

// screen is one picture: a state of the phone and what is done to the window.
type screen struct {
	name, state string
	values      Values
	demo, web   bool
	desk        bool // with a shift and recent calls
	size        present.Size
	busy        bool // every part of the window has something to show
	act         func(*rig)
}

func screens() []screen {
	line := testLine()
	var all []screen
	for _, s := range uitest.States() {
		all = append(all, screen{name: s, state: s, values: line})
	}
	all = append(all, webScreens(line)...)
	all = append(all, deskScreens(line)...)
	all = append(all, checkScreens(line)...)
	all = append(all, doctorScreens(line)...)
	for _, size := range []present.Size{present.Full, present.Compact} {
		for _, s := range []string{"idle", "slow", "ringing", "early", "incall", "muted", "unmuting", "held", "nosound", "waiting", "clearing", "busy"} {
			all = append(all, screen{name: size.String() + "-" + s, state: s, values: line, size: size})
		}
	}
	all = append(all, busyScreens(line)...)
	typed := func(s string) func(*rig) { return func(r *rig) { r.write(s) } }
	return append(all,
		screen{name: "first", state: "idle"},
		screen{name: "typed", state: "idle", values: line, act: typed("01012345678")},
		screen{name: "hangul", state: "idle", values: line, act: typed("ㅁ")},
		screen{name: "demo", state: "idle", values: line, demo: true},
		screen{name: "numbers", state: "idle", values: line, demo: true, act: func(r *rig) { r.d.open(pageNumbers) }},
		screen{name: "settings", state: "idle", values: line, act: func(r *rig) { r.d.open(pageSettings) }},
		screen{name: "settings-line", state: "idle", values: line, act: atSection("line")},
		screen{name: "settings-sound", state: "idle", values: line, act: atSection("sound")},
		screen{name: "settings-window", state: "idle", values: line, act: atSection("window")},
		screen{name: "settings-calls", state: "idle", values: settled(line), act: atSection("calls")},
		screen{name: "settings-breaks", state: "idle", values: line, act: atSection("breaks")},
		screen{name: "settings-about", state: "idle", values: line, act: atSection("about")},
		screen{name: "settings-all", state: "idle", values: settled(line), act: atSection("all")},
		screen{name: "settings-fixed", state: "idle", values: settled(line), act: atSection("line")},
		screen{name: "settings-import", state: "idle", values: line, act: func(r *rig) {
			r.settings.imports = someImport()
			atSection("about")(r)
			r.d.settings.preview(someImport())
		}},
		screen{name: "settings-end", state: "idle", values: line, act: func(r *rig) {
			atSection("window")(r)
			r.settle()
			r.d.settings.scroll.ScrollToBottom()
		}},
		screen{name: "settings-wrong", state: "idle", values: line, act: func(r *rig) {
			atSection("line")(r)
			r.d.settings.fields["url"].entry.SetText("http://sbc.example.net")
			r.d.settings.fields["realm"].entry.SetText("example net")
			r.d.settings.saveAsked()
		}},
		screen{name: "settings-enrol", state: "idle", values: line, act: func(r *rig) {
			r.d.open(pageSettings)
			r.d.settings.turn("enrol")
			r.d.settings.enrolled(r.d.texts.Text("cli.provision.denied"), func() {})
		}},
		screen{name: "settings-waiting", state: "incall", values: line, act: func(r *rig) {
			r.d.open(pageSettings)
			r.d.ordered(Orders{Waiting: true, Faults: []string{r.d.texts.Text("cli.profile.policy-guarded")}})
		}},
		screen{name: "orders-changed", state: "idle", values: line, act: func(r *rig) { r.d.ordered(Orders{Changed: true}) }},
		screen{name: "orders-faulty", state: "idle", values: line, act: func(r *rig) { r.d.ordered(Orders{Faulty: true}) }},
		screen{name: "orders-code", state: "idle", values: line, act: func(r *rig) { r.d.ordered(Orders{Code: true}) }},
		screen{name: "settings-call", state: "incall", values: line, act: atSection("line")},
		screen{name: "shortcuts", state: "idle", values: settled(line), act: func(r *rig) { r.d.open(pageShortcuts) }},
		screen{name: "first-line", state: "idle", act: func(r *rig) { r.d.firstRun() }},
		screen{name: "first-sound", state: "idle", values: line, act: firstStep(stepSound)},
		screen{name: "first-test", state: "idle", values: line, act: firstStep(stepTest)},
		screen{name: "first-call", state: "incall", values: settled(line), act: func(r *rig) {
			firstStep(stepTest)(r)
			r.d.first.test.Placed = true
			r.d.first.set(r.d.facts.Snapshot)
		}},
		screen{name: "close", state: "incall", values: line, act: func(r *rig) { r.d.closeAsked() }},
		screen{name: "details", state: "incall", values: line, act: func(r *rig) { r.d.toggleDetails() }},
		screen{name: "details-nothing", state: "incall", values: line, act: func(r *rig) {
			s := r.d.facts.Snapshot
			s.Call.Stats.Treatment, s.Call.Stats.MOSNow = call.Treatment{Noise: true}, 0
			r.push(s)
			r.d.toggleDetails()
		}},
		screen{name: "ended-loud", state: "ended", values: line, act: func(r *rig) {
			s := r.d.facts.Snapshot
			s.Call.Stats.Treatment.Tones, s.Call.Stats.Treatment.Jumps = 2, 1
			r.push(s)
		}},
		screen{name: "settings-sound-voice", state: "incall", values: heard(line), act: func(r *rig) {
			atSection("sound")(r)
			r.settle()
			r.win.Canvas().Focus(r.d.settings.choices["limiter-ceiling"].sel)
		}},
		screen{name: "details-end", state: "servererror", values: line, act: func(r *rig) { r.d.toggleDetails() }},
		screen{name: "escape", state: "incall", values: line, act: func(r *rig) { r.d.escape() }},
	)
}

// heard are values with all that is done to the sound.
func heard(v Values) Values {
	v.EchoCancellation, v.NoiseSuppression, v.AutomaticGain, v.LimiterCeiling = true, true, true, 6
	return v
}

// atSection opens the settings there.
func atSection(id string) func(*rig) { return func(r *rig) { r.openSection(id) } }

// firstStep opens the first steps there.
func firstStep(step int) func(*rig) {
	return func(r *rig) {
		r.d.turnTo(pageFirst)
		r.d.first.turn(step)
	}
}

// settled are values that an organisation and a user have chosen.
func settled(v Values) Values {
	v.EchoNumber, v.Hotkeys, v.HotkeyMute, v.HotkeyHangup = "*43", true, "Ctrl+Shift+F9", "Ctrl+Shift+F10"
	v.SpeedDials = []present.SpeedDial{{Name: "자살예방 상담전화", Tel: "109"}, {Name: "Supervisor", Tel: "0212345678"}}
	v.PushToken = "secret"
	v = v.With(nil)
	for key, from := range map[string]present.From{
		"url": present.FromOrganisation, "realm": present.FromEnvironment, "dn": present.FromFlag, "theme": present.FromProposal,
		"lang": present.FromDefault, "mask-numbers": present.FromOrganisation, "hotkey-mute": present.FromOrganisation,
	} {
		s := v.Keys[key]
		s.From, s.Place = from, map[present.From]string{present.FromEnvironment: "NXPHONE_REALM", present.FromFlag: "--dn"}[from]
		s.Locked = from == present.FromOrganisation || from == present.FromEnvironment || from == present.FromFlag
		v.Keys[key] = s
	}
	s := v.Keys["push-token"]
	s.Sensitive = true
	v.Keys["push-token"] = s
	return v
}

// someImport is a file that changes some and is not allowed others.
func someImport() present.Import {
	user := func(text string) present.Setting { return present.Setting{Text: text, From: present.FromUser} }
	return present.Import{
		Changes: []present.Change{
			{Key: "realm", Before: user("example.net"), After: user("helpline.example")},
			{Key: "url", Before: user("wss://sbc.example.net:6081"), After: user("wss://sbc.counselling.helpline.example:6081/ws")},
			{Key: "mute-sound", Before: user("true"), After: user("false")},
			{Key: "push-token", Before: user(""), After: present.Setting{Text: "secret", Sensitive: true}},
		},
		Kept: []string{"theme", "kiosk-number", "password-file"},
	}
}

// grows reports whether a screen is laid out with large text as well: the
// column of the full window is the phone's, and one strip is like another.
func (s screen) grows() bool {
	return s.size == present.Phone || s.busy && (s.state == "incall" || s.state == "muted" || s.state == "idle")
}

// TestScreens lays out every screen in both languages, with text of the usual
// size, of one and a half times and of twice, and holds it to the window: no
// word cut off, nothing outside, nothing on top of another, nothing wider than
// the window. With -screens it draws them, in every palette and at both scales,
// and large text once.
func TestScreens(t *testing.T) {
	for i, lang := range text.Langs() {
		palettes := []look.Brightness{look.Light, look.Dark, look.Contrast}
		if *screensDir == "" {
			palettes = palettes[i : i+1] // colours move no word
		}
		for _, b := range palettes {
			for _, percent := range []int{100, 150, 200} {
				if percent == 150 && i > 0 && *screensDir == "" {
					continue // one language is enough between the ends
				}
				if *screensDir != "" && (percent == 150 || percent == 200 && (i > 0 || b != look.Light)) {
					continue // larger text is drawn once
				}
				for _, s := range screens() {
					if percent != 100 && !s.grows() {
						continue
					}
					name := fmt.Sprintf("%s/%s/%d/%s", lang, b, percent, s.name)
					t.Run(name, func(t *testing.T) {
						onWindow(t, func(t *testing.T) { drawScreen(t, s, lang, b, percent) })
					})
				}
			}
		}
	}
}

func drawScreen(t *testing.T, s screen, lang text.Lang, b look.Brightness, percent int) {
	opts := Options{Lang: lang, Version: "1.0.0"}
	if s.demo {
		opts.Demo = &Demo{Numbers: demoNumbers()}
	}
	if s.busy {
		opts.Levels = func() call.Levels { return call.Levels{Mic: -20, Sent: -20, Far: -26} }
		opts.Shift = &uitest.Shift{}
	}
	if s.web {
		opts.Web = uitest.NewWeb()
	}
	if s.desk {
		opts.Shift, opts.Recent = &uitest.Shift{}, &uitest.Recent{}
	}
	s.values.Theme, s.values.WindowSize, s.values.TextSize = b, s.size.String(), percent
	r := newRig(t, opts, s.values)
	r.state(s.state)
	if s.busy {
		r.d.shiftChanged(shift.Status{State: shift.Ready})
	}
	if s.act != nil {
		s.act(r)
	}
	r.settle()
	room := r.d.windowSize()
	if m := r.win.Content().MinSize(); m.Width > room.Width || m.Height > room.Height {
		t.Errorf("needs %v, the window has %v", m, room)
	}
	if m := r.d.stage.needs(); percent == 100 && s.size != present.Compact && m > startHeight-32 {
		t.Errorf("is scrolled at the usual size: needs %v", m)
	}
	for _, fault := range misfits(r.win.Content(), r.win.Canvas().Size()) {
		t.Error(fault)
	}
	for _, fault := range nameless(r.win.Content()) {
		t.Error(fault)
	}
	smallest(t, r)
	if *screensDir == "" {
		return
	}
	for _, scale := range []float32{1, 2} {
		r.win.Canvas().(test.WindowlessCanvas).SetScale(scale)
		name := s.name + "-" + string(lang) + "-" + string(b)
		if percent != 100 {
			name += fmt.Sprintf("-%d", percent)
		}
		name += map[float32]string{1: "", 2: "@2x"}[scale] + ".png"
		savePicture(t, name, r.win.Canvas())
	}
}

// savePicture writes what a canvas shows.
func savePicture(t *testing.T, name string, c fyne.Canvas) {
	t.Helper()
	f, err := os.Create(filepath.Join(*screensDir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	// Thousands of pictures: small ones are not worth the minutes.
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := e.Encode(f, c.Capture()); err != nil {
		t.Fatal(err)
	}
}

// smallest lays the window out as small as it can be made by the user, at the
// least width that its longest words need.
func smallest(t *testing.T, r *rig) {
	t.Helper()
	full := r.win.Canvas().Size()
	r.win.Resize(fyne.NewSize(full.Width, r.win.Content().MinSize().Height))
	r.settle()
	for _, fault := range misfits(r.win.Content(), r.win.Canvas().Size()) {
		t.Error("smallest: " + fault)
	}
	r.win.Resize(full)
}

func demoNumbers() []string {
	return []string{"600", "601", "602", "603", "604", "605", "606", "607"}
}

func testLine() Values {
	return Values{Realm: "example.net", DN: "1000", URL: "wss://sbc.example.net:6081"}
}
