package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nxphone/assets/text"
	"nxphone/call/profile"
	"nxphone/call/provision"
	"nxphone/ui"
)

// organisation is a server with signed settings, and what a policy says of it.
type organisation struct {
	t       *testing.T
	server  *httptest.Server
	private ed25519.PrivateKey
	ca      string
	doc     atomic.Pointer[[]byte]
	code    string // that is exchanged for a token; "" where everybody may read
}

func newOrganisation(t *testing.T) *organisation {
	t.Helper()
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	t.Setenv("STATE_DIRECTORY", "")
	o := &organisation{t: t, ca: filepath.Join(t.TempDir(), "ca.pem")}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	o.private = private
	o.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			var got struct{ Code string }
			if json.NewDecoder(r.Body).Decode(&got) != nil || got.Code != o.code {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			_, _ = io.WriteString(w, `{"token":"t0ken"}`)
		case o.code != "" && r.Header.Get("Authorization") != "Bearer t0ken":
			w.WriteHeader(http.StatusUnauthorized)
		default:
			_, _ = w.Write(*o.doc.Load())
		}
	}))
	o.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	o.server.StartTLS()
	t.Cleanup(o.server.Close)
	block := &pem.Block{Type: "CERTIFICATE", Bytes: o.server.Certificate().Raw}
	if err := os.WriteFile(o.ca, pem.EncodeToMemory(block), 0o644); err != nil {
		t.Fatal(err)
	}
	o.publish(1, "{}", "{}")
	return o
}

func (o *organisation) publish(version int, managed, recommended string) {
	o.t.Helper()
	payload := fmt.Sprintf(`{"version":%d,"expires":"2099-01-01T00:00:00Z","managed":%s,"recommended":%s}`, version, managed, recommended)
	data, err := provision.Seal([]byte(payload), o.private)
	if err != nil {
		o.t.Fatal(err)
	}
	o.doc.Store(&data)
}

func (o *organisation) public() string {
	return provision.FormatKey(o.private.Public().(ed25519.PublicKey))
}

// policy is what a managed policy says of the server, and more.
func (o *organisation) policy(more string) string {
	return fmt.Sprintf(`{"provision-url":%q,"provision-keys":[%q],"ca":%q%s}`, o.server.URL, o.public(), o.ca, more)
}

// program is one that starts with this managed policy.
func (o *organisation) program(policy string) (*program, *bytes.Buffer, *bytes.Buffer) {
	o.t.Helper()
	dir := filepath.Join(o.t.TempDir(), "policies")
	if err := os.MkdirAll(filepath.Join(dir, "managed"), 0o755); err != nil {
		o.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "managed", "a.json"), []byte(policy), 0o644); err != nil {
		o.t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	p := &program{stdout: &stdout, stderr: &stderr, words: text.For(text.English), log: slog.New(slog.DiscardHandler),
		policies: profile.NewPolicyReader(profile.PolicyOptions{Dir: dir})}
	opts, err := parse([]string{"policy", "--lang", "en", "--config", filepath.Join(o.t.TempDir(), "settings.json")})
	if err != nil {
		o.t.Fatal(err)
	}
	p.openSettings(opts)
	return p, &stdout, &stderr
}

func has(t *testing.T, s *profile.Store, key profile.Key, text string, source profile.Source) {
	t.Helper()
	if v := s.Value(key); v.Text != text || v.Source != source {
		t.Errorf("%+v, want %q from %s", v, text, source)
	}
}

// TestServerGivesOrders: a policy names a server while the phone runs; what it
// has signed is in force below the machine's policies and above the user, and
// goes when the policy goes.
func TestServerGivesOrders(t *testing.T) {
	org := newOrganisation(t)
	org.publish(1, `{"theme":"dark","lang":"en","kiosk-number":"1393"}`, `{"text-size":125,"on-top":true}`)
	r := newOrdersRig(t)
	defer r.orders.close()
	r.busy <- false
	r.write(org.policy(`,"lang":"ko"`))
	limit := time.After(20 * time.Second)
	until := func(key profile.Key, text string) {
		t.Helper()
		for r.p.store.Value(key).Text != text {
			select {
			case <-r.orders.told:
			case <-limit:
				t.Fatalf("%+v, %s", r.p.store.Value(key), r.stderr.String())
			}
		}
	}
	until(profile.KeyTheme, "dark")
	s := r.p.store
	has(t, s, profile.KeyLang, "ko", profile.SourceManaged)
	has(t, s, profile.KeyTheme, "dark", profile.SourceProvisioned)
	has(t, s, profile.KeyKioskNumber, "1393", profile.SourceProvisioned)
	has(t, s, profile.KeyTextSize, "125", profile.SourceRecommended)
	if !s.Value(profile.KeyTheme).Locked() || s.Value(profile.KeyTextSize).Locked() {
		t.Error("the locks are wrong")
	}
	if err := s.Set(func(s *profile.Settings) { s.TextSize = 150 }); err != nil {
		t.Fatal(err)
	}
	has(t, s, profile.KeyTextSize, "150", profile.SourceFile)
	r.write(`{"lang":"ko"}`)
	until(profile.KeyTheme, "")
	if got := r.stderr.String(); got != "" {
		t.Errorf("told %q", got)
	}
}

// TestServerIsKept: a start without the server has what it said last, and a
// rolled back or wrong document changes nothing.
func TestServerIsKept(t *testing.T) {
	org := newOrganisation(t)
	org.publish(5, `{"theme":"dark"}`, `{}`)
	p, stdout, stderr := org.program(org.policy(""))
	if code := p.fetchPolicy(t.Context(), options{}); code != exitOK || stdout.String() != "version 5\nexpires 2099-01-01T00:00:00Z\n" {
		t.Fatalf("%d %q %q", code, stdout, stderr)
	}
	for name, tt := range map[string]struct {
		version int
		managed string
		want    string
	}{
		"rolled back":        {4, `{}`, "older than one that was seen"},
		"a wrong value":      {6, `{"theme":"green"}`, "not a server's to give"},
		"its own server":     {6, `{"provision-url":"https://evil.example/"}`, "not a server's to give"},
		"its own keys":       {6, `{"provision-keys":[]}`, "not a server's to give"},
		"a file of password": {6, `{"password-file":"/etc/hostname"}`, "not a server's to give"},
	} {
		org.publish(tt.version, tt.managed, "{}")
		p, _, stderr := org.program(org.policy(""))
		has(t, p.store, profile.KeyTheme, "dark", profile.SourceProvisioned)
		if code := p.fetchPolicy(t.Context(), options{}); code != exitFailed || !strings.Contains(stderr.String(), tt.want) {
			t.Errorf("%s: %d %q", name, code, stderr)
		}
	}
	// The kiosk's settings are orders, not proposals.
	org.publish(6, `{}`, `{"kiosk-number":"1"}`)
	p, _, stderr = org.program(org.policy(""))
	if code := p.fetchPolicy(t.Context(), options{}); code != exitFailed || !strings.Contains(stderr.String(), "not a server's to give") {
		t.Errorf("%d %q", code, stderr)
	}
	// What a newer program knows is passed over, and told.
	org.publish(7, `{"theme":"contrast","hologram":true}`, `{}`)
	p, _, stderr = org.program(org.policy(""))
	if code := p.fetchPolicy(t.Context(), options{}); code != exitFailed || !strings.Contains(stderr.String(), "hologram") {
		t.Errorf("%d %q", code, stderr)
	}
	p, _, _ = org.program(org.policy(""))
	has(t, p.store, profile.KeyTheme, "contrast", profile.SourceProvisioned)
	org.server.Close()
	p, _, _ = org.program(org.policy(""))
	has(t, p.store, profile.KeyTheme, "contrast", profile.SourceProvisioned)
	// Without the policy there is no server to believe, and with no key nobody.
	p, _, _ = org.program(`{}`)
	has(t, p.store, profile.KeyTheme, "", profile.SourceDefault)
	p, _, stderr = org.program(fmt.Sprintf(`{"provision-url":%q}`, org.server.URL))
	has(t, p.store, profile.KeyTheme, "", profile.SourceDefault)
	if !strings.Contains(stderr.String(), "Check provision-url, provision-keys") {
		t.Errorf("%q", stderr)
	}
}

// otherAuthority is the file of an authority that has signed nothing.
func otherAuthority(t *testing.T) string {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "other.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestServerCannotCutItselfOff: a document that names other authorities counts for
// calls, and the next document, which mends it, still arrives.
func TestServerCannotCutItselfOff(t *testing.T) {
	org := newOrganisation(t)
	other := otherAuthority(t)
	policy := fmt.Sprintf(`{"provision-url":%q,"provision-keys":[%q]}`, org.server.URL, org.public())
	t.Setenv("NXPHONE_CA", org.ca)
	fetch := func(want string) {
		t.Helper()
		p, stdout, stderr := org.program(policy)
		if code := p.fetchPolicy(t.Context(), options{}); code != exitOK || !strings.HasPrefix(stdout.String(), want+"\n") {
			t.Errorf("%d %q %q", code, stdout, stderr)
		}
	}
	org.publish(1, fmt.Sprintf(`{"ca":%q}`, other), "{}")
	fetch("version 1")
	p, _, _ := org.program(policy)
	has(t, p.store, profile.KeyCA, other, profile.SourceProvisioned)
	org.publish(2, `{}`, "{}")
	fetch("version 2")
	p, _, _ = org.program(policy)
	has(t, p.store, profile.KeyCA, org.ca, profile.SourceEnvironment)
}

// TestOpenPhoneIsNotCutOff is the same for a phone that runs: what it adopts does
// not make it ask with other authorities.
func TestOpenPhoneIsNotCutOff(t *testing.T) {
	org := newOrganisation(t)
	other := otherAuthority(t)
	org.publish(1, fmt.Sprintf(`{"ca":%q,"theme":"dark"}`, other), "{}")
	r := newOrdersRig(t)
	defer r.orders.close()
	if err := r.p.store.Set(func(s *profile.Settings) { s.CA = org.ca }); err != nil {
		t.Fatal(err)
	}
	r.busy <- false
	r.write(fmt.Sprintf(`{"provision-url":%q,"provision-keys":[%q]}`, org.server.URL, org.public()))
	limit := time.After(20 * time.Second)
	until := func(key profile.Key, text string) {
		t.Helper()
		for r.p.store.Value(key).Text != text {
			select {
			case <-r.orders.told:
			case <-limit:
				t.Fatalf("%+v, told %s", r.p.store.Value(key), r.stderr.String())
			}
		}
	}
	until(profile.KeyCA, other)
	org.publish(2, `{"theme":"light"}`, "{}")
	r.orders.poke <- struct{}{}
	until(profile.KeyTheme, "light")
	if got := r.stderr.String(); got != "" {
		t.Errorf("told %q", got)
	}
}

// TestHealthAddressOfTheServer: an administrator who asks a booth as root finds an
// address that only the organisation's server has given it.
func TestHealthAddressOfTheServer(t *testing.T) {
	org := newOrganisation(t)
	org.publish(1, `{"kiosk-health":"127.0.0.1:17091"}`, `{}`)
	policy := org.policy("")
	booth := t.TempDir() // where the booth's user keeps what was fetched
	t.Setenv("STATE_DIRECTORY", booth)
	p, _, stderr := org.program(policy)
	if code := p.fetchPolicy(t.Context(), options{}); code != exitOK {
		t.Fatalf("%d %q", code, stderr)
	}
	t.Setenv("STATE_DIRECTORY", "")
	root, _, _ := org.program(policy) // has fetched nothing itself
	if got := root.healthAddress([]string{t.TempDir(), booth}); got != "127.0.0.1:17091" {
		t.Errorf("asked at %q", got)
	}
	if got := root.healthAddress(nil); got != "" {
		t.Errorf("asked at %q", got)
	}
	// The machine's policy is above it, and what nobody has signed is not believed.
	root, _, _ = org.program(org.policy(`,"kiosk-health":"127.0.0.1:17092"`))
	if got := root.healthAddress([]string{booth}); got != "127.0.0.1:17092" {
		t.Errorf("asked at %q", got)
	}
	root, _, _ = org.program(strings.Replace(policy, org.public(), newOrganisation(t).public(), 1))
	if got := root.healthAddress([]string{booth}); got != "" {
		t.Errorf("asked at %q", got)
	}
}

// TestServerIsHeld: no broken file frees anybody of the server's orders.
func TestServerIsHeld(t *testing.T) {
	org := newOrganisation(t)
	org.publish(5, `{"theme":"dark","mask-numbers":"last-2"}`, `{}`)
	policy := fmt.Sprintf(`{"provision-url":%q,"provision-keys":[%q]}`, org.server.URL, org.public())
	t.Setenv("NXPHONE_CA", org.ca)
	p, _, stderr := org.program(policy)
	if code := p.fetchPolicy(t.Context(), options{}); code != exitOK {
		t.Fatalf("%d %q", code, stderr)
	}
	// The file of authorities is not there, which anybody can have so.
	t.Setenv("NXPHONE_CA", filepath.Join(t.TempDir(), "none.pem"))
	p, _, stderr = org.program(policy)
	has(t, p.store, profile.KeyTheme, "dark", profile.SourceProvisioned)
	if !strings.Contains(stderr.String(), "Check provision-url, provision-keys") {
		t.Errorf("told %q", stderr)
	}
	t.Setenv("NXPHONE_CA", org.ca)
	// What was kept is damaged, or by a key that counts no more.
	kept := filepath.Join(stateFolder(), "provisioned.json")
	text, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	other := newOrganisation(t).public()
	for name, tt := range map[string]struct{ kept, policy string }{
		"damaged":     {string(text[:len(text)/2]), policy},
		"another key": {string(text), strings.Replace(policy, org.public(), other, 1)},
	} {
		t.Setenv("XDG_STATE_HOME", t.TempDir())
		kept := filepath.Join(stateFolder(), "provisioned.json")
		if err := os.MkdirAll(filepath.Dir(kept), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(kept, []byte(tt.kept), 0o600); err != nil {
			t.Fatal(err)
		}
		p, _, stderr := org.program(tt.policy)
		has(t, p.store, profile.KeyMaskNumbers, profile.MaskAll, profile.SourceProvisioned)
		if !p.store.Value(profile.KeyTheme).Locked() || !strings.Contains(stderr.String(), "provisioned.json") {
			t.Errorf("%s: %+v, told %q", name, p.store.Value(profile.KeyTheme), stderr)
		}
		// A server that cannot be reached opens nothing either, and one that
		// can ends it.
		c, err := p.newProvision(p.store.Get(), nil)
		if err != nil {
			t.Fatal(err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if st := c.Fetch(gone); !st.Lost {
			t.Errorf("%s: %+v", name, st)
		}
		if st := c.Fetch(t.Context()); name == "damaged" && (st.Lost || st.Document == nil) {
			t.Errorf("%s: %+v", name, st)
		}
	}
}

// TestEnrolCode: a code on standard input, a token for this user alone.
func TestEnrolCode(t *testing.T) {
	org := newOrganisation(t)
	org.code = "ABCD-1234"
	org.publish(1, `{"theme":"dark"}`, "{}")
	p, _, stderr := org.program(org.policy(""))
	if code := p.fetchPolicy(t.Context(), options{}); code != exitFailed || !strings.Contains(stderr.String(), "one-time code") {
		t.Errorf("%d %q", code, stderr)
	}
	if err := p.enrol(t.Context(), p.store.Get(), nil, "wrong"); provision.CodeOf(err) != provision.CodeDenied {
		t.Error(err)
	}
	if err := p.enrol(t.Context(), p.store.Get(), nil, "ABCD-1234\n"); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(tokenFile())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	c, err := p.newProvision(p.store.Get(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if st := c.Fetch(t.Context()); st.Err != nil || st.Document == nil {
		t.Errorf("%+v", st)
	}
	// The token is that server's.
	if token, err := provisionToken(t.Context(), "https://other.example/", nil); token != "" || err != nil {
		t.Errorf("%q %v", token, err)
	}
}

// TestSigning: the administrator's three commands.
func TestSigning(t *testing.T) {
	dir := t.TempDir()
	key, doc := filepath.Join(dir, "key.pem"), filepath.Join(dir, "doc.json")
	public, stderr, code := policyRun(t, "{}", "keygen", key)
	if code != exitOK || stderr != "" {
		t.Fatalf("%d %q", code, stderr)
	}
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	if _, _, code := policyRun(t, "{}", "keygen", key); code != exitUsage {
		t.Errorf("a key is written over: %d", code)
	}
	for text, want := range map[string]int{
		`{"version":1,"expires":"2099-01-01T00:00:00Z","managed":{"lang":"ko"}}`:        exitOK,
		`{"version":1,"expires":"2099-01-01T00:00:00Z","managed":{"lang":"fr"}}`:        exitFailed,
		`{"version":1,"expires":"2099-01-01T00:00:00Z","managed":{"lnag":"ko"}}`:        exitFailed,
		`{"version":1,"expires":"2099-01-01T00:00:00Z","managed":{"log-level":"info"}}`: exitFailed,
		`{"version":1}`: exitFailed,
	} {
		if err := os.WriteFile(doc, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		stdout, stderr, code := policyRun(t, "{}", "sign", key, doc)
		if code != want || (code == exitOK) != (stderr == "") || (code == exitOK) != (stdout != "") {
			t.Errorf("%s: %d %q %q", text, code, stdout, stderr)
		}
		if code != exitOK {
			continue
		}
		k, err := provision.ParseKey(strings.TrimSpace(public))
		if err != nil {
			t.Fatal(err)
		}
		if d, err := provision.Open([]byte(stdout), []ed25519.PublicKey{k}); err != nil || d.Version != 1 {
			t.Errorf("%+v %v", d, err)
		}
	}
	if _, _, code := policyRun(t, "{}", "sign", doc, key); code != exitUsage {
		t.Errorf("a document as a key: %d", code)
	}
}

// TestEnrolWhileOpen: the server turns the phone away until somebody types the
// code in the window.
func TestEnrolWhileOpen(t *testing.T) {
	org := newOrganisation(t)
	org.code = "ABCD-1234"
	org.publish(1, `{"theme":"dark"}`, "{}")
	r := newOrdersRig(t)
	defer r.orders.close()
	r.busy <- false
	r.write(org.policy(""))
	limit := time.After(20 * time.Second)
	until := func(what string, ok func(ui.Orders) bool) {
		t.Helper()
		for {
			select {
			case o := <-r.orders.told:
				if ok(o) {
					return
				}
			case <-limit:
				t.Fatalf("%s: %s", what, r.stderr.String())
			}
		}
	}
	until("turned away", func(o ui.Orders) bool { return strings.Contains(strings.Join(o.Faults, " "), "one-time code") })
	if got := r.orders.enrol(t.Context(), "wrong"); !strings.Contains(got, "one-time code") {
		t.Errorf("a wrong code: %q", got)
	}
	if got := r.orders.enrol(t.Context(), "ABCD-1234"); got != "" {
		t.Fatal(got)
	}
	until("let in", func(o ui.Orders) bool { return o.Changed && len(o.Faults) == 0 })
	has(t, r.p.store, profile.KeyTheme, "dark", profile.SourceProvisioned)
}
