package main

import (
	"context"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"nxphone/call"
)

// A user's phones know of each other's calls by a lock: each that has a call shares
// the lock of a file, and whoever wants to know whether there is one tries to have
// it alone for an instant. The system lets go of it when a process is killed.

const (
	// callMark is that file's name, in runtimeFolder.
	callMark = "call.lock"
	// markAgain is when a lock is tried again that somebody looks at.
	markAgain = 20 * time.Millisecond
	// lookQuick and lookSlow are how often it is looked at: by a command that
	// waits for nothing else, and by a window that is open all day.
	lookQuick = 500 * time.Millisecond
	lookSlow  = 5 * time.Second
)

// markCalls has other processes of this user see when this phone has a call. stop
// ends it, once the engine has ended or is not needed.
func (p *program) markCalls(ph *phone) (stop func()) {
	dir, err := runtimeFolder()
	if err != nil {
		p.log.Info("other instances will not see this one's calls", "error", err)
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	seen := ph.engine.Watch(ctx)
	busy := make(chan bool)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(busy)
		for snap := range seen {
			hand(ctx, busy, snap.State != call.Idle)
		}
	})
	wg.Go(func() {
		if err := mark(filepath.Join(dir, callMark), busy); err != nil {
			p.log.Info("other instances do not see this one's calls", "error", err)
		}
		for range busy { // nobody waits for us
		}
	})
	return func() {
		cancel()
		wg.Wait()
	}
}

// mark shares the lock of a file while a call is going on, until busy is closed.
func mark(path string, busy <-chan bool) error {
	f, err := os.OpenFile(path, os.O_RDONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	var again <-chan time.Time
	for marked := false; ; {
		select {
		case on, more := <-busy:
			if !more {
				return nil
			}
			again = nil
			switch {
			case on && !marked:
				again = time.After(0)
			case !on && marked:
				// Letting go by closing is the same on every system.
				_ = f.Close()
				if f, err = os.OpenFile(path, os.O_RDONLY|os.O_CREATE, 0o600); err != nil {
					return err
				}
				marked = false
			}
		case <-again:
			again = nil
			if marked = markFile(f) == nil; !marked {
				again = time.After(markAgain)
			}
		}
	}
}

// inCall reports whether any phone of this user has a call, this process's own
// included; root sees everybody's.
func inCall() bool {
	dirs := markFolders()
	if dir, err := runtimeFolder(); err == nil {
		dirs = append(dirs, dir)
	}
	return slices.ContainsFunc(dirs, func(dir string) bool {
		f, err := openMark(filepath.Join(dir, callMark))
		if err != nil {
			return false // nobody has ever called here
		}
		defer f.Close()
		info, err := f.Stat()
		return err == nil && info.Mode().IsRegular() && markedFile(f)
	})
}

// lookForCalls gives whether there is one, now and after each change, looking so
// often.
func lookForCalls(every time.Duration) func(context.Context) iter.Seq[bool] {
	return func(ctx context.Context) iter.Seq[bool] {
		return func(yield func(bool) bool) {
			was := inCall()
			if !yield(was) {
				return
			}
			ticker := time.NewTicker(every)
			defer ticker.Stop()
			for {
				select {
				case <-ticker.C:
				case <-ctx.Done():
					return
				}
				if now := inCall(); now != was {
					was = now
					if !yield(now) {
						return
					}
				}
			}
		}
	}
}

// either gives whether there is a call by one of two who know, once both have said
// something.
func either(a, b func(context.Context) iter.Seq[bool]) func(context.Context) iter.Seq[bool] {
	return func(ctx context.Context) iter.Seq[bool] {
		return func(yield func(bool) bool) {
			ctx, stop := context.WithCancel(ctx)
			news := [2]chan bool{make(chan bool), make(chan bool)}
			var wg sync.WaitGroup
			defer wg.Wait()
			defer stop()
			for i, calls := range []func(context.Context) iter.Seq[bool]{a, b} {
				wg.Go(func() {
					for on := range calls(ctx) {
						hand(ctx, news[i], on)
					}
				})
			}
			var heard, on [2]bool
			for {
				i := 0
				select {
				case on[0] = <-news[0]:
				case on[1] = <-news[1]:
					i = 1
				case <-ctx.Done():
					return
				}
				if heard[i] = true; heard[0] && heard[1] && !yield(on[0] || on[1]) {
					return
				}
			}
		}
	}
}
