package main

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		args  []string
		check func(o options) bool
	}{
		{nil, func(o options) bool { return o.command == "window" && !o.demo && o.tel == "" }},
		{[]string{"--demo"}, func(o options) bool { return o.command == "window" && o.demo }},
		{[]string{"--kiosk", "--demo"}, func(o options) bool { return o.kiosk && o.demo }},
		{[]string{"tel:+82-10-1234-5678"}, func(o options) bool { return o.command == "window" && o.tel == "+821012345678" }},
		{[]string{"tel:010.1234(56)78;ext=1?x=y"}, func(o options) bool { return o.tel == "01012345678" }},
		{[]string{"sip:kim@example.net;transport=ws"}, func(o options) bool { return o.tel == "kim" }},
		{[]string{"SIP:kim:secret@example.net"}, func(o options) bool { return o.tel == "kim" }},
		{[]string{"sips:1000@example.net"}, func(o options) bool { return o.tel == "1000" }},
		{[]string{"callto:1000"}, func(o options) bool { return o.tel == "1000" }},
		{[]string{"nxphone://01012345678/?url=wss://evil"}, func(o options) bool { return o.tel == "01012345678" }},
		{[]string{"nxphone:%2382"}, func(o options) bool { return o.tel == "#82" }},
		{[]string{"call", "--demo", "600"}, func(o options) bool { return o.command == "call" && o.demo && o.tel == "600" }},
		{[]string{"call", "600", "--demo", "--hangup-after", "3s"}, func(o options) bool {
			return o.tel == "600" && o.demo && o.hangupAfter == 3*time.Second
		}},
		{[]string{"--", "tel:119"}, func(o options) bool { return o.command == "window" && o.tel == "119" }},
		{[]string{"call", "--", "600"}, func(o options) bool { return o.tel == "600" }},
		{[]string{"call", "tel:600"}, func(o options) bool { return o.tel == "600" }},
		{[]string{"call", "-hangup-after=1.5s", "600"}, func(o options) bool { return o.hangupAfter == 1500*time.Millisecond }},
		{[]string{"call", "--play", "a.wav", "--record", "b.wav", "--dtmf", "12#", "--mute-after", "1s", "--unmute-after", "2s",
			"--ring-timeout", "5s", "--trace", "--events", "all", "--summary", "s.json", "600"}, func(o options) bool {
			return o.play == "a.wav" && o.record == "b.wav" && o.dtmf == "12#" && o.muteAfter == time.Second &&
				o.unmuteAfter == 2*time.Second && o.ringTimeout == 5*time.Second && o.trace && o.allEvents && o.summary == "s.json"
		}},
		{[]string{"call", "600"}, func(o options) bool { return o.ringTimeout == time.Minute && o.hangupAfter == 0 && !o.allEvents }},
		{[]string{"demo-sbc", "--listen", "127.0.0.1:1", "--listen", "127.0.0.1:2"}, func(o options) bool {
			return slices.Equal(o.listen, []string{"127.0.0.1:1", "127.0.0.1:2"})
		}},
		{[]string{"headless", "--demo", "--allow-origin", "https://a.example", "--allow-origin=http://b:8080"}, func(o options) bool {
			return o.command == "headless" && o.demo && slices.Equal(o.origins, []string{"https://a.example", "http://b:8080"})
		}},
		{[]string{"version"}, func(o options) bool { return o.command == "version" }},
		{[]string{"devices", "--lang", "en"}, func(o options) bool { return o.command == "devices" }},
		{[]string{"--lang", "ko", "help"}, func(o options) bool { return o.command == "help" }},
		{[]string{"--demo", "--lang=ko", "call", "600"}, func(o options) bool { return o.command == "call" && o.demo && o.tel == "600" }},
		{[]string{"--config", "call", "version"}, func(o options) bool { return o.command == "version" }},
		{[]string{"--demo", "tel:600"}, func(o options) bool { return o.command == "window" && o.tel == "600" }},
		{[]string{"--help"}, func(o options) bool { return o.command == "help" }},
		{[]string{"call", "-h"}, func(o options) bool { return o.command == "help" }},
	} {
		o, err := parse(tc.args)
		if err != nil {
			t.Errorf("%q: %v", tc.args, err)
		} else if !tc.check(o) {
			t.Errorf("%q gives %+v", tc.args, o)
		}
	}
}

// Every fault of the settings is told in the user's language, and everything
// else counts: also the other origins of a list.
func TestFaultsOfTheSettingsAreTold(t *testing.T) {
	for lang, words := range map[string][]string{
		"en": {"An origin of a web page", "One of the settings has a wrong value"},
		"ko": {"웹 페이지의 출처", "설정 값 하나가 맞지 않아"},
	} {
		s := newShell(t)
		path := os.Getenv("NXPHONE_CONFIG")
		text := `{"web-api-origins": ["https://helpline.example", "https://helpline.example/"], "codec": "mp3", "theme": "pink", "dn": "1000"}`
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if status := s.run(t.Context(), "version", "--lang", lang); status != exitOK {
			t.Errorf("%s: status %d", lang, status)
		}
		told := s.stderr.String()
		for _, w := range append(words, path+":1:21", "item 2: ", "(codec)", "(theme)") {
			if !strings.Contains(told, w) {
				t.Errorf("%s: no %q in\n%s", lang, w, told)
			}
		}
		if n := strings.Count(told, "\n"); n != 3 {
			t.Errorf("%s: %d lines\n%s", lang, n, told)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, args := range [][]string{
		{"--", "tel:1", "--config", "x"}, {"--", "tel:1", "--demo"}, {"dance"}, {"--lang", "ko", "dance"}, {"--", "help"}, {"--lang", "xx", "help"}, {"--demo", "window"}, {"600"}, {"call"}, {"call", "1", "2"}, {"--nonsense"}, {"call", "--hangup-after", "soon", "600"},
		{"call", "--hangup-after", "-1s", "600"}, {"call", "--hangup-after", "0s", "600"}, {"call", "--events", "some", "600"},
		{"call", "--codec", "mp3", "600"}, {"call", "--lang", "xx", "600"}, {"tel:"}, {"sip:@host"}, {"nxphone:%zz"},
		// Links come from anybody.
		{"tel:600%0a601"}, {"tel:600%00"}, {"tel:60\x000"}, {"tel:%ff"}, {"tel:\xff"}, {"tel:600", "tel:601"}, {"tel:600", "--config"},
		{"tel:6%e2%80%ae00"}, {"sip::secret@host"}, {"tel:" + strings.Repeat("1", 65)}, {"tel:1?" + strings.Repeat("x", 1024)},
		{"headless", "600"}, {"headless", "--allow-origin"}, {"headless", "--allow-origin", "helpline.example"},
		{"--allow-origin", "https://a.example"}, {"version", "now"}, {"devices", "--play", "x"}, {"demo-sbc", "--listen"},
		{"demo-sbc", "--listen", "127.0.0.1"}, {"demo-sbc", "--listen", "127.0.0.1:99999"},
	} {
		if _, err := parse(args); !errors.Is(err, errUsage) {
			t.Errorf("%q: %v, want wrong use", args, err)
		}
	}
	_, err := parse([]string{"call", "--push-token", "TOKEN\r", "600"})
	if !errors.Is(err, errUsage) || strings.Contains(err.Error(), "TOKEN") {
		t.Errorf("a token with a line break: %v", err)
	}
}

// A link gives a number or nothing, whatever stands in it.
func FuzzTelOf(f *testing.F) {
	for _, s := range []string{"tel:+82-10-1234-5678", "sip:kim:x@host;a=b?c", "nxphone://010/", "callto:%23"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		tel, err := telOf(uri)
		if err != nil {
			return
		}
		if tel == "" || len(tel) > maxNumber || strings.ContainsAny(tel, "\n\r\x00") || len(uri) > maxURI {
			t.Errorf("%q gives %q", uri, tel)
		}
	})
}
