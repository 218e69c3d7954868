package profile

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// updateManual writes the tables of TestManual anew.
var updateManual = flag.Bool("update-manual", false, "write the tables of settings into the administrator's pages")

// inKorean says in Korean what a key takes; words that are typed stay.
func inKorean(values string) string {
	values = regexp.MustCompile(`^text of up to (\d+) characters$`).ReplaceAllString(values, "${1}자까지의 글")
	values = regexp.MustCompile(`(\w+) to (\w+)`).ReplaceAllString(values, "$1~$2")
	for _, w := range [][2]string{
		{"modifiers and a key joined by +", "보조 키와 키를 +로 이은 것"}, {"letters, digits and ", "영문자, 숫자와 "},
		{"JSON array", "JSON 배열"}, {"https:// address", "https:// 주소"}, {"a number", "전화번호"}, {"(days)", "(일)"},
		{"loopback ", "루프백 "}, {" hash", " 해시"},
	} {
		values = strings.ReplaceAll(values, w[0], w[1])
	}
	if values == "text" {
		values = "글"
	}
	return values
}

// manual is the table of all keys as an administrator reads it.
func manual(korean bool) string {
	heads := []string{"setting", "meaning", "values", "without it"}
	words := map[string]string{"flag": "flag", "policy": "policy only", "secret": "secret", "local": "this computer"}
	if korean {
		heads = []string{"설정", "뜻", "값", "정하지 않으면"}
		words = map[string]string{"flag": "명령줄", "policy": "정책만", "secret": "비밀", "local": "이 컴퓨터"}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | |\n|---|---|---|---|---|\n", strings.Join(heads, " | "))
	code := func(s string) string {
		if s == "" {
			return "–"
		}
		return "`" + s + "`"
	}
	for _, i := range Keys() {
		doc, values := i.Doc, i.Values
		if korean {
			doc, values = i.Korean, inKorean(i.Values)
		}
		var marks []string
		for _, m := range []struct {
			on   bool
			word string
		}{{i.Flag, "flag"}, {i.PolicyOnly, "policy"}, {i.Sensitive, "secret"}, {i.Local, "local"}} {
			if m.on {
				marks = append(marks, words[m.word])
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", i.Key, doc, strings.ReplaceAll(values, "|", "\\|"), code(i.Default), strings.Join(marks, ", "))
	}
	return b.String()
}

// TestManual: the administrator's pages list every key as it is. With
// -update-manual it writes the tables.
func TestManual(t *testing.T) {
	for _, i := range Keys() {
		if i.Korean == "" {
			t.Errorf("%s has no Korean words", i.Key)
		}
		if left := regexp.MustCompile(`\b(to|of|up|and|text|address|joined|number|characters|array|days)\b`).FindString(inKorean(i.Values)); left != "" {
			t.Errorf("the values of %s: %q is left in %q", i.Key, left, inKorean(i.Values))
		}
		if i.Example == "" || i.Example == i.Default {
			t.Errorf("%s has no example", i.Key)
		}
		if _, err := NewLayer(SourceManaged, "example", map[Key]string{i.Key: i.Example}); err != nil {
			t.Errorf("the example of %s: %v", i.Key, err)
		}
	}
	table := regexp.MustCompile(`(?s)(<!-- settings -->\n).*?(<!-- /settings -->)`)
	for name, korean := range map[string]bool{"administrator.md": false, "administrator.ko.md": true} {
		path := "../../packaging/docs/" + name
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := table.ReplaceAllString(string(page), "${1}"+strings.ReplaceAll(manual(korean), "$", "$$")+"${2}")
		if !table.Match(page) || want == "" {
			t.Errorf("%s has no place for the table", name)
			continue
		}
		if want == string(page) {
			continue
		}
		if !*updateManual {
			t.Errorf("%s does not list the settings as they are; go test ./call/profile -update-manual", name)
			continue
		}
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
