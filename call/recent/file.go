package recent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"nxphone/call"
)

// maxFile bounds what is read: 500 entries are a tenth of it.
const maxFile = 1 << 20

// maxSeconds is more than a call can last.
const maxSeconds = 1e7

// lockTime is how long another program may take to change the list, and
// lockPause the time between two looks at it.
const (
	lockTime  = time.Second
	lockPause = 5 * time.Millisecond
)

// version is the form of the file that this program writes and reads.
const version = 1

// file is the list on the disk.
type file struct{ path string }

func (f file) temporary() string { return f.path + ".new" }
func (f file) damaged() string   { return f.path + ".damaged" }

// content is the form of the file.
type content struct {
	Version int    `json:"version"`
	Calls   []line `json:"calls"`
}

type line struct {
	ID       int       `json:"id"`
	Tel      string    `json:"tel"`
	At       time.Time `json:"at"`
	Answered bool      `json:"answered,omitempty"`
	Seconds  float64   `json:"seconds,omitempty"`
	Code     call.Code `json:"code"`
}

// read gives the entries, the newest first, and the file that they stand in,
// nil for none. What cannot be read is set aside.
func (f file) read() ([]Entry, os.FileInfo, error) {
	_ = os.Remove(f.temporary()) // of a program that was killed while it wrote
	raw, info, err := f.load()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	var entries []Entry
	if err == nil {
		entries, err = decode(raw)
	}
	if err != nil {
		return nil, nil, errors.Join(err, os.Rename(f.path, f.damaged()))
	}
	return entries, info, nil
}

func (f file) load() ([]byte, os.FileInfo, error) {
	info, err := os.Lstat(f.path)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return nil, nil, fmt.Errorf("%s is no plain file of at most %d bytes", f.path, maxFile)
	}
	if info.Mode().Perm()&0o077 != 0 {
		// Somebody has let others in. The next write would shut them out; a
		// list that is only read must not wait for it.
		_ = os.Chmod(f.path, 0o600)
	}
	r, err := os.Open(f.path)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, maxFile))
	return raw, info, err
}

// lock keeps other programs with the same list from changing it until unlock.
// It waits no longer than lockTime: one that hangs must not take this one with
// it, and without the lock there is only the moment between reading and writing
// in which a call can be lost.
func (f file) lock() (unlock func()) {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return func() {}
	}
	l, err := os.OpenFile(f.path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return func() {}
	}
	for began := time.Now(); !tryLock(l) && time.Since(began) < lockTime; {
		time.Sleep(lockPause)
	}
	return func() { _ = l.Close() } // which unlocks it
}

func decode(raw []byte) ([]Entry, error) {
	var c content
	if err := json.Unmarshal(raw, &c); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, fmt.Errorf("not JSON at byte %d", syntax.Offset)
		}
		return nil, errors.New("not a list of calls") // the decoder's words may hold a number
	}
	if c.Version != version {
		return nil, fmt.Errorf("version %d, not %d", c.Version, version)
	}
	entries := make([]Entry, 0, len(c.Calls))
	ids := map[int]bool{}
	for _, l := range c.Calls {
		if l.Tel == "" || l.At.IsZero() || l.Seconds < 0 || l.Seconds > maxSeconds || ids[l.ID] {
			return nil, errors.New("an entry without number or time, or one that stands twice")
		}
		ids[l.ID] = true
		entries = append(entries, Entry{
			ID: l.ID, Tel: l.Tel, At: l.At, Answered: l.Answered, Code: l.Code,
			Length: time.Duration(l.Seconds * float64(time.Second)),
		})
	}
	slices.SortStableFunc(entries, func(a, b Entry) int { return b.At.Compare(a.At) })
	return entries[:min(len(entries), maxEntries)], nil
}

// write replaces the file, and gives the new one: a crash leaves the old one or
// the new one.
func (f file) write(entries []Entry) (os.FileInfo, error) {
	c := content{Version: version}
	for _, e := range entries {
		c.Calls = append(c.Calls, line{
			ID: e.ID, Tel: e.Tel, At: e.At, Answered: e.Answered, Code: e.Code,
			Seconds: e.Length.Round(time.Millisecond).Seconds(),
		})
	}
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	dir := filepath.Dir(f.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	// Left over, or a link that somebody has put there: made anew in any case.
	if err := os.Remove(f.temporary()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	w, err := os.OpenFile(f.temporary(), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(append(raw, '\n'))
	if err == nil {
		err = w.Sync()
	}
	err = errors.Join(err, w.Close())
	if err == nil {
		err = os.Rename(f.temporary(), f.path)
	}
	if err != nil {
		return nil, errors.Join(err, os.Remove(f.temporary()))
	}
	syncDir(dir)
	info, err := os.Lstat(f.path)
	if err != nil {
		return nil, nil // it is gone again: whoever did that has changed the list
	}
	return info, nil
}

// remove removes everything that could hold a number.
func (f file) remove() error {
	if f.path == "" {
		return nil
	}
	var errs []error
	for _, path := range []string{f.path, f.temporary(), f.damaged()} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	syncDir(filepath.Dir(f.path))
	return errors.Join(errs...)
}

// expireDamaged removes a damaged file that has been set aside for longer than
// its calls might have been kept. One of the future is one of now.
func (f file) expireDamaged(days int, now time.Time) {
	info, err := os.Stat(f.damaged())
	switch {
	case err != nil:
	case info.ModTime().After(now):
		_ = os.Chtimes(f.damaged(), now, now)
	case now.Sub(info.ModTime()) >= time.Duration(days)*24*time.Hour:
		_ = os.Remove(f.damaged())
	}
}

// syncDir makes a rename or removal durable where directories can be synced.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
