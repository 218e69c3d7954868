package provision

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// signer is an organisation with a key.
type signer struct {
	public  ed25519.PublicKey
	private ed25519.PrivateKey
}

func newSigner(t testing.TB) signer {
	t.Helper()
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signer{pub, priv}
}

// seal signs a document of this version that is good for an hour.
func (s signer) seal(t testing.TB, version int, more string) []byte {
	t.Helper()
	return s.sealText(t, fmt.Sprintf(`{"version":%d,"expires":%q%s}`, version, time.Now().Add(time.Hour).UTC().Format(time.RFC3339), more))
}

func (s signer) sealText(t testing.TB, payload string) []byte {
	t.Helper()
	data, err := Seal([]byte(payload), s.private)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// server is an organisation's, on loopback, with an authority of its own.
type server struct {
	*httptest.Server
	mu      sync.Mutex
	handler http.HandlerFunc
	asked   []*http.Request
}

func newServer(t *testing.T, config func(*tls.Config)) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		h := s.handler
		s.asked = append(s.asked, r.Clone(context.WithoutCancel(r.Context())))
		s.mu.Unlock()
		h(w, r)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{}
	if config != nil {
		config(s.TLS)
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *server) answer(h http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler = h
}

// give answers with a document, by ETag.
func (s *server) give(data []byte, etag string) {
	s.answer(func(w http.ResponseWriter, r *http.Request) {
		if etag != "" && r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", etag)
		_, _ = w.Write(data)
	})
}

func (s *server) lastAsked() *http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[len(s.asked)-1]
}

func (s *server) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

func client(t *testing.T, o Options) *Client {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestFetch: a document is taken, kept, asked for again by its tag, replaced by
// a newer one, and there again at the next start.
func TestFetch(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	s, org := newServer(t, nil), newSigner(t)
	defer s.Close()
	path := filepath.Join(t.TempDir(), "state", "provisioned.json")
	o := Options{URL: s.URL + "/desk?group=1", Keys: []ed25519.PublicKey{newSigner(t).public, org.public}, Roots: s.roots(), Kept: path, UserAgent: "nxphone/test"}
	c := client(t, o)
	if st := c.Last(); st.Document != nil || st.Err != nil {
		t.Errorf("before: %+v", st)
	}
	s.give(org.seal(t, 3, `,"managed":{"lang":"ko"},"url":"`+o.URL+`"`), `"a"`)
	st := c.Fetch(t.Context())
	if st.Err != nil || st.Document == nil || st.Document.Version != 3 || string(st.Document.Managed) != `{"lang":"ko"}` || string(st.Document.Recommended) != "{}" {
		t.Fatalf("%+v", st)
	}
	if r := s.lastAsked(); r.URL.RequestURI() != "/desk?group=1" || r.Header.Get("If-None-Match") != "" || r.UserAgent() != "nxphone/test" {
		t.Errorf("asked %v %v", r.URL, r.Header)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("kept: %v %v", info, err)
	}
	// A new start, and nothing new.
	c = client(t, o)
	if st := c.Last(); st.Err != nil || st.Document == nil || st.Document.Version != 3 {
		t.Fatalf("kept: %+v", st)
	}
	if st := c.Fetch(t.Context()); st.Err != nil || st.Document.Version != 3 || s.lastAsked().Header.Get("If-None-Match") != `"a"` {
		t.Errorf("%+v, asked %v", st, s.lastAsked().Header)
	}
	s.give(org.seal(t, 4, ""), `"b"`)
	if st := c.Fetch(t.Context()); st.Err != nil || st.Document.Version != 4 {
		t.Errorf("%+v", st)
	}
	// Another address: the document holds, its tag does not.
	o.URL = s.URL + "/other"
	c = client(t, o)
	if st := c.Last(); st.Document == nil || st.Document.Version != 4 {
		t.Errorf("%+v", st)
	}
	s.give(org.seal(t, 4, ""), `"b"`)
	if c.Fetch(t.Context()); s.lastAsked().Header.Get("If-None-Match") != "" {
		t.Error("a tag of another address was sent")
	}
	// Other keys: it does not.
	o.Keys = []ed25519.PublicKey{newSigner(t).public}
	if st := client(t, o).Last(); st.Document != nil || CodeOf(st.Err) != CodeSignature {
		t.Errorf("%+v", st)
	}
}

// TestHostileDocuments: each is refused with its code, and the good one holds.
func TestHostileDocuments(t *testing.T) {
	s, org, evil := newServer(t, nil), newSigner(t), newSigner(t)
	soon := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	good := org.seal(t, 5, `,"managed":{"lang":"ko"}`)
	forge := func(change func(m map[string]any)) []byte {
		var m map[string]any
		if err := json.Unmarshal(good, &m); err != nil {
			t.Fatal(err)
		}
		change(m)
		out, _ := json.Marshal(m)
		return out
	}
	raw := func(payload string) []byte { // signed without the checks of Seal
		out, _ := json.Marshal(envelope{PayloadType, []byte(payload), []signature{{Sig: ed25519.Sign(org.private, Signed([]byte(payload)))}}})
		return out
	}
	many := make([]signature, maxSignatures+1)
	for name, tt := range map[string]struct {
		data []byte
		want Code
	}{
		"nothing":             {nil, CodeBroken},
		"a page":              {[]byte("<html>log in</html>"), CodeBroken},
		"no envelope":         {[]byte(`{"lang":"ko"}`), CodeBroken},
		"something behind":    {append(bytes.Clone(good), '{'), CodeBroken},
		"another's signature": {evil.seal(t, 6, ""), CodeSignature},
		"no signature":        {forge(func(m map[string]any) { m["signatures"] = []any{} }), CodeSignature},
		"a short signature":   {forge(func(m map[string]any) { m["signatures"] = []any{map[string]any{"sig": "AAAA"}} }), CodeSignature},
		"too many signatures": {func() []byte { out, _ := json.Marshal(envelope{PayloadType, []byte("{}"), many}); return out }(), CodeBroken},
		"a flipped byte":      {forge(func(m map[string]any) { m["payload"] = strings.Replace(m["payload"].(string), "e", "f", 1) }), CodeSignature},
		"another type":        {forge(func(m map[string]any) { m["payloadType"] = "application/json" }), CodeBroken},
		"the payload alone": {func() []byte { // signed, but not as ours
			p := []byte(fmt.Sprintf(`{"version":6,"expires":%q}`, soon))
			out, _ := json.Marshal(envelope{PayloadType, p, []signature{{Sig: ed25519.Sign(org.private, p)}}})
			return out
		}(), CodeSignature},
		"an older version":     {org.seal(t, 4, ""), CodeRollback},
		"the version again":    {org.seal(t, 5, `,"managed":{"lang":"en"}`), CodeRollback},
		"an old document":      {org.sealText(t, `{"version":6,"expires":"2020-01-01T00:00:00Z"}`), CodeExpired},
		"another's address":    {org.seal(t, 6, `,"url":"https://kiosk.example/"`), CodeAddress},
		"version 0":            {raw(`{"version":0,"expires":"` + soon + `"}`), CodeBroken},
		"version of 2^60":      {raw(`{"version":1152921504606846976,"expires":"` + soon + `"}`), CodeBroken},
		"a version in words":   {raw(`{"version":"6","expires":"` + soon + `"}`), CodeBroken},
		"no expiry":            {raw(`{"version":6}`), CodeBroken},
		"an unknown member":    {raw(`{"version":6,"expires":"` + soon + `","only":"kiosk"}`), CodeBroken},
		"settings that are no": {raw(`{"version":6,"expires":"` + soon + `","managed":[]}`), CodeBroken},
		"wrong settings":       {org.seal(t, 6, `,"managed":{"lang":"wrong"}`), CodeSettings},
		"too large":            {bytes.Repeat([]byte(" "), MaxSize+1), CodeTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "kept.json")
			o := Options{URL: s.URL, Keys: []ed25519.PublicKey{org.public}, Roots: s.roots(), Kept: path, Check: func(d Document) error {
				if bytes.Contains(d.Managed, []byte("wrong")) {
					return errors.New("wrong")
				}
				return nil
			}}
			c := client(t, o)
			s.give(good, "")
			if st := c.Fetch(t.Context()); st.Err != nil {
				t.Fatal(st.Err)
			}
			s.give(tt.data, `"x"`)
			st := c.Fetch(t.Context())
			if CodeOf(st.Err) != tt.want {
				t.Errorf("%v, want %s", st.Err, tt.want)
			}
			if st.Document == nil || st.Document.Version != 5 {
				t.Errorf("in force: %+v", st.Document)
			}
			if st := client(t, o).Last(); st.Document == nil || st.Document.Version != 5 || string(st.Document.Managed) != `{"lang":"ko"}` {
				t.Errorf("kept: %+v", st)
			}
		})
	}
}

// TestServers: what is not a document, and where it may come from.
func TestServers(t *testing.T) {
	org := newSigner(t)
	s, other := newServer(t, nil), newServer(t, nil)
	other.give(org.seal(t, 9, ""), "")
	plainServer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(org.seal(t, 9, "")) }))
	defer plainServer.Close()
	o := Options{URL: s.URL + "/a", Keys: []ed25519.PublicKey{org.public}, Roots: s.roots(), Token: func(context.Context) (string, error) { return "tok-en", nil }}
	to := func(url string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/there" {
				_, _ = w.Write(org.seal(t, 9, ""))
				return
			}
			http.Redirect(w, r, url, http.StatusFound)
		}
	}
	status := func(n int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(n) }
	}
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		want   Code
	}{
		"to itself":          {to("/there"), ""},
		"to another host":    {to(other.URL + "/there"), CodeRedirect},
		"to plain http":      {to(plainServer.URL + "/there"), CodeRedirect},
		"round and round":    {to("/a"), CodeRedirect},
		"401":                {status(401), CodeDenied},
		"403":                {status(403), CodeDenied},
		"404":                {status(404), CodeStatus},
		"500":                {status(500), CodeStatus},
		"304 to no question": {status(304), CodeStatus},
		"cut short": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte("{"))
		}, CodeUnreachable},
		"a bomb": {func(w http.ResponseWriter, _ *http.Request) {
			for range 40 {
				if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<16)); err != nil {
					return
				}
			}
		}, CodeTooLarge},
	} {
		s.answer(tt.answer)
		st := client(t, o).Fetch(t.Context())
		if CodeOf(st.Err) != tt.want {
			t.Errorf("%s: %v, want %q", name, st.Err, tt.want)
		}
		if st.Err != nil && (strings.Contains(st.Err.Error(), "tok-en") || strings.Contains(st.Err.Error(), s.URL)) {
			t.Errorf("%s: %v tells too much", name, st.Err)
		}
	}
	if n := len(other.asked); n != 0 {
		t.Errorf("another server was asked %d times", n)
	}
	o.URL += "?key=s3cret"
	o.Roots = x509.NewCertPool()
	if st := client(t, o).Fetch(t.Context()); CodeOf(st.Err) != CodeCertificate || strings.Contains(st.Err.Error(), "s3cret") {
		t.Errorf("a strange certificate: %v", st.Err)
	}
	o.Roots = s.roots()
	s.Close()
	if st := client(t, o).Fetch(t.Context()); CodeOf(st.Err) != CodeUnreachable || strings.Contains(st.Err.Error(), "s3cret") {
		t.Errorf("no server: %v", st.Err)
	}
	for _, url := range []string{"", "http://127.0.0.1/", "https://", "https://a:b@host/", "https://host/#x", "://"} {
		if _, err := New(Options{URL: url, Keys: o.Keys}); CodeOf(err) != CodeConfig {
			t.Errorf("%q: %v", url, err)
		}
	}
	if _, err := New(Options{URL: "https://host/"}); CodeOf(err) != CodeConfig {
		t.Errorf("no keys: %v", err)
	}
}

// TestClientCertificate: a server that wants one.
func TestClientCertificate(t *testing.T) {
	org := newSigner(t)
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "desk-17"}, NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, pub, priv)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(t, func(c *tls.Config) {
		c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		c.ClientCAs.AddCert(cert)
	})
	s.give(org.seal(t, 1, ""), "")
	o := Options{URL: s.URL, Keys: []ed25519.PublicKey{org.public}, Roots: s.roots()}
	if st := client(t, o).Fetch(t.Context()); st.Document != nil || st.Err == nil {
		t.Errorf("without: %+v", st)
	}
	o.Certificate = func() (*tls.Certificate, error) {
		return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: priv}, nil
	}
	if st := client(t, o).Fetch(t.Context()); st.Err != nil || st.Document == nil {
		t.Errorf("with: %+v", st)
	}
}

// TestEnrol: a code is given once, its token is sent from then on.
func TestEnrol(t *testing.T) {
	s, org := newServer(t, nil), newSigner(t)
	used := false
	s.answer(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			var got struct{ Code string }
			if json.NewDecoder(r.Body).Decode(&got) != nil || got.Code != "ABCD-1234" || used || r.Header.Get("Content-Type") != "application/json" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			used = true
			_, _ = w.Write([]byte(`{"token":"t0ken"}`))
		case r.Header.Get("Authorization") == "Bearer t0ken":
			_, _ = w.Write(org.seal(t, 1, ""))
		default:
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	token := ""
	o := Options{URL: s.URL, Keys: []ed25519.PublicKey{org.public}, Roots: s.roots(), Token: func(context.Context) (string, error) { return token, nil }}
	c := client(t, o)
	if st := c.Fetch(t.Context()); CodeOf(st.Err) != CodeDenied {
		t.Errorf("%v", st.Err)
	}
	for _, code := range []string{"", " \n", "wrong", strings.Repeat("x", maxToken+1), "a\x00b"} {
		if _, err := c.Enrol(t.Context(), code); CodeOf(err) != CodeDenied {
			t.Errorf("%.10q: %v", code, err)
		}
	}
	got, err := c.Enrol(t.Context(), " ABCD-1234\n")
	if err != nil || got != "t0ken" {
		t.Fatalf("%q, %v", got, err)
	}
	token = got
	if st := c.Fetch(t.Context()); st.Err != nil || st.Document == nil {
		t.Errorf("%+v", st)
	}
	if _, err := c.Enrol(t.Context(), "ABCD-1234"); CodeOf(err) != CodeDenied || strings.Contains(err.Error(), "ABCD") {
		t.Errorf("again: %v", err)
	}
	for _, answer := range []string{``, `{}`, `{"token":""}`, `{"token":"a b"}`, `{"token":"` + strings.Repeat("x", maxToken+1) + `"}`} {
		s.answer(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) })
		if _, err := c.Enrol(t.Context(), "x"); CodeOf(err) != CodeBroken {
			t.Errorf("%.30s: %v", answer, err)
		}
	}
	other := newServer(t, nil)
	other.give([]byte(`{"token":"stolen"}`), "")
	for _, to := range []string{other.URL, "/elsewhere"} {
		s.answer(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				_, _ = w.Write([]byte(`{"token":"of another page"}`))
				return
			}
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
		})
		if _, err := c.Enrol(t.Context(), "ABCD-1234"); CodeOf(err) != CodeRedirect {
			t.Errorf("to %s: %v", to, err)
		}
	}
	if len(other.asked) != 0 {
		t.Error("the code was sent elsewhere")
	}
}

// TestKeptFaults: a kept document that somebody has changed is none, but a
// version that was seen is remembered.
func TestKeptFaults(t *testing.T) {
	s, org := newServer(t, nil), newSigner(t)
	path := filepath.Join(t.TempDir(), "kept.json")
	o := Options{URL: s.URL, Keys: []ed25519.PublicKey{org.public}, Roots: s.roots(), Kept: path}
	write := func(k kept) {
		if err := writeKept(path, k); err != nil {
			t.Fatal(err)
		}
	}
	write(kept{Format: keptFormat, Version: 7, Envelope: newSigner(t).seal(t, 7, "")})
	c := client(t, o)
	if st := c.Last(); st.Document != nil || CodeOf(st.Err) != CodeSignature {
		t.Errorf("%+v", st)
	}
	// The number of a key that is no longer one does not count.
	s.give(org.seal(t, 6, ""), "")
	if st := c.Fetch(t.Context()); st.Err != nil || st.Document.Version != 6 {
		t.Errorf("%+v", st)
	}
	// A computer that was moved to another group's server: its document holds
	// until the new server has spoken, and each server counts for itself.
	write(kept{Format: keptFormat, URL: "https://other.example/", Version: 50, ETag: `"x"`, Envelope: org.seal(t, 50, "")})
	c = client(t, o)
	if st := c.Last(); st.Document == nil || st.Document.Version != 50 {
		t.Errorf("%+v", st)
	}
	s.give(org.seal(t, 7, ""), "")
	if st := c.Fetch(t.Context()); st.Err != nil || st.Document.Version != 7 {
		t.Errorf("%+v", st)
	}
	s.give(org.seal(t, 6, ""), "")
	if st := c.Fetch(t.Context()); CodeOf(st.Err) != CodeRollback || st.Document.Version != 7 {
		t.Errorf("%+v", st)
	}
	write(kept{Format: keptFormat, URL: s.URL, Version: 1, Envelope: org.seal(t, 9, "")}) // somebody has made its number small
	s.give(org.seal(t, 8, ""), "")
	if st := client(t, o).Fetch(t.Context()); CodeOf(st.Err) != CodeRollback || st.Document == nil || st.Document.Version != 9 {
		t.Errorf("%+v", st)
	}
	for _, text := range []string{"", "{", `{"format":2}`, `[]`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if st := client(t, o).Last(); st.Document != nil || CodeOf(st.Err) != CodeKept {
			t.Errorf("%q: %+v", text, st)
		}
	}
	// A disk that takes nothing: told, and in force all the same.
	o.Kept = filepath.Join(path, "below", "a", "file.json")
	s.give(org.seal(t, 8, ""), "")
	if st := client(t, o).Fetch(t.Context()); CodeOf(st.Err) != CodeKept || st.Document == nil {
		t.Errorf("%+v", st)
	}
}

// memory is a server without a network, for synthetic time.
type memory struct {
	mu    sync.Mutex
	times []time.Time
	give  func(n int) (status int, body []byte, retry string)
}

func (m *memory) RoundTrip(r *http.Request) (*http.Response, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.times = append(m.times, time.Now())
	status, body, retry := m.give(len(m.times))
	if status == 0 {
		return nil, errors.New("connection refused")
	}
	h := http.Header{}
	if retry != "" {
		h.Set("Retry-After", retry)
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
}

// TestRun: waits, what is told, and that an expired document stays in force.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		org := newSigner(t)
		doc := org.seal(t, 1, "") // good for an hour
		m := &memory{give: func(n int) (int, []byte, string) {
			switch {
			case n == 1:
				return 200, doc, ""
			case n == 6:
				return 503, nil, "7200"
			}
			return 0, nil, ""
		}}
		c := client(t, Options{URL: "https://server.example/", Keys: []ed25519.PublicKey{org.public}, Transport: m, Every: 30 * time.Minute})
		ctx, cancel := context.WithCancel(t.Context())
		var told []Status
		var wg sync.WaitGroup
		wg.Go(func() { c.Run(ctx, func(s Status) { told = append(told, s) }) })
		time.Sleep(8 * time.Hour) // of the bubble
		cancel()
		wg.Wait()
		var waits []time.Duration
		for i := 1; i < len(m.times); i++ {
			waits = append(waits, m.times[i].Sub(m.times[i-1]))
		}
		for i, bound := range [][2]time.Duration{
			{27 * time.Minute, 33 * time.Minute}, {15 * time.Second, 30 * time.Second}, {30 * time.Second, time.Minute}, {time.Minute, 2 * time.Minute},
			{2 * time.Minute, 4 * time.Minute}, {2 * time.Hour, 2 * time.Hour}, {8 * time.Minute, 16 * time.Minute}, {15 * time.Minute, 30 * time.Minute},
		} {
			if waits[i] < bound[0] || waits[i] > bound[1] {
				t.Errorf("wait %d is %v, want %v to %v", i, waits[i], bound[0], bound[1])
			}
		}
		var codes []Code
		expired := &Error{Code: CodeExpired}
		for _, s := range told {
			codes = append(codes, CodeOf(s.Err))
			if s.Document == nil && len(codes) > 2 {
				t.Error("the document was let go")
			}
		}
		// Nothing, the document, the server is gone, and it is old besides.
		if len(told) < 5 || codes[0] != "" || codes[1] != "" || codes[2] != CodeUnreachable || !errors.Is(told[len(told)-1].Err, expired) {
			t.Errorf("told %v", told)
		}
	})
}

// TestPoke: a fetch that is wanted now does not wait.
func TestPoke(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{give: func(int) (int, []byte, string) { return 401, nil, "" }}
		c := client(t, Options{URL: "https://server.example/", Keys: []ed25519.PublicKey{newSigner(t).public}, Transport: m})
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { c.Run(ctx, func(Status) {}) })
		synctest.Wait()
		before := len(m.times)
		c.Poke()
		synctest.Wait()
		if len(m.times) != before+1 {
			t.Errorf("%d fetches, then %d", before, len(m.times))
		}
		cancel()
		wg.Wait()
	})
}

// TestSignedByOpenSSL: an administrator needs no program of ours to sign.
func TestSignedByOpenSSL(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Fatal("openssl is not installed: packaging/deps test installs it")
	}
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	do := func(args ...string) []byte {
		t.Helper()
		out, err := exec.Command(openssl, args...).Output()
		if err != nil {
			t.Fatalf("openssl %q: %v", args, err)
		}
		return out
	}
	do("genpkey", "-algorithm", "ed25519", "-out", in("key.pem"))
	pem, err := os.ReadFile(in("key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParsePrivateKey(pem)
	if err != nil {
		t.Fatal(err)
	}
	payload := []byte(`{"version":1,"expires":"2099-01-01T00:00:00Z","managed":{"lang":"ko"}}`)
	if err := os.WriteFile(in("signed"), Signed(payload), 0o600); err != nil {
		t.Fatal(err)
	}
	sig := do("pkeyutl", "-sign", "-rawin", "-inkey", in("key.pem"), "-in", in("signed"))
	data, err := json.Marshal(envelope{PayloadType, payload, []signature{{Sig: sig}}})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := Open(data, []ed25519.PublicKey{key.Public().(ed25519.PublicKey)})
	if err != nil || doc.Version != 1 {
		t.Errorf("%+v, %v", doc, err)
	}
	// And the other way round.
	again, err := FormatPrivateKey(key)
	if err != nil || !bytes.Equal(again, pem) {
		t.Errorf("%s, %v", again, err)
	}
	if k, err := ParseKey(FormatKey(key.Public().(ed25519.PublicKey))); err != nil || !k.Equal(key.Public()) {
		t.Errorf("%v %v", k, err)
	}
	for _, text := range []string{"", "x", "AAAA", strings.Repeat("A", 44)} {
		if _, err := ParseKey(text); err == nil {
			t.Errorf("key %q is taken", text)
		}
	}
	rsa := do("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
	for _, text := range [][]byte{nil, []byte("x"), rsa, []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")} {
		if _, err := ParsePrivateKey(text); err == nil {
			t.Errorf("key %.40q is taken", text)
		}
	}
}

// TestManualSigns: the shell commands of the administrator's page make a document
// that a phone takes, in both languages of the page.
func TestManualSigns(t *testing.T) {
	english, err := os.ReadFile("../../packaging/docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(english), "<!-- openssl -->\n```sh\n")
	script, _, ok := strings.Cut(rest, "```\n<!-- /openssl -->")
	if !ok {
		t.Fatal("the page has no commands")
	}
	korean, err := os.ReadFile("../../packaging/docs/policy.ko.md")
	if err != nil || !strings.Contains(string(korean), script) {
		t.Errorf("the Korean page has other commands (%v)", err)
	}
	dir := t.TempDir()
	payload := `{"version":1,"expires":"2099-01-01T00:00:00Z","managed":{"lang":"ko"}}` + "\n"
	if err := os.WriteFile(filepath.Join(dir, "doc.json"), []byte(payload), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "-euc", script)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	read := func(name string) []byte {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	key, err := ParseKey(strings.TrimSpace(string(read("public.txt"))))
	if err != nil {
		t.Fatal(err)
	}
	if doc, err := Open(read("doc.signed"), []ed25519.PublicKey{key}); err != nil || doc.Version != 1 {
		t.Errorf("%+v, %v", doc, err)
	}
}

// TestSealChecks: what no phone would take is not signed.
func TestSealChecks(t *testing.T) {
	org := newSigner(t)
	for _, payload := range []string{"", "{}", `{"version":1}`, `{"version":1,"expires":"tomorrow"}`, `{"version":1,"expires":"2099-01-01T00:00:00Z","x":1}`,
		`{"version":1,"expires":"2099-01-01T00:00:00Z","managed":{"a":"` + strings.Repeat("x", MaxSize) + `"}}`} {
		if _, err := Seal([]byte(payload), org.private); err == nil {
			t.Errorf("%.60q is signed", payload)
		}
	}
}

// FuzzOpen: whatever a server gives, nothing panics, and nothing that is not
// signed is taken.
func FuzzOpen(f *testing.F) {
	seed := make([]byte, ed25519.SeedSize)
	key := ed25519.NewKeyFromSeed(seed)
	org := signer{key.Public().(ed25519.PublicKey), key}
	good := org.sealText(f, `{"version":1,"expires":"2099-01-01T00:00:00Z"}`)
	f.Add(good)
	f.Add([]byte(`{"payloadType":"` + PayloadType + `","payload":"e30=","signatures":[{"sig":""}]}`))
	payload := []byte(`{"version":1,"expires":"2099-01-01T00:00:00Z"}`)
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := Open(data, []ed25519.PublicKey{org.public, nil})
		if err == nil && !bytes.Equal(doc.payload, payload) {
			t.Errorf("%q is taken", doc.payload)
		}
	})
}

// FuzzDocument: a payload that was signed by mistake does no harm either.
func FuzzDocument(f *testing.F) {
	f.Add([]byte(`{"version":1,"expires":"2099-01-01T00:00:00Z","managed":{},"recommended":{}}`))
	f.Add([]byte(`{"version":1,"expires":"2099-01-01T00:00:00Z","managed":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := parse(data)
		if err == nil && (doc.Version < 1 || !json.Valid(doc.Managed) || !json.Valid(doc.Recommended) || doc.Managed[0] != '{' || doc.Recommended[0] != '{') {
			t.Errorf("%q: %+v", data, doc)
		}
	})
}

// FuzzKept: so does a file that is no copy.
func FuzzKept(f *testing.F) {
	f.Add([]byte(`{"format":1,"url":"https://a","version":1,"envelope":"e30="}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if k, err := parseKept(data); err == nil && (k.Format != keptFormat || k.Version < 0) {
			t.Errorf("%+v", k)
		}
	})
}
