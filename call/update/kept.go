package update

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const (
	// keptFormat is the format of the file.
	keptFormat = 1
	// maxKept bounds what is read of it: feed and signature in base64.
	maxKept = 2 * (MaxFeed + maxSignature + 4<<10)
)

// kept is the last good feed, and the newest that was ever seen.
type kept struct {
	Format    int       `json:"format"`
	Version   Version   `json:"version"`
	Date      time.Time `json:"date"`
	Feed      []byte    `json:"feed"`
	Signature []byte    `json:"signature"`
	// PutAway is the version that the user does not want to be told of again.
	PutAway Version `json:"putAway,omitempty"`
}

// readKept reads the file. One that is not there is an empty one.
func readKept(path string) (kept, error) {
	if path == "" {
		return kept{}, nil
	}
	f, err := openRegular(path)
	if errors.Is(err, fs.ErrNotExist) {
		return kept{}, nil
	}
	if err != nil {
		return kept{}, because(CodeKept, plain(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxKept+1))
	if err != nil {
		return kept{}, because(CodeKept, plain(err))
	}
	return parseKept(data)
}

func parseKept(data []byte) (kept, error) {
	var k kept
	if len(data) > maxKept || json.Unmarshal(data, &k) != nil || k.Format != keptFormat {
		return kept{}, wrong(CodeKept, "the file is damaged")
	}
	if v, err := ParseVersion(string(k.Version)); err != nil || v != k.Version {
		return kept{}, wrong(CodeKept, "the file is damaged")
	}
	return k, nil
}

// PutAway keeps in mind that the user does not want to be told of a version again.
func (c *Client) PutAway(v Version) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.load()
	if c.kept.Version == "" || c.kept.PutAway == v {
		return nil
	}
	c.kept.PutAway = v
	if err := writeKept(c.o.Kept, c.kept); err != nil {
		return because(CodeKept, err)
	}
	return nil
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
	f, err := os.CreateTemp(dir, ".update-*") // mode 0600
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
