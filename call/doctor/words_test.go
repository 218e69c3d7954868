package doctor_test

import (
	"slices"
	"strings"
	"testing"

	"nxphone/assets/text"
	"nxphone/call/doctor"
)

// TestEveryCodeHasWords: each code says what happened in both languages, each
// that is no good news also what to do, and no text is left over.
func TestEveryCodeHasWords(t *testing.T) {
	for _, lang := range text.Langs() {
		words := text.For(lang)
		keys := words.Keys()
		for _, c := range doctor.Codes() {
			f := doctor.Find(c)
			key := "doctor." + string(c)
			if !slices.Contains(keys, key) {
				t.Errorf("%s: %s has no words", lang, c)
			}
			if has := slices.Contains(keys, key+".help"); has != doctor.HasHelp(c) {
				t.Errorf("%s: %s (%v): help is there: %v", lang, c, f.Grade, has)
			}
		}
		for _, a := range doctor.Areas() {
			if key := "doctor.area." + string(a); !slices.Contains(keys, key) {
				t.Errorf("%s: %s has no name", lang, a)
			}
		}
		for _, key := range keys {
			rest, ok := strings.CutPrefix(key, "doctor.")
			code := doctor.Code(strings.TrimSuffix(rest, ".help"))
			if ok && !strings.HasPrefix(rest, "area.") && !strings.HasPrefix(rest, "grade.") && !strings.HasPrefix(rest, "page.") && !slices.Contains(doctor.Codes(), code) &&
				!slices.Contains([]string{"all-well", "some-warnings", "some-errors"}, rest) {
				t.Errorf("%s: %s belongs to no code", lang, key)
			}
		}
	}
}
