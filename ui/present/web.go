package present

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nxphone/call"
)

// ArmTime is how long a question stands before it can be answered with yes: a
// click or a key that was meant for what stood there before must not be one.
const ArmTime = time.Second

// localPrefix begins the name of a program that uses the phone.
const localPrefix = "local:"

// Web is what the web API asks for and tells. The zero value shows nothing.
// Whoever hands one over does not change it, nor what it points to, any more.
type Web struct {
	// Question is nil when nothing is asked.
	Question *WebQuestion
	// Code is nil when no code is to be shown.
	Code *WebCode
	// Controller is who controls the call that is up: an origin, or "local:"
	// and the name of a program on this computer; empty for the window alone.
	Controller string
	// Connected are those that can use the phone now, in the form of
	// Controller, each one once.
	Connected []string
}

// WebQuestion asks whether an origin may place calls with this phone.
type WebQuestion struct {
	// ID tells questions apart; it is never 0.
	ID int
	// Origin is as the browser sent it, an international host in punycode.
	Origin string
	// Plain: the page came over a connection that is not protected (http).
	Plain bool
	// Until is when the phone takes the silence for a No.
	Until time.Time
}

// WebCode is a short code that the user types into a page.
type WebCode struct {
	// Origin is the page's.
	Origin string
	// Code is six digits.
	Code string
}

// AskKind is what a question is about.
type AskKind int

// The questions, the more urgent ones first.
const (
	AskNothing AskKind = 0
	AskAllow   AskKind = 1 // may this page place calls?
	AskCall    AskKind = 2 // call the number that was handed over?
	AskRevoke  AskKind = 3 // really revoke?
	AskCode    AskKind = 4 // no question: a code to be typed elsewhere
)

// AskKey tells one question from the next.
type AskKey struct {
	Kind AskKind
	// ID is the phone's, of an AskAllow.
	ID int
	// About is the origin, the number, or origin and code.
	About string
}

// Ask is a question in front of everything else. It is shown while Key.Kind is
// not AskNothing.
type Ask struct {
	Key   AskKey
	Icon  string
	Role  Role
	Title string
	// Subject is what it is about, in large type, always in full.
	Subject string
	// Detail is a second line of Subject, Warn a danger; both may be empty.
	Detail, Warn string
	Help         string
	// Left says how much time remains; may be empty.
	Left string
	// No is the default answer. Yes is empty where there is none to give.
	No, Yes string
	YesRole Role
	YesIcon string
	// Armed: yes can be given.
	Armed bool
}

// Strip is the line that says who else uses the phone.
type Strip struct {
	// Room: the line has its place, whether there is something to say or not,
	// so that nothing moves when a page comes or goes.
	Room, Show bool
	Icon       string
	Name, Sub  string
	// Who is what to revoke.
	Who string
	// Control: it controls the call that is up.
	Control bool
}

// ask picks the one question to show, and when it changes by itself.
func ask(f Facts, t Texts) (a Ask, next time.Time) {
	idle := f.Snapshot.State == call.Idle
	q, c := f.Web.Question, f.Web.Code
	switch {
	case q != nil && q.ID != f.Answered && idle && !f.Leaving && f.Now.Before(q.Until):
		a, next = askAllow(*q, f.Now, t)
	case f.Handed != "" && idle && !f.Leaving && f.Line.Ready():
		a = askCall(f.Handed, t)
	case f.Revoking != "":
		a = askRevoke(f.Revoking, !idle, t)
	case c != nil && codeKey(*c) != f.CodeAway:
		a = showCode(*c, t)
	default:
		return Ask{}, time.Time{}
	}
	if a.Key.Kind == AskAllow || a.Key.Kind == AskCall {
		due := f.AskedAt.Add(ArmTime)
		a.Armed = a.Key == f.Asked && !f.Now.Before(due)
		if a.Key == f.Asked && !a.Armed {
			next = earliest(next, due)
		}
	}
	return a, next
}

func askAllow(q WebQuestion, now time.Time, t Texts) (Ask, time.Time) {
	left := q.Until.Sub(now)
	seconds := (left + time.Second - 1) / time.Second
	a := Ask{
		Key:  AskKey{Kind: AskAllow, ID: q.ID, About: q.Origin},
		Icon: "globe", Role: Accent, YesRole: Neutral, YesIcon: "check",
		Title: t.Text("web.allow.title"), Subject: Spell(q.Origin), Help: t.Text("web.allow.help"),
		Left: t.Text("web.allow.left", "seconds", itoa(int(seconds))),
		No:   t.Text("web.allow.no"), Yes: t.Text("web.allow.yes"),
	}
	if q.Plain {
		a.Warn = t.Text("web.allow.plain")
	}
	return a, q.Until.Add(-(seconds - 1) * time.Second)
}

func askCall(number string, t Texts) Ask {
	return Ask{
		Key:  AskKey{Kind: AskCall, About: number},
		Icon: "phone", Role: Accent, YesRole: Good, YesIcon: "phone",
		Title: t.Text("handed.title"), Subject: Group(number), Help: t.Text("handed.help"),
		No: t.Text("handed.no"), Yes: t.Text("handed.yes"),
	}
}

func askRevoke(who string, inCall bool, t Texts) Ask {
	a := Ask{
		Key:  AskKey{Kind: AskRevoke, About: who},
		Icon: "globe", Role: Warn,
		// Not Bad: in a call it stands above the button that hangs up.
		YesRole: Neutral,
		Title:   t.Text("web.revoke.title"), Subject: Spell(who), Help: t.Text("web.revoke.help"),
		No: t.Text("web.revoke.no"), Yes: t.Text("web.revoke.yes"), Armed: true,
	}
	if Local(who) {
		a.Icon, a.Subject, a.Help = "window", Named(who, t), t.Text("web.revoke.help.local")
	}
	if inCall {
		a.Help = t.Text("web.revoke.callgoeson") + " " + a.Help
	}
	return a
}

func showCode(c WebCode, t Texts) Ask {
	return Ask{
		Key:  AskKey{Kind: AskCode, About: codeKey(c)},
		Icon: "key", Role: Accent,
		Title: t.Text("web.code.title"), Subject: Spell(c.Code), Detail: Spell(c.Origin), Help: t.Text("web.code.help"),
		No: t.Text("button.dismiss"),
	}
}

func codeKey(c WebCode) string { return c.Origin + " " + c.Code }

// status is a question in one sentence.
func (a Ask) status(t Texts) string {
	switch a.Key.Kind {
	case AskAllow:
		return t.Text("web.allow.status", "origin", a.Subject)
	case AskCall:
		return t.Text("handed.status", "number", a.Subject)
	case AskCode:
		return t.Text("web.code.status", "origin", a.Detail)
	}
	return a.Title
}

// strip says who uses the phone; who controls the call goes before the others.
func strip(f Facts, t Texts) Strip {
	s := Strip{Room: f.WebRoom}
	who := Users(f.Web)
	if len(who) == 0 {
		return s
	}
	s.Room, s.Show, s.Who = true, true, who[0]
	s.Name, s.Icon = Named(s.Who, t), "globe"
	if Local(s.Who) {
		s.Icon = "window"
	}
	s.Sub = t.Text("web.line.can")
	if f.Web.Controller != "" && f.Snapshot.State != call.Idle {
		s.Control, s.Sub = true, t.Text("web.line.controls")
	}
	if more := len(who) - 1; more > 0 {
		s.Sub += t.Text("web.line.more", "n", itoa(more))
	}
	return s
}

// Users lists who can use the phone, each one once: first who controls the
// call, then the others in the order of their names.
func Users(w Web) []string {
	who := slices.DeleteFunc(slices.Clone(w.Connected), func(s string) bool { return s == "" || s == w.Controller })
	slices.Sort(who)
	who = slices.Compact(who)
	if w.Controller != "" {
		who = slices.Insert(who, 0, w.Controller)
	}
	return who
}

// Named is how a user of the phone is called: the origin of a page, without
// the scheme where that is https, or a program by its name.
func Named(who string, t Texts) string {
	if Local(who) {
		return t.Text("web.program", "name", Spell(strings.TrimPrefix(who, localPrefix)))
	}
	return strings.TrimPrefix(Spell(who), "https://")
}

// Local reports whether who is a program on this computer.
func Local(who string) bool { return strings.HasPrefix(who, localPrefix) }

// Spell shows an origin so that it cannot be taken for another one: what is
// no visible ASCII, and could look like it or like nothing, is written out.
// Browsers send international hosts in punycode, which stays as it is.
func Spell(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r > ' ' && r < 0x7f {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "\\u{%s}", strconv.FormatInt(int64(r), 16))
		}
	}
	return b.String()
}
