package text_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nxphone/assets/text"
)

// literals are all strings that stand in the program's source, tests and tools
// for builders left out.
func literals(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "/bench/") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					found[s] = path
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// constantsIn are the constants of a type in a file, of which the rest of a key
// is built.
func constantsIn(t *testing.T, path, kind string) map[string]bool {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); ok && id.Name == kind {
			for _, v := range spec.Values {
				if lit, ok := v.(*ast.BasicLit); ok {
					s, _ := strconv.Unquote(lit.Value)
					all[s] = true
				}
			}
		}
		return true
	})
	return all
}

// endings are what the source puts behind a key that stands there whole.
func endings() []string {
	return []string{".hint", ".wrong", ".sub", ".title", ".help", ".plain", ".organisation"}
}

// TestEveryTextIsUsed: a text that nobody shows any more is a text that
// somebody still translates. A key counts as used where it stands in the source,
// where it is built of a beginning that stands there ("count." + ...), or where
// it names a setting.
func TestEveryTextIsUsed(t *testing.T) {
	lits := literals(t)
	var beginnings []string
	for s := range lits {
		// "settings." stands before the names of keys, which are checked one by
		// one; a beginning of one letter would cover anything.
		if strings.HasSuffix(s, ".") && len(s) > 3 && s != "settings." && !strings.Contains(s, " ") {
			beginnings = append(beginnings, s)
		}
	}
	// What a booth says is read by the maker of its recordings, and what a
	// headset's trouble is called by package audio/headset; "mute." keys are put
	// together of state and place.
	beginnings = append(beginnings, "kiosk.say.", "headset.", "mute.")
	settings := constantsIn(t, "../../call/profile/keys.go", "Key")
	if len(settings) < 50 || len(beginnings) < 5 {
		t.Fatalf("found %d settings, %d beginnings", len(settings), len(beginnings))
	}
	for _, key := range text.For(text.Korean).Keys() {
		if _, ok := lits[key]; ok {
			continue
		}
		if at := strings.LastIndexByte(key, '.'); at > 0 && slices.Contains(endings(), key[at:]) {
			if _, ok := lits[key[:at]]; ok { // "KEY" + ".hint"
				continue
			}
		}
		if name, ok := strings.CutPrefix(key, "settings."); ok {
			if name, _, _ = strings.Cut(name, "."); settings[name] {
				continue
			}
		}
		if !slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(key, b) }) {
			t.Errorf("%s is used nowhere", key)
		}
	}
}

// TestEveryUsedTextExists: whatever in the source looks like a key of the
// catalogue is one, or is where one begins.
func TestEveryUsedTextExists(t *testing.T) {
	keys := text.For(text.English).Keys()
	families := map[string]bool{}
	for _, k := range keys {
		family, _, _ := strings.Cut(k, ".")
		families[family] = true
	}
	looks := regexp.MustCompile(`^[a-z]+(\.[a-z0-9-]+)+$`)
	n := 0
	for s, path := range literals(t) {
		family, _, _ := strings.Cut(s, ".")
		if !looks.MatchString(s) || !families[family] || notText(s) {
			continue
		}
		n++
		begins := func(k string) bool { return k == s || strings.HasPrefix(k, s+".") }
		if !slices.ContainsFunc(keys, begins) {
			t.Errorf("%s uses %q, which does not exist", path, s)
		}
	}
	if n < 200 {
		t.Errorf("found only %d uses", n)
	}
}

// notText tells file names and other programs' names apart from keys.
func notText(s string) bool {
	for _, end := range []string{".json", ".js", ".wav", ".raw", ".pem", ".log", ".svg", ".ttf", ".sock", ".lock", ".txt", ".desktop", ".example", ".net", ".go", ".invalid"} {
		if strings.HasSuffix(s, end) {
			return true
		}
	}
	return strings.HasPrefix(s, "nxphone.")
}

// foreign are the Latin words that a Korean text may hold: names of programs,
// formats and keys, and what is typed as it stands.
var foreign = regexp.MustCompile(`nxphone-kioskctl status|nxphone policy check|kiosk-health|provision-(?:url|keys)|update-(?:url|key)|nxphone (?:update|call|help|devices|headless|policy|doctor|report|version)|nxphone|--audio null|OpenGL|GNOME|USB|WAV|dB|JSON|PEM|CA|SBC|SIP|RTT|realm|origin|Opus|HID|PIN|MB|ms|IPv?[46]?|VPN|TLS|Bluetooth|hidraw|udev|\(apt\)|dnf|zypper|\(pacman\)|\bca\b|` +
	`root|\([a-z]+(?:-[a-z]+)+\)|Ctrl|Alt|Shift|Super|Esc|Enter|Tab|CPU|AM|PM|English|HOST|PORT|NUMBER|URI|TEL|FILE|ORIGIN|` +
	`https?://[\w.:/-]*|wss?://[\w.:/-]*|--[a-z-]+|/etc/[\w/-]+|[\w-]+\.(?:key|json|example|net|log)|NXPHONE_[A-Z_]+|lib[a-z0-9-]+`)

// TestKoreanIsKorean: no English word is left in a Korean text, and every
// sentence of it is in the polite form.
func TestKoreanIsKorean(t *testing.T) {
	c := text.For(text.Korean)
	blank := regexp.MustCompile(`\{\w+\}`)
	latin := regexp.MustCompile(`[A-Za-z]{2,}`)
	plain := regexp.MustCompile(`(한다|했다|없다|있다|된다|이다|해라|하라)\.`)
	for _, key := range c.Keys() {
		if commandLine(key) {
			continue
		}
		s := foreign.ReplaceAllString(blank.ReplaceAllString(c.Text(key), ""), "")
		if left := latin.FindAllString(s, -1); left != nil {
			t.Errorf("%s: %q in %q", key, left, c.Text(key))
		}
		if plain.MatchString(s) {
			t.Errorf("%s is not in the polite form: %q", key, c.Text(key))
		}
	}
	// And no Korean is left in an English one, names of languages apart.
	hangul := regexp.MustCompile(`[\x{1100}-\x{11ff}\x{3130}-\x{318f}\x{ac00}-\x{d7a3}]`)
	en := text.For(text.English)
	for _, key := range en.Keys() {
		// Each language is offered in its own words.
		if key != "settings.lang.ko" && key != "kiosk.language" && hangul.MatchString(en.Text(key)) {
			t.Errorf("%s: %q", key, en.Text(key))
		}
	}
}

// commandLine: the help text is made of names of commands and flags.
func commandLine(key string) bool { return key == "cli.help" }
