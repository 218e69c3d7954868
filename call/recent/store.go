package recent

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"iter"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"nxphone/call"
)

// Mode says how calls are kept: Off, Memory, or a number of days from 1.
type Mode int

// The modes.
const (
	// Off keeps nothing.
	Off Mode = -1
	// Memory keeps calls until the program ends.
	Memory Mode = 0
)

// Days keeps calls for n days, on the disk.
func Days(n int) Mode { return Mode(max(n, 1)) }

// Days is for how many days the mode keeps calls on the disk, 0 for not there.
func (m Mode) Days() int { return max(int(m), 0) }

// maxEntries bounds the list; the oldest go first.
const maxEntries = 500

// lookTime is how often Follow looks for old entries at least: a computer that
// slept has stopped the timers, not the time.
const lookTime = time.Hour

// Entry is one call that has ended.
type Entry struct {
	// ID names it in this list, over restarts too.
	ID int
	// Tel is the number as it was dialled.
	Tel string
	// At is when it was dialled.
	At       time.Time
	Answered bool
	// Length is the time from the answer to the end, 0 without an answer.
	Length time.Duration
	// Code says why it ended.
	Code call.Code
}

// Fault is what is wrong with the file, for the user to be told.
type Fault string

// The faults.
const (
	FaultNone       Fault = ""
	FaultDamaged    Fault = "damaged"    // it could not be read, and was set aside
	FaultUnwritable Fault = "unwritable" // what is shown is not what is on the disk
)

// State is what Watch tells. Entries are the newest first; the slice is shared
// and must not be changed.
type State struct {
	Mode    Mode
	Entries []Entry
	Fault   Fault
}

// ErrDisk is the error of a command whose effect did not reach the disk.
var ErrDisk = errors.New("recent: the file could not be written or removed")

// Options configure a Store.
type Options struct {
	Mode Mode
	// Path is the file.
	Path string
	// Logger is given no number. Nil discards.
	Logger *slog.Logger
}

// Store is the list of recent calls.
type Store struct {
	log  *slog.Logger
	file file

	disk sync.Mutex // one write at a time; taken before mu

	mu      sync.Mutex
	mode    Mode
	entries []Entry // the newest first; replaced, never written into
	last    int     // the newest ID
	fault   Fault
	changed chan struct{} // closed by the next change

	// seen is the file as it was last read or written, nil for none; for
	// whoever holds disk.
	seen os.FileInfo
}

// Open reads what is kept, and removes what must not be kept any more. A file
// that cannot be read is told by State.Fault.
func Open(opts Options) *Store {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Store{log: opts.Logger, file: file{opts.Path}, mode: opts.Mode, changed: make(chan struct{})}
	if s.mode.Days() == 0 {
		if err := s.file.remove(); err != nil {
			s.log.Error("recent calls of another mode are still on the disk", "error", err)
			s.fault = FaultUnwritable
		}
		return s
	}
	unlock := s.file.lock()
	entries, seen, err := s.file.read()
	unlock()
	s.seen = seen
	if err != nil {
		s.log.Error("the recent calls cannot be read", "error", err)
		s.fault = FaultDamaged
	}
	s.entries = entries
	for _, e := range entries {
		s.last = max(s.last, e.ID)
	}
	s.file.expireDamaged(s.mode.Days(), now())
	_ = s.expire() // told by Fault
	return s
}

func now() time.Time { return time.Now().Round(0) }

// List is the calls, the newest first.
func (s *Store) List() []Entry { return slices.Clone(s.State().Entries) }

// State is the present one.
func (s *Store) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return State{Mode: s.mode, Entries: s.entries, Fault: s.fault}
}

// Watch gives the present state and then each change, the newest only, until
// ctx ends.
func (s *Store) Watch(ctx context.Context) iter.Seq[State] {
	return func(yield func(State) bool) {
		for {
			s.mu.Lock()
			st, changed := State{Mode: s.mode, Entries: s.entries, Fault: s.fault}, s.changed
			s.mu.Unlock()
			if ctx.Err() != nil || !yield(st) {
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}
}

// Follow takes over each call that ends, and lets go of what gets too old,
// until watch ends.
func (s *Store) Follow(ctx context.Context, watch iter.Seq2[call.Snapshot, call.Cause]) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() { s.forget(ctx) })
	for snap, cause := range watch {
		if _, ok := cause.(call.Ended); ok && !snap.Call.Test {
			s.add(entryOf(snap.Call))
		}
	}
}

func entryOf(c call.Call) Entry {
	e := Entry{Tel: c.Tel, At: c.Dialed.Round(0), Answered: !c.Answered.IsZero(), Code: c.Reason.Code}
	if e.Answered {
		e.Length = c.Ended.Sub(c.Answered)
	}
	return e
}

// forget lets go of old entries until ctx ends.
func (s *Store) forget(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-timer.C:
			_ = s.expire() // told by Fault
		}
		timer.Reset(s.untilOld())
	}
}

// untilOld is how long the oldest entry may stay, at most lookTime.
func (s *Store) untilOld() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mode.Days() == 0 || len(s.entries) == 0 {
		return lookTime
	}
	oldest := slices.MinFunc(s.entries, func(a, b Entry) int { return a.At.Compare(b.At) })
	return min(max(oldest.At.Add(age(s.mode)).Sub(now()), time.Millisecond), lookTime)
}

func age(m Mode) time.Duration { return time.Duration(m.Days()) * 24 * time.Hour }

// expire lets go of what is too old. A call of the future is one of now: the
// clock was ahead when it was made, and it must not stay for longer than the
// days by that.
func (s *Store) expire() error {
	limit := now()
	return s.change(false, func() {
		if s.mode.Days() == 0 {
			return
		}
		s.entries = slices.DeleteFunc(slices.Clone(s.entries), func(e Entry) bool { return !e.At.Add(age(s.mode)).After(limit) })
		for i, e := range s.entries {
			if e.At.After(limit) {
				s.entries[i].At = limit
			}
		}
	})
}

func (s *Store) add(e Entry) {
	if e.Tel == "" {
		return
	}
	_ = s.change(false, func() { // told by Fault
		if s.mode == Off {
			return
		}
		s.last++
		e.ID = s.last
		s.entries = append([]Entry{e}, s.entries[:min(len(s.entries), maxEntries-1)]...)
	})
}

// Restore takes back that a call was deleted: it stands where it stood. One
// that is there already, and any where no calls are kept, is nothing.
func (s *Store) Restore(e Entry) error {
	return s.change(false, func() {
		if s.mode == Off || e.Tel == "" || slices.ContainsFunc(s.entries, func(x Entry) bool { return x.ID == e.ID }) {
			return
		}
		all := append(slices.Clone(s.entries), e)
		slices.SortStableFunc(all, func(a, b Entry) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID)) })
		s.entries = all[:min(len(all), maxEntries)]
	})
}

// Delete forgets one call. One that is not there is nothing.
func (s *Store) Delete(id int) error {
	return s.change(false, func() {
		s.entries = slices.DeleteFunc(slices.Clone(s.entries), func(e Entry) bool { return e.ID == id })
	})
}

// Clear forgets all calls; the file is gone when it returns.
func (s *Store) Clear() error {
	return s.change(true, func() { s.entries = nil })
}

// SetMode keeps calls in another way from now on. What the new mode does not
// keep on the disk is gone from there when it returns, and with Off from
// memory too.
func (s *Store) SetMode(m Mode) error {
	old := s.State().Mode
	if m == old {
		return nil
	}
	err := s.change(false, func() {
		s.mode = m
		if m == Off {
			s.entries = nil
		}
	})
	return errors.Join(err, s.expire())
}

// change changes the list and brings the disk after it, always or only where the
// list has really changed. What another program has changed on the disk since is
// where the change begins. Where the disk refuses, the change stands in memory
// all the same, and is told.
func (s *Store) change(always bool, f func()) error {
	s.disk.Lock()
	defer s.disk.Unlock()
	if s.State().Mode.Days() > 0 {
		defer s.file.lock()()
	}
	others, news := s.others()
	s.mu.Lock()
	mode, entries := s.mode, s.entries
	if news {
		s.entries = others
		for _, e := range others {
			s.last = max(s.last, e.ID)
		}
	}
	f()
	if !always && s.mode == mode && slices.Equal(s.entries, entries) {
		s.mu.Unlock()
		return nil
	}
	mode, entries = s.mode, s.entries
	s.mu.Unlock()

	var err error
	s.seen = nil
	if mode.Days() > 0 && len(entries) > 0 {
		s.seen, err = s.file.write(entries)
	} else {
		err = s.file.remove()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil:
		s.log.Error("the recent calls on the disk are not as they should be", "error", err)
		s.fault, err = FaultUnwritable, ErrDisk
	case s.fault == FaultUnwritable || len(entries) == 0:
		s.fault = FaultNone
	}
	close(s.changed)
	s.changed = make(chan struct{})
	return err
}

// others is the list as another program has left it, and whether one has. Where
// the disk has refused our own last change, that one stands.
func (s *Store) others() (entries []Entry, news bool) {
	st := s.State()
	if st.Mode.Days() == 0 || st.Fault == FaultUnwritable {
		return nil, false
	}
	info, err := os.Lstat(s.file.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		news = s.seen != nil
		s.seen = nil
		return nil, news // it has deleted all of them
	case err != nil, s.seen != nil && os.SameFile(s.seen, info) && s.seen.ModTime().Equal(info.ModTime()) && s.seen.Size() == info.Size():
		return nil, false
	}
	entries, s.seen, err = s.file.read()
	if err != nil {
		s.log.Error("the recent calls cannot be read", "error", err)
		s.mu.Lock()
		s.fault = FaultDamaged
		s.mu.Unlock()
		return nil, false
	}
	return entries, true
}
