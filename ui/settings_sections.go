package ui

import (
	"slices"
	"strconv"

	"fyne.io/fyne/v2"

	"nxphone/ui/present"
)

// soundRows is what a call is heard and spoken with.
func (p *settingsPage) soundRows() []fyne.CanvasObject {
	t := p.d.texts
	mic, speaker, ringer := p.choiceRow("microphone", nil), p.choiceRow("speaker", nil), p.choiceRow("ringer", nil)
	p.setDevices()
	devices := []fyne.CanvasObject{mic.root, speaker.root, ringer.root, caption(t.Text("settings.device.applies"))}
	p.headsets = newHeadsetsEditor(p)
	voice := panel(p.toggleRow("echo-cancellation"), p.toggleRow("noise-suppression"), p.toggleRow("automatic-gain"))
	rows := append(p.noDeviceRow(), panel(devices...), panel(p.headsets.root), voice, panel(p.choiceRow("limiter-ceiling", p.ceilings()).root), panel(p.toggleRow("mute-sound"), p.toggleRow("headset"), p.headsetNote()))
	_, check := p.actionRow("waves", "settings.check", func() {
		if p.d.opts.Check != nil {
			p.d.turnTo(pageCheck)
			return
		}
		p.d.turnTo(pageFirst)
	})
	return append(rows, check)
}

// ceilings are how well the ear may be protected.
func (p *settingsPage) ceilings() []option {
	all := p.named("limiter-ceiling", "6", "12", "18", "0")
	if v := p.draft.text("limiter-ceiling"); !slices.ContainsFunc(all, func(o option) bool { return o.value == v }) {
		all = append(all, option{v, p.d.texts.Text("settings.limiter-ceiling.other", "n", v)})
	}
	return all
}

// deviceOptions are the devices of a role.
func deviceOptions(d *desk, key string, devices []Device, listed bool, chosen string) []option {
	t := d.texts
	first := option{"", t.Text("settings.device.default")}
	if key == "ringer" {
		first.label = t.Text("settings.device.speaker")
	}
	rest := []option{}
	found := chosen == ""
	for _, dev := range devices {
		if dev.Default && key != "ringer" {
			first.label = t.Text("settings.device.default.named", "name", dev.Name)
		}
		rest = append(rest, option{dev.ID, dev.Name})
		found = found || dev.ID == chosen
	}
	if !found {
		label := chosen
		switch {
		case chosen == noDevice:
			label = t.Text("settings.device.null")
		case listed && devices != nil:
			label = t.Text("settings.device.gone", "name", chosen)
		}
		rest = append(rest, option{chosen, label})
	}
	return append([]option{first}, rest...)
}

// named are options whose labels are texts: "KEY.VALUE".
func (p *settingsPage) named(key string, values ...string) []option {
	var all []option
	for _, v := range values {
		name := v
		if v == "" {
			name = "system"
		}
		all = append(all, option{v, p.d.texts.Text("settings." + key + "." + name)})
	}
	return all
}

// windowRows is how the window looks and where it is.
func (p *settingsPage) windowRows() []fyne.CanvasObject {
	t := p.d.texts
	var sizes []option
	for _, n := range []string{"100", "125", "150", "175", "200"} {
		sizes = append(sizes, option{n, t.Text("settings.percent", "n", n)})
	}
	looks := panel(
		p.choiceRow("lang", p.named("lang", "", "ko", "en")).root,
		p.choiceRow("theme", p.named("theme", "", "light", "dark", "contrast")).root,
		p.choiceRow("text-size", sizes).root,
	)
	place := panel(
		p.choiceRow("window-size", p.named("window-size", "", "phone", "full", "compact")).root,
		p.toggleRow("on-top"), p.toggleRow("meters"), p.toggleRow("notifications"),
		p.toggleRow("tray"), p.toggleRow("close-to-tray"), p.toggleRow("start-with-session"),
	)
	return []fyne.CanvasObject{looks, place}
}

// callRows is what is shown and kept of calls.
func (p *settingsPage) callRows() []fyne.CanvasObject {
	t := p.d.texts
	recent := p.named("recent-calls", "off", "memory")
	for _, n := range []int{1, 7, 30, 90, 365} {
		recent = append(recent, option{strconv.Itoa(n), present.Count(t, "days", n)})
	}
	if p.draft.text("recent-calls") == "" {
		recent[1].value = ""
	}
	mask := p.named("mask-numbers", "none", "last-4", "last-2", "all")
	if p.draft.text("mask-numbers") == "" {
		mask[0].value = ""
	}
	numbers := panel(
		p.choiceRow("mask-numbers", mask).root,
		p.entryRow("presented-number", false).root,
		p.choiceRow("recent-calls", recent).root,
	)
	p.dials = newDialsEditor(p)
	keys := panel(p.toggleRow("hotkeys"), p.entryRow("hotkey-mute", false).root, p.entryRow("hotkey-hangup", false).root)
	return []fyne.CanvasObject{numbers, panel(p.dials.root), keys}
}

// breakRows is what protects the counsellor.
func (p *settingsPage) breakRows() []fyne.CanvasObject {
	t := p.d.texts
	rest := []option{{"0", t.Text("settings.rest-minutes.none")}}
	for _, n := range []int{3, 5, 10, 15, 20, 30, 60} {
		rest = append(rest, option{strconv.Itoa(n), present.Count(t, "minutes", n)})
	}
	notice := p.entryRow("notice-file", false)
	notice.entry.OnChanged = func(string) {
		p.edited("notice-file", notice.entry.Text)
		p.checkFile("notice-file")
	}
	p.fileButton(notice, "settings.notice.choose", []string{".wav"})
	return []fyne.CanvasObject{
		panel(p.toggleRow("after-call"), p.choiceRow("rest-minutes", rest).root),
		panel(notice.root),
		panel(p.entryRow("help-url", true).root),
	}
}

// webRows is the part for web pages, which lives as long as the page: what is
// marked for removal stays marked.
func (p *settingsPage) webRows() []fyne.CanvasObject {
	return []fyne.CanvasObject{panel(p.toggleRow("web-api"), p.toggleRow("web-api-ask"), p.toggleRow("web-api-code")), p.web.root}
}
