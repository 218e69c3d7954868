package ui

import (
	"strings"
	"time"

	"nxphone/ui/present"
)

const (
	page1 = "https://helpline.example"
	page2 = "https://desk.helpline.example:8443"
	plain = "http://intra.helpline.example"
)

// longOrigin is as long as a host can be (RFC 1035, 2.3.4).
var longOrigin = "https://" + strings.Repeat(strings.Repeat("a", 20)+".", 11) + "helpline.example.net:8443"

// question asks about an origin, with d left to answer.
func question(r *rig, origin string, d time.Duration) present.Web {
	return present.Web{Question: &present.WebQuestion{
		ID: 1, Origin: origin, Plain: strings.HasPrefix(origin, "http:"), Until: r.now.Add(d),
	}}
}

// webScreens are the pictures of everything that the web API shows.
func webScreens(line Values) []screen {
	line.WebAPI = true
	ask := func(origin string, after time.Duration) func(*rig) {
		return func(r *rig) {
			r.pages(question(r, origin, 30*time.Second))
			r.now = r.now.Add(after)
			r.d.again()
		}
	}
	connected := func(w present.Web) func(*rig) { return func(r *rig) { r.pages(w) } }
	then := func(w present.Web, f func(*rig)) func(*rig) {
		return func(r *rig) {
			r.pages(w)
			f(r)
		}
	}
	one := present.Web{Connected: []string{page1}}
	many := present.Web{Connected: []string{page2, page1, plain, "local:dialer"}}
	incall := present.Web{Controller: page1, Connected: []string{page1}}
	busy := present.Web{Controller: page1, Connected: []string{page1, page2, "local:dialer"}}
	program := present.Web{Controller: "local:dialer", Connected: []string{"local:dialer"}}
	code := present.Web{Code: &present.WebCode{Origin: page1, Code: "042917"}}
	code2 := present.Web{Code: &present.WebCode{Origin: longOrigin, Code: "042917"}, Connected: []string{page1}}
	open := func(p page) func(*rig) { return func(r *rig) { r.d.open(p) } }
	revoke := func(r *rig) { r.d.askRevoke(r.d.view.Strip.Who) }
	notRevoked := func(r *rig) { r.d.notice(present.Notice{Key: "error.revoke"}) }
	screens := []screen{
		{name: "allow-new", state: "idle", act: ask(page1, 300*time.Millisecond)},
		{name: "allow", state: "ended", act: ask(page1, 12*time.Second)},
		{name: "allow-plain", state: "idle", act: ask(plain, 2*time.Second)},
		{name: "allow-punycode", state: "idle", act: ask("https://xn--hlpline-5ya.xn--3e0b707e", 2*time.Second)},
		{name: "allow-long", state: "idle", act: ask(longOrigin, 2*time.Second)},
		{name: "allow-long-plain", state: "idle", act: ask("http"+strings.TrimPrefix(longOrigin, "https"), 2*time.Second)},
		{name: "allow-next", state: "idle", act: func(r *rig) {
			r.pages(question(r, page1, 30*time.Second))
			r.pages(question(r, "http"+strings.TrimPrefix(longOrigin, "https"), 30*time.Second))
		}},
		{name: "allow-next-short", state: "idle", act: func(r *rig) {
			r.pages(question(r, "http"+strings.TrimPrefix(longOrigin, "https"), 30*time.Second))
			w := question(r, page1, 30*time.Second)
			w.Question.ID = 2
			r.pages(w)
		}},
		{name: "code", state: "idle", act: connected(code)},
		{name: "code-call", state: "held", act: connected(code2)},
		{name: "page-idle", state: "idle", act: connected(one)},
		{name: "pages-idle", state: "idle", act: connected(many)},
		{name: "page-ended", state: "servererror", act: then(one, (*rig).toggleDetails)},
		{name: "page-ringing", state: "ringing", act: connected(incall)},
		{name: "page-call", state: "incall", act: connected(incall)},
		{name: "page-muted", state: "muted", act: connected(busy)},
		{name: "page-held", state: "held", act: connected(busy)},
		{name: "page-digits", state: "digits", act: then(busy, (*rig).toggleDetails)},
		{name: "program-call", state: "incall", act: connected(program)},
		{name: "page-none", state: "incall", act: connected(present.Web{})},
		{name: "users", state: "idle", act: then(many, open(pageUsers))},
		{name: "users-none", state: "idle", act: then(present.Web{}, open(pageUsers))},
		{name: "users-call", state: "incall", act: then(present.Web{
			Controller: page1, Connected: []string{page1, longOrigin},
		}, open(pageUsers))},
		{name: "revoke", state: "idle", act: then(one, revoke)},
		{name: "revoke-call", state: "muted", act: then(incall, revoke)},
		{name: "revoke-program", state: "incall", act: then(program, revoke)},
		{name: "handed", state: "idle", act: func(r *rig) { r.d.handed("010-1234-5678") }},
		{name: "handed-name", state: "idle", act: func(r *rig) { r.d.handed("sip:" + strings.Repeat("kim.", 20) + "lee@example.net") }},
		{name: "handed-call", state: "incall", act: func(r *rig) { r.d.handed("010-1234-5678") }},
		{name: "settings-web", state: "idle", act: toWebSettings(nil)},
		{name: "settings-web-remove", state: "idle", act: toWebSettings(func(v *Values) {
			v.Origins = []string{page1, "https://" + strings.Repeat("counselling-", 5) + "desk.helpline.example"}
			v.FixedOrigins = []string{page2}
		})},
		{name: "settings-web-port", state: "idle", act: saved(ErrWebAPI)},
		{name: "settings-web-key", state: "idle", act: saved(ErrWebAPIKey)},
		{name: "revoke-failed", state: "ended", act: then(one, notRevoked)},
		{name: "revoke-failed-call", state: "held", act: then(busy, notRevoked)},
		{name: "settings-web-fixed", state: "idle", act: toWebSettings(func(v *Values) {
			v.WebAPIFixed, v.FixedOrigins = true, []string{page1}
		})},
	}
	for i := range screens {
		screens[i].values, screens[i].web = line, true
	}
	return screens
}

// toWebSettings opens the settings at the part for web pages, the first origin
// that can be removed marked.
func toWebSettings(change func(*Values)) func(*rig) {
	return func(r *rig) {
		if change != nil {
			change(&r.d.values)
			r.settings.values = r.d.values
		}
		p := r.openSection("web")
		for _, o := range p.web.origins {
			if o.button != nil {
				p.web.turn(o)
				break
			}
		}
	}
}

// saved opens the settings and saves them, with trouble to tell.
func saved(trouble error) func(*rig) {
	return func(r *rig) {
		r.settings.saveErr = trouble
		toWebSettings(nil)(r)
		r.tap1(r.d.settings.toggles["web-api-ask"])
		r.settle()
		r.tap(r.d.settings.save)
		r.settle()
		if r.d.settings.trouble.Text() == "" {
			r.t.Error("no trouble is told")
		}
	}
}

func (r *rig) toggleDetails() { r.d.toggleDetails() }
