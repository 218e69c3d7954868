package update

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// signer is a key pair of Debian's minisign.
type signer struct{ dir string }

func newSigner(t *testing.T) *signer {
	t.Helper()
	s := &signer{t.TempDir()}
	s.run(t, "-G", "-f", "-W", "-p", "key.pub", "-s", "key")
	return s
}

func (s *signer) run(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command("minisign", args...)
	cmd.Dir = s.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("minisign %q (packaging/deps test installs it): %v\n%s", args, err, out)
	}
}

func (s *signer) key(t *testing.T) Key {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "key.pub"))
	if err != nil {
		t.Fatal(err)
	}
	k, err := ParseKey(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// sign gives the signature of some bytes with a trusted comment.
func (s *signer) sign(t *testing.T, data []byte, comment string, more ...string) []byte {
	t.Helper()
	path := filepath.Join(s.dir, "signed")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s.run(t, append([]string{"-S", "-s", "key", "-m", path, "-t", comment}, more...)...)
	sig, err := os.ReadFile(path + ".minisig")
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

// server is a real HTTPS server of files.
type server struct {
	*httptest.Server
	mu    sync.Mutex
	files map[string][]byte
	// serve answers in the place of the files where it is not nil and returns
	// true.
	serve func(w http.ResponseWriter, r *http.Request) bool
	asked []string
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{files: map[string][]byte{}}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.Path+" "+r.Header.Get("Range"))
		data, ok := s.files[r.URL.Path]
		serve := s.serve
		s.mu.Unlock()
		if serve != nil && serve(w, r) {
			return
		}
		if !ok {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(data)))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) put(path string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[path] = data
}

func (s *server) answer(f func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serve = f
}

func (s *server) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.asked...)
}

func (s *server) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

// site is a server with a signed feed of one file.
type site struct {
	*server
	*signer
	public Key // of the first signer, whoever signs now
	kept   string
	file   []byte
	calls  chan bool
}

const fileName = "nxphone-1.3.0-user.msi"

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{server: newServer(t), signer: newSigner(t), kept: filepath.Join(t.TempDir(), "state", "update.json"), calls: make(chan bool)}
	s.public = s.key(t)
	s.file = []byte(strings.Repeat("an installer\n", 40000))
	s.put("/releases/"+fileName, s.file)
	s.put("/releases/"+fileName+".minisig", s.sign(t, s.file, "nxphone 1.3.0 windows/amd64"))
	s.publish(t, s.feed("1.3.0"))
	return s
}

// feed is a good feed.
func (s *site) feed(v Version) Feed {
	sum := sha256.Sum256(s.file)
	now := time.Now()
	return Feed{
		Format: 1, Version: v, Date: now.Add(-time.Hour), Expires: now.Add(30 * 24 * time.Hour),
		Files: []File{{Name: fileName, Kind: "msi-user", OS: "windows", Arch: "amd64", Size: int64(len(s.file)), SHA256: hex.EncodeToString(sum[:])}},
		Notes: map[string]string{"ko": "새 소식", "en": "news"},
	}
}

// publish signs a feed and serves it.
func (s *site) publish(t *testing.T, f Feed) {
	t.Helper()
	data, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	s.publishAs(t, data, "nxphone "+string(f.Version)+" feed")
}

func (s *site) publishAs(t *testing.T, data []byte, comment string) {
	t.Helper()
	s.put("/releases/feed.json", data)
	s.put("/releases/feed.json.minisig", s.sign(t, data, comment))
}

func (s *site) options() Options {
	return Options{
		URL: s.URL + "/releases/feed.json", Keys: []Key{s.public}, Version: "1.2.3", Kind: "msi-user", OS: "windows", Arch: "amd64",
		Kept: s.kept, Roots: s.roots(), UserAgent: "nxphone/1.2.3",
	}
}

func (s *site) client(t *testing.T, change ...func(*Options)) *Client {
	t.Helper()
	o := s.options()
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// inCalls has the client follow the site's calls.
func (s *site) inCalls(o *Options) {
	o.Calls = func(ctx context.Context) iter.Seq[bool] {
		return func(yield func(bool) bool) {
			for {
				select {
				case busy := <-s.calls:
					if !yield(busy) {
						return
					}
				case <-ctx.Done():
					return
				}
			}
		}
	}
}

// stranger is a transport that trusts nobody.
func stranger() http.RoundTripper {
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: x509.NewCertPool()}, DisableKeepAlives: true}
}
