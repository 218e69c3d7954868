package text_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nxphone/assets/text"
)

func TestLanguagesHaveTheSameTexts(t *testing.T) {
	ko, en := text.For(text.Korean), text.For(text.English)
	if !slices.Equal(ko.Keys(), en.Keys()) {
		t.Fatalf("keys differ:\nko only %q\nen only %q", minus(ko.Keys(), en.Keys()), minus(en.Keys(), ko.Keys()))
	}
	blank := regexp.MustCompile(`\{\w+\}`)
	for _, key := range ko.Keys() {
		a, b := blank.FindAllString(ko.Text(key), -1), blank.FindAllString(en.Text(key), -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%s: blanks %q in Korean, %q in English", key, a, b)
		}
		empty := strings.HasPrefix(key, "code.") && strings.HasSuffix(key, ".help")
		if (ko.Text(key) == "" || en.Text(key) == "") && !empty {
			t.Errorf("%s is empty", key)
		}
	}
}

func minus(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// TestNoKeyTwice: the decoder would silently take the last one.
func TestNoKeyTwice(t *testing.T) {
	for _, name := range []string{"ko.json", "en.json"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, m := range regexp.MustCompile(`(?m)^\s*"([^"]+)":`).FindAllStringSubmatch(string(data), -1) {
			if seen[m[1]] {
				t.Errorf("%s: %s stands there twice", name, m[1])
			}
			seen[m[1]] = true
		}
	}
}

// TestEveryCodeHasWords reads the codes out of the source of package call,
// which assets must not import.
func TestEveryCodeHasWords(t *testing.T) {
	codes := codesOf(t, "../../call/errors.go")
	if len(codes) < 30 {
		t.Fatalf("found only %d codes", len(codes))
	}
	for _, l := range text.Langs() {
		c := text.For(l)
		unknown, _ := c.Code("unknown")
		for _, code := range codes {
			title, help := c.Code(code)
			if title == unknown || title == "" {
				t.Errorf("%s: code %q has no words of its own", l, code)
			}
			if strings.HasSuffix(title, ".") {
				t.Errorf("%s: the title of %q ends in a full stop", l, code)
			}
			if help != "" && !strings.HasSuffix(help, ".") && !strings.Contains(help, "예:") {
				t.Errorf("%s: the help of %q is no whole sentence: %q", l, code, help)
			}
			if strings.Contains(title+help, "SIP") {
				t.Errorf("%s: %q shows SIP outside the details", l, code)
			}
		}
	}
}

func codesOf(t *testing.T, path string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); !ok || id.Name != "Code" {
			return true
		}
		for _, v := range spec.Values {
			if lit, ok := v.(*ast.BasicLit); ok {
				s, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				codes = append(codes, s)
			}
		}
		return true
	})
	return codes
}

// TestUsedKeysExist looks for Text("key") in everything that shows words.
func TestUsedKeysExist(t *testing.T) {
	keys := text.For(text.English).Keys()
	used := regexp.MustCompile(`\bText\("([a-z0-9.]+)"[,)]`)
	n := 0
	for _, pattern := range []string{"../../ui/*.go", "../../ui/present/*.go", "../../cmd/nxphone/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range used.FindAllStringSubmatch(string(src), -1) {
				n++
				if !slices.Contains(keys, m[1]) {
					t.Errorf("%s uses %q, which does not exist", file, m[1])
				}
			}
		}
	}
	if n < 40 {
		t.Errorf("found only %d uses", n)
	}
}

func TestTextFillsBlanks(t *testing.T) {
	c := text.For(text.English)
	if got, want := c.Text("header.dn", "dn", "1000"), "Extension 1000"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	// What is filled in is not looked at again.
	if got, want := c.Text("header.dn", "dn", "{dn}"), "Extension {dn}"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := c.Text("no.such.key"); got != "no.such.key" {
		t.Errorf("a missing key gave %q", got)
	}
	if title, help := c.Code("no-such-code"); title == "" || help == "" {
		t.Error("an unknown code has no words")
	}
}

func TestForUnknownLanguage(t *testing.T) {
	if got := text.For("fr").Lang(); got != text.English {
		t.Errorf("got %q", got)
	}
}

func TestParse(t *testing.T) {
	for in, want := range map[string]text.Lang{
		"ko": text.Korean, "KO": text.Korean, "ko_KR.UTF-8": text.Korean, "ko-KR": text.Korean, "ko_KR@euro": text.Korean,
		"en": text.English, "en_GB": text.English, "en-US": text.English,
		"": "", "C": "", "korean": "", "kok_IN": "", "_": "", "fr_FR": "",
	} {
		if got, ok := text.Parse(in); got != want || ok != (want != "") {
			t.Errorf("Parse(%q) = %q, %v", in, got, ok)
		}
	}
}

func TestSystem(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  map[string]string
		want text.Lang
	}{
		{"nothing", nil, text.English},
		{"lang", map[string]string{"LANG": "ko_KR.UTF-8"}, text.Korean},
		{"messages before lang", map[string]string{"LANG": "en_US.UTF-8", "LC_MESSAGES": "ko_KR.UTF-8"}, text.Korean},
		{"all before messages", map[string]string{"LC_ALL": "en_US.UTF-8", "LC_MESSAGES": "ko_KR.UTF-8"}, text.English},
		{"language before all", map[string]string{"LC_ALL": "en_US.UTF-8", "LANGUAGE": "ko:en"}, text.Korean},
		{"second of language", map[string]string{"LANG": "fr_FR.UTF-8", "LANGUAGE": "fr:ko"}, text.Korean},
		{"language does not count under C", map[string]string{"LC_ALL": "C.UTF-8", "LANGUAGE": "ko"}, text.English},
		{"language alone does not count", map[string]string{"LANGUAGE": "ko"}, text.English},
		{"other languages", map[string]string{"LANG": "ja_JP.UTF-8"}, text.English},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := text.System(func(k string) string { return tt.env[k] }); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestToolkitWordsAreJSON(t *testing.T) {
	var ko, en map[string]any
	if err := json.Unmarshal(text.Toolkit(text.Korean), &ko); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text.Toolkit(text.English), &en); err != nil {
		t.Fatal(err)
	}
	for k := range en {
		if ko[k] == nil {
			t.Errorf("no Korean for %q", k)
		}
	}
	if len(en) != len(ko) {
		t.Errorf("%d English words, %d Korean", len(en), len(ko))
	}
}
