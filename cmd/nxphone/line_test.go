package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nxphone/call"
	"nxphone/call/profile"
	"nxphone/call/sipua/sipuatest"
)

// openTestPhone is a phone with these flags, without a face.
func openTestPhone(t *testing.T, args ...string) *phone {
	t.Helper()
	newShell(t)
	o, err := parse(append([]string{"call", "600", "--audio", "null"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	p := &program{stdout: io.Discard, stderr: io.Discard, log: slog.New(slog.DiscardHandler)}
	p.openSettings(o)
	ph, err := p.openPhone(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ph.close(); err != nil {
			t.Error(err)
		}
	})
	return ph
}

func passwordFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(path, []byte("correct horse\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSameServer(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"wss://sbc.example.net:6081", "wss://sbc.example.net:6081/ws?x=1", true},
		{"wss://sbc.example.net", "WSS://SBC.example.NET:443/", true},
		{"ws://[::1]:80/a", "ws://[::1]/b", true},
		{"wss://sbc.example.net:6081", "ws://sbc.example.net:6081", false}, // in the open
		{"wss://sbc.example.net:6081", "wss://sbc.example.net:6082", false},
		{"wss://sbc.example.net", "wss://sbc.example.net.evil.test", false},
		{"wss://sbc.example.net@evil.test", "wss://sbc.example.net", false},
		{"", "", false}, {"wss://", "wss://", false}, {"http://a", "http://a", false}, {"ws://%", "ws://%", false},
	} {
		if sameServer(tc.a, tc.b) != tc.want || sameServer(tc.b, tc.a) != tc.want {
			t.Errorf("%q and %q: want %v", tc.a, tc.b, tc.want)
		}
	}
}

// What belongs to the settings' server goes to no other.
func TestSettingsOfARequest(t *testing.T) {
	const own = "wss://sbc.example.net:6081"
	ph := openTestPhone(t, "--realm", "example.net", "--dn", "1000", "--url", own, "--user", "kim", "--password-file", passwordFile(t))
	err := ph.store.Set(func(s *profile.Settings) {
		s.Register, s.Origin = true, "https://phone.example.net"
		s.HandshakeHeaders = []profile.Header{{Name: "Cookie", Value: "key=1"}}
		s.SIPHeaders = []profile.Header{{Name: "X-Key", Value: "2"}}
	})
	if err != nil {
		t.Fatal(err)
	}
	line := call.Request{Realm: "example.net", DN: "1000", Tel: "600", URL: own}
	for _, tc := range []struct {
		name           string
		change         func(*call.Request)
		digest, fields bool
		loopback, kept bool
	}{
		{"the settings' own", func(*call.Request) {}, true, true, false, true},
		{"another path", func(r *call.Request) { r.URL = own + "/other" }, true, true, false, true},
		{"another realm", func(r *call.Request) { r.Realm = "evil.test" }, false, true, false, true},
		{"another extension", func(r *call.Request) { r.DN = "1001" }, false, true, false, true},
		{"another host", func(r *call.Request) { r.URL = "wss://evil.test:6081" }, false, false, false, false},
		{"another port", func(r *call.Request) { r.URL = "wss://sbc.example.net:6082" }, false, false, false, false},
		{"not encrypted", func(r *call.Request) { r.URL = "ws://sbc.example.net:6081" }, false, false, false, false},
		{"this machine", func(r *call.Request) { r.URL = "ws://127.0.0.1:6080" }, false, false, true, false},
	} {
		req := line
		tc.change(&req)
		got := ph.signalling(req)
		if has := got.Password != "" && got.User == "kim"; has != tc.digest || !tc.digest && got.User+got.Password != "" {
			t.Errorf("%s: user %q, a password %v", tc.name, got.User, got.Password != "")
		}
		if has := got.Header.Get("Cookie") != ""; has != tc.fields || len(got.SIPHeaders) > 0 != tc.fields ||
			got.Header.Get("Origin") != "" != tc.fields || got.Register != tc.fields {
			t.Errorf("%s: %+v", tc.name, got)
		}
		if got.KeepIdle == 0 != tc.kept {
			t.Errorf("%s: kept %v without a call", tc.name, got.KeepIdle)
		}
		if ph.mediaSettings(req).IncludeLoopback != tc.loopback {
			t.Errorf("%s: loopback", tc.name)
		}
	}
}

// The password stays that of the line it was fetched for when the settings
// change and the new one's has not been fetched yet.
func TestPasswordBelongsToItsLine(t *testing.T) {
	newShell(t)
	ph := openTestPhone(t, "--password-file", passwordFile(t))
	set := func(realm string) call.Request {
		err := ph.store.Set(func(s *profile.Settings) { s.Realm, s.DN, s.URL = realm, "1000", "ws://sbc."+realm })
		if err != nil {
			t.Fatal(err)
		}
		return ph.request("600")
	}
	// The flag's file was read for settings without a line.
	first := set("a.test")
	if ph.signalling(first).Password != "" {
		t.Error("a password that was fetched for no line is used")
	}
	if err := ph.loadPassword(context.Background()); err != nil {
		t.Fatal(err)
	}
	if ph.signalling(first).Password == "" {
		t.Error("the line's password is not used")
	}
	if ph.signalling(set("b.test")).Password != "" {
		t.Error("another line gets the password before it was fetched for it")
	}
}

// A server that a page names cannot draw a digest answer out of the phone,
// whatever realm it challenges with.
func TestNoDigestForAPagesServer(t *testing.T) {
	settings := sipuatest.Listen(t, nil)
	evil := sipuatest.Listen(t, nil)
	own := call.Request{Realm: "example.net", DN: "1000", Tel: "01012345678", URL: "ws://" + settings.Addr()}
	ph := openTestPhone(t, "--realm", own.Realm, "--dn", own.DN, "--url", own.URL, "--password-file", passwordFile(t))
	var warm *sipuatest.Conn // one connection serves every call to a server
	for _, tc := range []struct {
		name   string
		srv    *sipuatest.Server
		change func(*call.Request)
		want   bool
	}{
		{"a server of its own", evil, func(r *call.Request) { r.URL = "ws://" + evil.Addr() }, false},
		{"the settings' server, another realm", settings, func(r *call.Request) { r.Realm = "evil.test" }, false},
		{"the settings' line", settings, func(*call.Request) {}, true},
	} {
		req := own
		tc.change(&req)
		ended := make(chan call.Reason, 1)
		ctx, stop := context.WithCancel(t.Context())
		events := ph.engine.Watch(ctx)
		go func() {
			for _, cause := range events {
				if e, ok := cause.(call.Ended); ok {
					ended <- e.Reason
				}
			}
		}()
		if _, err := ph.engine.Dial(ctx, req); err != nil {
			t.Fatal(err)
		}
		c := warm
		if c == nil || tc.srv != settings {
			c = tc.srv.Accept()
		}
		if tc.srv == settings {
			warm = c
		}
		inv := c.Expect("INVITE")
		if strings.Contains(inv.Text, "Authorization") {
			t.Errorf("%s: unasked\n%s", tc.name, inv.Text)
		}
		c.Reply(inv, "407 Proxy Authentication Required", `Proxy-Authenticate: Digest realm="example.net", nonce="n1", qop="auth"`)
		c.Expect("ACK")
		if tc.want {
			again := c.Expect("INVITE")
			if !strings.Contains(again.Text, `Proxy-Authorization: Digest username="1000"`) {
				t.Errorf("%s: no answer to the challenge\n%s", tc.name, again.Text)
			}
			c.Reply(again, "486 Busy Here")
			c.Expect("ACK")
		}
		r := <-ended
		if (r.Code == call.CodeUnauthorized) == tc.want {
			t.Errorf("%s: ended by %s", tc.name, r.Code)
		}
		stop()
		for {
			text, more := c.Try(0)
			if !more {
				break
			}
			t.Errorf("%s: and then\n%s", tc.name, text)
		}
	}
}
