package profile

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	helpline = "https://helpline.example"
	intranet = "http://intranet:8080"
	counsel  = "https://counsel.example"
	crm      = "https://crm.example"
)

// allow and forget are what a Yes and a Revoke do.
func allow(o string) func(*Settings) {
	return func(s *Settings) { s.WebAPIOrigins = append(s.WebAPIOrigins, o) }
}

func forget(o string) func(*Settings) {
	return func(s *Settings) {
		s.WebAPIOrigins = slices.DeleteFunc(s.WebAPIOrigins, func(x string) bool { return x == o })
	}
}

func wantOrigins(t *testing.T, s *Store, own, given string) {
	t.Helper()
	gotOwn, gotGiven := s.Origins()
	if strings.Join(gotOwn, " ") != own || strings.Join(gotGiven, " ") != given {
		t.Errorf("own %q, given %q; want %q and %q", gotOwn, gotGiven, own, given)
	}
	all := s.Get().WebAPIOrigins
	for _, o := range append(gotOwn, gotGiven...) {
		if !slices.Contains(all, o) {
			t.Errorf("%s is not in force: %q", o, all)
		}
	}
	if len(all) != len(union(gotOwn, gotGiven)) {
		t.Errorf("in force: %q", all)
	}
}

// The lists of all layers count together, and the user can add to his own while
// a policy has one.
func TestOriginsAddUp(t *testing.T) {
	path := file(t, `{"web-api-origins": ["`+counsel+`"], "web-api": true}`)
	s, err := Open(Options{
		Path: path, Lookup: vars(map[string]string{"NXPHONE_WEB_API_ORIGINS": `["` + crm + `"]`}),
		Layers: []Layer{
			layer(t, SourceManaged, map[Key]string{KeyWebAPIOrigins: `["` + helpline + `"]`, KeyWebAPI: "false"}),
			layer(t, SourceManaged, map[Key]string{KeyWebAPIOrigins: `["` + intranet + `","` + helpline + `"]`}),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.Get().WebAPI {
		t.Error("the policy does not switch the web API off")
	}
	given := crm + " " + helpline + " " + intranet
	wantOrigins(t, s, counsel, given)
	v := s.Value(KeyWebAPIOrigins)
	if v.Source != SourceManaged || v.Locked() || !strings.Contains(v.Text, counsel) || !strings.Contains(v.Text, intranet) {
		t.Errorf("%+v", v)
	}
	if !s.Value(KeyWebAPI).Locked() {
		t.Error("what a policy switches off can be switched on")
	}
	const late = "https://late.example"
	if err := s.Set(allow(late)); err != nil {
		t.Fatal(err)
	}
	wantOrigins(t, s, counsel+" "+late, given)
	if text := read(t, path); strings.Contains(text, crm) || strings.Contains(text, helpline) {
		t.Errorf("other layers' origins went into the file: %s", text)
	}
	// What a policy allows is not taken away by the user, nor written down.
	if err := s.Set(forget(helpline)); err != nil {
		t.Fatal(err)
	}
	wantOrigins(t, s, counsel+" "+late, given)
	if err := s.Set(forget(counsel)); err != nil {
		t.Fatal(err)
	}
	wantOrigins(t, s, late, given)
	if err := s.Add(layer(t, SourceFlag, map[Key]string{KeyWebAPIOrigins: `["https://flag.example"]`})); err != nil {
		t.Fatal(err)
	}
	wantOrigins(t, s, late, crm+" "+helpline+" "+intranet+" https://flag.example")
}

// Two phones of one user have the file open: neither's Yes undoes the other's.
func TestOriginsOfAnotherProcessAreKept(t *testing.T) {
	path := file(t, `{"web-api-origins": ["`+counsel+`", "not one"]}`)
	one, err := Open(Options{Path: path, Lookup: vars(nil)})
	if CodeOf(err) != CodeBadOrigin {
		t.Fatal(err)
	}
	other, _ := Open(Options{Path: path, Lookup: vars(nil)})
	for _, err := range []error{one.Set(allow(helpline)), other.Set(allow(crm)), one.Set(forget(counsel))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	wantOrigins(t, one, helpline+" "+crm, "")
	// What is wrong is the user's to correct, not ours to throw away.
	if text := read(t, path); !strings.Contains(text, `"not one"`) {
		t.Errorf("the faulty item is gone: %s", text)
	}
	// A refused one changes nothing.
	if err := one.Set(allow("https://helpline.example/")); CodeOf(err) == "" {
		t.Error("a path was taken for an origin")
	}
	wantOrigins(t, one, helpline+" "+crm, "")
}

// A wrong origin is told with its place, and the right ones of the list count,
// wherever the list stands.
func TestWrongOriginsAreTold(t *testing.T) {
	const list = `["` + helpline + `", "https://helpline.example/", "null", "` + intranet + `"]`
	path := file(t, "{\n  \"web-api-origins\": "+list+"\n}")
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "managed"), 0o755); err != nil {
		t.Fatal(err)
	}
	policy := filepath.Join(dir, "managed", "a.json")
	if err := os.WriteFile(policy, []byte(`{"web-api-origins": ["*", "`+counsel+`"]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	layers, perr := Policies(dir)
	s, err := Open(Options{Path: path, Layers: layers, Lookup: vars(map[string]string{"NXPHONE_WEB_API_ORIGINS": `["` + crm + `","https://*.example"]`})})
	wantOrigins(t, s, helpline+" "+intranet, crm+" "+counsel)
	text := errors.Join(err, perr).Error()
	for _, want := range []string{
		path + ":2:22: bad-origin (web-api-origins): item 2: ", "; item 3: ",
		"NXPHONE_WEB_API_ORIGINS: bad-origin (web-api-origins): item 2: ", policy + ":1:21: bad-origin",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, list := range []string{`"` + helpline + `"`, `{}`, `[1]`, `null`} {
		s, err := Open(Options{Path: file(t, `{"web-api-origins": `+list+`}`), Lookup: vars(nil)})
		if CodeOf(err) != CodeBadSetting {
			t.Errorf("%s: %v", list, err)
		}
		wantOrigins(t, s, "", "")
	}
}

func TestWebAPIDefaults(t *testing.T) {
	s, err := Open(Options{Path: filepath.Join(t.TempDir(), "none.json"), Lookup: vars(nil), Flags: parsed(t)})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Get(); got.WebAPI || !got.WebAPIAsk || got.WebAPICode || len(got.WebAPIOrigins) != 0 {
		t.Errorf("%+v", got)
	}
	if v := s.Value(KeyWebAPIAsk); v.Text != "true" || v.Source != SourceDefault {
		t.Errorf("%+v", v)
	}
	flags := parsed(t, "--web-api", "--web-api-ask=false", "--web-api-code=true")
	s, err = Open(Options{Path: filepath.Join(t.TempDir(), "none.json"), Lookup: vars(nil), Flags: flags})
	if got := s.Get(); err != nil || !got.WebAPI || got.WebAPIAsk || !got.WebAPICode {
		t.Errorf("%+v, %v", got, err)
	}
}

// The last item of a list can be taken away.
func TestListsCanBeEmptied(t *testing.T) {
	path := file(t, `{"web-api-origins": ["`+helpline+`"], "ice-servers": [{"url": "stun:a.test"}], "sip-headers": [{"name": "X", "value": "1"}]}`)
	s, err := Open(Options{Path: path, Lookup: vars(nil)})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Set(func(s *Settings) {
		forget(helpline)(s)
		s.ICEServers, s.SIPHeaders = nil, nil
	})
	got := s.Get()
	if err != nil || len(got.WebAPIOrigins)+len(got.ICEServers)+len(got.SIPHeaders) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if text := read(t, path); strings.Contains(text, "null") || strings.Count(text, "[]") != 3 {
		t.Errorf("%s", text)
	}
}
