package update

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// left lists what a download has left in its folder.
func left(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestDownload: the file and its signature, for this user alone.
func TestDownload(t *testing.T) {
	s := newSite(t)
	dir := filepath.Join(t.TempDir(), "update")
	c := s.client(t)
	if _, err := c.Download(t.Context(), dir); CodeOf(err) != CodeNoFile {
		t.Errorf("before a check: %v", err)
	}
	if st := c.Check(t.Context()); st.Err != nil {
		t.Fatal(st.Err)
	}
	// Somebody has laid a link where the signature is to lie.
	victim := filepath.Join(t.TempDir(), "victim")
	for _, err := range []error{os.MkdirAll(dir, 0o700), os.WriteFile(victim, []byte("mine"), 0o600), os.Symlink(victim, filepath.Join(dir, fileName+SignatureSuffix))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	path, err := c.Download(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(victim); err != nil || string(text) != "mine" {
		t.Errorf("the link was followed: %q, %v", text, err)
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, s.file) || filepath.Base(path) != fileName {
		t.Errorf("%s: %d bytes, %v", path, len(got), err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if signed, err := VerifyFile(path, []Key{s.public}); err != nil || signed != (Signed{"1.3.0", "windows/amd64"}) {
		t.Errorf("%+v, %v", signed, err)
	}
	if names := left(t, dir); len(names) != 2 {
		t.Errorf("%q", names)
	}
	other := s.client(t, func(o *Options) { o.OS, o.Arch, o.Kind = "linux", "amd64", "deb" })
	if st := other.Check(t.Context()); st.Err != nil || !st.Newer || st.File != nil {
		t.Errorf("another system: %+v", st)
	}
	if _, err := other.Download(t.Context(), dir); CodeOf(err) != CodeNoFile {
		t.Errorf("another system: %v", err)
	}
}

// TestDownloadRefuses: of none of these anything is left.
func TestDownloadRefuses(t *testing.T) {
	at := "/releases/" + fileName
	for name, tc := range map[string]struct {
		do   func(t *testing.T, s *site)
		want Code
	}{
		"a flipped byte": {want: CodeSignature, do: func(t *testing.T, s *site) {
			data := append([]byte{}, s.file...)
			data[len(data)-1] ^= 1
			s.put(at, data)
		}},
		"truncated":                    {want: CodeDamaged, do: func(t *testing.T, s *site) { s.put(at, s.file[:len(s.file)-1]) }},
		"oversized, announced":         {want: CodeTooLarge, do: func(t *testing.T, s *site) { s.put(at, append(append([]byte{}, s.file...), 'x')) }},
		"oversized, without an end":    {want: CodeTooLarge, do: func(t *testing.T, s *site) { s.answer(endless(at)) }},
		"another file, well signed":    {want: CodeDamaged, do: swapped("nxphone 1.3.0 windows/amd64")},
		"an older version, renamed":    {want: CodeDamaged, do: swapped("nxphone 1.2.0 windows/amd64")},
		"signed for another system":    {want: CodeComment, do: signedAs("nxphone 1.3.0 linux/amd64")},
		"signed as another version":    {want: CodeComment, do: signedAs("nxphone 1.2.0 windows/amd64")},
		"signed without words":         {want: CodeComment, do: signedAs("timestamp:1")},
		"signed by another key":        {want: CodeSignature, do: func(t *testing.T, s *site) { s.signer = newSigner(t); signedAs("nxphone 1.3.0 windows/amd64")(t, s) }},
		"no file":                      {want: CodeStatus, do: func(t *testing.T, s *site) { s.mu.Lock(); delete(s.files, at); s.mu.Unlock() }},
		"no signature":                 {want: CodeStatus, do: func(t *testing.T, s *site) { s.mu.Lock(); delete(s.files, at+".minisig"); s.mu.Unlock() }},
		"cut off":                      {want: CodeUnreachable, do: func(t *testing.T, s *site) { s.answer(cutOff(at, len(s.file))) }},
		"a part that nobody asked for": {want: CodeStatus, do: func(t *testing.T, s *site) { s.answer(unasked(at)) }},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			dir := t.TempDir()
			c := s.client(t)
			if st := c.Check(t.Context()); st.Err != nil {
				t.Fatal(st.Err)
			}
			tc.do(t, s)
			path, err := c.Download(t.Context(), dir)
			if CodeOf(err) != tc.want || path != "" {
				t.Errorf("%q, %v, want %s", path, err, tc.want)
			}
			if names := left(t, dir); len(names) != 0 {
				t.Errorf("%q is left", names)
			}
		})
	}
}

func signedAs(comment string) func(t *testing.T, s *site) {
	return func(t *testing.T, s *site) {
		s.put("/releases/"+fileName+".minisig", s.sign(t, s.file, comment))
	}
}

// swapped serves another file of the same size with a good signature.
func swapped(comment string) func(t *testing.T, s *site) {
	return func(t *testing.T, s *site) {
		other := bytes.ToUpper(s.file)
		s.put("/releases/"+fileName, other)
		s.put("/releases/"+fileName+".minisig", s.sign(t, other, comment))
	}
}

func endless(at string) func(w http.ResponseWriter, r *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != at {
			return false
		}
		for part := make([]byte, 1<<16); ; {
			if _, err := w.Write(part); err != nil {
				return true
			}
		}
	}
}

func cutOff(at string, size int) func(w http.ResponseWriter, r *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != at {
			return false
		}
		w.Header().Set("Content-Length", fmt.Sprint(size))
		_, _ = w.Write(make([]byte, 100))
		return true
	}
}

func unasked(at string) func(w http.ResponseWriter, r *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != at {
			return false
		}
		w.WriteHeader(http.StatusPartialContent)
		return true
	}
}

// TestCallBeginsMeanwhile: a call breaks a check and a download off; both go on
// when it has ended, the download from where it was, and nothing is told before.
func TestCallBeginsMeanwhile(t *testing.T) {
	s := newSite(t)
	c := s.client(t, s.inCalls)
	ctx, stop := context.WithCancel(t.Context())
	told := make(chan Status, 10)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	wg.Go(func() { c.Run(ctx, func(st Status) { told <- st }) })
	s.calls <- true
	// A check that began before anybody knew waits for the call's end.
	checked := make(chan Status, 1)
	s.answer(func(w http.ResponseWriter, r *http.Request) bool { t.Error("asked in a call"); return false })
	wg.Go(func() { checked <- c.Check(ctx) })
	s.calls <- true // the second is taken when the first has had its effect
	select {
	case st := <-told:
		t.Errorf("told in a call: %+v", st)
	case st := <-checked:
		t.Errorf("checked in a call: %+v", st)
	default:
	}
	// The next call begins while the server thinks.
	asked := make(chan struct{})
	s.answer(func(_ http.ResponseWriter, r *http.Request) bool {
		close(asked)
		<-r.Context().Done() // the phone has hung up
		return true
	})
	s.calls <- false
	<-asked
	s.calls <- true
	if st := <-checked; CodeOf(st.Err) != CodeCall {
		t.Errorf("%+v", st)
	}
	s.answer(nil)
	s.calls <- false
	if st := c.Check(ctx); st.Err != nil || !st.Newer {
		t.Fatalf("%+v", st)
	}

	half := len(s.file) / 2
	var once sync.Once
	halfway := make(chan struct{})
	s.answer(func(w http.ResponseWriter, r *http.Request) bool {
		first := false
		if strings.HasSuffix(r.URL.Path, fileName) {
			once.Do(func() { first = true })
		}
		if !first {
			return false
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(s.file)))
		_, _ = w.Write(s.file[:half])
		w.(http.Flusher).Flush()
		close(halfway)
		<-r.Context().Done()
		return true
	})
	type done struct {
		path string
		err  error
	}
	got := make(chan done, 1)
	dir := t.TempDir()
	wg.Go(func() {
		path, err := c.Download(ctx, dir)
		got <- done{path, err}
	})
	<-halfway
	// What was flushed may still be on its way: the call begins when some of it
	// has come.
	for {
		if names := left(t, dir); len(names) == 1 {
			if info, err := os.Stat(filepath.Join(dir, names[0])); err == nil && info.Size() > 0 {
				break
			}
		}
	}
	s.calls <- true
	s.calls <- true
	select {
	case d := <-got:
		t.Fatalf("downloaded in a call: %+v", d)
	default:
	}
	s.calls <- false
	d := <-got
	if d.err != nil {
		t.Fatal(d.err)
	}
	if data, err := os.ReadFile(d.path); err != nil || !bytes.Equal(data, s.file) {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	asks := s.requests()
	if last := asks[len(asks)-1]; !strings.Contains(last, fileName+" bytes=") {
		t.Errorf("it began anew: %q", asks)
	}
}

// memory is a transport without a network.
type memory func(r *http.Request) (*http.Response, error)

func (m memory) RoundTrip(r *http.Request) (*http.Response, error) { return m(r) }

// slowly gives a byte every now and then, for ever, until it is closed.
type slowly struct {
	ctx   context.Context
	every time.Duration
}

func (s slowly) Read(p []byte) (int, error) {
	timer := time.NewTimer(s.every)
	defer timer.Stop()
	select {
	case <-timer.C:
		p[0] = ' '
		return 1, nil
	case <-s.ctx.Done():
		return 0, s.ctx.Err()
	}
}

func (s slowly) Close() error { return nil }

func answer(r *http.Request, body io.ReadCloser) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: body, ContentLength: -1, Request: r}
}

// TestSlowServer: a check has half a minute, and a download stands still no
// longer than that.
func TestSlowServer(t *testing.T) {
	s := newSite(t)
	fed := map[string][]byte{"/releases/feed.json": s.files["/releases/feed.json"], "/releases/feed.json.minisig": s.files["/releases/feed.json.minisig"],
		"/releases/" + fileName + ".minisig": s.files["/releases/"+fileName+".minisig"]}
	synctest.Test(t, func(t *testing.T) {
		var slow time.Duration
		c := s.client(t, func(o *Options) {
			o.Kept = ""
			o.Transport = memory(func(r *http.Request) (*http.Response, error) {
				if data, ok := fed[r.URL.Path]; ok && slow == 0 {
					return answer(r, io.NopCloser(bytes.NewReader(data))), nil
				}
				return answer(r, slowly{r.Context(), max(slow, 40*time.Second)}), nil
			})
		})
		slow = time.Second
		began := time.Now()
		if st := c.Check(t.Context()); CodeOf(st.Err) != CodeUnreachable || time.Since(began) != checkTime {
			t.Errorf("%v after %v", st.Err, time.Since(began))
		}
		slow = 0
		// The clock of a bubble stands in 2000: the feed is from the future, and
		// good all the same.
		if st := c.Check(t.Context()); st.Err != nil || !st.Newer {
			t.Fatalf("%+v", st)
		}
		began = time.Now()
		if _, err := c.Download(t.Context(), t.TempDir()); CodeOf(err) != CodeUnreachable || time.Since(began) != stall {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// TestRun: the first check comes after minutes, not all at once; one a day then;
// after failures the waits double, and stay within a day; and what has not
// changed is told once.
func TestRun(t *testing.T) {
	s := newSite(t)
	fed := map[string][]byte{"/releases/feed.json": s.files["/releases/feed.json"], "/releases/feed.json.minisig": s.files["/releases/feed.json.minisig"]}
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var asked []time.Duration
		began, broken := time.Now(), false
		c := s.client(t, func(o *Options) {
			o.Kept = ""
			o.Transport = memory(func(r *http.Request) (*http.Response, error) {
				mu.Lock()
				defer mu.Unlock()
				if strings.HasSuffix(r.URL.Path, "feed.json") {
					asked = append(asked, time.Since(began))
				}
				if broken {
					return nil, io.ErrUnexpectedEOF
				}
				return answer(r, io.NopCloser(bytes.NewReader(fed[r.URL.Path]))), nil
			})
		})
		ctx, stop := context.WithCancel(t.Context())
		var told []Status
		var wg sync.WaitGroup
		wg.Go(func() { c.Run(ctx, func(st Status) { told = append(told, st) }) })
		time.Sleep(firstWait + firstSpread)
		synctest.Wait()
		mu.Lock()
		if len(asked) != 1 || asked[0] < firstWait {
			t.Errorf("asked at %v", asked)
		}
		mu.Unlock()
		time.Sleep(10 * every)
		synctest.Wait()
		mu.Lock()
		if n := len(asked); n < 9 || n > 13 {
			t.Errorf("asked %d times in ten days", n)
		}
		for i := 1; i < len(asked); i++ {
			if d := asked[i] - asked[i-1]; d < every*8/10 || d > every*12/10 {
				t.Errorf("%v between two checks", d)
			}
		}
		n := len(asked)
		broken = true
		mu.Unlock()
		time.Sleep(30 * every)
		synctest.Wait()
		mu.Lock()
		failed := asked[n:]
		mu.Unlock()
		for i := 1; i < len(failed); i++ {
			most := min(leastWait<<min(i-1, 10), every)
			if d := failed[i] - failed[i-1]; d > most || d < most/2 {
				t.Errorf("%v after %d failures", d, i)
			}
		}
		if len(failed) < 30 || len(failed) > 80 {
			t.Errorf("asked %d times in thirty days without an answer", len(failed))
		}
		stop()
		wg.Wait()
		if len(told) != 3 || told[0].Feed != nil || !told[1].Newer || CodeOf(told[2].Err) != CodeUnreachable || !told[2].Newer {
			t.Errorf("told %+v", told)
		}
	})
}

// TestPutAway: what was put away stays so over a restart and a feed of the same
// version, and the next version is told again.
func TestPutAway(t *testing.T) {
	s := newSite(t)
	c := s.client(t)
	if st := c.Check(t.Context()); st.Err != nil || st.PutAway {
		t.Fatalf("%+v", st)
	}
	if err := c.PutAway("1.3.0"); err != nil {
		t.Fatal(err)
	}
	if st := s.client(t).Check(t.Context()); !st.Newer || !st.PutAway {
		t.Errorf("%+v", st)
	}
	s.publish(t, s.feed("1.3.1"))
	if st := s.client(t).Check(t.Context()); !st.Newer || st.PutAway {
		t.Errorf("%+v", st)
	}
}
