package report

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nxphone/call/scrub"
)

// Entry is one file of a report.
type Entry struct {
	// Name is its path in the ZIP file.
	Name string
	// Title is one line for the list, in the user's language.
	Title string
	// Read gives the text; it is called once. An error is written in its place:
	// that something cannot be read is worth knowing.
	Read func(ctx context.Context) ([]byte, error)
}

// maxEntry bounds what is taken of one entry, its end: the newest.
const maxEntry = 4 << 20

// Text is an entry's Read for a text that is there.
func Text(s string) func(context.Context) ([]byte, error) {
	return func(context.Context) ([]byte, error) { return []byte(s), nil }
}

// Files is an entry's Read for files one behind the other, such as a log's; those
// that are not there are left out. Where none is, the error says so.
func Files(paths ...string) func(context.Context) ([]byte, error) {
	return func(context.Context) ([]byte, error) {
		var all []byte
		found := false
		for _, p := range paths {
			data, err := tail(p)
			if errors.Is(err, os.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, err
			}
			found, all = true, append(all, data...)
		}
		if !found {
			return nil, os.ErrNotExist
		}
		return all, nil
	}
}

// tail reads the end of a plain file.
func tail(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no plain file", filepath.Base(path))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info.Size() > maxEntry {
		if _, err := f.Seek(-maxEntry, io.SeekEnd); err != nil {
			return nil, err
		}
	}
	return io.ReadAll(io.LimitReader(f, maxEntry))
}

// Write makes the report at path, over an older one. Nothing is left of it where
// it fails.
func Write(ctx context.Context, path string, entries []Entry, s *scrub.Scrubber) (err error) {
	// CreateTemp makes files that belong to the user alone.
	f, err := os.CreateTemp(filepath.Dir(path), ".nxphone-report-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close() // may be closed already
			_ = os.Remove(f.Name())
		}
	}()
	z := zip.NewWriter(f)
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: e.Name, Method: zip.Deflate, Modified: time.Now()})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, e.text(ctx, s)); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// text is the entry as it may be seen.
func (e Entry) text(ctx context.Context, s *scrub.Scrubber) string {
	data, err := e.Read(ctx)
	if len(data) > maxEntry {
		data = data[len(data)-maxEntry:]
	}
	text := s.Text(string(data))
	if err != nil {
		text += "\n(" + s.Text(err.Error()) + ")\n"
	}
	return text
}

// List is what stands in a report, for people: names with their titles.
func List(entries []Entry) string {
	width := 0
	for _, e := range entries {
		width = max(width, len(e.Name))
	}
	var b strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&b, "  %-*s  %s\n", width, e.Name, e.Title)
	}
	return b.String()
}
