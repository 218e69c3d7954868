package provision

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// keptFormat is the format of the file.
const keptFormat = 1

// kept is the last good document, with what is needed to ask for a newer one.
type kept struct {
	Format int `json:"format"`
	// URL is where the document came from, and ETag what its server calls it.
	URL  string `json:"url"`
	ETag string `json:"etag,omitempty"`
	// Version is the greatest that was seen. It counts for every server: the
	// keys are the organisation's.
	Version int64 `json:"version"`
	// Envelope is as it was fetched, signature and all.
	Envelope []byte `json:"envelope"`
}

// maxKept bounds what is read: the envelope in base64, and the rest.
const maxKept = 2*MaxSize + 64<<10

// readKept reads the file. One that is not there is an empty one.
func readKept(path string) (kept, error) {
	if path == "" {
		return kept{}, nil
	}
	fault := func(detail string, err error) error { return &Error{Code: CodeKept, Detail: detail, Err: err} }
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return kept{}, nil
	}
	if err != nil {
		return kept{}, fault("cannot be read", err)
	}
	if !info.Mode().IsRegular() {
		return kept{}, fault("is no file", nil)
	}
	f, err := os.Open(path)
	if err != nil {
		return kept{}, fault("cannot be read", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxKept+1))
	if err != nil {
		return kept{}, fault("cannot be read", err)
	}
	return parseKept(data)
}

func parseKept(data []byte) (kept, error) {
	var k kept
	if len(data) > maxKept || json.Unmarshal(data, &k) != nil || k.Format != keptFormat || k.Version < 0 {
		return kept{}, &Error{Code: CodeKept, Detail: "the file is damaged"}
	}
	return k, nil
}

// writeKept replaces the file, readable by the user alone, by a synced file and
// a rename: a crash leaves the old one or the new one.
func writeKept(path string, k kept) error {
	if path == "" {
		return nil
	}
	data, err := json.Marshal(k)
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return plain(err)
	}
	f, err := os.CreateTemp(dir, ".provisioned-*") // mode 0600
	if err != nil {
		return plain(err)
	}
	defer os.Remove(f.Name()) // fails, rightly, after the rename
	_, err = f.Write(append(data, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return plain(err)
}

// plain is the system's word without the path.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
