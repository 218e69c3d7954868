package ui

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"nxphone/assets/text"
	"nxphone/ui/present"
)

// TestOrdersWhileOpen: what the organisation changes shows at once, locked, and
// what the user was editing stays where it may.
func TestOrdersWhileOpen(t *testing.T) {
	openSettings(t, Options{}, testLine(), "window", func(r *rig, p *settingsPage) {
		r.tap1(p.toggles["meters"])
		r.tap1(p.toggles["on-top"])
		if !p.draft.changed("meters") || !p.draft.changed("on-top") {
			t.Fatal("nothing is edited")
		}
		keys := map[string]present.Setting{}
		for k, s := range r.settings.values.Keys {
			keys[k] = s
		}
		keys["meters"] = present.Setting{Text: "true", From: present.FromOrganisation, Place: "/etc/nxphone/policies/managed/a.json", Locked: true}
		keys["theme"] = present.Setting{Text: "dark", From: present.FromOrganisation, Locked: true}
		keys["tray"] = present.Setting{Text: "true", From: present.FromUser, Locked: true, Held: true}
		r.settings.mu.Lock()
		r.settings.values = NewValues(keys)
		r.settings.mu.Unlock()
		r.d.ordered(Orders{Changed: true})
		r.settle()
		if p.draft.changed("meters") || !p.draft.changed("on-top") || p.at != "window" {
			t.Errorf("edits %v at %q", p.draft.edited, p.at)
		}
		if words, icon := p.tag("meters"); icon != "lock" || words != "your organisation" {
			t.Errorf("the tag is %q with %q", words, icon)
		}
		if !p.choices["theme"].sel.Disabled() || p.choices["theme"].value() != "dark" {
			t.Error("the locked choice can be changed")
		}
		if got := p.draft.values.Setting("tray").Lock(r.d.texts); got != r.d.texts.Text("settings.lock.held") {
			t.Errorf("%q", got)
		}
		if r.d.facts.Notice.Key != "orders.changed" || r.d.facts.Notice.Until.IsZero() {
			t.Errorf("%+v", r.d.facts.Notice)
		}
	})
}

// TestOrdersBringTheLine: somebody is setting the phone up by hand when the
// organisation's settings come.
func TestOrdersBringTheLine(t *testing.T) {
	onWindow(t, func(t *testing.T) {
		r := newRig(t, Options{}, Values{Lang: text.English})
		r.d.open(pageFirst)
		r.settle()
		p := r.d.first
		p.fields["realm"].entry.SetText("typed.example")
		p.fields["dn"].entry.SetText("1000")
		keys := map[string]present.Setting{"realm": {Text: "helpline.example", From: present.FromOrganisation, Locked: true}}
		r.settings.mu.Lock()
		r.settings.values = NewValues(keys)
		r.settings.values.Lang = text.English
		r.settings.mu.Unlock()
		r.d.ordered(Orders{Changed: true})
		r.settle()
		if f := p.fields["realm"]; f.entry.Text != "helpline.example" || !f.entry.Disabled() {
			t.Errorf("the realm is %q", f.entry.Text)
		}
		if got := p.fields["dn"].entry.Text; got != "1000" {
			t.Errorf("the extension is %q", got)
		}
	})
}

// TestOrdersWait: in a call the settings say that others are coming, and a fault
// leads to what is wrong.
func TestOrdersWait(t *testing.T) {
	openSettings(t, Options{}, testLine(), "", func(r *rig, p *settingsPage) {
		waiting := r.d.texts.Text("settings.waiting")
		r.d.ordered(Orders{Waiting: true})
		r.settle()
		if !hasWords(p, waiting) {
			t.Error("the wait is not told")
		}
		r.d.ordered(Orders{Faults: []string{"A fault. (a.json:1:2)"}, Faulty: true})
		r.settle()
		if hasWords(p, waiting) || !hasWords(p, "Some settings could not be used") {
			t.Errorf("%s", drawnWords(p.scroll.Content))
		}
		if r.d.facts.Notice.Key != "orders.faulty" || !r.d.facts.Notice.Settings {
			t.Errorf("%+v", r.d.facts.Notice)
		}
		r.d.ordered(Orders{Changed: true})
		r.settle()
		if hasWords(p, "Some settings could not be used") {
			t.Error("a fault that is mended is still told")
		}
	})
}

// TestEnrol: the code is sent once, a fault is told and can be corrected, and
// without a server there is nothing to type.
func TestEnrol(t *testing.T) {
	var sent []string
	opts := Options{Enrol: func(_ context.Context, code string) string {
		sent = append(sent, code)
		if code != "ABCD-1234" {
			return "The server does not know this code."
		}
		return ""
	}}
	v := testLine()
	openSettings(t, opts, v, "about", func(r *rig, p *settingsPage) {
		if strings.Contains(drawnWords(p.scroll.Content), "once, when") {
			t.Error("a code is asked for without a server")
		}
		keys := map[string]present.Setting{}
		maps.Copy(keys, r.settings.values.Keys)
		keys["provision-url"] = present.Setting{Text: "https://desk.example/", From: present.FromOrganisation, Locked: true}
		r.settings.mu.Lock()
		r.settings.values = NewValues(keys)
		r.settings.values.Lang = text.English
		r.settings.mu.Unlock()
		r.d.ordered(Orders{Changed: true})
		r.settle()
		r.d.ordered(Orders{Code: true, Faulty: true})
		if r.d.facts.Notice.Key != "orders.code" || !r.d.facts.Notice.Settings {
			t.Errorf("%+v", r.d.facts.Notice)
		}
		p.enter("enrol")
		r.settle()
		if !p.enrol.Face().Disabled {
			t.Error("nothing can be sent")
		}
		p.code.entry.SetText(" wrong ")
		r.tap(p.enrol)
		r.settle()
		if p.at != "enrol" || p.trouble.Text() != "The server does not know this code." || p.enrol.Face().Disabled {
			t.Errorf("at %q, told %q", p.at, p.trouble.Text())
		}
		p.code.entry.SetText("ABCD-1234")
		r.tap(p.enrol)
		r.settle()
		if p.at != "about" || !strings.Contains(p.trouble.Text(), "knows this phone") || !slices.Equal(sent, []string{"wrong", "ABCD-1234"}) {
			t.Errorf("at %q, told %q, sent %q", p.at, p.trouble.Text(), sent)
		}
	})
}

// hasWords reports whether the list of the settings shows these words.
func hasWords(p *settingsPage, words string) bool {
	for _, b := range p.index {
		if b.Face().Label == words {
			return true
		}
	}
	return strings.Contains(drawnWords(p.scroll.Content), words)
}
