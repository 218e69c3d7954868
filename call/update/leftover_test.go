//go:build unix

package update

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// littered is a folder as killed programs and older versions leave it, and the
// file in it that a running one holds.
func littered(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, age := range map[string]time.Duration{
		".nxphone-download-killed": time.Hour, ".nxphone-download-held": time.Hour, ".nxphone-download-new": 0,
		".download-killed": time.Hour, "nxphone-1.2.0.msi": 25 * time.Hour, "nxphone-1.2.9.msi": time.Hour,
	} {
		path := filepath.Join(dir, name)
		f, err := os.Create(path)
		if err == nil {
			err = os.Chtimes(path, time.Time{}, time.Now().Add(-age))
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "held") {
			if !hold(f) {
				t.Fatal("nobody can hold a file here")
			}
			t.Cleanup(func() { _ = f.Close() })
		} else if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDownloadAfterAKill: what a killed download has left goes with the next one,
// and nothing that may be somebody else's.
func TestDownloadAfterAKill(t *testing.T) {
	s := newSite(t)
	dir := filepath.Join(t.TempDir(), "a[b]*c")
	littered(t, dir)
	c := s.client(t)
	if st := c.Check(t.Context()); st.Err != nil {
		t.Fatal(st.Err)
	}
	if _, err := c.Download(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	want := []string{".download-killed", ".nxphone-download-held", ".nxphone-download-new", "nxphone-1.2.0.msi", "nxphone-1.2.9.msi", fileName, fileName + SignatureSuffix}
	slices.Sort(want)
	if got := left(t, dir); !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

// TestTidy: the program's own folder holds a day's files at most.
func TestTidy(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "update")
	Tidy(dir) // it is not there
	littered(t, dir)
	Tidy(dir)
	if got := left(t, dir); !slices.Equal(got, []string{".nxphone-download-held", ".nxphone-download-new", "nxphone-1.2.9.msi"}) {
		t.Errorf("%q is left", got)
	}
}

// TestDownloadWithoutRoom: a disk is not filled up.
func TestDownloadWithoutRoom(t *testing.T) {
	s := newSite(t)
	for name, tt := range map[string]struct {
		free uint64
		err  error
		want Code
	}{
		"just too little": {reserve + uint64(len(s.file)) - 1, nil, CodeFile},
		"just enough":     {reserve + uint64(len(s.file)), nil, ""},
		"nobody knows":    {0, errors.ErrUnsupported, ""},
	} {
		dir := t.TempDir()
		c := s.client(t, func(o *Options) { o.Free = func(string) (uint64, error) { return tt.free, tt.err } })
		if st := c.Check(t.Context()); st.Err != nil {
			t.Fatal(st.Err)
		}
		if _, err := c.Download(t.Context(), dir); CodeOf(err) != tt.want || err != nil && !strings.Contains(err.Error(), "MB are free") {
			t.Errorf("%s: %v", name, err)
		}
		if names := left(t, dir); tt.want != "" && len(names) != 0 {
			t.Errorf("%s: %q is left", name, names)
		}
	}
}
