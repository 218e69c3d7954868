package logfile

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"nxphone/call/scrub"
)

const (
	// usualSize is what one file holds: a week of an ordinary desk.
	usualSize = 512 << 10
	// queueLen is how many messages may wait for the disk.
	queueLen = 256
	// closeTime bounds the wait for the disk at the end.
	closeTime = time.Second
	// maxLine bounds one message.
	maxLine = 64 << 10
	// maxKnown bounds what is kept of each kind that Know was told: a phone runs
	// for months, and only numbers that are short enough to look harmless need it.
	maxKnown = 256
)

// Options of [Open]. The zero value is usable.
type Options struct {
	// Size is what one file holds at most, in bytes; 512 KiB where 0.
	Size int64
	// Failed is told once why nothing can be written, on a goroutine of the
	// File's; nil: nobody.
	Failed func(error)
}

// File is a log file. Make it with [Open].
type File struct {
	path   string
	o      Options
	clean  atomic.Pointer[scrub.Scrubber]
	knowMu sync.Mutex // guards known
	known  scrub.Known
	lines  chan []byte
	lost   atomic.Uint64
	ended  chan struct{}
	closed sync.Once
	mu     sync.RWMutex // lines is not closed while it is written to
	over   bool
}

// Open begins to write to path, behind what is there. The folder is made where it
// is not there. What keeps it from writing is told by Options.Failed.
func Open(path string, o Options) *File {
	if o.Size <= 0 {
		o.Size = usualSize
	}
	f := &File{path: path, o: o, lines: make(chan []byte, queueLen), ended: make(chan struct{})}
	f.Know(scrub.Known{})
	go f.run()
	return f
}

// Know says what else is nobody's business, from now on. It adds to what was said
// before: a late message is still about the call before. Of each kind the 256 that
// were said last are kept.
func (f *File) Know(k scrub.Known) {
	f.knowMu.Lock()
	defer f.knowMu.Unlock()
	f.known.Numbers = newest(f.known.Numbers, k.Numbers)
	f.known.Secrets = newest(f.known.Secrets, k.Secrets)
	names := maps.Clone(k.Names)
	for n, to := range f.known.Names {
		if _, again := names[n]; !again && len(names) < maxKnown {
			if names == nil {
				names = map[string]string{}
			}
			names[n] = to
		}
	}
	f.known.Names = names
	f.clean.Store(scrub.New(f.known))
}

// newest are the last of both, each once, without what is empty.
func newest(before, more []string) []string {
	all := slices.DeleteFunc(slices.Clone(before), func(s string) bool { return slices.Contains(more, s) })
	for _, s := range more {
		if s != "" && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return slices.Clone(all[max(0, len(all)-maxKnown):])
}

// Handler writes records of at least this level into the file.
func (f *File) Handler(level slog.Leveler) slog.Handler {
	return slog.NewTextHandler(f, &slog.HandlerOptions{Level: level})
}

// Write queues text and never waits and never fails.
func (f *File) Write(p []byte) (int, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.over {
		return len(p), nil
	}
	select {
	case f.lines <- slices.Clone(p[:min(len(p), maxLine)]):
	default:
		f.lost.Add(1)
	}
	return len(p), nil
}

// Close writes what waits and returns, within a second. It may be called more
// than once.
func (f *File) Close() error {
	f.closed.Do(func() {
		f.mu.Lock()
		f.over = true
		close(f.lines)
		f.mu.Unlock()
		late := time.NewTimer(closeTime)
		defer late.Stop()
		select {
		case <-f.ended:
		case <-late.C: // the disk has it
		}
	})
	return nil
}

// run is the goroutine that the disk may hold up.
func (f *File) run() {
	defer close(f.ended)
	var out *os.File
	var size int64
	failed := false
	defer func() {
		if out != nil {
			_ = out.Close()
		}
	}()
	for line := range f.lines {
		text := f.clean.Load().Text(string(line))
		if n := f.lost.Swap(0); n > 0 {
			text = fmt.Sprintf("%d messages did not fit and are lost\n", n) + text
		}
		var err error
		if out == nil || size+int64(len(text)) > f.o.Size {
			out, size, err = f.turn(out, int64(len(text)))
		}
		if err == nil {
			var n int
			n, err = io.WriteString(out, text)
			size += int64(n)
		}
		if err != nil && !failed {
			failed = true
			if f.o.Failed != nil {
				f.o.Failed(err)
			}
		}
	}
}

// turn opens the file, and puts it away first where it has no room.
func (f *File) turn(out *os.File, room int64) (*os.File, int64, error) {
	if out != nil {
		_ = out.Close()
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return nil, 0, err
	}
	if info, err := os.Stat(f.path); err == nil && info.Size() > 0 && info.Size()+room > f.o.Size {
		if err := os.Rename(f.path, f.path+".1"); err != nil {
			return nil, 0, err
		}
	}
	out, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, 0, err
	}
	info, err := out.Stat()
	if err != nil {
		_ = out.Close()
		return nil, 0, err
	}
	_ = out.Chmod(0o600) // one that an older program has made
	return out, info.Size(), nil
}

// Names are the files of a log at path, the older first; some may not be there.
func Names(path string) []string { return []string{path + ".1", path} }

// Both gives each record to both handlers that want it.
func Both(a, b slog.Handler) slog.Handler { return both{a, b} }

type both struct{ a, b slog.Handler }

// Enabled implements slog.Handler.
func (h both) Enabled(ctx context.Context, l slog.Level) bool {
	return h.a.Enabled(ctx, l) || h.b.Enabled(ctx, l)
}

// Handle implements slog.Handler.
func (h both) Handle(ctx context.Context, r slog.Record) error {
	var err error
	for _, one := range []slog.Handler{h.a, h.b} {
		if one.Enabled(ctx, r.Level) {
			if e := one.Handle(ctx, r.Clone()); err == nil {
				err = e
			}
		}
	}
	return err
}

// WithAttrs implements slog.Handler.
func (h both) WithAttrs(attrs []slog.Attr) slog.Handler {
	return both{h.a.WithAttrs(attrs), h.b.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h both) WithGroup(name string) slog.Handler {
	return both{h.a.WithGroup(name), h.b.WithGroup(name)}
}
