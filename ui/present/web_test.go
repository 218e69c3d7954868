package present_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/ui/present"
)

const page = "https://helpline.example"

// webProduct walks every state with every combination of what the web API and
// the window know.
func webProduct(visit func(present.Facts)) {
	ask := func(origin string, plain bool, left time.Duration) *present.WebQuestion {
		return &present.WebQuestion{ID: 7, Origin: origin, Plain: plain, Until: now.Add(left)}
	}
	questions := []*present.WebQuestion{
		nil, ask(page, false, 17*time.Second), ask("http://intra.example", true, 300*time.Millisecond), ask(page, false, 0),
	}
	codes := []*present.WebCode{nil, {Origin: page, Code: "042917"}}
	for _, state := range call.States() {
		c := call.Call{ID: 1, Tel: "01000001234", Dialed: now.Add(-9 * time.Second)}
		if state == call.InCall {
			c.Answered = now.Add(-61500 * time.Millisecond)
		}
		for bits := range 1 << 6 {
			on := func(i int) bool { return bits>>i&1 == 1 }
			f := present.Facts{
				Snapshot: call.Snapshot{State: state, Call: c}, Now: now, Number: "600", Leaving: on(0), WebRoom: on(1),
			}
			if on(2) {
				f.Line = line()
			}
			if on(3) {
				f.Handed = "01000001234"
			}
			if on(4) {
				f.Answered = 7
			}
			if on(5) {
				f.CodeAway = page + " 042917"
			}
			for _, q := range questions {
				for _, code := range codes {
					for _, revoking := range []string{"", page, "local:dialer"} {
						for _, controller := range []string{"", page, "local:dialer"} {
							for _, connected := range [][]string{nil, {page}, {"https://b.example", "local:dialer", page, page}} {
								f.Web = present.Web{Question: q, Code: code, Controller: controller, Connected: connected}
								f.Revoking = revoking
								visit(f)
							}
						}
					}
				}
			}
		}
	}
}

func TestEveryWebView(t *testing.T) {
	for _, l := range text.Langs() {
		tx := texts(t, l)
		n, faults := 0, 0
		webProduct(func(f present.Facts) {
			n++
			v := present.Of(f, tx)
			if fault := webFault(f, v, tx); fault != "" {
				if faults++; faults < 5 {
					t.Errorf("%s: %s\nfacts %+v\nview %+v", l, fault, f, v)
				}
			}
		})
		t.Logf("%s: %d views, %d faults", l, n, faults)
	}
}

// webFault names what no view may ever do.
func webFault(f present.Facts, v present.View, tx present.Texts) string {
	for _, fault := range []string{askFault(f, v, tx), stripFault(f, v), callFault(f, v, tx)} {
		if fault != "" {
			return fault
		}
	}
	if !v.Next.IsZero() && !v.Next.After(f.Now) {
		return "the view expires in the past"
	}
	return ""
}

// due is the question that facts demand.
func due(f present.Facts) present.AskKind {
	idle := f.Snapshot.State == call.Idle && !f.Leaving
	q, c := f.Web.Question, f.Web.Code
	switch {
	case idle && q != nil && f.Answered != q.ID && q.Until.After(f.Now):
		return present.AskAllow
	case idle && f.Handed != "" && f.Line.Ready():
		return present.AskCall
	case f.Revoking != "":
		return present.AskRevoke
	case c != nil && f.CodeAway == "":
		return present.AskCode
	}
	return present.AskNothing
}

func askFault(f present.Facts, v present.View, tx present.Texts) string {
	a := v.Ask
	if a.Key.Kind != due(f) {
		return "not the question that is due"
	}
	if a.Key.Kind == present.AskNothing {
		if a != (present.Ask{}) {
			return "something of no question"
		}
		return ""
	}
	if a.Title == "" || a.Subject == "" || a.Help == "" || a.No == "" || a.Icon == "" || v.Status == "" {
		return "the question is not whole"
	}
	switch a.Key.Kind {
	case present.AskAllow:
		q := f.Web.Question
		switch {
		case a.Subject != q.Origin || !strings.Contains(v.Status, q.Origin):
			return "the origin is not shown as it is"
		case (a.Warn != "") != q.Plain:
			return "the warning does not fit the origin"
		case a.Left == "" || a.Yes == "":
			return "time or answer is missing"
		}
	case present.AskCall:
		if strings.ReplaceAll(a.Subject, "-", "") != f.Handed || a.Yes == "" {
			return "the number is not shown"
		}
	case present.AskCode:
		if a.Subject != f.Web.Code.Code || a.Detail != f.Web.Code.Origin || a.Yes != "" || a.Armed {
			return "the code is wrong"
		}
		if strings.Contains(v.Status, a.Subject) {
			return "the status tells the code"
		}
	case present.AskRevoke:
		goesOn := strings.Contains(a.Help, tx.Text("web.revoke.callgoeson"))
		if goesOn != (f.Snapshot.State != call.Idle) || !a.Armed {
			return "revoking says nothing right about the call"
		}
	}
	if (a.Key.Kind == present.AskAllow || a.Key.Kind == present.AskCall) && a.Armed {
		return "a question that nobody has seen takes a yes"
	}
	return ""
}

func stripFault(f present.Facts, v present.View) string {
	s, users := v.Strip, present.Users(f.Web)
	inCall := f.Snapshot.State != call.Idle
	switch {
	case s.Show != (len(users) > 0), s.Show && !s.Room, f.WebRoom && !s.Room:
		return "the line does not fit who is there"
	case !s.Show && (s.Name != "" || s.Sub != "" || s.Who != ""):
		return "an empty line says something"
	case s.Show && (s.Who != users[0] || s.Name == "" || s.Sub == ""):
		return "the line names somebody else"
	case s.Control != (inCall && f.Web.Controller != ""), s.Control && s.Who != f.Web.Controller:
		return "the line says wrongly who controls the call"
	case s.Show && (s.Icon == "window") != present.Local(s.Who):
		return "a page looks like a program"
	}
	return ""
}

// callFault: whatever pages do, what belongs to the call stays as it is.
func callFault(f present.Facts, v present.View, tx present.Texts) string {
	f.Web, f.Handed, f.Revoking, f.WebRoom = present.Web{}, "", "", false
	w := present.Of(f, tx)
	w.Strip, w.Ask, w.Status, w.Next = v.Strip, v.Ask, v.Status, v.Next
	if w != v {
		return "a page changes what belongs to the call"
	}
	return ""
}

// TestAskTime: the moments that a question names are those at which it changes,
// and yes is ready one second after the question was seen, never earlier.
func TestAskTime(t *testing.T) {
	tx := texts(t, text.English)
	q := present.WebQuestion{ID: 1, Origin: page, Until: now.Add(30 * time.Second)}
	f := present.Facts{Line: line(), Web: present.Web{Question: &q}, AskedAt: now.Add(400 * time.Millisecond)}
	f.Now = now.Add(400 * time.Millisecond)
	f.Asked = present.Of(f, tx).Ask.Key
	changes, armed := 0, time.Time{}
	for v := present.Of(f, tx); v.Ask.Key.Kind != present.AskNothing; changes++ {
		if !v.Next.After(f.Now) {
			t.Fatalf("at %v: changes at %v", f.Now.Sub(now), v.Next.Sub(now))
		}
		if v.Ask.Armed && armed.IsZero() {
			armed = f.Now
		}
		next := v.Next
		f.Now = next.Add(-time.Nanosecond)
		before := present.Of(f, tx)
		if before.Next = v.Next; before != v {
			t.Fatalf("changes before %v", next.Sub(now))
		}
		f.Now = next
		v = present.Of(f, tx)
	}
	if f.Now != q.Until {
		t.Errorf("the question is gone at %v", f.Now.Sub(now))
	}
	if want := f.AskedAt.Add(present.ArmTime); armed != want {
		t.Errorf("yes is ready at %v, want %v", armed.Sub(now), want.Sub(now))
	}
	if changes != 31 { // 30 seconds and yes
		t.Errorf("%d changes", changes)
	}
}

// TestYesBelongsToOneQuestion: what was seen of another question counts for
// nothing.
func TestYesBelongsToOneQuestion(t *testing.T) {
	tx := texts(t, text.English)
	f := present.Facts{Now: now, Line: line(), Handed: "600", AskedAt: now.Add(-time.Hour)}
	f.Asked = present.Of(f, tx).Ask.Key
	if !present.Of(f, tx).Ask.Armed {
		t.Fatal("a question of an hour takes no yes")
	}
	f.Handed = "119"
	if present.Of(f, tx).Ask.Armed {
		t.Error("another number takes the yes of the last one")
	}
	f.Web.Question = &present.WebQuestion{ID: 1, Origin: page, Until: now.Add(time.Minute)}
	f.Asked = present.Of(f, tx).Ask.Key
	f.Web.Question = &present.WebQuestion{ID: 2, Origin: page, Until: now.Add(time.Minute)}
	if present.Of(f, tx).Ask.Armed {
		t.Error("the next question about the same page takes the yes of the last one")
	}
}

func TestLeft(t *testing.T) {
	for left, want := range map[time.Duration]string{
		30 * time.Second: " 30 s", 29*time.Second + time.Nanosecond: " 30 s", 29 * time.Second: " 29 s", time.Nanosecond: " 1 s",
	} {
		f := present.Facts{Now: now, Web: present.Web{Question: &present.WebQuestion{ID: 1, Origin: page, Until: now.Add(left)}}}
		if got := present.Of(f, texts(t, text.English)).Ask.Left; !strings.Contains(got, want) {
			t.Errorf("%v: %q, want %q", left, got, want)
		}
	}
}

func TestStrip(t *testing.T) {
	inCall := call.Snapshot{State: call.InCall, Call: call.Call{ID: 1, Answered: now, MediaUp: true}}
	for _, tt := range []struct {
		snap call.Snapshot
		web  present.Web
		want string
	}{
		{call.Snapshot{}, present.Web{Connected: []string{page}}, "helpline.example: can use this phone"},
		{call.Snapshot{}, present.Web{Connected: []string{page, page}}, "helpline.example: can use this phone"},
		{call.Snapshot{}, present.Web{Connected: []string{"http://a.example:81"}}, "http://a.example:81: can use this phone"},
		{call.Snapshot{}, present.Web{Connected: []string{"local:dialer"}}, "Program dialer: can use this phone"},
		{call.Snapshot{}, present.Web{Connected: []string{"https://b.example", "https://a.example", page}}, "a.example: can use this phone · and 2 more"},
		{inCall, present.Web{Connected: []string{"https://a.example", page}, Controller: page}, "helpline.example: controls this call · and 1 more"},
		{inCall, present.Web{Connected: []string{"https://a.example"}, Controller: page}, "helpline.example: controls this call · and 1 more"},
		{inCall, present.Web{Connected: []string{page}}, "helpline.example: can use this phone"},
		{inCall, present.Web{Controller: "local:dialer"}, "Program dialer: controls this call"},
		{call.Snapshot{}, present.Web{Connected: []string{"https://xn--hlpline-5ya.example"}}, "xn--hlpline-5ya.example: can use this phone"},
	} {
		s := present.Of(present.Facts{Snapshot: tt.snap, Now: now, Line: line(), Web: tt.web}, texts(t, text.English)).Strip
		if got := fmt.Sprint(s.Name, ": ", s.Sub); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// TestUsersLeavesItsInputAlone: the value belongs to whoever handed it over.
func TestUsersLeavesItsInputAlone(t *testing.T) {
	in := []string{"https://b.example", page, "", "https://b.example", "https://a.example"}
	before := slices.Clone(in)
	got := present.Users(present.Web{Controller: page, Connected: in})
	if want := []string{page, "https://a.example", "https://b.example"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if !slices.Equal(in, before) {
		t.Errorf("the input became %q", in)
	}
}

// TestSpell: nothing that could be taken for another origin is shown as it is.
func TestSpell(t *testing.T) {
	for in, want := range map[string]string{
		page:                          page,
		"https://xn--hlpline-5ya.com": "https://xn--hlpline-5ya.com",
		"https://hеlpline.example":    `https://h\u{435}lpline.example`, // a Cyrillic letter
		"https://a.example\u202e":     `https://a.example\u{202e}`,
		"https://a.example evil":      `https://a.example\u{20}evil`,
		"https://a.example\n\x00":     `https://a.example\u{a}\u{0}`,
		"":                            "",
	} {
		if got := present.Spell(in); got != want {
			t.Errorf("Spell(%q) = %q, want %q", in, got, want)
		}
	}
	f := present.Facts{Now: now, Web: present.Web{Question: &present.WebQuestion{ID: 1, Origin: "https://hеlp.example", Until: now.Add(time.Minute)}}}
	if got := present.Of(f, text.For(text.Korean)).Ask.Subject; strings.Contains(got, "е") {
		t.Errorf("the question shows %q", got)
	}
}
