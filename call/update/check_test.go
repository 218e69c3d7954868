package update

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestCheck: a good feed is taken, kept, and offered again by the next start,
// which asks nobody for that.
func TestCheck(t *testing.T) {
	s := newSite(t)
	st := s.client(t).Check(t.Context())
	if st.Err != nil || !st.Newer || st.Feed.Version != "1.3.0" || st.File == nil || st.File.Name != fileName || st.Feed.Notes["en"] != "news" {
		t.Fatalf("%+v", st)
	}
	info, err := os.Stat(s.kept)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	n := len(s.requests())
	if st := s.client(t).Last(); st.Err != nil || !st.Newer {
		t.Errorf("after a restart: %+v", st)
	}
	if len(s.requests()) != n {
		t.Error("what was kept was asked for")
	}
	for v, newer := range map[Version]bool{"1.3.0": false, "1.4.0": false, "1.3.0~20261125.101010.abcdef0": true} {
		if st := s.client(t, func(o *Options) { o.Version = v }).Check(t.Context()); st.Err != nil || st.Newer != newer {
			t.Errorf("running %s: %+v", v, st)
		}
	}
	if st := s.client(t, func(o *Options) { o.Keys = []Key{newSigner(t).key(t)} }).Last(); st.Feed != nil || st.Newer {
		t.Errorf("kept, by another key: %+v", st)
	}
}

// TestDatedWrongly: a feed that was dated years ahead by mistake keeps no greater
// version from being taken.
func TestDatedWrongly(t *testing.T) {
	s := newSite(t)
	f := s.feed("1.3.1")
	f.Date, f.Expires = f.Date.AddDate(9, 0, 0), f.Expires.AddDate(9, 0, 0)
	s.publish(t, f)
	if st := s.client(t).Check(t.Context()); st.Err != nil || !st.Newer {
		t.Fatalf("%+v", st)
	}
	s.publish(t, s.feed("1.3.2"))
	for _, c := range []*Client{s.client(t), s.client(t)} {
		if st := c.Check(t.Context()); st.Err != nil || !st.Newer || st.Feed.Version != "1.3.2" {
			t.Errorf("%+v", st)
		}
	}
}

// TestKeyReplaced: the greatest version there is, signed by a key that was stolen
// and is replaced now, keeps no later feed out.
func TestKeyReplaced(t *testing.T) {
	s := newSite(t)
	s.publish(t, s.feed("999999.0.0"))
	if st := s.client(t).Check(t.Context()); st.Err != nil || st.Feed.Version != "999999.0.0" {
		t.Fatalf("%+v", st)
	}
	s.signer = newSigner(t)
	s.public = s.key(t)
	s.publish(t, s.feed("1.3.1"))
	c := s.client(t)
	if st := c.Last(); st.Feed != nil {
		t.Errorf("what the old key signed is still told: %+v", st)
	}
	if st := c.Check(t.Context()); st.Err != nil || !st.Newer || st.Feed.Version != "1.3.1" {
		t.Errorf("%+v", st)
	}
}

// TestCheckRefuses: nothing of this is offered, and what was offered before
// stays.
func TestCheckRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		do   func(t *testing.T, s *site)
		opts func(o *Options)
		want Code
	}{
		"a flipped byte": {want: CodeSignature, do: func(t *testing.T, s *site) {
			data := append([]byte{}, s.files["/releases/feed.json"]...)
			data[len(data)/2] ^= 1
			s.put("/releases/feed.json", data)
		}},
		"a flipped byte of the signature": {want: CodeSignature, do: func(t *testing.T, s *site) {
			data := append([]byte{}, s.files["/releases/feed.json.minisig"]...)
			data[120] ^= 1
			s.put("/releases/feed.json.minisig", data)
		}},
		"a changed comment": {want: CodeSignature, do: func(t *testing.T, s *site) {
			text := strings.Replace(string(s.files["/releases/feed.json.minisig"]), "1.3.0", "1.9.0", 1)
			s.put("/releases/feed.json.minisig", []byte(text))
		}},
		"no signature": {want: CodeStatus, do: func(t *testing.T, s *site) {
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.files, "/releases/feed.json.minisig")
		}},
		"a long signature": {want: CodeSignature, do: func(t *testing.T, s *site) {
			s.put("/releases/feed.json.minisig", make([]byte, maxSignature+1))
		}},
		"another key": {want: CodeSignature, do: func(t *testing.T, s *site) {
			s.signer = newSigner(t)
			s.publish(t, s.feed("1.4.0"))
		}},
		"the old form of signatures": {want: CodeSignature, do: func(t *testing.T, s *site) {
			s.put("/releases/feed.json.minisig", s.sign(t, s.files["/releases/feed.json"], "nxphone 1.3.0 feed", "-l"))
		}},
		"signed as a file": {want: CodeComment, do: func(t *testing.T, s *site) {
			s.publishAs(t, s.files["/releases/feed.json"], "nxphone 1.3.0 windows/amd64")
		}},
		"signed as another version": {want: CodeComment, do: func(t *testing.T, s *site) {
			s.publishAs(t, s.files["/releases/feed.json"], "nxphone 1.2.9 feed")
		}},
		"signed for another program": {want: CodeComment, do: func(t *testing.T, s *site) {
			s.publishAs(t, s.files["/releases/feed.json"], "othphone 1.3.0 feed")
		}},
		"an older version": {want: CodeRollback, do: func(t *testing.T, s *site) { s.publish(t, s.feed("1.2.9")) }},
		"an older feed": {want: CodeRollback, do: func(t *testing.T, s *site) {
			f := s.feed("1.3.0")
			f.Date = f.Date.Add(-time.Minute)
			s.publish(t, f)
		}},
		"an expired feed": {want: CodeExpired, do: func(t *testing.T, s *site) {
			f := s.feed("1.4.0")
			f.Expires = f.Date.Add(time.Minute)
			s.publish(t, f)
		}},
		"no JSON": {want: CodeBroken, do: func(t *testing.T, s *site) { s.publishAs(t, []byte("{"), "nxphone 1.4.0 feed") }},
		"too much": {want: CodeTooLarge, do: func(t *testing.T, s *site) {
			s.publishAs(t, []byte(strings.Repeat(" ", MaxFeed+1)), "nxphone 1.4.0 feed")
		}},
		"not there": {want: CodeStatus, do: func(t *testing.T, s *site) {
			s.answer(func(w http.ResponseWriter, r *http.Request) bool { http.NotFound(w, r); return true })
		}},
		"to http": {want: CodeRedirect, do: func(t *testing.T, s *site) {
			s.answer(func(w http.ResponseWriter, r *http.Request) bool {
				http.Redirect(w, r, "http://"+r.Host+"/x", http.StatusFound)
				return true
			})
		}},
		"in circles": {want: CodeRedirect, do: func(t *testing.T, s *site) {
			s.answer(func(w http.ResponseWriter, r *http.Request) bool {
				http.Redirect(w, r, r.URL.Path, http.StatusFound)
				return true
			})
		}},
		"cut off": {want: CodeUnreachable, do: func(t *testing.T, s *site) {
			s.answer(func(w http.ResponseWriter, r *http.Request) bool {
				w.Header().Set("Content-Length", "1000")
				_, _ = w.Write([]byte("{"))
				return true
			})
		}},
		"an unknown certificate": {want: CodeCertificate, opts: func(o *Options) { o.Transport = stranger() }},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			if st := s.client(t).Check(t.Context()); st.Err != nil {
				t.Fatal(st.Err)
			}
			if tc.do != nil {
				tc.do(t, s)
			}
			o := s.options()
			if tc.opts != nil {
				tc.opts(&o)
			}
			c, err := New(o)
			if err != nil {
				t.Fatal(err)
			}
			st := c.Check(t.Context())
			if CodeOf(st.Err) != tc.want {
				t.Errorf("%v, want %s", st.Err, tc.want)
			}
			if strings.Contains(st.Err.Error(), "127.0.0.1") && tc.want != CodeCertificate && tc.want != CodeUnreachable {
				t.Errorf("the address is told: %v", st.Err)
			}
			if !st.Newer || st.Feed.Version != "1.3.0" {
				t.Errorf("what was offered has gone: %+v", st)
			}
		})
	}
}

// TestExpiredMeanwhile: a feed that was kept and has expired is told, and not
// offered; a clock that was set back changes nothing.
func TestExpiredMeanwhile(t *testing.T) {
	s := newSite(t)
	if st := s.client(t).Check(t.Context()); st.Err != nil {
		t.Fatal(st.Err)
	}
	k, err := readKept(s.kept)
	if err != nil {
		t.Fatal(err)
	}
	k.Date = time.Now().Add(60 * 24 * time.Hour) // a later feed was seen, by a clock that was right
	if err := writeKept(s.kept, k); err != nil {
		t.Fatal(err)
	}
	if st := s.client(t).Last(); st.Newer || CodeOf(st.Err) != CodeExpired {
		t.Errorf("%+v", st)
	}
}

// TestKeptDamaged: it is told, and the next good feed mends it.
func TestKeptDamaged(t *testing.T) {
	s := newSite(t)
	if err := os.MkdirAll(filepath.Dir(s.kept), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.kept, []byte("{\"format\":1,\"version\":7}"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := s.client(t)
	if st := c.Last(); CodeOf(st.Err) != CodeKept || st.Newer {
		t.Errorf("%+v", st)
	}
	if st := c.Check(t.Context()); st.Err != nil || !st.Newer {
		t.Errorf("%+v", st)
	}
	if st := s.client(t).Last(); st.Err != nil || !st.Newer {
		t.Errorf("%+v", st)
	}
	if err := os.Remove(s.kept); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(s.kept, 0o700); err != nil { // a folder in its place
		t.Fatal(err)
	}
	if st := s.client(t).Check(t.Context()); CodeOf(st.Err) != CodeKept || !st.Newer {
		t.Errorf("%+v", st)
	}
}

// TestNew: what cannot be used is told before anything is asked.
func TestNew(t *testing.T) {
	k := newSigner(t).key(t)
	for name, o := range map[string]Options{
		"http":       {URL: "http://x.example/feed.json", Keys: []Key{k}, Version: "1.0.0"},
		"a password": {URL: "https://u:p@x.example/feed.json", Keys: []Key{k}, Version: "1.0.0"},
		"no host":    {URL: "https:///feed.json", Keys: []Key{k}, Version: "1.0.0"},
		"no key":     {URL: "https://x.example/feed.json", Version: "1.0.0"},
		"no version": {URL: "https://x.example/feed.json", Keys: []Key{k}, Version: "today"},
	} {
		if _, err := New(o); CodeOf(err) != CodeConfig {
			t.Errorf("%s: %v", name, err)
		}
	}
	if keys, err := ParseKeys(""); err != nil || len(keys) != 0 {
		t.Errorf("%v, %v", keys, err)
	}
	for _, text := range []string{"x", "RWQ", strings.Repeat("A", 56)} {
		if _, err := ParseKeys(text); CodeOf(err) != CodeConfig {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestVerifyFile: what lies beside a file says what it is, and anything else is
// refused.
func TestVerifyFile(t *testing.T) {
	s := newSigner(t)
	keys := []Key{newSigner(t).key(t), s.key(t)} // keys are being changed
	path := filepath.Join(t.TempDir(), "nxphone_1.3.0_amd64.deb")
	write := func(name string, data []byte) {
		t.Helper()
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	data := []byte("a package")
	write(path, data)
	if _, err := VerifyFile(path, keys); CodeOf(err) != CodeSignature {
		t.Errorf("unsigned: %v", err)
	}
	good := s.sign(t, data, "nxphone 1.3.0 linux/amd64")
	write(path+".minisig", good)
	if got, err := VerifyFile(path, keys); err != nil || got != (Signed{"1.3.0", "linux/amd64"}) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := VerifyFile(path, keys[:1]); CodeOf(err) != CodeSignature {
		t.Errorf("another key: %v", err)
	}
	if _, err := VerifyFile(path, nil); CodeOf(err) != CodeConfig {
		t.Errorf("no key: %v", err)
	}
	for i := range data {
		bad := append([]byte{}, data...)
		bad[i] ^= 0x80
		write(path, bad)
		if _, err := VerifyFile(path, keys); CodeOf(err) != CodeSignature {
			t.Errorf("byte %d flipped: %v", i, err)
		}
	}
	write(path, data[:len(data)-1])
	if _, err := VerifyFile(path, keys); CodeOf(err) != CodeSignature {
		t.Errorf("truncated: %v", err)
	}
	write(path, data)
	for _, comment := range []string{"file:nxphone_1.3.0_amd64.deb", "nxphone 1.3.0", "nxphone x linux/amd64", "nxphone 1.3.0 linux/amd64 more", "nxphone  linux/amd64"} {
		write(path+".minisig", s.sign(t, data, comment))
		if _, err := VerifyFile(path, keys); CodeOf(err) != CodeComment {
			t.Errorf("%q: %v", comment, err)
		}
	}
	if _, err := VerifyFile(filepath.Dir(path), keys); err == nil {
		t.Error("a folder was verified")
	}
	if _, err := VerifyFile(path+".none", keys); CodeOf(err) != CodeSignature {
		t.Errorf("no file: %v", err)
	}
}

// TestCompareAsDpkg: apt and this package must agree on what is newer.
func TestCompareAsDpkg(t *testing.T) {
	all := []Version{
		"0.1.0", "0.1.0~20261125.141322.1a2b3c4", "0.1.0~20261125.141322.1a2b3c4+dirty", "0.1.0~20261126.000000.0a2b3c4", "0.1.0+dirty",
		"0.1.1~20261125.1.a", "0.1.9", "0.1.10", "0.2.0", "1.0.0~~", "1.0.0~", "1.0.0~rc1", "1.0.0~rc.2", "1.0.0~rc10", "1.0.0", "01.0.0", "1.0.0+1", "1.0.0+a", "10.0.0",
	}
	relation := map[int]string{-1: "lt", 0: "eq", 1: "gt"}
	for _, v := range all {
		if _, err := ParseVersion(string(v)); err != nil {
			t.Errorf("%s: %v", v, err)
		}
		for _, w := range all {
			if err := exec.Command("dpkg", "--compare-versions", string(v), relation[v.Compare(w)], string(w)).Run(); err != nil {
				t.Errorf("%s is not %s %s for dpkg", v, relation[v.Compare(w)], w)
			}
		}
	}
	for _, s := range []string{"", "1", "1.2", "v1.2.3", "1.2.3-", "1.2.3 ", "1.2.3~é", "1.2.3.4", "1.2.3~" + strings.Repeat("1", 64), "1234567890.0.0"} {
		if v, err := ParseVersion(s); err == nil && s != "1.2.3-" {
			t.Errorf("%q is %q", s, v)
		}
	}
}

// TestParseFeed: what is not of the form is no feed.
func TestParseFeed(t *testing.T) {
	s := &site{file: []byte("x")}
	for name, change := range map[string]func(f *Feed){
		"format":         func(f *Feed) { f.Format = 2 },
		"version":        func(f *Feed) { f.Version = "1.2" },
		"a dash":         func(f *Feed) { f.Version = "1.2.3-dev" },
		"no date":        func(f *Feed) { f.Date = time.Time{} },
		"expired before": func(f *Feed) { f.Expires = f.Date },
		"never expires":  func(f *Feed) { f.Expires = f.Date.Add(maxLife + time.Hour) },
		"many files":     func(f *Feed) { f.Files = make([]File, maxFiles+1) },
		"twice":          func(f *Feed) { f.Files = append(f.Files, f.Files[0]) },
		"a path":         func(f *Feed) { f.Files[0].Name = "../x" },
		"a hidden file":  func(f *Feed) { f.Files[0].Name = ".x" },
		"an address":     func(f *Feed) { f.Files[0].Name = "https://x" },
		"no size":        func(f *Feed) { f.Files[0].Size = 0 },
		"too large":      func(f *Feed) { f.Files[0].Size = MaxFile + 1 },
		"a short hash":   func(f *Feed) { f.Files[0].SHA256 = "abcd" },
		"a loud hash":    func(f *Feed) { f.Files[0].SHA256 = strings.ToUpper(f.Files[0].SHA256) },
		"kind":           func(f *Feed) { f.Files[0].Kind = "" },
		"system":         func(f *Feed) { f.Files[0].OS = "a b" },
		"another tongue": func(f *Feed) { f.Notes["fr"] = "x" },
		"long notes":     func(f *Feed) { f.Notes["en"] = strings.Repeat("가", maxNotes+1) },
		"escapes":        func(f *Feed) { f.Notes["en"] = "\x1b[2J" },
		"turned around":  func(f *Feed) { f.Notes["en"] = "\u202e" },
	} {
		f := s.feed("1.3.0")
		change(&f)
		data, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseFeed(data); CodeOf(err) != CodeBroken {
			t.Errorf("%s: %v", name, err)
		}
	}
	good, err := json.Marshal(s.feed("1.3.0"))
	if err != nil {
		t.Fatal(err)
	}
	if f, err := ParseFeed(good); err != nil || f.Find("msi-user", "windows", "arm64") != nil || f.Find("msi-user", "windows", "amd64") == nil {
		t.Errorf("%+v, %v", f, err)
	}
	for _, text := range []string{"", "[]", "null", "{}", string(good) + "{}", `{"format":"1"}`} {
		if _, err := ParseFeed([]byte(text)); CodeOf(err) != CodeBroken {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

// FuzzParseFeed: what is taken keeps its promises, and is taken again.
func FuzzParseFeed(f *testing.F) {
	s := &site{file: []byte("x")}
	good, err := json.Marshal(s.feed("1.3.0"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"format":1,"version":"1.2.3","date":"2026-11-25T00:00:00Z","expires":"2026-12-25T00:00:00Z"}`))
	f.Add([]byte(`{"format":1,"files":[null]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		feed, err := ParseFeed(data)
		if err != nil {
			if CodeOf(err) == "" {
				t.Fatalf("no code: %v", err)
			}
			return
		}
		if feed.Version.Compare(feed.Version) != 0 || !feed.Expires.After(feed.Date) {
			t.Fatalf("%+v", feed)
		}
		for _, file := range feed.Files {
			if file.Name != filepath.Base(file.Name) || file.Name[0] == '.' || file.Size <= 0 || file.Size > MaxFile {
				t.Fatalf("%+v", file)
			}
		}
		again, err := json.Marshal(feed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseFeed(again); err != nil && len(again) <= MaxFeed {
			t.Fatalf("%v: %s", err, again)
		}
	})
}

// FuzzSignature: no text is a signature by chance, and none makes the parser fall
// over.
func FuzzSignature(f *testing.F) {
	k, err := ParseKey("RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3") // minisign's own
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("untrusted comment: x\nRUQ\ntrusted comment: nxphone 1.2.3 feed\nAAAA\n"))
	f.Fuzz(func(t *testing.T, signature []byte) {
		if got, err := verifyText([]byte("a file that nobody signed"), signature, []Key{k}, FeedTarget); err == nil {
			t.Fatalf("%+v", got)
		}
	})
}

// FuzzParseKept: a damaged file is told, never believed.
func FuzzParseKept(f *testing.F) {
	f.Add([]byte(`{"format":1,"version":"1.2.3","date":"2026-11-25T00:00:00Z","feed":"e30=","signature":""}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		k, err := parseKept(data)
		if err == nil && (k.Version == "" || k.Format != keptFormat) {
			t.Fatalf("%+v", k)
		}
	})
}
