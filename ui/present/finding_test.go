package present

import "testing"

func TestExamination(t *testing.T) {
	e := Examination{Running: true, Found: []Finding{{Role: Good, Title: "a"}, {Role: Neutral, Title: "b"}, {Role: Warn, Title: "c"}, {Role: Bad, Title: "d"}, {Role: Good, Title: "e"}}}
	order := func() (s string) {
		for _, f := range e.Shown() {
			s += f.Title
		}
		return s
	}
	if got := order(); got != "acde" {
		t.Errorf("while it runs: %s", got)
	}
	e.Running, e.Done = false, true
	if got := order(); got != "dcae" || e.Role() != Bad {
		t.Errorf("at the end: %s, %s", got, e.Role())
	}
	if (Examination{}).Role() != Neutral || len((Examination{}).Shown()) != 0 {
		t.Error("of nothing something is said")
	}
	icons := map[string]bool{}
	for _, f := range e.Found {
		icons[f.Icon()] = true
	}
	if len(icons) != 3 {
		t.Errorf("%v", icons)
	}
}
