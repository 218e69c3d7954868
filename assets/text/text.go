// Package text is the catalogue of everything a person reads, in Korean and
// English. The window and the command line take their words from here, so that
// one thing has one name everywhere.
//
// # Rules for writing texts
//
// Whole sentences: what happened, then what to do about it. The polite form in
// Korean, plain words in both; SIP, codes and abbreviations only in texts whose
// key ends in "details". A blank to be filled in is {name}, the same blanks in
// both languages. No number of a caller stands in a text that is logged.
//
// A text for an outcome is keyed by the stable code of package call:
// "code.busy.title" says what happened, "code.busy.help" what to do.
//
// # Concurrency and testing
//
// A [Catalogue] is immutable. Tests hold both languages to the same keys and
// the same blanks, and check that every code of package call has its words.
//
// # Models
//
// go-i18n and gettext: one file a language, keys apart from texts. Left out are
// plural rules (no text here counts anything) and fallback between languages: a
// missing text is a failing test, not a sentence in the wrong language.
package text

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Lang is a language that the catalogue has.
type Lang string

// The languages, by their ISO 639-1 codes.
const (
	Korean  Lang = "ko"
	English Lang = "en"
)

// Langs lists the languages, the first one first in menus.
func Langs() []Lang { return []Lang{Korean, English} }

//go:embed ko.json
var ko []byte

//go:embed en.json
var en []byte

//go:embed toolkit.ko.json
var toolkitKo []byte

//go:embed toolkit.en.json
var toolkitEn []byte

// Parse reads a language as people write it: "ko", "ko_KR.UTF-8", "en-GB".
func Parse(s string) (Lang, bool) {
	s, _, _ = strings.Cut(strings.ToLower(s), ".")
	s, _, _ = strings.Cut(s, "@")
	if i := strings.IndexAny(s, "_-"); i >= 0 {
		s = s[:i]
	}
	switch l := Lang(s); l {
	case Korean, English:
		return l, true
	}
	return "", false
}

// System is the language that the environment asks for, by the rules of
// gettext: LC_ALL, else LC_MESSAGES, else LANG name the locale; unless it is
// "C", the list in LANGUAGE goes before it. Where none of them is set, Windows
// is asked for its user's languages. What is neither Korean nor English
// becomes English. getenv is os.Getenv outside tests.
func System(getenv func(string) string) Lang {
	locale := ""
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if locale = getenv(name); locale != "" {
			break
		}
	}
	wanted := []string{locale}
	if locale == "" {
		wanted = preferred()
	}
	if base, _, _ := strings.Cut(locale, "."); base != "" && base != "C" && base != "POSIX" {
		wanted = append(strings.Split(getenv("LANGUAGE"), ":"), locale)
	}
	for _, w := range wanted {
		if l, ok := Parse(w); ok {
			return l
		}
	}
	return English
}

// Catalogue holds the texts of one language.
type Catalogue struct {
	lang  Lang
	texts map[string]string
}

// For loads a language; one that the catalogue does not have gives English.
func For(l Lang) *Catalogue {
	data := en
	if l == Korean {
		data = ko
	} else {
		l = English
	}
	c := &Catalogue{lang: l}
	if err := json.Unmarshal(data, &c.texts); err != nil {
		// The files are part of the program and a test reads them.
		panic(fmt.Sprintf("assets/text: %s.json: %v", l, err))
	}
	return c
}

// Lang is the language of the catalogue.
func (c *Catalogue) Lang() Lang { return c.lang }

// Keys lists every key, sorted.
func (c *Catalogue) Keys() []string {
	keys := make([]string, 0, len(c.texts))
	for k := range c.texts {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Text gives a text with its blanks filled in. pairs are names and values:
// Text("card.number", "number", n) fills in {number}. A key that does not exist
// comes back as it is, which looks wrong on the screen and is meant to.
func (c *Catalogue) Text(key string, pairs ...string) string {
	s, ok := c.texts[key]
	if !ok {
		return key
	}
	if len(pairs) == 0 {
		return s
	}
	oldnew := make([]string, 0, len(pairs))
	for i := 0; i+1 < len(pairs); i += 2 {
		oldnew = append(oldnew, "{"+pairs[i]+"}", pairs[i+1])
	}
	return strings.NewReplacer(oldnew...).Replace(s)
}

// Code gives the words for a stable code of package call: title says what
// happened, help what to do, which is empty where nothing needs to be done. A
// code without words of its own gets those for the unknown one.
func (c *Catalogue) Code(code string) (title, help string) {
	key := "code." + code
	if _, ok := c.texts[key+".title"]; !ok {
		key = "code.unknown"
	}
	return c.texts[key+".title"], c.texts[key+".help"]
}

// Toolkit is the translation of the window toolkit's own words (menus of text
// fields, the file chooser), in the JSON form that the toolkit reads.
func Toolkit(l Lang) []byte {
	if l == Korean {
		return toolkitKo
	}
	return toolkitEn
}
