package figures

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		check   Check
		met     bool
		verdict string
	}{
		{AtMost("x", 90, 100, "ms"), true, "met"},
		{AtMost("x", 110, 100, "ms"), false, "missed by 10.0 ms"},
		{AtMost("x", 110, 100, "ms").Because("slow"), false, "missed by 10.0 ms: slow"},
		{AtMost("x", 90, 100, "ms").Because("slow"), true, "met"},
		{AtMost("x", 0, 0, "%"), true, "met"},
		{AtLeast("x", .9814, .9812, ""), true, "met"},
		{AtLeast("x", .98139, .9814, ""), true, "met"}, // the same in three digits
		{AtLeast("x", .978, .9814, ""), false, "missed by 0.003"},
		{AtLeast("x", math.NaN(), 1, ""), false, "not measured"},
		{AtMost("x", math.NaN(), math.NaN(), ""), false, "not measured"},
		{AtLeast("x", math.NaN(), math.NaN(), ""), false, "not measured"},
	} {
		if c.check.Met() != c.met || c.check.Verdict() != c.verdict {
			t.Errorf("%+v: %v, %q", c.check, c.check.Met(), c.check.Verdict())
		}
	}
}

func TestRows(t *testing.T) {
	var b strings.Builder
	Table(&b, CheckHead(), Rows([]Check{AtLeast("ERLE", 30, 28, "dB"), AtMost("delay", 120, 100, "ms")}))
	for _, want := range []string{"| ERLE  | 30.0 dB  | at least 28.0 dB | met ", "| delay | 120.0 ms | at most 100.0 ms | missed by 20.0 ms |"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestMissingNumbersAreNull(t *testing.T) {
	text, err := json.Marshal([]Number{1.5, Number(math.NaN()), Number(math.Inf(1))})
	if err != nil || string(text) != "[1.5,null,null]" {
		t.Errorf("%s, %v", text, err)
	}
}
