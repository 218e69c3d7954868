package profile

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

const goodPIN = "$argon2id$v=19$m=65536,t=3,p=2$c29tZXNhbHQxMjM0$RdescudvJCsgt3ub+b8dWRWJTmaaJObGqzt6Zq0vYxM"

// TestRules: what each key takes and refuses, as text, and that a refusal does
// not repeat the value.
func TestRules(t *testing.T) {
	long := strings.Repeat("가", 41)
	for _, c := range []struct {
		key  Key
		good []string
		bad  []string
	}{
		{KeyTheme, []string{"", "light", "dark", "contrast"}, []string{"Contrast", "high"}},
		{KeyTextSize, []string{"100", "125", "200"}, []string{"", "99", "201", "1.5", "150%", "99999999999999999999"}},
		{KeyWindowSize, []string{"", "full", "compact"}, []string{"small"}},
		{KeyMaskNumbers, []string{"", "none", "last-4", "last-2", "all"}, []string{"4", "last-3"}},
		{KeyPresentedNumber, []string{"", "1588-0000", "상담전화 1588-0000"}, []string{long, "1\n2"}},
		{KeyRecentCalls, []string{"", "off", "memory", "1", "365"}, []string{"0", "366", "-1", "07", "30 days", "on"}},
		{KeyEchoNumber, []string{"", "600", "*43", "+82212345678"}, []string{"kim", "6+00", "0 10", "600@host", strings.Repeat("1", 33)}},
		{KeyRestMinutes, []string{"0", "120"}, []string{"121", "-1", "ten"}},
		{KeyHelpURL, []string{"", "https://hook.example/a?b=c", "http://127.0.0.1:8080/x", "http://[::1]/"},
			[]string{"http://hook.example/secret", "https://", "ftp://a", "hook", "http://localhost/"}},
		{KeySpeedDials, []string{`[]`, `[{"name":"119 안전","tel":"119"}]`},
			[]string{`[{"name":"","tel":"1"}]`, `[{"name":"a","tel":""}]`, `[{"name":"a","tel":"kim"}]`, `[{"name":"a","number":"1"}]`, `[{"name":"` + long + `","tel":"1"}]`, `{}`, `null`}},
		{KeyHeadsetProfiles, []string{`[]`, `[{"name":"헤드셋","microphone":"Jabra","speaker":"Jabra"}]`},
			[]string{`[{"name":"a"},{"name":"a"}]`, `[{"microphone":"a"}]`, `[{"name":"a","mic":"b"}]`}},
		{KeyHotkeyMute, []string{"", "Ctrl+Shift+F9"}, []string{strings.Repeat("F", 65), "Ctrl+Nonsense", "A", "Ctrl"}},
		{KeyTelemetryAttributes, []string{"", "site=seoul-1,floor=3", "site.name=서울 2024-03"},
			[]string{"site", "Site=a", "site=", "site=a,site=b", "service.name=x", "tel=01012345678", "tel=010-1234-5678", "tel=02 123 45 67", "tel=０１０-１２３４", "tel.01012345678=x", "a=" + strings.Repeat("x", 65)}},
		{KeyBitrate, []string{"16", "32", "48"}, []string{"", "15", "49", "32k"}},
		{KeyMuteSound, []string{"true", "0"}, []string{"", "yes"}},
		{KeyKioskNumber, []string{"", "1393"}, []string{"sip:1393"}},
		{KeyKioskPIN, []string{"", goodPIN}, []string{"1234", "$argon2i$v=19$m=65536,t=3,p=2$c29tZXNhbHQ$aaaaaaaaaaaaaaaaaaaaaa",
			strings.Replace(goodPIN, "m=65536", "m=9999999", 1), strings.Replace(goodPIN, "t=3", "t=0", 1), strings.Replace(goodPIN, "p=2", "p=2,x=1", 1),
			strings.Replace(goodPIN, "v=19", "v=16", 1), goodPIN[:len(goodPIN)-30], goodPIN + "$"}},
		{KeyKioskLayout, []string{"", "high", "low"}, []string{"middle"}},
		{KeyKioskSilence, []string{"0", "0s", "30s", "1h"}, []string{"", "-1s", "61m", "30"}},
		{KeyKioskIdle, []string{"5s", "60s", "2m"}, []string{"0", "4s", "2h", "soon"}},
		{KeyKioskSelfTest, []string{"", "03:30", "23:59"}, []string{"3:30", "24:00", "03:60", "03:30:00"}},
		{KeyKioskHealth, []string{"", "127.0.0.1:17081", "[::1]:0"}, []string{"0.0.0.0:80", "localhost:80", "127.0.0.1", "127.0.0.1:x", "10.0.0.1:80", "127.0.0.1:70000"}},
	} {
		for _, text := range c.good {
			if _, err := NewLayer(SourceManaged, "p.json", map[Key]string{c.key: text}); err != nil {
				t.Errorf("%s=%q: %v", c.key, text, err)
			}
		}
		for _, text := range c.bad {
			_, err := NewLayer(SourceManaged, "p.json", map[Key]string{c.key: text})
			if CodeOf(err) != CodeBadSetting {
				t.Errorf("%s=%q: %v", c.key, text, err)
			} else if len(text) > 12 && strings.Contains(err.Error(), text) {
				t.Errorf("%s: the error repeats the value: %v", c.key, err)
			}
		}
	}
}

// TestDefaultsCanBeSaidAndLocked: what is true by default can be made false by
// every layer, and locked by a policy.
func TestDefaultsCanBeSaidAndLocked(t *testing.T) {
	n := 0
	for _, info := range Keys() {
		if info.Default != "true" {
			continue
		}
		n++
		if info.PolicyOnly {
			continue
		}
		path := file(t, `{"`+string(info.Key)+`": false}`)
		s, err := Open(Options{Path: path, Lookup: vars(nil)})
		if v := s.Value(info.Key); err != nil || v.Text != "false" || v.Source != SourceFile || v.Locked() {
			t.Errorf("%s in the file: %+v, %v", info.Key, v, err)
		}
		s, err = Open(Options{Path: path, Lookup: vars(nil), Layers: []Layer{layer(t, SourceManaged, map[Key]string{info.Key: "true"})}})
		if v := s.Value(info.Key); err != nil || v.Text != "true" || !v.Locked() {
			t.Errorf("%s in a policy: %+v, %v", info.Key, v, err)
		}
	}
	if n < 7 {
		t.Errorf("only %d keys are true by default", n)
	}
}

// TestTypedValues: counts are numbers in the file and lengths of time are
// strings; both come back as they were written.
func TestTypedValues(t *testing.T) {
	path := file(t, `{"text-size": 150, "rest-minutes": 0, "speed-dials": [{"name": "119", "tel": "119"}]}`)
	s, err := Open(Options{Path: path, Lookup: vars(map[string]string{"NXPHONE_TEXT_SIZE": ""}),
		Layers: []Layer{layer(t, SourceDemo, map[Key]string{KeyKioskIdle: "90s", KeyKioskSilence: "120s"})}})
	if err != nil {
		t.Fatal(err)
	}
	got := s.Get()
	if got.TextSize != 150 || got.RestTime() != 0 || got.KioskIdle != 90*time.Second || len(got.SpeedDials) != 1 {
		t.Errorf("%+v", got)
	}
	if v := s.Value(KeyKioskSilence); v.Text != "2m" {
		t.Errorf("two minutes are spelt %q", v.Text)
	}
	if err := s.Set(func(p *Settings) { p.TextSize, p.RestMinutes, p.MuteSound = 175, 15, false }); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"text-size": 175`, `"rest-minutes": 15`, `"mute-sound": false`} {
		if text := read(t, path); !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	if err := s.Set(func(p *Settings) { p.TextSize = 250 }); CodeOf(err) != CodeBadSetting || s.Get().TextSize != 175 {
		t.Errorf("out of bounds: %v, %d", err, s.Get().TextSize)
	}
	for _, text := range []string{`{"text-size": "150"}`, `{"text-size": 1.5}`, `{"text-size": null}`, `{"text-size": true}`} {
		s, err := Open(Options{Path: file(t, text), Lookup: vars(nil)})
		if CodeOf(err) != CodeBadSetting || s.Get().TextSize != 100 {
			t.Errorf("%s: %v, %d", text, err, s.Get().TextSize)
		}
	}
}

// TestKioskComesFromAPolicy: a key of the kiosk counts in a managed policy and
// in the demo, and is refused with its place everywhere else.
func TestKioskComesFromAPolicy(t *testing.T) {
	for _, info := range Keys() {
		if info.PolicyOnly != (strings.HasPrefix(string(info.Key), "kiosk-") || info.Key == KeyProvisionKeys || info.Key == KeyUpdateKey) {
			t.Errorf("%s: PolicyOnly is %v", info.Key, info.PolicyOnly)
		}
		if info.PolicyOnly && info.Flag {
			t.Errorf("%s is a flag", info.Key)
		}
	}
	path := file(t, `{"kiosk-number": "100", "dn": "7"}`)
	s, err := Open(Options{Path: path, Lookup: vars(map[string]string{"NXPHONE_KIOSK_PIN": goodPIN})})
	for _, want := range []string{path + ":1:18: policy-only (kiosk-number)", "NXPHONE_KIOSK_PIN: policy-only (kiosk-pin)"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
	if got := s.Get(); got.KioskNumber != "" || got.KioskPIN != "" || got.DN != "7" {
		t.Errorf("used all the same: %+v", got)
	}
	if err := s.Set(func(p *Settings) { p.KioskNumber = "200" }); CodeOf(err) != CodePolicyOnly {
		t.Errorf("set: %v", err)
	}
	for _, source := range []Source{SourceRecommended, SourceFile, SourceEnvironment, SourceFlag} {
		if _, err := NewLayer(source, "x", map[Key]string{KeyKioskLayout: "low"}); CodeOf(err) != CodePolicyOnly {
			t.Errorf("%v: %v", source, err)
		}
	}
	dir := policies(t, map[string]string{
		"managed/k.json":     `{"kiosk-number": "1393", "kiosk-voice": false, "kiosk-idle": "30s"}`,
		"recommended/k.json": `{"kiosk-emergency": "119"}`,
	})
	layers, err := Policies(dir)
	if CodeOf(err) != CodePolicyOnly {
		t.Errorf("recommended: %v", err)
	}
	s, err = Open(Options{Path: filepath.Join(dir, "none.json"), Lookup: vars(nil), Layers: layers})
	if got := s.Get(); err != nil || got.KioskNumber != "1393" || got.KioskVoice || got.KioskIdle != 30*time.Second || got.KioskEmergency != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAccessors(t *testing.T) {
	s := Default()
	if n := s.VisibleDigits(); n != -1 {
		t.Errorf("%d digits are visible by default", n)
	}
	for word, want := range map[string]int{MaskNone: -1, MaskLast4: 4, MaskLast2: 2, MaskAll: 0} {
		s.MaskNumbers = word
		if n := s.VisibleDigits(); n != want {
			t.Errorf("%s: %d digits, want %d", word, n, want)
		}
	}
	for word, want := range map[string]struct {
		keep bool
		days int
	}{"": {true, 0}, RecentMemory: {true, 0}, RecentOff: {false, 0}, "30": {true, 30}} {
		s.RecentCalls = word
		if keep, days := s.Recent(); keep != want.keep || days != want.days {
			t.Errorf("%q: %v, %d", word, keep, days)
		}
	}
	s.DN = "1000"
	if got := s.Presented(); got != "1000" {
		t.Errorf("presented %q", got)
	}
	s.PresentedNumber = "1588-0000"
	if got := s.Presented(); got != "1588-0000" {
		t.Errorf("presented %q", got)
	}
	if got := s.TestNumber(false) + s.KioskTestNumber(false); got != "" {
		t.Errorf("a test number out of nothing: %q", got)
	}
	if got := s.TestNumber(true) + s.KioskTestNumber(true); got != "600600" {
		t.Errorf("the demo's test numbers: %q", got)
	}
	s.EchoNumber, s.KioskSelfTestNumber = "*43", "*44"
	if got := s.TestNumber(true) + s.KioskTestNumber(true); got != "*43*44" {
		t.Errorf("test numbers: %q", got)
	}
}

func TestCloneSharesNothing(t *testing.T) {
	a := Default()
	v := reflect.ValueOf(&a).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Slice {
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
		}
	}
	b := a.Clone()
	w := reflect.ValueOf(&b).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Slice && f.Pointer() == w.Field(i).Pointer() {
			t.Errorf("%s is shared", v.Type().Field(i).Name)
		}
	}
}

func TestKeysSayWhatTheyTake(t *testing.T) {
	for _, info := range Keys() {
		if info.Values == "" || info.Doc == "" {
			t.Errorf("%+v", info)
		}
		var f field
		for _, f = range fields() {
			if f.Key == info.Key {
				break
			}
		}
		if err := f.parse(new(Settings), info.Default); err != nil {
			t.Errorf("%s does not take its own default %q: %v", info.Key, info.Default, err)
		}
	}
}
