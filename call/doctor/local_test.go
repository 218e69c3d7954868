package doctor

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"nxphone/audio"
	"nxphone/audio/audiotest"
	"nxphone/call"
	"nxphone/call/check"
	"nxphone/call/profile"
)

func TestSettings(t *testing.T) {
	dir := t.TempDir()
	ca := write(t, filepath.Join(dir, "ca.pem"), string(newAuthority(t).pem), 0o644)
	whole := settings("wss://sbc.example.net/ws")
	change := func(f func(*profile.Settings)) profile.Settings { s := whole; f(&s); return s }
	for name, c := range map[string]struct {
		s      profile.Settings
		faults error
		area   Area
		want   Code
	}{
		"whole":          {whole, nil, AreaSettings, SettingsOK},
		"no realm":       {change(func(s *profile.Settings) { s.Realm = "" }), nil, AreaSettings, LineMissing},
		"no address":     {change(func(s *profile.Settings) { s.URL = "" }), nil, AreaSettings, LineMissing},
		"a web address":  {change(func(s *profile.Settings) { s.URL = "https://x" }), nil, AreaSettings, LineWrong},
		"a CA":           {change(func(s *profile.Settings) { s.CA = ca }), nil, AreaSettings, SettingsOK},
		"no CA file":     {change(func(s *profile.Settings) { s.CA = filepath.Join(dir, "none") }), nil, AreaSettings, CAFileFault},
		"no CA in it":    {change(func(s *profile.Settings) { s.CA = write(t, filepath.Join(dir, "x"), "x", 0o600) }), nil, AreaSettings, CAFileFault},
		"a secret":       {change(func(s *profile.Settings) { s.PasswordFile = write(t, filepath.Join(dir, "p"), "pw\n", 0o600) }), nil, AreaSettings, SettingsOK},
		"an open secret": {change(func(s *profile.Settings) { s.PasswordFile = write(t, filepath.Join(dir, "o"), "pw\n", 0o644) }), nil, AreaSettings, PasswordFileOpen},
		"an empty one":   {change(func(s *profile.Settings) { s.PasswordFile = write(t, filepath.Join(dir, "e"), "\n", 0o600) }), nil, AreaSettings, PasswordFileFault},
		"no secret":      {change(func(s *profile.Settings) { s.PasswordFile = dir }), nil, AreaSettings, PasswordFileFault},
		"a wrong value":  {whole, &profile.Error{Code: profile.CodeBadSetting, Key: "theme", Source: "/x/settings.json", Line: 3}, AreaSettings, SettingsFault},
		"a broken file":  {whole, &profile.Error{Code: profile.CodeFileBroken, Source: "/x/settings.json"}, AreaSettings, SettingsBroken},
		"two faults": {whole, errors.Join(errors.Join(&profile.Error{
			Code: profile.CodePolicyUnsafe, Source: profile.PolicyDir + "/managed/a.json"})), AreaPolicies, PolicyIgnored},
		"no server":          {whole, errors.New("the server answered 500"), AreaPolicies, ProvisionFault},
		"what a policy said": {whole, &profile.Error{Code: profile.CodePolicyKept, Source: profile.PolicyDir + "/managed/a.json"}, AreaPolicies, PolicyKept},
		"an unknown policy":  {whole, &profile.Error{Code: profile.CodePolicyGuarded, Source: profile.PolicyDir + "/managed/a.json"}, AreaPolicies, PolicyGuarded},
		"no copy":            {whole, &profile.Error{Code: profile.CodePolicyUnkept, Source: "policies.json"}, AreaPolicies, PolicyUnkept},
		"a broken policy":    {whole, &profile.Error{Code: profile.CodeFileBroken, Source: profile.PolicyDir + "/managed/a.json"}, AreaPolicies, PolicyFault},
		"no policy":          {whole, nil, AreaPolicies, PoliciesNone},
	} {
		all := gather(t.Context(), Options{Settings: c.s, Faults: c.faults, PolicyFaults: c.faults}.withDefaults().settings)
		if got := of(all, c.area); got.Code != c.want {
			t.Errorf("%s: %s, want %s: %+v", name, got.Code, c.want, all)
		}
	}
}

func TestDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b") // made at the first start
	for name, c := range map[string]struct {
		free uint64
		err  error
		dirs []string
		want Code
	}{
		"room": {1 << 40, nil, []string{dir}, DiskOK}, "little": {100 << 20, nil, []string{dir}, DiskLow}, "full": {1 << 20, nil, []string{dir}, DiskFull},
		"unknown": {0, errors.New("x"), []string{dir}, DiskUnknown}, "none": {0, nil, nil, DiskUnknown},
		"no folder": {1 << 40, nil, []string{"/proc/1/nxphone"}, DiskDenied},
	} {
		o := Options{Dirs: c.dirs, Free: func(string) (uint64, error) { return c.free, c.err }}
		if all := gather(t.Context(), o.withDefaults().disk); len(all) != 1 || all[0].Code != c.want {
			t.Errorf("%s: %+v, want %s", name, all, c.want)
		}
	}
	if left, err := free("/"); err != nil || left == 0 {
		t.Errorf("free: %d, %v", left, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(filepath.Dir(dir))); err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestKeyring(t *testing.T) {
	file := settings("")
	file.PasswordFile = "/x"
	for name, c := range map[string]struct {
		s    profile.Settings
		err  error
		want Code
	}{
		"there": {settings(""), nil, KeyringOK}, "empty": {settings(""), profile.ErrNoPassword, KeyringEmpty}, "none": {settings(""), profile.ErrNoKeyring, KeyringNone},
		"locked": {settings(""), profile.ErrKeyringLocked, KeyringLocked}, "hangs": {settings(""), profile.ErrKeyringTimeout, KeyringTimeout}, "a file": {file, nil, KeyringNeedless},
	} {
		all := gather(t.Context(), Options{Settings: c.s, Secret: func(context.Context) error { return c.err }}.keyring)
		if len(all) != 1 || all[0].Code != c.want {
			t.Errorf("%s: %+v, want %s", name, all, c.want)
		}
	}
}

func TestWebAPI(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().(*net.TCPAddr).Port
	on := settings("")
	on.WebAPI = true
	for name, c := range map[string]struct {
		o    Options
		want Code
	}{
		"off": {Options{Settings: settings("")}, WebAPIOff}, "free": {Options{Settings: on, Ports: []int{taken, 0}}, WebAPIOK},
		"busy": {Options{Settings: on, Ports: []int{taken}}, WebAPIBusy}, "ours": {Options{Settings: on, Ports: []int{taken}, Listening: taken}, WebAPIOpen},
	} {
		if all := gather(t.Context(), c.o.webAPI); len(all) != 1 || all[0].Code != c.want {
			t.Errorf("%s: %+v, want %s", name, all, c.want)
		}
	}
}

// card is a sound card of a test.
type card struct {
	*audiotest.Device
	wants      [2]string
	fault      error
	code       Code
	busy, mute bool
	closed     int
}

func (c *card) Close() error                        { c.closed++; return nil }
func (c *card) Wants() (microphone, speaker string) { return c.wants[0], c.wants[1] }
func (c *card) Fault(error) Code                    { return c.code }
func (c *card) Busy() bool                          { return c.busy }
func (c *card) Microphone(context.Context) (audio.InputDevice, string, error) {
	return c, "Headset", c.fault
}
func (c *card) Speaker(context.Context) (audio.OutputDevice, string, error) {
	return c, "Headset", c.fault
}

// stuck gives no frame at all.
type stuck struct{ *card }

func (stuck) Read([]int16) bool { return false }
func (s stuck) Microphone(context.Context) (audio.InputDevice, string, error) {
	return s, "Headset", nil
}

func TestSound(t *testing.T) {
	voice := make([]int16, audio.Rate)
	for i := range voice {
		voice[i] = int16(i % 7)
	}
	for name, c := range map[string]struct {
		change func(*card) Sound
		mic    Code
		closed int
	}{
		"works":    {func(c *card) Sound { c.Speak(voice); return c }, MicrophoneOK, 2},
		"dead":     {func(c *card) Sound { c.Speak(make([]int16, 3*audio.Rate)); return c }, MicrophoneDead, 2},
		"stuck":    {func(c *card) Sound { return stuck{c} }, MicrophoneStuck, 2},
		"no":       {func(c *card) Sound { c.wants = [2]string{"null", "null"}; return c }, SoundNull, 0},
		"in use":   {func(c *card) Sound { c.fault, c.code = errors.New("busy"), SoundBusy; return c }, SoundBusy, 0},
		"in call":  {func(c *card) Sound { c.busy = true; return c }, SoundInCall, 0},
		"not seen": {func(c *card) Sound { c.fault, c.code = errors.New("x"), SoundMissing; return c }, SoundMissing, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &card{Device: audiotest.NewDevice(time.Now)}
				all := gather(t.Context(), Options{Sound: c.change(d)}.sound)
				if got := of(all, AreaMicrophone).Code; got != c.mic || d.closed != c.closed {
					t.Errorf("%+v, %d closed", all, d.closed)
				}
				if of(all, AreaSpeaker).Code == "" {
					t.Errorf("nothing of the speaker: %+v", all)
				}
			})
		})
	}
}

func TestEcho(t *testing.T) {
	s := settings("ws://x")
	s.EchoNumber = "600"
	none := s
	none.EchoNumber = ""
	result := func(c check.Code) func(context.Context) check.Result {
		return func(context.Context) check.Result {
			return check.Result{Line: c, Interrupted: c == check.Skipped, Reason: call.Reason{Code: call.CodeLineBusy, SIP: 486, Phrase: "Busy"}}
		}
	}
	for name, c := range map[string]struct {
		s    profile.Settings
		way  Grade
		echo func(context.Context) check.Result
		want Code
	}{
		"quick": {s, OK, nil, CallQuick}, "no number": {none, OK, result(check.LineOK), CallNoNumber}, "no way": {s, Error, result(check.LineOK), CallNoLine},
		"ok": {s, Warning, result(check.LineOK), CallOK}, "busy": {s, OK, result(check.LineFailed), CallFailed}, "silent": {s, OK, result(check.LineNoSound), CallNoSound},
		"lossy": {s, OK, result(check.LineLoss), CallLoss}, "far": {s, OK, result(check.LineSlow), CallSlow}, "uneven": {s, OK, result(check.LineUneven), CallUneven},
		"another call": {s, OK, result(check.Skipped), CallBusy},
	} {
		if got := (Options{Settings: c.s, Echo: c.echo}).echoCall(t.Context(), c.way); got.Code != c.want || got.Area != AreaCall {
			t.Errorf("%s: %+v, want %s", name, got, c.want)
		}
	}
}

func TestBrowsers(t *testing.T) {
	root := t.TempDir()
	for _, program := range []string{"usr/bin/chromium", "usr/bin/google-chrome", "usr/bin/firefox-esr", "usr/bin/microsoft-edge"} {
		write(t, filepath.Join(root, program), "", 0o755)
	}
	write(t, filepath.Join(root, "etc/chromium/policies/managed/nx.json"), `{"LoopbackNetworkAllowedForUrls":["https://[*.]helpline.example"]}`, 0o644)
	write(t, filepath.Join(root, "etc/opt/chrome/policies/managed/nx.json"), `{"LoopbackNetworkBlockedForUrls":["*"],"LocalNetworkAccessAllowedForUrls":["*"]}`, 0o644)
	write(t, filepath.Join(root, "etc/opt/edge/policies/managed/nx.json"), `{broken`, 0o644)
	write(t, filepath.Join(root, "etc/firefox/policies/policies.json"), `{"policies":{"LocalNetworkAccess":{"SkipDomains":["crm.helpline.example"]}}}`, 0o644)
	s := settings("")
	s.WebAPI, s.WebAPIOrigins = true, []string{"https://crm.helpline.example", "http://localhost:8080"}
	all := gather(t.Context(), Options{Settings: s, Browsers: func() []Browser { return readBrowsers(root) }}.browsers)
	got := map[string][]Code{}
	for _, f := range all {
		got[f.Args[1]] = append(got[f.Args[1]], f.Code)
	}
	for browser, want := range map[string][]Code{
		"Chromium": {BrowserOK}, "Google Chrome": {BrowserBars}, "Microsoft Edge": {BrowserFault, BrowserAsks}, "Firefox": {BrowserOK},
	} {
		if len(got[browser]) != len(want) {
			t.Errorf("%s: %v, want %v", browser, got[browser], want)
			continue
		}
		for i := range want {
			if got[browser][i] != want[i] {
				t.Errorf("%s: %v, want %v", browser, got[browser], want)
			}
		}
	}
	s.WebAPIOrigins = nil
	if all := gather(t.Context(), Options{Settings: s, Browsers: func() []Browser { return readBrowsers(root) }}.browsers); all[0].Code != BrowserNone {
		t.Errorf("%+v", all)
	}
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, page string
		want          bool
	}{
		{"*", "https://a.example", true}, {"https://a.example", "https://a.example", true}, {"a.example", "https://a.example", true},
		{"http://a.example", "https://a.example", false}, {"https://a.example:8443", "https://a.example", false}, {"https://a.example:443", "https://a.example", true},
		{"https://a.example:8443", "https://a.example:8443", true}, {"[*.]example", "https://a.example", true}, {"https://[*.]a.example", "https://a.example", true},
		{"[*.]example", "https://badexample", false}, {"*.example", "https://a.example", true}, {"https://*", "https://a.example", true}, {"https://a.example/*", "https://a.example", true},
		{"b.example", "https://a.example", false},
	} {
		if got := matches(c.pattern, c.page); got != c.want {
			t.Errorf("%q, %q: %v", c.pattern, c.page, got)
		}
	}
}

// TestBounded: whatever hangs, all areas are told, in order, in half a minute.
func TestBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		forever := make(chan struct{})
		hangs := func() { <-forever }
		o := Options{
			Settings: settings("wss://sbc.example.net"), Proxy: direct, Dirs: []string{"/"},
			Free:    func(string) (uint64, error) { hangs(); return 0, nil },
			Secret:  func(context.Context) error { hangs(); return nil },
			Display: func(context.Context) Finding { hangs(); return Finding{} },
			Headset: func(context.Context) Finding { hangs(); return Finding{} },
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			},
			Browsers: func() []Browser { return nil },
			Echo:     func(context.Context) check.Result { hangs(); return check.Result{} },
			Ports:    nil,
		}
		began := time.Now()
		var told []Finding
		all := Run(t.Context(), o, func(f Finding) { told = append(told, f) })
		if took := time.Since(began); took >= 30*time.Second {
			t.Errorf("took %v", took)
		}
		close(forever)
		if len(told) != len(all) || len(all) < len(Areas()) {
			t.Fatalf("%d told, %d found", len(told), len(all))
		}
		at := 0
		for _, f := range all {
			for at < len(Areas()) && Areas()[at] != f.Area {
				at++
			}
			if at == len(Areas()) {
				t.Fatalf("%s out of order: %+v", f.Area, all)
			}
		}
		for _, a := range []Area{AreaDisk, AreaKeyring, AreaDisplay, AreaHeadset} {
			if of(all, a).Code != Unfinished {
				t.Errorf("%s: %+v", a, of(all, a))
			}
		}
		if of(all, AreaCall).Code != CallNoLine || Worst(all) != Error {
			t.Errorf("%+v", all)
		}
	})
}

// TestLeft: whoever does not wait for the end gets one at once.
func TestLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		began := time.Now()
		all := Run(ctx, Options{Settings: settings("wss://192.0.2.1"), Proxy: direct, Browsers: func() []Browser { return nil },
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }}, nil)
		if took := time.Since(began); took > 3*time.Second || len(all) < 10 {
			t.Errorf("took %v, %d findings", took, len(all))
		}
	})
}

// TestDetailsAreClean: what a server says of itself may hold numbers.
func TestDetailsAreClean(t *testing.T) {
	url := "ws://" + sbc(t, nil, []string{"sip"}, time.Time{}, sipAnswer("404 No user 010-1234-5678", "Server: x password=hunter2\r\n"))
	all := Run(t.Context(), Options{Settings: settings(url), Proxy: direct, Browsers: func() []Browser { return nil }}, nil)
	if f := of(all, AreaSIP); f.Detail != "SIP 404 No user [number], x password=[secret]" {
		t.Errorf("%+v", f)
	}
}
