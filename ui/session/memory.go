package session

import (
	"encoding/json"
	"errors"
	"image"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"sync"
)

// Seat is where and how large a window was, one for each of its arrangements.
type Seat struct {
	// Width and Height are in the toolkit's units; 0 where unknown.
	Width  float32 `json:"width,omitempty"`
	Height float32 `json:"height,omitempty"`
	// X and Y are the display server's, of the content; they count where Placed.
	X      int  `json:"x,omitempty"`
	Y      int  `json:"y,omitempty"`
	Placed bool `json:"placed,omitempty"`
}

// At is the place as a point.
func (s Seat) At() image.Point { return image.Pt(s.X, s.Y) }

// Memory keeps seats in a file of the user's own. It holds sizes and places and
// nothing else, and whatever is wrong with it is as good as no file.
type Memory struct {
	path string

	mu    sync.Mutex
	seats map[string]Seat
	last  string
}

// memoryFile is the file's content.
type memoryFile struct {
	Last  string          `json:"last,omitempty"`
	Seats map[string]Seat `json:"seats"`
}

// maxMemory bounds what is read of the file, and maxSide what is believed of it.
const (
	maxMemory = 64 << 10
	maxSide   = 16384
)

// StateFolder is the program's folder for what it remembers by itself
// (XDG_STATE_HOME, by default ~/.local/state; on Windows %LocalAppData%).
func StateFolder(env Env, app string) (string, error) {
	dir := env.get("XDG_STATE_HOME")
	if runtime.GOOS == "windows" && !filepath.IsAbs(dir) {
		local, err := os.UserCacheDir()
		return filepath.Join(local, app), err
	}
	if !filepath.IsAbs(dir) { // the specification's own rule
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, app), nil
}

// OpenMemory reads the file at path; one that is missing or damaged is empty.
func OpenMemory(path string) *Memory {
	m := &Memory{path: path, seats: map[string]Seat{}}
	f, err := os.Open(path)
	if err != nil {
		return m
	}
	defer f.Close()
	var file memoryFile
	if json.NewDecoder(io.LimitReader(f, maxMemory)).Decode(&file) != nil {
		return m
	}
	m.last = file.Last
	for name, s := range file.Seats {
		if sane(s) {
			m.seats[name] = s
		}
	}
	return m
}

func sane(s Seat) bool {
	in := func(v, low, high float32) bool { return v >= low && v <= high } // false for NaN
	return in(s.Width, 0, maxSide) && in(s.Height, 0, maxSide) && in(float32(s.X), -maxSide, maxSide) && in(float32(s.Y), -maxSide, maxSide)
}

// Recall gives the seat of an arrangement; the zero Seat is none.
func (m *Memory) Recall(arrangement string) Seat {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seats[arrangement]
}

// Remember keeps a seat, and writes the file when it is another than before.
func (m *Memory) Remember(arrangement string, s Seat) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seats[arrangement] == s || !sane(s) {
		return nil
	}
	seats := maps.Clone(m.seats)
	seats[arrangement] = s
	return m.write(seats, m.last)
}

// Last is the arrangement that was taken last, empty where there was none.
func (m *Memory) Last() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last
}

// Take remembers that the window is in this arrangement now.
func (m *Memory) Take(arrangement string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.last == arrangement {
		return nil
	}
	return m.write(m.seats, arrangement)
}

// write replaces the file. mu is held.
func (m *Memory) write(seats map[string]Seat, last string) error {
	data, err := json.MarshalIndent(memoryFile{last, seats}, "", "  ")
	if err != nil {
		return err
	}
	if err := writeFile(m.path, append(data, '\n'), 0o600); err != nil {
		return err
	}
	m.seats, m.last = seats, last
	return nil
}

// writeFile replaces a file in one step: whoever reads sees the old content or
// the new, also after a crash.
func writeFile(path string, data []byte, mode fs.FileMode) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, werr := f.Write(data)
	if err := errors.Join(werr, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
